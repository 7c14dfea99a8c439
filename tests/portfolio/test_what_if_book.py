"""The book after trades: units, lots and cash, checked by hand and by properties."""

import numpy as np
import pandas as pd
import pytest
from book_worlds import AS_OF, instruments, prices, value

from lib.book import totals_of
from lib.portfolio import trades
from lib.portfolio.exposures import total_exposures
from lib.portfolio.what_if import apply_trades

CALL, PUT = "AAA230616C00100000", "AAA230616P00090000"
LAST = {"AAA": 100.0, "BBB": 40.0, "CCC": 7.0, CALL: 8.0, PUT: 3.0, "IDX": 4000.0, "EUR": 10.0}
BARS = [(symbol, day, close) for symbol, close in LAST.items() for day in ("2022-12-27", AS_OF)]
BOOK = [
    "AAA,60,90,2022-02-01",
    "AAA,40,80,2022-01-03",
    "BBB,-50,45,2022-01-03",
    f"{CALL},4,5,2022-06-01",
    f"{PUT},-2,5,2022-06-01",
]
CASH = 5000.0


def known():
    table = instruments(**dict.fromkeys(LAST, "USD"))
    kinds = {CALL: "option", PUT: "option", "IDX": "index"}
    table["kind"] = table["symbol"].map(kinds).fillna("stock").astype("str")
    table["currency"] = table["currency"].mask(table["symbol"] == "EUR", "EUR")
    return table


@pytest.fixture
def book(tmp_path):
    return value(tmp_path, BOOK, BARS, cash=CASH, known=known())[0].reset_index(drop=True)


def ask(folder, positions, *lines):
    path = folder / "asked.csv"
    header = "action,symbol,quantity,notional,weight,price,tags"
    path.write_text("\n".join([header, *lines]) + "\n")
    return trades.read_trades(path, "asked.csv", held=trades.held_quantities(positions), as_of=AS_OF)


def change(folder, positions, *lines, cash=CASH, cost_bp=0.0, label="what-if"):
    asked = ask(folder, positions, *lines)
    return apply_trades(
        positions, asked, prices(BARS), known(), as_of=AS_OF, cash=cash, cost_bp=cost_bp, label=label
    )


def units(positions):
    sides = trades.held_quantities(positions)
    net = sides["long"] - sides["short"]
    return net[net != 0].to_dict()


def nav(changed):
    return changed.positions["exposure"].sum() + changed.cash


def test_no_trades_change_nothing(tmp_path, book):
    same = change(tmp_path, book)
    pd.testing.assert_frame_equal(same.positions, book)
    assert (same.cash, same.cash_used, same.cost, same.traded, len(same.trades)) == (CASH, 0.0, 0.0, 0.0, 0)


def test_trades_of_zero_change_nothing(tmp_path, book):
    same = change(tmp_path, book, "BUY,AAA,0", "COVER,BBB,0", "BUY,CCC,0", f"SET,{CALL},4", cost_bp=10)
    pd.testing.assert_frame_equal(same.positions, book)
    assert (same.cash, same.cost) == (CASH, 0.0)


def test_every_action_moves_units_and_cash(tmp_path, book):
    after = change(
        tmp_path, book, "BUY,AAA,10", "SHORT,BBB,5", f"SELL,{CALL},3", f"COVER,{PUT},2", "SHORT,CCC,100"
    )
    assert units(after.positions) == {"AAA": 110.0, "BBB": -55.0, CALL: 1.0, "CCC": -100.0}
    used = 10 * 100 - 5 * 40 - 3 * 100 * 8 + 2 * 100 * 3 - 100 * 7
    assert after.cash_used == pytest.approx(used)
    assert after.cash == pytest.approx(CASH - used)
    assert after.traded == pytest.approx(1000 + 200 + 2400 + 600 + 700)


