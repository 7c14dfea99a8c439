"""Signal data from a folder, and files of Kenneth French's library in their own format."""

import shutil

import pandas as pd
import pytest

from lib.errors import InputError
from lib.signals import cleaning, providers
from lib.signals.folder import french
from lib.tables.signals import PARTS

TEMPLATE = "params/signals/template"
FRENCH = """This file was made up for a test. It has the form of the library's files.
Missing data are indicated by -99.99 or -999.

,Mkt-RF,SMB,HML,RF
192607,    2.96,   -2.56,   -2.43,    0.22
192608,    2.64,   -1.17,    3.82,    0.25
192609,    0.36,  -99.99,    0.13,    0.23

 Annual Factors: January-December
,Mkt-RF,SMB,HML,RF
1927,   29.47,   -2.04,   -4.54,    3.12

"""
PORTFOLIOS = """Made up.

  Average Value Weighted Returns -- Monthly
,Lo 30,Med 40,Hi 30
200001,  1.00,  2.00,  -3.00
200002,  0.50, -999, 1.25

  Average Equal Weighted Returns -- Monthly
,Lo 30,Med 40,Hi 30
200001,  1.10,  2.10,  -3.10

  Number of Firms in Portfolios
,Lo 30,Med 40,Hi 30
200001,  100,  200,  300
"""


def fetch(folder, **more):
    settings = {"provider": "folder", "path": str(folder), "path_shown": "mine", **more}
    return providers.prepare({"as_of": "2022-12-28", "now": "2026-01-01T00:00:00Z", "settings": settings})


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(TEMPLATE, tmp_path / "mine")


def test_the_templates_are_read_whole_and_pass_the_checks(folder):
    found = fetch(folder)
    assert "warnings" not in found
    assert all(len(found[f"raw_{name}"]) > 0 for name in PARTS)
    assert set(found["raw_signal_memberships"]["known_at"]) == set(found["raw_signal_memberships"]["date"])
    raw = {name: found[f"raw_{name}"] for name in PARTS}
    checked = cleaning.check(
        {**raw, "given_signal_values": found["raw_signal_values"]}, cleaning.Limits(), as_of="2022-12-28"
    )
    assert (
        len(checked.tables["signal_values" if "signal_values" in checked.tables else "given_signal_values"])
        == 2
    )


def test_a_table_as_parquet_gives_the_same(folder):
    before = fetch(folder)["raw_signal_returns"]
    rows = pd.read_csv(folder / "returns.csv").assign(date=lambda one: pd.to_datetime(one["date"]))
    rows.to_parquet(folder / "returns.parquet")
    (folder / "returns.csv").unlink()
    after = fetch(folder)["raw_signal_returns"]
    pd.testing.assert_frame_equal(before.drop(columns="source"), after.drop(columns="source"))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("returns.csv", "0.0123", "1.2 %", r"mine/returns.csv:2: return: .*not a number; write decimals"),
        ("returns.csv", "-0.0041", "-1.41", r"mine/returns.csv:3: return: .*outside -1 to inf"),
        (
            "facts.csv",
            "2015-02-27T16:45:00-05:00",
            "2015-02-27",
            r"facts.csv:2: known_at: .*without a zone",
        ),
        ("memberships.csv", "true", "maybe", r"mine/memberships.csv:2: member: .*write one of true, false"),
        (
            "delistings.csv",
            "failed",
            "vanished",
            r"delistings.csv:2: reason: .*write one of failed",
        ),
        ("entities.csv", "first,2015", ",2015", r"mine/entities.csv:2: entity: .*empty"),
        ("factors.csv", "daily", "hourly", r"mine/factors.csv:2: frequency"),
        ("returns.csv", "second,2015-01-05", "first,2015-01-05", r"mine/returns.csv:3.*with other values"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_with_file_and_line(folder, file, old, new, said):
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=said):
        fetch(folder)


def test_a_folder_without_returns_is_refused_and_a_misspelt_file_is_told(folder):
    (folder / "return.csv").write_text((folder / "returns.csv").read_text())
    assert "is returns.csv meant" in fetch(folder)["warnings"][0]["mend"]
    (folder / "returns.csv").unlink()
    with pytest.raises(InputError, match=r"no returns.csv and no returns.parquet"):
        fetch(folder)


def test_percent_in_a_factor_file_is_found_by_its_size_and_named(folder):
    lines = ["factor_set,frequency,date,factor,return"]
    days = pd.bdate_range("2015-01-01", periods=60)
    lines += [f"mine,daily,{day:%Y-%m-%d},Mkt-RF,{(-1) ** n * 1.2}" for n, day in enumerate(days)]
    (folder / "factors.csv").write_text("\n".join(lines))
    found = fetch(folder)
    raw = {name: found[f"raw_{name}"] for name in PARTS}
    with pytest.raises(InputError, match=r"Mkt-RF.*percent"):
        cleaning.check(
            {**raw, "given_signal_values": found["raw_signal_values"]}, cleaning.Limits(), as_of="2022-12-28"
        )


def test_factors_of_the_library_become_decimals_by_frequency(folder):
    (folder / "F-F_Factors.csv").write_text(FRENCH)
    found = fetch(folder, french=["F-F_Factors.csv"])["raw_factor_sets"]
    own = found[found["factor_set"] == "french-f-f-factors"]
    assert set(own["frequency"]) == {"monthly", "annual"}
    monthly = own[own["frequency"] == "monthly"].set_index(["date", "factor"])["return"]
    assert monthly[pd.Timestamp("1926-07-31"), "Mkt-RF"] == pytest.approx(0.0296, abs=1e-15)
    assert (pd.Timestamp("1926-09-30"), "SMB") not in monthly.index
    annual = own[own["frequency"] == "annual"].set_index("factor")
    assert annual.loc["RF", "date"] == pd.Timestamp("1927-12-31")
    assert annual.loc["RF", "return"] == pytest.approx(0.0312, abs=1e-15)


def test_portfolios_of_the_library_are_told_apart_by_weighting_and_counts_are_no_returns(tmp_path):
    path = tmp_path / "Three.csv"
    path.write_text(PORTFOLIOS)
    table = french.read_file(path)["test_portfolios"]
    assert set(table["portfolio_set"]) == {"french-three", "french-three-equal"}
    value = table[table["portfolio_set"] == "french-three"].set_index(["date", "portfolio"])["return"]
    assert value[pd.Timestamp("2000-01-31"), "Hi 30"] == pytest.approx(-0.03)
    assert (len(value), len(table)) == (5, 8)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FRENCH.replace("2.64,", "2.64,9,"), r"x.csv:6: 5 numbers under 4 names"),
        (FRENCH.replace("3.82", "n/a"), r"x.csv:6: .*holds no numbers"),
        ("nothing here\n", r"x.csv: no table of returns"),
    ],
)
def test_a_file_of_the_library_that_is_cut_or_changed_is_refused_by_line(tmp_path, text, said):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        french.read_file(path)


def test_a_file_of_the_library_that_is_not_there_is_named(folder):
    with pytest.raises(InputError, match=r"mine/absent.csv"):
        fetch(folder, french=["absent.csv"])
