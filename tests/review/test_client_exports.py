"""The three exported files hold the same figures as the page, and nothing in them acts."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from review_worlds import full, holding, option, tables

from lib.contracts import conform
from lib.exhibits import table_exhibit
from lib.review import client, contents, exports, page, risk_views, views
from lib.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2022-12-28"
BOOK = [
    holding("AAA", 3000.25),
    holding("BBB", -1234567.5, sector="Health Care", tags=""),
    option("PUT", -50.0),
    holding("OLD", 0.0, quantity=0.0, realized_pnl=-12.5, price=np.nan),
]
ABOUT = {"portfolio": "a", "name": "A book", "as_of": AS_OF, "currency": "USD"}


def world(book=BOOK, **options):
    made = tables(book, **(full() | options))
    return made, conform(client.report(made), TABLES["portfolio_report"])


def csv_rows(made):
    return list(csv.DictReader(io.StringIO(exports.positions_csv(made, AS_OF))))


def test_the_csv_has_the_26_columns_and_a_row_a_position():
    made, _ = world(instruments=[{"symbol": "AAA", "industry": "Oil"}])
    found = csv_rows(made)
    assert list(found[0]) == list(exports.COLUMNS)
    assert len(exports.COLUMNS) == 26
    assert [one["Symbol"] for one in found] == ["AAA", "BBB", "PUT", "OLD"]
    assert found[0]["Industry"] == found[2]["Industry"] == "Oil"
    assert (found[0]["Tags"], found[0]["Strategy_Tags"]) == ("core", "long run")
    assert (found[2]["Expiry_Date"], found[2]["Days_To_Expiry"]) == ("2023-06-16", "170")
    assert found[3]["Realized_PnL"] == "-12.5"


def test_numbers_stay_numbers_without_separators_and_missing_ones_are_empty():
    made, _ = world()
    found = csv_rows(made)
    assert found[1]["Quantity"] == "-10.0"
    assert float(found[1]["Unrealized_PnL"]) == -1234567.5 - 1000
    assert not [one for row in found for name, one in row.items() if "," in one and name != "Tags"]
    assert found[0]["Gamma"] == found[0]["Implied_Volatility"] == ""
    assert found[3]["Current_Price"] == ""
    assert "nan" not in exports.positions_csv(made, AS_OF).lower()


def test_greeks_are_those_of_the_tables_and_shares_count_in_full():
    made, _ = world()
    found = {one["Symbol"]: one for one in csv_rows(made)}
    assert (found["PUT"]["Delta"], found["PUT"]["Delta_Dollars"]) == ("40.0", "400.0")
    assert (found["AAA"]["Delta"], found["AAA"]["Delta_Dollars"]) == ("10.0", "3000.25")
    assert (found["OLD"]["Delta"], found["OLD"]["Delta_Dollars"]) == ("", "")
    house = world([holding("HOUSE", 500.0, kind="manual")])[0]
    assert csv_rows(house)[0]["Delta"] == csv_rows(house)[0]["Delta_Dollars"] == ""


ATTACKS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "\n=1"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_is_a_formula(attack):
    names = ("underlying", "sector", "tags")
    made, _ = world(
        [holding(attack, -5.0, **dict.fromkeys(names, attack))],
        instruments=[{"symbol": attack, "industry": attack}],
    )
    found = list(csv.reader(io.StringIO(exports.positions_csv(made, AS_OF), newline="")))
    cells = dict(zip(found[0], found[1], strict=True))
    for name in ("Symbol", "Underlying_Symbol", "Sector", "Industry"):
        assert cells[name] == "'" + attack.replace("\r", " ").replace("\n", " "), name
    assert cells["Tags"].startswith("'")
    assert cells["Quantity"] == "-10.0"
    assert not [
        name
        for name, text in cells.items()
        if text.startswith(exports.FORMULA_STARTS) and not _is_number(text)
    ]


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("cut", ["\r", "\n", "\r\n"])
def test_a_break_within_text_begins_no_row(cut):
    made, _ = world([holding(f"AAA{cut}=1+1", 5.0)])
    text = exports.positions_csv(made, AS_OF)
    assert "\r" not in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("text", ["AAA", "a=b", "1-2", "'quoted", ""])
def test_harmless_text_is_kept(text):
    assert exports.harmless(text) == text


def test_the_json_is_whole_and_holds_what_the_page_holds():
    made, report = world()
    found = json.loads(exports.data_json(report, made, ABOUT))
    assert found["about"] == ABOUT
    assert set(found["tables"]) == {"portfolio_report", *vars(made)}
    assert len(found["tables"]["positions"]) == len(BOOK)
    values = [one["value"] for one in found["tables"]["portfolio_report"]]
    assert [np.nan if one is None else one for one in values] == pytest.approx(
        report["value"].tolist(), rel=0, abs=0, nan_ok=True
    )
    assert None in values
    assert found["rows_of_tables_left_out"] == {}


def test_a_table_that_is_too_long_for_json_is_named_with_its_rows(monkeypatch):
    made, report = world()
    monkeypatch.setattr(exports, "MOST_JSON_ROWS", 3)
    found = json.loads(exports.data_json(report, made, ABOUT))
    assert found["rows_of_tables_left_out"]["positions"] == 4
    assert "positions" not in found["tables"]


def test_the_three_files_and_the_page_say_the_same():
    made, rows = world()
    report = page.Report(rows, "USD")
    text = contents.markdown(report, made, "A book", AS_OF)
    in_json = json.loads(exports.data_json(rows, made, ABOUT))["tables"]["positions"]
    for one, other in zip(csv_rows(made), in_json, strict=True):
        assert one["Symbol"] == other["symbol"]
        for name, column in (("Market_Value", "market_value"), ("Unrealized_PnL", "unrealized_pnl")):
            assert (float(one[name]) if one[name] else None) == other[column]
    shown = table_exhibit(**_for_exhibit(views.holdings(report))).html
    for money in ("3,000", "\u22121,234,568"):
        assert money in text
        assert money in shown
    worst = rows[(rows["section"] == "stress") & (rows["measure"] == "conditional_pnl")]["value"].min()
    assert worst == made.stress_pnl["conditional_pnl"].min() == -900.0
    assert "\u2212900.00" in text


def _for_exhibit(view):
    return {name: value for name, value in view.items() if name != "source"}


def test_every_table_of_the_page_is_in_the_markdown_with_its_sentence():
    made, rows = world()
    report = page.Report(rows, "USD")
    text = contents.markdown(report, made, "A book", AS_OF)
    for view in (views.split(report), risk_views.stress(report), risk_views.greeks(report)):
        assert f"### {view['title']}" in text
        assert len(view["frame"]) <= text.count("| ")
    assert "n/a (not computed for any position)" in text
    assert "## What this does not show" in text


MARKUP = ["<script>x()</script>", "a | b", "[x](javascript:y)", "# head", "a\nb", "`x`"]


@pytest.mark.parametrize("attack", MARKUP)
def test_markdown_shows_data_as_text(attack):
    from lib.run.pages import sanitise

    made, rows = world([holding(attack, 100.0)], instruments=[{"symbol": attack, "name": attack}])
    text = contents.markdown(page.Report(rows, "USD"), made, attack, AS_OF)
    html = sanitise.markdown(text)
    assert "<script" not in html
    assert "javascript:" not in html or "href" not in html
    table = next(part for part in text.split("### ") if part.startswith("The largest"))
    assert (
        len({line.replace("\\|", "").count("|") for line in table.splitlines() if line.startswith("|")}) == 1
    )


def test_the_limits_of_the_page_and_of_the_markdown_are_the_same():
    cells = json.loads((ROOT / "notebooks" / "review" / "portfolio.ipynb").read_text())["cells"]
    last = "".join(cells[-1]["source"])
    assert last.split("\n\n", 1)[1].splitlines() == [f"- {limit}" for limit in contents.LIMITS]
