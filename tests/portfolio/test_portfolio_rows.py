"""Every rule on a row: its code, the line on which the row starts, and the hint."""

import re

import numpy as np
import pandas as pd
import pytest
from book_worlds import AS_OF, HEADER, codes, read, write
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.codes.row_issues import ROW_ISSUES
from lib.market.yahoo.asks import refusal
from lib.portfolio import files
from lib.portfolio.csv_records import read_records
from lib.portfolio.tickers import read_tickers
from lib.run.request.subjects import ACCEPTED
from lib.user_tables import sheet

GOOD = "AAPL,10,100,2022-01-03"
MORE = f"{HEADER},tags,price,price_date,exit_date,exit_price"
TAGS_21 = ",".join(f"t{number}" for number in range(21))

REJECTS = {
    ",1,1,2022-01-03": "EMPTY_TICKER",
    "A APL,1,1,2022-01-03": "BAD_TICKER",
    "../../x?y=1,1,1,2022-01-03": "BAD_TICKER",
    "=1+1,1,1,2022-01-03": "BAD_TICKER",
    "AAPL,ten,1,2022-01-03": "QTY_NOT_NUMBER",
    "AAPL,,1,2022-01-03": "QTY_NOT_NUMBER",
    '"AAPL","1,000",1,2022-01-03': "QTY_NOT_NUMBER",
    "AAPL,NaN,1,2022-01-03": "QTY_NOT_NUMBER",
    "AAPL,-inf,1,2022-01-03": "QTY_NOT_NUMBER",
    "AAPL,1e309,1,2022-01-03": "QTY_NOT_NUMBER",
    "AAPL,1_000,1,2022-01-03": "QTY_NOT_NUMBER",
    "AAPL,٣,1,2022-01-03": "QTY_NOT_NUMBER",
    "AAPL,0,1,2022-01-03": "QTY_ZERO",
    "AAPL,1e-400,1,2022-01-03": "QTY_ZERO",
    "AAPL,1,$5.00,2022-01-03": "PRICE_NOT_NUMBER",
    "AAPL,1,,2022-01-03": "PRICE_NOT_NUMBER",
    "AAPL,1,1e309,2022-01-03": "PRICE_NOT_NUMBER",
    "AAPL,1,0,2022-01-03": "PRICE_NOT_POSITIVE",
    "AAPL,-1,-5,2022-01-03": "PRICE_NOT_POSITIVE",
    "AAPL,1,1,03/01/2022": "BAD_DATE_FORMAT",
    "AAPL,1,1,2022-02-30": "BAD_DATE_FORMAT",
    "AAPL,1,1,2022-1-3": "BAD_DATE_FORMAT",
    "AAPL,1,1": "BAD_DATE_FORMAT",
    "AAPL,1,1,2022-12-29": "DATE_IN_FUTURE",
    "AAPL240231C00150000,1,1,2022-01-03": "BAD_OCC_DATE",
    "AAPL20240119C00150000,1,1,2022-01-03": "BAD_OCC_DATE",
    "AAPL240119X00150000,1,1,2022-01-03": "BAD_OCC_TYPE",
    "AAPL240119C00000000,1,1,2022-01-03": "BAD_OCC_STRIKE",
    "AAPL240119C0015000,1,1,2022-01-03": "BAD_OCC_STRIKE",
    "AAPL240119C001500000,1,1,2022-01-03": "BAD_OCC_STRIKE",
    "ABCDEFG240119C00150000,1,1,2022-01-03": "BAD_OCC_ROOT",
    "AAPL220318C00150000,1,1,2022-04-01": "ENTRY_AFTER_EXPIRY",
    ",,,": "BLANK_ROW",
    "AAPL,1,000,150,2022-01-03,a,b,c,d,e": "UNEXPECTED_FIELDS",
    "HOUSE,1,1,2022-01-03,,5": "MANUAL_INCOMPLETE",
    "HOUSE,1,1,2022-01-03,,,2022-06-30": "MANUAL_INCOMPLETE",
    "HOUSE,-1,1,2022-01-03,,5,2022-06-30": "MANUAL_SHORT",
    "AAPL240119C00150000,1,1,2022-01-03,,5,2022-06-30": "MANUAL_OPTION",
    "HOUSE,1,1,2022-01-03,,-5,2022-06-30": "PRICE_NOT_POSITIVE",
    "AAPL,1,1,2022-01-03,,,,2022-06-30": "EXIT_INCOMPLETE",
    "AAPL,1,1,2022-01-03,,,,2021-06-30,5": "EXIT_BEFORE_ENTRY",
    "AAPL,1,1,2022-01-03,,,,2022-06-30,-5": "PRICE_NEGATIVE",
}