def test_net_asset_value_is_unchanged_without_costs(tmp_path, book):
    after = change(tmp_path, book, "SET,AAA,,,-0.3", "CLOSE,BBB", f"BUY,{CALL},,9000", f"SHORT,{PUT},7")
    assert nav(after) == pytest.approx(book["exposure"].sum() + CASH, abs=1e-9)


def test_the_cost_is_basis_points_of_the_traded_money(tmp_path, book):
    after = change(tmp_path, book, "BUY,AAA,10", "COVER,BBB,50", f"SHORT,{PUT},1", cost_bp=20)
    assert after.cost == pytest.approx((1000 + 2000 + 300) * 0.002)
    assert nav(after) == pytest.approx(book["exposure"].sum() + CASH - after.cost)


def test_a_price_of_its_own_moves_cash_and_the_position_stays_at_the_last_price(tmp_path, book):
    after = change(tmp_path, book, "BUY,AAA,10,,,98.5")
    assert after.cash_used == pytest.approx(985.0)
    assert nav(after) == pytest.approx(book["exposure"].sum() + CASH + 15.0)
    new = after.positions.iloc[-1]
    assert (new["entry_price"], new["price"], new["unrealized_pnl"]) == (98.5, 100.0, pytest.approx(15.0))


def test_the_oldest_lot_goes_first_and_a_closed_one_is_gone(tmp_path, book):
    after = change(tmp_path, book, "SELL,AAA,50").positions
    left = after[after["symbol"] == "AAA"]
    assert left["position_id"].tolist() == ["AAA-2022-02-01"]
    row = left.iloc[0]
    assert (row["quantity"], row["exposure"], row["cost_basis"]) == (50.0, 5000.0, 4500.0)
    assert (row["unrealized_pnl"], row["market_value"]) == (500.0, 5000.0)


def test_a_lot_that_only_rounding_leaves_is_gone(tmp_path):
    """0.3 - 0.1 is 0.19999999999999998: of the lot of 0.2 a grain would stay."""
    lines = ["AAA,0.1,90,2022-01-03", "AAA,0.2,90,2022-02-01", "BBB,1,40,2022-01-03"]
    held = value(tmp_path, lines, BARS, cash=CASH, known=known())[0].reset_index(drop=True)
    after = change(tmp_path, held, "SELL,AAA,0.3").positions
    assert after["symbol"].tolist() == ["BBB"]


def test_what_was_exited_earlier_stays_in_the_table_with_its_profit(tmp_path):
    header = "ticker,quantity,entry_price,entry_date,exit_date,exit_price"
    lines = ["AAA,10,90,2022-01-03,2022-12-20,95", "AAA,5,90,2022-02-01,,"]
    held = value(tmp_path, lines, BARS, cash=CASH, header=header, known=known())[0].reset_index(drop=True)
    after = change(tmp_path, held, "CLOSE,AAA").positions
    assert after["quantity"].tolist() == [0.0]
    assert after["realized_pnl"].tolist() == [50.0]


def test_trades_on_top_of_trades_open_lots_of_their_own(tmp_path, book):
    once = change(tmp_path, book, "BUY,CCC,10")
    twice = change(tmp_path, once.positions, "BUY,CCC,5", cash=once.cash, label="suggested")
    assert twice.positions["position_id"].is_unique
    assert twice.positions["position_id"].tolist()[-2:] == ["CCC-what-if", "CCC-suggested"]
    assert units(twice.positions)["CCC"] == 15.0


