"""Several what-ifs of one portfolio: names, columns side by side, orders in files of their own."""

import pandas as pd
import pytest
from test_book_comparison import tables
from test_what_if_trades import request

from lib.contracts import conform
from lib.errors import InputError
from lib.portfolio import trades, what_if_orders, what_ifs
from lib.portfolio.book_comparison import book_measures, compare
from lib.portfolio.pages import what_ifs as page
from lib.portfolio.what_if import EFFECTS, ChangedBook
from lib.subjects import KINDS
from lib.tables import TABLES

TRADES = conform(
    pd.DataFrame(
        [
            ("asked", None, "BUY", "AAA", 10.0, 100.0, 1000.0, ""),
            ("asked", None, "SELL", "BBB", -5.0, 100.0, -500.0, ""),
        ],
        columns=["kind", "purpose", "action", "symbol", "quantity", "price", "notional", "flags"],
    ).assign(**dict.fromkeys(EFFECTS, float("nan"))),
    TABLES["what_if_trades"],
)


def changed(rows, cost):
    """A changed book of which only the trades and what they take are looked at."""
    return ChangedBook(
        pd.DataFrame(), cash=0.0, trades=TRADES.head(rows), cash_used=1.0, cost=cost, traded=2.0
    )


def alternatives():
    base = book_measures(**tables())
    measured = {"calm": book_measures(**tables(scale=0.5)), "bold": book_measures(**tables(scale=2.0))}
    books = {"calm": changed(1, 9.0), "bold": changed(2, 3.0)}
    return base, measured, books, what_ifs.side_by_side(base, measured, books)


def test_a_what_if_is_called_by_its_file_and_two_of_one_name_are_numbered():
    assert what_ifs.names_of(["trades/a.csv", "b/less risk.csv", "c/a.csv"]) == ["a", "less-risk", "a-2"]
    assert what_ifs.names_of(None) == what_ifs.names_of([]) == ["no-trades"]


def test_each_what_if_is_what_it_would_be_alone_beside_the_same_book_of_today():
    base, measured, books, table = alternatives()
    for name, one in measured.items():
        own = table[table["what_if"] == name].drop(columns="what_if").reset_index(drop=True)
        alone = compare(base, one, books[name])[own.columns.tolist()]
        pd.testing.assert_frame_equal(own, alone.reset_index(drop=True), check_dtype=False)
    assert table.groupby(["section", "measure"])["base"].nunique(dropna=False).eq(1).all()


def test_the_page_has_a_column_a_what_if_and_says_which_is_best_by_what():
    *_, table = alternatives()
    shown = page.beside(table).set_index("measure")
    assert list(shown.columns) == ["unit", "today", "what_if_0", "what_if_1"]
    assert shown.loc["Delta dollars"].tolist() == ["money", 500.0, 250.0, 1000.0]
    assert [one.label for one in page.columns_of(["calm", "bold"])[2:]] == ["calm", "bold"]
    said = page.beside_sentence(table)
    assert said.startswith("Of 2 what-ifs, calm has the mildest worst scenario, ")
    assert "bold has the lowest estimated cost, 3.00" in said
    same = table.assign(modified=table["base"])
    assert page.beside_sentence(same) == "2 what-ifs differ in none of what is compared."


def test_the_trades_of_all_are_listed_under_their_names():
    _, _, books, _ = alternatives()
    every = what_ifs.every_trade(books)
    assert every["what_if"].tolist() == ["calm", "bold", "bold"]
    assert page.trades_sentence(every) == "calm asks for 1 trade and bold asks for 2 trades."


def test_each_what_if_has_its_own_files_and_no_two_orders_have_one_id():
    asked = {"one": TRADES, "none": TRADES.head(0), "two": TRADES.head(1)}
    files = what_if_orders.orders_by_file(asked, portfolio="mine", as_of="2022-12-28", exchange="XNYS")
    assert [names[0] for names in files] == [
        "mine_what_if_orders_2022-12-28.csv",
        "mine_what_if_two_orders_2022-12-28.csv",
    ]
    ids = pd.concat(list(files.values()))["order_id"]
    assert ids.tolist() == ["mine-2022-12-28-1", "mine-2022-12-28-2", "mine-two-2022-12-28-1"]
    purposes = page.purposes_of(files)
    assert purposes["mine_what_if_two_orders_2022-12-28.fix"] == "1 order as FIX 4.4"
    assert len(purposes) == 4


def test_every_trades_file_is_read_before_a_run_and_a_fault_names_its_file(tmp_path):
    asked = request(tmp_path, "SELL,AAPL,100,,,,,")
    more = tmp_path / "more.csv"
    asked["files"]["trades_files[1]"] = {"path": str(more), "name": "trades/more.csv"}
    more.write_text("action,symbol,quantity\nBUY,XOM,5\nSELL,AAPL,60\n")
    assert trades.validate(asked) == {"symbols": ["AAPL", "XOM"], "trades": 3}, "each on today's book"
    more.write_text("action,symbol,quantity\nSELL,AAPL,101\n")
    with pytest.raises(InputError, match=r"trades/more\.csv:2: quantity: SELL of 101 AAPL"):
        trades.validate(asked)


def test_a_portfolio_declares_its_what_ifs_as_files_that_reach_stages_as_a_list():
    (field,) = [one for one in KINDS["portfolio"].fields if one.name == "trades"]
    assert (field.type, field.setting) == ("files", "trades_files")
    assert "trades" not in KINDS["portfolio"].without_files({"id": "a", "trades": ["x.csv"]})
