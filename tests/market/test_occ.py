from datetime import date

import pandas as pd
import pytest

from lib.market import occ


@pytest.mark.parametrize("text", ["AAPL230616C00150500", "AAPL  230616C00150500", " aapl230616c00150500 "])
def test_every_spelling_of_a_symbol_is_one_option(text):
    option = occ.parse(text)
    assert option.symbol == "AAPL230616C00150500"
    assert (option.root, option.underlying, option.expiry, option.right, option.strike) == (
        "AAPL",
        "AAPL",
        date(2023, 6, 16),
        "C",
        150.5,
    )
    assert option.name == "AAPL 16 Jun 2023 150.5 call"
    assert not option.adjusted


def test_a_digit_in_the_root_marks_an_adjusted_contract_of_the_same_underlying():
    option = occ.parse("GE1 230616P00065000")
    assert option.adjusted
    assert (option.root, option.underlying, option.right, option.strike) == ("GE1", "GE", "P", 65.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("AAPL240231C00150000", "BAD_OCC_DATE"),
        ("AAPL241301C00150000", "BAD_OCC_DATE"),
        ("AAPL230616C00000000", "BAD_OCC_STRIKE"),
        ("AAPL230616C0015000", "BAD_OCC_STRIKE"),
        ("AAPL230616C001500000", "BAD_OCC_STRIKE"),
    ],
)
def test_an_impossible_option_has_its_reason(text, reason):
    assert occ.parse(text) == reason


@pytest.mark.parametrize(
    "text", ["AAPL", "BRK-B", "SP500", "", "CPRICECORPPUT", "ABCDEFG230616C00150000", "^GSPC"]
)
def test_what_is_no_option_is_none(text):
    assert occ.parse(text) is None


def test_a_series_is_parsed_as_each_of_its_symbols():
    symbols = pd.Series(
        ["AAPL", "AAPL230616C00150000", None, "GE1230616P00065000", "X240231C00001000"], index=[9, 8, 7, 6, 5]
    )
    table = occ.parse_all(symbols)
    assert table.index.tolist() == [9, 8, 7, 6, 5]
    assert table["underlying"].dropna().to_dict() == {8: "AAPL", 6: "GE"}
    assert table["expiry"].dropna().to_dict() == {
        8: pd.Timestamp("2023-06-16"),
        6: pd.Timestamp("2023-06-16"),
    }
    assert table["strike"].dropna().to_dict() == {8: 150.0, 6: 65.0}
    assert table["reason"].dropna().to_dict() == {5: "BAD_OCC_DATE"}
    assert table["adjusted"].tolist() == [False, False, False, True, False]


def test_a_series_without_options_keeps_its_types():
    table = occ.parse_all(pd.Series(["AAPL", "MSFT"]))
    assert table["expiry"].dtype.kind == "M"
    assert table["strike"].dtype == "float64"
    assert table.drop(columns="adjusted").isna().all().all()