def test_weights_are_those_of_the_changed_book(tmp_path, book):
    after = change(tmp_path, book, "SHORT,CCC,500", cost_bp=50)
    assert after.positions["weight"].to_numpy() == pytest.approx(
        after.positions["exposure"].to_numpy() / nav(after)
    )
    assert after.positions["weight_gross"].sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("BUY,AAA,37", "SELL,AAA,37"),
        ("SELL,AAA,37", "BUY,AAA,37"),
        ("SHORT,BBB,9", "COVER,BBB,9"),
        ("CLOSE,BBB", "SHORT,BBB,50"),
        ("SET,AAA,-30", "SET,AAA,100"),
        (f"SELL,{CALL},4", f"BUY,{CALL},4"),
        (f"SHORT,{PUT},11", f"COVER,{PUT},11"),
        ("BUY,CCC,13", "CLOSE,CCC"),
    ],
)
def test_a_trade_and_its_reverse_give_the_book_back(tmp_path, book, there, back):
    once = change(tmp_path, book, there)
    again = change(tmp_path, once.positions, back, cash=once.cash, label="back")
    assert units(once.positions) != units(book)
    assert units(again.positions) == units(book)
    assert again.cash == pytest.approx(CASH, abs=1e-9)
    ours, theirs = (
        totals_of(total_exposures(frame, cash=cash))
        for frame, cash in ((again.positions, again.cash), (book, CASH))
    )
    moving = {"long_count", "short_count", "priced_count"}
    assert {k: v for k, v in ours.items() if k not in moving} == pytest.approx(
        {k: v for k, v in theirs.items() if k not in moving}, abs=1e-9, nan_ok=True
    )


@pytest.mark.parametrize("seed", range(20))
def test_any_targets_are_reached_and_can_be_taken_back(tmp_path, book, seed):
    rng = np.random.default_rng(seed)
    names = [name for name in LAST if name not in ("IDX", "EUR")]
    targets = dict(zip(names, rng.integers(-120, 120, len(names)).astype(float), strict=True))
    there = change(tmp_path, book, *(f"SET,{name},{target:g}" for name, target in targets.items()))
    assert units(there.positions) == {name: one for name, one in targets.items() if one}
    assert nav(there) == pytest.approx(book["exposure"].sum() + CASH, abs=1e-6)
    start = units(book)
    home = change(
        tmp_path,
        there.positions,
        *(f"SET,{name},{start.get(name, 0):g}" for name in names),
        cash=there.cash,
        label="home",
    )
    assert units(home.positions) == start
    assert home.cash == pytest.approx(CASH, abs=1e-6)
    assert there.positions["position_id"].is_unique


@pytest.mark.parametrize(
    ("target", "trade"),
    [
        ("SET,AAA,130", "BUY,AAA,30"),
        ("SET,AAA,70", "SELL,AAA,30"),
        ("SET,BBB,-80", "SHORT,BBB,30"),
        ("SET,BBB,-20", "COVER,BBB,30"),
        ("SET,CCC,5", "BUY,CCC,5"),
        ("SET,AAA,0", "CLOSE,AAA"),
        ("SET,AAA,,13000", "BUY,AAA,30"),
        (f"SET,{PUT},-5", f"SHORT,{PUT},3"),
    ],
)
def test_a_target_is_the_difference_as_a_trade(tmp_path, book, target, trade):
    set_to, traded = change(tmp_path, book, target), change(tmp_path, book, trade)
    pd.testing.assert_frame_equal(set_to.positions, traded.positions)
    assert set_to.cash == traded.cash


def test_a_target_through_zero_closes_one_side_and_opens_the_other(tmp_path, book):
    after = change(tmp_path, book, "SET,AAA,-25", "SET,BBB,10")
    rows = after.positions[after.positions["symbol"].isin(["AAA", "BBB"])].set_index("symbol")
    assert rows["quantity"].to_dict() == {"AAA": -25.0, "BBB": 10.0}
    assert rows["position_type"].to_dict() == {"AAA": "SHORT", "BBB": "LONG"}
    assert after.trades["quantity"].tolist() == [-125.0, 60.0]


def test_money_and_weights_become_whole_units_rounded_toward_zero_and_it_is_said(tmp_path, book):
    worth = book["exposure"].sum() + CASH
    after = change(tmp_path, book, "BUY,CCC,,100", "SET,BBB,,,-0.11", f"BUY,{CALL},,2399", "SELL,AAA,,1000")
    assert after.trades["quantity"].tolist()[0] == 14.0
    assert units(after.positions)["BBB"] == -np.floor(0.11 * worth / 40.0)
    assert after.trades["quantity"].tolist()[2] == 2.0
    assert after.trades["flags"].tolist() == ["ROUNDED", "ROUNDED", "ROUNDED", ""]