WARNS = {
    "MSFT,1,1,2022-01-03,two words": "BAD_TAG",
    f'MSFT,1,1,2022-01-03,"{TAGS_21}"': "TOO_MANY_TAGS",
    "AAPL,1,1,2017-12-27": "DATE_TOO_OLD",
    "AAPL220318C00150000,1,1,2022-01-03": "OPTION_EXPIRED",
    "AAPL230318C00150000,1.5,1,2022-01-03": "FRACTIONAL_CONTRACTS",
    "AAPL1230318C00150000,1,1,2022-01-03": "ADJUSTED_CONTRACT",
    "MSFT,+1,1,2022-01-03": "FORMULA_PREFIX",
    f"MSFT,1,1,2022-01-03,{'t' * 21}": "TAG_LONG",
    "AAPL,-5,1,2022-05-03": "MIXED_LONG_SHORT_SAME_SYMBOL",
    "AAPL,5,101,2022-01-03": "REPEATED_FILL",
}


@pytest.mark.parametrize(("line", "code"), REJECTS.items())
def test_a_faulty_row_is_rejected_with_code_and_line_and_the_rest_goes_on(tmp_path, line, code):
    rows, issues = read(tmp_path, GOOD, line, "MSFT,1,1,2022-01-03", header=MORE)
    assert (3, code) in codes(issues, "rejected")
    assert list(rows["line"]) == [2, 4]
    assert set(issues["line"]) == {3}
    assert (issues["message"].str.len() > 20).all()


def test_every_code_of_a_rejection_is_tried_here_or_below():
    rejected = {code.name for code in ROW_ISSUES if code.severity == "rejected"}
    assert rejected - set(REJECTS.values()) == {"DUPLICATE_ROW"}


@pytest.mark.parametrize(("line", "code"), WARNS.items())
def test_an_unusual_row_is_kept_with_a_warning(tmp_path, line, code):
    rows, issues = read(tmp_path, GOOD, line, header=MORE)
    assert (3, code) in codes(issues, "warning")
    assert list(rows["line"]) == [2, 3]


def test_five_years_to_the_day_are_not_too_old(tmp_path):
    assert codes(read(tmp_path, "AAPL,1,1,2017-12-28")[1]) == []


def test_a_number_with_commas_or_a_currency_sign_is_refused_with_a_hint(tmp_path):
    _, issues = read(tmp_path, GOOD, '"AAPL","1,000",$5,2022-01-03')
    said = issues.set_index("column")["message"]
    assert "thousands commas" in said["quantity"]
    assert "currency signs" in said["entry_price"]


def test_every_fault_of_a_row_is_reported(tmp_path):
    _, issues = read(tmp_path, GOOD, "?,x,0,soon")
    assert {code for _, code in codes(issues)} == {
        "BAD_TICKER",
        "QTY_NOT_NUMBER",
        "PRICE_NOT_POSITIVE",
        "BAD_DATE_FORMAT",
    }


def test_lines_are_physical_lines_of_the_file_also_after_quoted_line_ends(tmp_path):
    rows, issues = read(
        tmp_path,
        '"AAPL",10,100,2022-01-03,"tech,\ncore"',
        "",
        "MSFT,0,100,2022-01-03,",
        '"XOM",1,100,2022-01-03,"a\n\nb c"',
        "JPM,5,100,2022-01-03,",
        "",
        ",,,,",
        header=f"{HEADER},tags",
    )
    assert codes(issues) == [(4, "BLANK_ROW"), (5, "QTY_ZERO"), (6, "BAD_TAG")]
    assert list(rows["line"]) == [2, 6, 9]
    assert list(rows["tags"]) == ["tech,core", "a_b_c", ""]


def test_no_holding_is_lost_for_its_tags(tmp_path):
    cells = ["two words", "Tech", "=tag", "!!", f"{'t' * 51}", f'"{TAGS_21}"', "#strategy:pairs; calm"]
    rows, issues = read(
        tmp_path,
        *(f"S{place},1,1,2022-01-03,{cell}" for place, cell in enumerate(cells)),
        "LAST,1,1,2022-01-03,Two Words",
        header=f"{HEADER},tags",
    )
    kept = rows["tags"].tolist()
    assert kept[:4] == ["two_words", "Tech", "tag", ""]
    assert kept[4] == "t" * 50 and kept[5].split(",") == TAGS_21.split(",")[:20]
    assert kept[6:] == ["#strategy:pairs_ calm", "two_words"]
    found = codes(issues)
    assert {(2, "BAD_TAG"), (5, "BAD_TAG"), (6, "TAG_TOO_LONG"), (7, "TOO_MANY_TAGS")} <= {*found}
    assert set(issues["severity"]) == {"warning"} and (3, "BAD_TAG") not in found


def test_an_identical_row_is_rejected_and_a_second_fill_is_kept(tmp_path):
    rows, issues = read(
        tmp_path, GOOD, "aapl,10.0,100.00,2022-01-03", "AAPL,10,100.5,2022-01-03", "AAPL,10,100,2022-01-04"
    )
    assert codes(issues) == [(3, "DUPLICATE_ROW"), (4, "REPEATED_FILL")]
    assert list(rows["line"]) == [2, 4, 5]


def test_rows_that_differ_in_an_ignored_column_are_not_identical(tmp_path):
    rows, _ = read(tmp_path, f"{GOOD},a", f"{GOOD},b", header=f"{HEADER},order_id")
    assert len(rows) == 2


