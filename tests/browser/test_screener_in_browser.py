"""A table of ten thousand rows: searched, filtered, sorted and paged from a file, by mouse and keys."""

from __future__ import annotations

from pathlib import Path

import axe
import numpy as np
import pages_fixtures as made
import pandas as pd
import pytest

from lib.exhibits import screener_exhibit
from lib.run.pages import writing

ROWS = 10_000
GRADES = ("Buy ▲", "Hold ●", "Review ◆", "Sell ▼")


def funds(rows: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    grade = rng.integers(0, 4, rows)
    frame = pd.DataFrame(
        {
            "fund": [f"Fund {n:05d}" for n in range(rows)],
            "category": np.array(["Large Cap", "Mid Cap", "Debt & more"])[rng.integers(0, 3, rows)],
            "score": np.sort(rng.uniform(20, 90, rows))[::-1].round(1),
            "grade": np.array(GRADES)[grade],
            "cost": rng.uniform(0, 0.03, rows),
        }
    )
    frame.loc[3, "cost"] = np.nan
    frame.loc[4, "fund"] = made.ATTACK
    return frame


@pytest.fixture(scope="session")
def page(tmp_path_factory) -> Path:
    exhibit = screener_exhibit(
        funds(),
        title="Every fund",
        reading="Ten thousand funds, the best first.",
        formats={"cost": "percent"},
        missing={"cost": "no expense ratio"},
        filters=["category", "grade"],
        least="score",
    )
    notebook = made.notebook(made.shown("screen", "pass", made.display(exhibit._repr_mimebundle_())))
    payload = made.write(tmp_path_factory.mktemp("screener"), notebook, made.record())
    writing.write_stage_page(payload)
    return Path(payload["page"])


@pytest.fixture
def opened(open_file, page):
    return open_file(page)


def column(opened, number):
    return opened.page.locator(f"figure.screener tbody td:nth-child({number})").all_inner_texts()


def status(opened):
    return opened.page.locator("figure.screener [role=status]").inner_text()


def test_ten_thousand_rows_stand_in_the_page_and_few_are_shown(opened):
    assert opened.errors == []
    assert len(column(opened, 1)) == 25
    assert status(opened) == "Rows 1 to 25 of 10,000"
    assert opened.page.locator("figure.screener tr").count() == 26
    assert made.ATTACK in column(opened, 1)


def test_search_finds_any_row_and_says_how_many(opened):
    opened.page.get_by_role("searchbox", name="Search").fill("fund 09999")
    assert column(opened, 1) == ["Fund 09999"]
    assert status(opened) == "Rows 1 to 1 of 1 found of 10,000"
    opened.page.get_by_role("searchbox", name="Search").fill("no such fund")
    assert column(opened, 1) == []
    assert status(opened).startswith("0 found")


def test_filters_and_the_least_value_are_taken_together(opened):
    frame = funds()
    opened.page.get_by_role("combobox", name="Category").select_option("Debt & more")
    opened.page.get_by_role("combobox", name="Grade").select_option("Sell ▼")
    opened.page.get_by_label("Score at least").fill("50")
    wanted = frame[(frame.category == "Debt & more") & (frame.grade == "Sell ▼") & (frame.score >= 50)]
    assert status(opened) == f"Rows 1 to 25 of {len(wanted)} found of 10,000"
    assert column(opened, 1) == wanted["fund"].head(25).tolist()


def test_the_keyboard_sorts_turns_pages_and_keeps_its_place(opened):
    page = opened.page
    page.locator("figure.screener th").nth(4).get_by_role("button").focus()
    page.keyboard.press("Enter")
    costs = [float(one) for one in column(opened, 5)]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == pytest.approx(100 * funds()["cost"].max(), abs=0.05)
    assert page.locator("figure.screener th[aria-sort=descending]").count() == 1
    page.get_by_role("button", name="Last").focus()
    page.keyboard.press("Enter")
    assert status(opened) == "Rows 9,976 to 10,000 of 10,000"
    assert column(opened, 5)[-1] == "n/a (no expense ratio)"
    assert page.evaluate("document.activeElement.textContent") == "First"
    page.keyboard.press("Enter")
    assert status(opened) == "Rows 1 to 25 of 10,000"
    page.get_by_role("button", name="Next").press("Enter")
    assert status(opened) == "Rows 26 to 50 of 10,000"


def test_a_choice_answers_within_a_tenth_of_a_second_or_so(opened):
    took = opened.page.evaluate(
        """() => {
          const box = document.querySelector('figure.screener input[type=search]');
          const start = performance.now();
          box.value = 'fund 0'; box.dispatchEvent(new Event('input'));
          return performance.now() - start;
        }"""
    )
    assert took < 1_000


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("dark", 390)])
def test_it_is_read_by_all_in_both_schemes(open_file, page, scheme, width):
    axe.source()
    opened = open_file(page, scheme, width)
    assert axe.findings(opened.page) == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_script_the_first_rows_stand_and_the_rest_is_data(open_file, page):
    opened = open_file(page, script=False)
    assert len(column(opened, 1)) == 10
    assert opened.page.locator("details.rows summary").inner_text() == "All 10,000 rows, as data"
