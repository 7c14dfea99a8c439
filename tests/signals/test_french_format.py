"""Files in the layout of the French library: blocks by heading and frequency, percent made decimal once."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.errors import InputError
from lib.signals.folder.french import read_french

FACTORS = """This file was made for a test in the layout of the library.
The rates are those of one month.

,Mkt-RF,SMB,HML,RF
192607,    2.96,   -2.56,   -2.43,    0.22
192608,    2.64,   -1.17,  -99.99,    0.25

 Annual Factors: January-December
,Mkt-RF,SMB,HML,RF
  1927,   29.47,   -2.04,   -4.54,    3.12

A closing line, 2020 by nobody
"""
PORTFOLIOS = """Made for a test.

  Average Value Weighted Returns -- Daily
,Lo 10,Hi 10
20200102,  0.50, -1.00
20200103, -999,   0.25


  Average Equal Weighted Returns -- Daily
,Lo 10,Hi 10
20200102,  0.60, -1.10

  Number of Firms in Portfolios
,Lo 10,Hi 10
20200102,  812, 95
"""


def written(tmp_path, text):
    path = tmp_path / "french.csv"
    path.write_text(text)
    return read_french(path, "my/french.csv")


def test_a_monthly_and_an_annual_block_are_told_apart_and_made_decimal_once(tmp_path):
    monthly, annual = written(tmp_path, FACTORS)
    assert (monthly.frequency, annual.frequency) == ("monthly", "annual")
    assert monthly.heading == ""
    assert annual.heading.startswith("Annual Factors")
    assert monthly.frame.index.tolist() == [pd.Timestamp("1926-07-31"), pd.Timestamp("1926-08-31")]
    assert monthly.frame["Mkt-RF"].tolist() == pytest.approx([0.0296, 0.0264])
    assert monthly.frame["HML"].isna().tolist() == [False, True]
    assert annual.frame.loc["1927-12-31", "RF"] == pytest.approx(0.0312)


def test_blocks_are_named_by_their_headings_and_counts_stay_counts(tmp_path):
    value, equal, firms = written(tmp_path, PORTFOLIOS)
    assert value.heading == "Average Value Weighted Returns -- Daily"
    assert value.frame["Lo 10"].isna().tolist() == [False, True]
    assert equal.frame.loc["2020-01-02", "Hi 10"] == pytest.approx(-0.011)
    assert not firms.percent
    assert firms.frame.loc["2020-01-02", "Lo 10"] == 812.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2.64", "high", "my/french.csv:6: Mkt-RF: “high” is not a number"),
        ("192608", "192613", "my/french.csv:6: “192613” is no period"),
        ("192608", "192606", "my/french.csv:6: “192606” is no period that follows"),
        ("192608,    2.64,", "192608,", "my/french.csv:6: 4 fields where the line of names has 5"),
        ("HML,RF\n192607", "HML,RF\n\n192607", "my/french.csv:6: no line of names before the first row"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path, old, new, said):
    with pytest.raises(InputError) as caught:
        written(tmp_path, FACTORS.replace(old, new, 1))
    assert said in str(caught.value)


def test_a_file_without_dated_rows_is_refused(tmp_path):
    with pytest.raises(InputError, match="no block of dated rows"):
        written(tmp_path, "only words\n")