def test_an_option_is_read_with_or_without_padding(tmp_path):
    rows, _ = read(tmp_path, "aapl  240119c00150000,2,5,2022-01-03", "AAPL240119P00150500,-1,5,2022-01-04")
    assert list(rows["symbol"]) == ["AAPL240119C00150000", "AAPL240119P00150500"]
    assert list(rows["underlying"]) == ["AAPL", "AAPL"]
    assert list(rows["expiry"]) == [pd.Timestamp("2024-01-19")] * 2
    assert list(rows["strike"]) == [150.0, 150.5]
    assert list(rows["right"]) == ["C", "P"]


@pytest.mark.parametrize("ticker", ["BRK-B", "^GSPC", "0700.HK", "EURUSD=X", "M&M.NS", "CPLP", "PC123456"])
def test_shares_with_strange_names_are_no_options(tmp_path, ticker):
    rows, issues = read(tmp_path, f"{ticker},1,1,2022-01-03")
    assert not rows["option"].any()
    assert not codes(issues)


def test_tags_are_one_whatever_their_case_and_the_first_spelling_stays(tmp_path):
    rows, _ = read(
        tmp_path,
        'AAPL,1,1,2022-01-03,"Tech, core,tech",',
        'MSFT,1,1,2022-01-03,"TECH,#Strategy: Long-term growth",income',
        header=f"{HEADER},tags,strategy",
    )
    assert list(rows["tags"]) == ["Tech,core", "Tech,#strategy:Long-term growth,#strategy:income"]


def test_more_than_a_hundred_tags_are_remarked_for_the_whole_file(tmp_path):
    lines = [f"AAPL,{number},1,2022-01-03,t{number}" for number in range(1, 102)]
    assert (0, "TOO_MANY_DISTINCT_TAGS") in codes(read(tmp_path, *lines, header=f"{HEADER},tags")[1])


def test_a_manual_valuation_needs_no_symbol_of_the_market(tmp_path):
    rows, _ = read(tmp_path, "HOUSE,1,100,2022-01-03,,120,2022-11-30", header=MORE[: MORE.index(",exit")])
    assert (rows["manual_price"].iloc[0], rows["manual_date"].iloc[0]) == (120, pd.Timestamp("2022-11-30"))


CELL = st.one_of(
    st.sampled_from(["AAPL", "MSFT", "AAPL240119C00150000", "AAPL240231C00150000", "?", ""]),
    st.sampled_from(["1", "-3", "0", "1,000", "$5", "nan", "1e309", "2.5", "1e3"]),
    st.sampled_from(["2022-01-03", "2030-01-01", "2010-01-01", "soon", ""]),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=5),
)


@settings(max_examples=60, deadline=None)
@given(table=st.lists(st.lists(CELL, min_size=0, max_size=7), max_size=12))
def test_accepted_and_rejected_rows_are_all_rows(tmp_path_factory, table):
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [*table, []]]
    path = write(tmp_path_factory.mktemp("any"), "XOM,7,7,2022-03-03,", *lines, header=f"{HEADER},tags")
    rows, issues = files.read_positions(path, "book.csv", AS_OF)
    counts = files.count_rows(rows, issues)
    every = read_records(path, "book.csv").lines
    assert counts["accepted"] + counts["rejected"] == len(every)
    rejected = set(issues.loc[issues["severity"] == "rejected", "line"])
    assert rejected.isdisjoint(rows["line"])
    assert rejected | set(rows["line"]) == set(every)
    assert np.isfinite(rows[["quantity", "entry_price"]]).all(axis=None)
    assert rows["position_id"].is_unique


def test_a_thousand_bad_rows_of_ten_thousand_are_all_reported(tmp_path):
    lines = [
        f"S{number % 700},{0 if number % 10 == 3 else number + 1},50,2022-01-03" for number in range(10_000)
    ]
    rows, issues = read(tmp_path, *lines)
    rejected = issues[issues["severity"] == "rejected"]
    assert len(rows) == 9_000
    assert rejected["line"].tolist() == [number + 2 for number in range(10_000) if number % 10 == 3]


@pytest.mark.parametrize(
    "symbol", ["M&M", "BAJAJ-AUTO", "M&M.NS", "A_B", "^GSPC", "EURUSD=X", "m m", "../X", "&M"]
)
def test_a_symbol_is_one_wherever_it_is_written(tmp_path, symbol):
    """As ticker, benchmark, trade, in a table of the data folder and as a question to Yahoo."""
    sound = not codes(read(tmp_path, GOOD, f"{symbol},1,1,2022-01-03")[1], "rejected")
    assert sound == (symbol[0] != "&" and symbol.isupper() and ".." not in symbol)
    assert ACCEPTED["symbol"][0](symbol) == sound
    assert (not refusal(symbol)) == sound
    assert (read_tickers(pd.Series([symbol]))["code"] == "").all() == sound
    assert bool(re.fullmatch(sheet.SYMBOL, symbol)) == sound