def test_a_weight_is_of_net_asset_value_and_reached(tmp_path, book):
    worth = book["exposure"].sum() + CASH
    after = change(tmp_path, book, "SET,AAA,,,0.25")
    weight = after.positions.loc[after.positions["symbol"] == "AAA", "weight"].sum()
    assert 0.25 - 100.0 / worth < weight <= 0.25


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("BUY,ZZZ,5", "UNPRICED"),
        ("BUY,ZZZ,5,,,20", "UNPRICED"),
        ("BUY,EUR,5", "UNPRICED"),
        ("BUY,IDX,1", "NOT_TRADABLE"),
        ("SELL,AAA,,10100", "MORE_THAN_HELD"),
        ("COVER,BBB,,2100", "MORE_THAN_HELD"),
    ],
)
def test_what_cannot_be_carried_out_is_left_out_with_its_reason(tmp_path, book, line, reason):
    after = change(tmp_path, book, line, "BUY,CCC,1")
    assert after.trades["flags"].tolist() == [reason, ""]
    assert after.trades["quantity"].isna().tolist() == [True, False]
    assert after.trades["notional"].isna().tolist() == [True, False]
    assert after.cash == CASH - 7.0
    assert "ZZZ" not in set(after.positions["symbol"])


def test_new_options_are_options(tmp_path, book):
    after = change(tmp_path, book, f"SET,{CALL},-3", f"SET,{PUT},2").positions.set_index("symbol")
    assert after.loc[[CALL, PUT], "position_type"].tolist() == ["SC", "LP"]
    assert after.loc[CALL, "exposure"] == -3 * 100 * 8
    assert (after.loc[CALL, "strike"], after.loc[CALL, "right"]) == (100.0, "C")
    assert after.loc[CALL, "underlying_price"] == 100.0


def test_new_lots_keep_the_tags_of_their_symbol_unless_they_bring_some(tmp_path):
    header = "ticker,quantity,entry_price,entry_date,tags"
    lines = ["AAA,10,90,2022-02-01,core", "BBB,10,40,2022-02-01,core"]
    book = value(tmp_path, lines, BARS, header=header, known=known())[0].reset_index(drop=True)
    after = change(tmp_path, book, "BUY,AAA,1", "BUY,BBB,1,,,,satellite", "BUY,CCC,1").positions
    assert after["tags"].tolist() == ["core", "core", "core", "satellite", ""]


def test_a_manual_holding_can_be_sold_at_its_value_and_not_bought(tmp_path):
    header = "ticker,quantity,entry_price,entry_date,price,price_date"
    lines = ["HOUSE,2,900,2020-01-02,1000,2022-12-01", "AAA,1,90,2022-02-01,,"]
    book = value(tmp_path, lines, BARS, header=header, known=known())[0].reset_index(drop=True)
    sold = change(tmp_path, book, "SELL,HOUSE,1")
    assert (sold.cash_used, sold.positions["exposure"].tolist()) == (-1000.0, [1000.0, 100.0])
    assert change(tmp_path, book, "BUY,HOUSE,1").trades["flags"].tolist() == ["UNPRICED"]


def test_a_book_without_positive_value_weighs_by_gross_and_an_empty_one_not_at_all(tmp_path, book):
    poor = change(tmp_path, book, "SET,CCC,,,0.1", cash=-1e6)
    gross = book["exposure"].abs().sum()
    assert units(poor.positions)["CCC"] == np.floor(0.1 * gross / 7.0)
    empty = book.iloc[:0]
    assert change(tmp_path, empty, "SET,CCC,,,0.1", cash=0.0).trades["flags"].tolist() == ["NO_BASE"]
    assert units(change(tmp_path, empty, "BUY,CCC,3", cash=0.0).positions) == {"CCC": 3.0}
