"""The three exported files hold the same figures as the page, and nothing in them acts."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from review_worlds import full, holding, option, tables

from lib.contracts import conform
from lib.exhibits import markdown, table_exhibit
from lib.pipeline import PIPELINE
from lib.review import exports
from lib.review.pages import portfolio as page
from lib.review.report import make_report
from lib.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2022-12-28"
BOOK = [
    holding("AAA", 3000.25),
    holding("BBB", -1234567.5, sector="Health Care", tags=""),
    option("PUT", -50.0),
    holding("OLD", 0.0, quantity=0.0, realized_pnl=-12.5, price=np.nan),
]
COLUMNS = [
    "Symbol", "Position_Type", "Quantity", "Entry_Price", "Current_Price", "Market_Value", "Cost_Basis",
    "Unrealized_PnL", "Realized_PnL", "Delta", "Gamma", "Theta", "Vega", "Rho", "Delta_Dollars",
    "Gamma_Dollars", "Tags", "Strategy_Tags", "Underlying_Symbol", "Strike_Price", "Expiry_Date",
    "Days_To_Expiry", "Implied_Volatility", "Entry_Date", "Sector", "Industry",
]  # fmt: skip
ABOUT = {"portfolio": "a", "name": "A book", "as_of": AS_OF, "currency": "USD"}


def world(book=BOOK, **options):
    made = tables(book, **(full() | options))
    report = conform(make_report(made), TABLES["portfolio_report"])
    return page.Review(made, report, name="A book", as_of=AS_OF, currency="USD")


def csv_of(review):
    return exports.csv(**page.section(review, "positions"))


def csv_rows(review):
    return list(csv.DictReader(io.StringIO(csv_of(review))))


def json_of(review):
    return json.loads(exports.data_json(review.report, review.tables, ABOUT, page.data(review)))


def test_the_csv_has_the_26_columns_and_a_row_a_position():
    review = world(instruments=[{"symbol": "AAA", "industry": "Oil"}])
    found = csv_rows(review)
    assert list(found[0]) == COLUMNS
    assert len(COLUMNS) == 26
    assert [one["Symbol"] for one in found] == ["AAA", "BBB", "PUT", "OLD"]
    assert found[0]["Industry"] == found[2]["Industry"] == "Oil"
    assert (found[0]["Tags"], found[0]["Strategy_Tags"]) == ("core", "long run")
    assert (found[2]["Expiry_Date"], found[2]["Days_To_Expiry"]) == ("2023-06-16", "170")
    assert found[3]["Realized_PnL"] == "-12.5"


def test_numbers_stay_numbers_without_separators_and_missing_ones_are_empty():
    review = world()
    found = csv_rows(review)
    assert found[1]["Quantity"] == "-10.0"
    assert float(found[1]["Unrealized_PnL"]) == -1234567.5 - 1000
    assert not [one for row in found for name, one in row.items() if "," in one and name != "Tags"]
    assert found[0]["Gamma"] == found[0]["Implied_Volatility"] == ""
    assert found[3]["Current_Price"] == ""
    assert "nan" not in csv_of(review).lower()


def test_greeks_are_those_of_the_tables_and_shares_count_in_full():
    review = world()
    found = {one["Symbol"]: one for one in csv_rows(review)}
    assert (found["PUT"]["Delta"], found["PUT"]["Delta_Dollars"]) == ("40.0", "400.0")
    assert (found["AAA"]["Delta"], found["AAA"]["Delta_Dollars"]) == ("10.0", "3000.25")
    assert (found["OLD"]["Delta"], found["OLD"]["Delta_Dollars"]) == ("", "")
    house = world([holding("HOUSE", 500.0, kind="manual")])
    assert csv_rows(house)[0]["Delta"] == csv_rows(house)[0]["Delta_Dollars"] == ""


ATTACKS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "\n=1"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_is_a_formula(attack):
    names = ("underlying", "sector", "tags")
    review = world(
        [holding(attack, -5.0, **dict.fromkeys(names, attack))],
        instruments=[{"symbol": attack, "industry": attack}],
    )
    found = list(csv.reader(io.StringIO(csv_of(review), newline="")))
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
    review = world([holding(f"AAA{cut}=1+1", 5.0)])
    text = csv_of(review)
    assert "\r" not in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("text", ["AAA", "a=b", "1-2", "'quoted", ""])
def test_harmless_text_is_kept(text):
    assert exports.harmless(text) == text


def test_the_json_is_whole_and_holds_what_the_page_holds():
    review = world()
    found = json_of(review)
    assert found["about"] == ABOUT
    assert set(found["tables"]) == {"portfolio_report", "readiness", *vars(review.tables)}
    assert len(found["tables"]["positions"]) == len(BOOK)
    values = [one["value"] for one in found["tables"]["portfolio_report"]]
    assert [np.nan if one is None else one for one in values] == pytest.approx(
        review.report["value"].tolist(), rel=0, abs=0, nan_ok=True
    )
    assert None in values
    assert found["rows_of_tables_left_out"] == {}


def test_the_json_has_every_table_of_a_portfolio_that_the_pipeline_lists():
    of_portfolios = {table for row in PIPELINE if row.per == "portfolio" for table in row.writes}
    of_the_market = {"instruments", "data_issues"}
    assert set(json_of(world())["tables"]) == of_portfolios | of_the_market
    assert of_portfolios | of_the_market == {
        *PIPELINE.stage("review/portfolio").reads,
        "portfolio_report",
        "readiness",
    }


def test_the_json_has_every_section_with_its_sentence_labels_and_units():
    review = world()
    parts = json_of(review)["parts"]
    assert [one["heading"] for one in parts] == list(page.SECTIONS)
    sections = {one["name"]: one for part in parts for one in part["sections"]}
    assert list(sections) == list(page.BY_NAME)
    holdings, declared = sections["holding"], page.BY_NAME["holding"]
    assert holdings["reading"] == declared.reading(review)
    assert holdings["columns"][3] == {"name": "share", "label": "Of gross exposure", "unit": "fraction"}
    assert holdings["rows"][0]["item"] == "BBB"
    assert holdings["rows"][0]["exposure"] == -1234567.5
    assert [one["label"] for one in sections["positions"]["columns"]] == COLUMNS
    assert sections["positions"]["row_count"] == len(sections["positions"]["rows"]) == len(BOOK)
    assert sections["correlations"]["rows"] == []
    assert sections["what_if"]["rows"][1] == {
        "item": "Loss exceeded on one day in twenty",
        "base": 0.02,
        "modified": 0.03,
        "change": 0.01,
        "unit": "fraction",
    }


def test_a_table_that_is_too_long_for_json_is_named_with_its_rows(monkeypatch):
    monkeypatch.setattr(exports, "MOST_JSON_ROWS", 3)
    found = json_of(world())
    assert found["rows_of_tables_left_out"]["positions"] == 4
    assert "positions" not in found["tables"]
    sheet = found["parts"][-1]["sections"][0]
    assert (sheet["row_count"], len(sheet["rows"])) == (4, 3)


def test_the_three_files_and_the_page_say_the_same():
    review = world()
    text = markdown(**page.document(review))
    in_json = json_of(review)["tables"]["positions"]
    for one, other in zip(csv_rows(review), in_json, strict=True):
        assert one["Symbol"] == other["symbol"]
        for name, column in (("Market_Value", "market_value"), ("Unrealized_PnL", "unrealized_pnl")):
            assert (float(one[name]) if one[name] else None) == other[column]
    shown = table_exhibit(**page.section(review, "holding") | {"source": None}).html
    for money in ("3,000", "\u22121,234,568"):
        assert money in text
        assert money in shown
    report = review.report
    worst = report[(report["section"] == "stress") & (report["measure"] == "conditional_pnl")]["value"].min()
    assert worst == review.tables.stress_pnl["conditional_pnl"].min() == -900.0
    assert "\u2212900.00" in text


def test_every_exhibit_of_the_page_is_in_the_markdown_in_its_order_with_its_sentence():
    review = world()
    text = markdown(**page.document(review))
    places = []
    for one in list(page.BY_NAME.values())[:-1]:
        table = one.table(review)
        title = f"### {markdown_of(table['title'])}\n\n{markdown_of(table['reading'])}\n"
        assert title in text
        places.append(text.index(title))
        if not one.chart and len(table["frame"]):
            labels = [column.label for column in table["columns"]]
            cells = text[places[-1] :].split("\n\n")[2].splitlines()
            assert len(cells) == len(table["frame"]) + 2
            heads = [head.strip() for head in cells[0].strip("| ").split(" | ")]
            assert [head.removesuffix(", %") for head in heads] == [markdown_of(label) for label in labels]
    assert places == sorted(places)
    assert "n/a (not computed for any position)" in text
    assert text.startswith("# A book, 28 Dec 2022\n\nA book is worth ")
    assert "## What this does not show\n\n- What the portfolio earned" in text


def markdown_of(text):
    return re.sub(r"([\\`*_{}\[\]<>#|!~&])", r"\\\1", text)


MARKUP = ["<script>x()</script>", "a | b", "[x](javascript:y)", "# head", "a\nb", "`x`"]


@pytest.mark.parametrize("attack", MARKUP)
def test_markdown_shows_data_as_text(attack):
    from lib.run.pages import sanitise

    review = world([holding(attack, 100.0)], instruments=[{"symbol": attack, "name": attack}])
    text = markdown(**page.document(replace(review, name=attack)))
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
    assert last.split("\n\n", 1)[1].splitlines() == [f"- {limit}" for limit in page.LIMITS]
