"""A trades file is read, or refused with line, field and mend before anything is computed."""

import numpy as np
import pandas as pd
import pytest

from lib.errors import InputError
from lib.portfolio import trades

AS_OF = "2022-12-28"
HEADER = "action,symbol,quantity,notional,weight,price,tags,purpose"
OPTION = "AAPL230616C00150000"
HELD = pd.DataFrame(
    {"long": [100.0, 0.0, 30.0, 5.0], "short": [0.0, 50.0, 20.0, 0.0]},
    index=pd.Index(["AAPL", "KO", "BOTH", OPTION], name="symbol"),
)


def read(folder, *lines, header=HEADER, held=HELD):
    path = folder / "asked.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return trades.read_trades(path, "trades/asked.csv", held=held, as_of=AS_OF)


def refusal(folder, *lines, **options):
    with pytest.raises(InputError) as caught:
        read(folder, *lines, **options)
    assert str(caught.value).startswith("trades/asked.csv")
    assert caught.value.mend
    return caught.value


def test_every_action_is_read(tmp_path):
    rows = read(
        tmp_path,
        "buy,MSFT,10,,,,,",
        "SELL,AAPL,,5000,,,,",
        "SHORT,PEP,3,,,170.5,,",
        "COVER,KO,50,,,,,",
        f"CLOSE,{OPTION},,,,,,",
        'SET,BOTH,,,-0.05,,"hedge,#strategy:pairs trade",both sides',
    )
    assert rows["action"].tolist() == ["BUY", "SELL", "SHORT", "COVER", "CLOSE", "SET"]
    assert rows["line"].tolist() == [2, 3, 4, 5, 6, 7]
    assert rows["quantity"].tolist()[:1] == [10.0]
    assert np.isnan(rows["quantity"][1])
    assert (rows["notional"][1], rows["price"][2], rows["weight"][5]) == (5000.0, 170.5, -0.05)
    assert rows["underlying"].tolist()[4] == "AAPL"
    assert (rows["tags"][5], rows["purpose"][5]) == ("hedge,#strategy:pairs trade", "both sides")
    assert list(rows) == trades.COLUMNS


def test_columns_may_be_few_and_in_any_order_and_blank_lines_count_as_lines(tmp_path):
    rows = read(tmp_path, "AAPL,SELL,1", "", ",,", "MSFT,BUY,2", header="Ticker,Action,Qty")
    assert rows[["line", "action", "symbol", "quantity"]].to_numpy().tolist() == [
        [2, "SELL", "AAPL", 1.0],
        [5, "BUY", "MSFT", 2.0],
    ]


def test_a_header_alone_asks_nothing_as_no_file_does(tmp_path):
    pd.testing.assert_frame_equal(read(tmp_path), trades.no_trades())


