"""Orders are written so that FIX programs and spreadsheets read what was meant."""

import io
import re

import pandas as pd
import pytest
import simplefix

from lib.errors import InputError
from lib.trading.broker.order_export import COLUMNS, orders_as_csv, orders_as_fix

MOMENT = pd.Timestamp("2026-03-02 10:00:00.123456")


def frame(*rows):
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"quantity": "float64", "price": "float64", "trigger": "float64"})


ORDERS = frame(
    ("a-1", "M&M", "BUY", 10, "MARKET", None, None, "DAY", MOMENT),
    ("a-2", "BAJAJ-AUTO", "SELL", 3, "LIMIT", 8425.5, None, "GTC", MOMENT),
    ("a-3", "INFY", "SELL", 66, "SL", 1419.95, 1420, "DAY", MOMENT),
    ("a-4", "ÅÄÖ", "SHORT", 0.5, "SL-M", None, 1e-7 + 100, "DAY", MOMENT),
)
FIX = [
    {11: "a-1", 55: "M&M", 54: "1", 38: "10", 40: "1", 59: "0"},
    {11: "a-2", 55: "BAJAJ-AUTO", 54: "2", 38: "3", 40: "2", 44: "8425.5", 59: "1"},
    {11: "a-3", 55: "INFY", 54: "2", 38: "66", 40: "4", 44: "1419.95", 99: "1420", 59: "0"},
    {11: "a-4", 55: "ÅÄÖ", 54: "5", 38: "0.5", 40: "3", 99: "100.0000001", 59: "0"},
]


def test_fix_reads_back_as_it_was_meant():
    parser = simplefix.FixParser()
    parser.append_buffer(orders_as_fix(ORDERS))
    for number, wanted in enumerate(FIX, start=1):
        pairs = {int(tag): value.decode() for tag, value in parser.get_message().pairs}
        assert pairs.pop(9) and pairs.pop(10)
        assert pairs == {
            **{8: "FIX.4.4", 35: "D", 34: str(number), 49: "WORKBENCH", 56: "BROKER"},
            **{52: "20260302-10:00:00.123", 60: "20260302-10:00:00.123", **wanted},
        }
    assert parser.get_message() is None


def test_an_option_is_told_by_its_parts():
    """CFICode by ISO 10962, O for options and C or P for the right; the rest of it is not said."""
    parser = simplefix.FixParser()
    parser.append_buffer(orders_as_fix(ORDERS.iloc[:1].assign(symbol="XOM230616P00102500")))
    message = parser.get_message()
    told = {tag: message.get(tag).decode() for tag in (55, 461, 167, 541, 202)}
    assert told == {55: "XOM", 461: "OPXXXX", 167: "OPT", 541: "20230616", 202: "102.5"}


def test_length_and_checksum_are_those_of_the_standard():
    """The length counts from after its field to before the checksum; that is the sum of bytes mod 256."""
    messages = re.findall(rb"8=FIX\.4\.4\x01.*?\x0110=\d{3}\x01", orders_as_fix(ORDERS), re.DOTALL)
    assert len(messages) == len(ORDERS)
    for one in messages:
        _, said, rest = re.fullmatch(rb"(8=FIX\.4\.4\x019=)(\d+)\x01(.*)", one, re.DOTALL).groups()
        body, checksum = rest[:-7], rest[-7:]
        assert int(said) == len(body)
        assert checksum == b"10=%03d\x01" % (sum(one[:-7]) % 256)
        assert body.startswith(b"35=D\x01")


def test_equal_orders_are_equal_bytes_and_no_orders_are_none():
    assert orders_as_fix(ORDERS) == orders_as_fix(ORDERS.copy())
    assert orders_as_fix(ORDERS.iloc[:0]) == b""
    assert orders_as_csv(ORDERS.iloc[:0]) == ",".join(COLUMNS) + "\n"


def test_csv_reads_back_as_it_was_meant():
    table = pd.read_csv(io.StringIO(orders_as_csv(ORDERS)), parse_dates=["moment"])
    assert table["moment"].tolist() == [pd.Timestamp("2026-03-02 10:00:00", tz="UTC")] * 4
    for name in ("order_id", "symbol", "side", "quantity", "type", "price", "trigger", "validity"):
        assert table[name].astype("object").where(table[name].notna(), None).tolist() == (
            ORDERS[name].astype("object").where(ORDERS[name].notna(), None).tolist()
        )


def test_no_symbol_is_run_by_a_spreadsheet():
    text = orders_as_csv(ORDERS.assign(symbol=["=1+1", "@x", "-2", "M&M"]))
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == ["'=1+1", "'@x", "'-2", "M&M"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("quantity", one) for one in (0.0, -1.0, float("nan"), float("inf"))),
        *(("side", "HOLD"), ("type", "STOP"), ("validity", "IOC"), ("moment", pd.NaT)),
        *(("symbol", ""), ("symbol", "A\x0111=x"), ("order_id", "a-1"), ("price", 0.0), ("trigger", None)),
    ],
)
def test_what_fix_has_no_message_for_is_refused_with_the_order(name, value):
    row = ORDERS.iloc[2].to_dict()
    wrong = pd.concat([ORDERS.iloc[:2], pd.DataFrame([{**row, name: value}])], ignore_index=True)
    wrong["moment"] = wrong["moment"].astype("datetime64[us]")
    wrong["trigger"] = wrong["trigger"].astype("float64")
    for write in (orders_as_fix, orders_as_csv):
        with pytest.raises(InputError, match=f"^{name}: order 'a-"):
            write(wrong)