REFUSED = {
    "UNKNOWN_ACTION": ("HOLD,AAPL,1", "action"),
    "EMPTY_TICKER": ("BUY,,1", "symbol"),
    "BAD_TICKER": ("BUY,AA PL!,1", "symbol"),
    "BAD_OCC_DATE": ("BUY,AAPL231345C00150000,1", "symbol"),
    "BAD_OCC_STRIKE": ("BUY,AAPL230616C150,1", "symbol"),
    "NO_SIZE": ("BUY,MSFT", "quantity"),
    "SEVERAL_SIZES": ("BUY,MSFT,1,100", "quantity"),
    "SIZE_WITH_CLOSE": ("CLOSE,AAPL,1", "action"),
    "WEIGHT_WITHOUT_SET": ("BUY,MSFT,,,0.1", "weight"),
    "NEGATIVE_SIZE": ("BUY,MSFT,-1", "quantity"),
    "BAD_PRICE": ("BUY,MSFT,1,,,0", "price"),
    "FRACTIONAL_CONTRACTS": (f"BUY,{OPTION},1.5", "quantity"),
    "OPTION_EXPIRED": ("BUY,AAPL221216C00150000,1", "symbol"),
    "SELL_OF_SHORT": ("SELL,KO,1", "action"),
    "COVER_OF_LONG": ("COVER,AAPL,1", "action"),
    "SHORT_OF_LONG": ("SHORT,AAPL,1", "action"),
    "BUY_OF_SHORT": ("BUY,KO,1", "action"),
    "NOT_HELD": ("SELL,MSFT,1", "action"),
    "MORE_THAN_HELD": ("SELL,AAPL,100.5", "quantity"),
    "BAD_TAG": ("BUY,MSFT,1,,,,no-such!,", "tags"),
    "EXTRA_FIELDS": ("BUY,MSFT,1,,,,tag,why,more", "action"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_meant_is_refused_with_line_and_field(tmp_path, code):
    line, field = REFUSED[code]
    fault = refusal(tmp_path, "CLOSE,BOTH", line)
    assert f"({code})" in fault.found
    assert (fault.line, fault.field) == (3, field)


@pytest.mark.parametrize("text", ["1,000", "$5", "abc", "nan", "1e13", "--1"])
@pytest.mark.parametrize("field", ["quantity", "notional", "weight", "price"])
def test_what_is_no_number_is_refused_with_its_text(tmp_path, field, text):
    cells = {"action": "SET", "symbol": "AAPL", field: f'"{text}"'} | (
        {"quantity": "1"} if field == "price" else {}
    )
    fault = refusal(tmp_path, ",".join(cells.values()), header=",".join(cells))
    assert "NOT_A_NUMBER" in fault.found
    assert repr(text) in fault.found
    assert fault.field == field


def test_more_than_is_held_is_refused_with_what_is_held(tmp_path):
    fault = refusal(tmp_path, "SELL,AAPL,500")
    assert fault.found == "SELL of 500 AAPL, of which 100 are held (MORE_THAN_HELD)"
    assert "at most 100" in fault.mend
    assert "50 are short" in refusal(tmp_path, "COVER,KO,51").found
    assert "5 are held" in refusal(tmp_path, f"SELL,{OPTION},6").found
    assert len(read(tmp_path, "SELL,AAPL,100", "COVER,KO,50")) == 2


def test_the_long_and_the_short_side_of_one_symbol_are_apart(tmp_path):
    assert "30 are held" in refusal(tmp_path, "SELL,BOTH,31").found
    assert "20 are short" in refusal(tmp_path, "COVER,BOTH,21").found
    assert len(read(tmp_path, "SELL,BOTH,30")) == len(read(tmp_path, "SHORT,BOTH,1")) == 1


def test_a_symbol_stands_in_one_row(tmp_path):
    fault = refusal(tmp_path, "SELL,AAPL,60", "BUY,MSFT,1", "sell,aapl,60")
    assert "AAPL stands in line 2 already (REPEATED_SYMBOL)" in fault.found
    assert fault.line == 4


def test_an_expired_option_may_be_closed_but_not_opened(tmp_path):
    gone = "AAPL221228C00150000"
    held = HELD.rename(index={OPTION: gone})
    assert len(read(tmp_path, f"CLOSE,{gone}", held=held)) == 1
    assert len(read(tmp_path, f"SET,{gone},0", held=held)) == 1
    assert "OPTION_EXPIRED" in refusal(tmp_path, f"SET,{gone},7", held=held).found


@pytest.mark.parametrize(
    ("header", "code", "field"),
    [
        ("action,quantity", "MISSING_COLUMN", "symbol"),
        ("symbol,quantity", "MISSING_COLUMN", "action"),
        ("action,symbol,ticker", "DUPLICATE_HEADER", "symbol"),
        ("action,symbol,weigth", "UNKNOWN_COLUMN", "weigth"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path, header, code, field):
    fault = refusal(tmp_path, "BUY,MSFT,1", header=header)
    assert code in fault.found
    assert (fault.line, fault.field) == (1, field)


def test_the_earliest_line_is_named_first(tmp_path):
    fault = refusal(tmp_path, "BUY,MSFT,1", "SELL,AAPL,500", "HOLD,PEP,x")
    assert fault.line == 3


def test_a_missing_file_and_too_many_trades_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"trades/none\.csv: no such file"):
        trades.read_trades(tmp_path / "none.csv", "trades/none.csv", held=HELD, as_of=AS_OF)
    lines = [f"BUY,A{number},1" for number in range(trades.MAX_TRADES + 1)]
    assert "TOO_MANY_ROWS" in refusal(tmp_path, *lines).found


def request(folder, *lines, book=("AAPL,100,100,2022-01-03",)):
    positions, asked = folder / "book.csv", folder / "asked.csv"
    positions.write_text("\n".join(["ticker,quantity,entry_price,entry_date", *book]) + "\n")
    asked.write_text("\n".join([HEADER, *lines]) + "\n")
    files = {
        "positions_file": {"path": str(positions), "name": "portfolios/book.csv"},
        "trades_files[0]": {"path": str(asked), "name": "trades/asked.csv"},
    }
    return {"as_of": AS_OF, "files": files, "portfolio": {}, "settings": {}}


def test_the_hook_names_the_symbols_to_fetch_and_counts_the_trades(tmp_path):
    found = trades.validate(request(tmp_path, "SELL,AAPL,100,,,,,", "BUY,XOM230616P00100000,2,,,,,"))
    assert found == {"symbols": ["AAPL", "XOM", "XOM230616P00100000"], "trades": 2}


def test_the_hook_refuses_what_the_book_does_not_hold(tmp_path):
    with pytest.raises(InputError, match=r"trades/asked\.csv:2: quantity: SELL of 101 AAPL") as caught:
        trades.validate(request(tmp_path, "SELL,AAPL,101,,,,,"))
    assert caught.value.as_dict()["line"] == 2


def test_the_hook_counts_only_what_is_still_held(tmp_path):
    book = ("AAPL221216C00150000,3,5,2022-01-03", "AAPL,100,100,2022-01-03")
    with pytest.raises(InputError, match="NOT_HELD"):
        trades.validate(request(tmp_path, "SELL,AAPL221216C00150000,1,,,,,", book=book))


def test_the_hook_has_nothing_to_say_without_a_trades_file(tmp_path):
    asked = request(tmp_path)
    del asked["files"]["trades_files[0]"]
    assert trades.validate(asked) == {"symbols": [], "trades": 0}


def test_millions_of_commas_are_refused_in_the_header_and_in_a_row(tmp_path):
    assert "3,000,001 columns (TOO_MANY_COLUMNS)" in str(refusal(tmp_path, header="," * 3_000_000))
    assert "asked.csv:2" in str(refusal(tmp_path, "SELL,AAPL,1" + "," * 3_000_000 + "x"))
    assert len(read(tmp_path, "SELL,AAPL,1" + "," * 3_000_000)) == 1
