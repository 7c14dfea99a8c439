"""The pages in a real browser, from files, with no network: they work, read well, and data stay text."""

from __future__ import annotations

from pathlib import Path

import axe
import pytest
import runs_fixtures as runs

KINDS = ("stage", "failed", "attacked", "run", "failed run", "attacked run", "runs")
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
TABLE = "figure.exhibit.table"


def column(opened, number: int) -> list[str]:
    cells = opened.page.locator(f"{TABLE} tbody tr:visible td:nth-child({number})")
    return cells.all_inner_texts()


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_opens_from_a_file_without_error_or_request(open_page, kind):
    opened = open_page(kind)
    assert opened.errors == []
    assert [one for one in opened.asked if not one.startswith(("file:", "data:"))] == []
    assert opened.page.locator("h1").count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_described_and_loads(open_page, kind):
    page = open_page(kind).page
    assert page.evaluate("[...document.images].every(one => one.hasAttribute('alt') && one.naturalWidth > 0)")
    assert page.evaluate("[...document.querySelectorAll('img.picture')].every(one => one.alt.length > 20)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_text_has_enough_contrast(open_page, kind, scheme):
    assert open_page(kind, scheme).page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("kind", KINDS)
def test_no_page_scrolls_sideways(open_page, kind, width):
    page = open_page(kind, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_serious_folded_or_opened(open_page, kind, scheme, width):
    axe.source()
    assert axe.findings(open_page(kind, scheme, width).page) == []


def test_every_run_is_linked_only_where_it_lies_beside_the_run(open_file, site, tmp_path):
    name = runs.manifest()["run"]
    for place, linked in (
        (f"out/runs/{name}", "../../index.html"),
        ("out/latest", "../index.html"),
        (name, None),
    ):
        page = tmp_path / place / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(site["run"].read_text())
        links = (
            open_file(page)
            .page.locator("nav.path a")
            .evaluate_all("all => all.map(a => a.getAttribute('href'))")
        )
        assert links == ([linked] if linked else []) + ["search.html"], place


def test_what_data_say_is_shown_and_not_done(open_page):
    opened = open_page("attacked")
    opened.page.wait_for_timeout(200)
    assert opened.errors == []
    assert "<img src=x onerror=alert(1)>" in opened.page.locator("h1").inner_text()
    assert "<img src=x onerror=alert(1)>" in opened.page.locator(f"{TABLE} tbody").inner_text()


def test_the_first_ten_rows_are_shown_and_the_rest_is_one_click_away(open_page):
    opened = open_page("stage")
    assert len(column(opened, 1)) == 10
    opened.page.get_by_role("button", name="Show all 34 rows").click()
    assert len(column(opened, 1)) == 34
    opened.page.get_by_role("button", name="Show the first 10").click()
    assert len(column(opened, 1)) == 10


def test_a_click_sorts_by_number_and_missing_values_come_last(open_page):
    opened = open_page("stage")
    opened.page.get_by_role("button", name="Show all 34 rows").click()
    header = opened.page.locator(f"{TABLE} thead th").nth(3)
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    prices = column(opened, 4)
    numbers = [float(one) for one in prices[:-1]]
    assert numbers == sorted(numbers, reverse=True)
    assert prices[-1].startswith("n/a")
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert column(opened, 4)[-1].startswith("n/a")


def test_the_keyboard_sorts_by_text_and_says_so(open_page):
    opened = open_page("stage")
    opened.page.locator(f"{TABLE} thead th").nth(1).get_by_role("button").focus()
    opened.page.keyboard.press("Enter")
    sectors = column(opened, 2)
    assert sectors == sorted(sectors)
    assert opened.page.locator(f"{TABLE} [role=status]").inner_text() == "Sorted by Sector, ascending"
    assert opened.page.locator(f"{TABLE} th[aria-sort]").count() == 1


def test_the_filter_finds_rows_beyond_the_first_ten(open_page):
    opened = open_page("stage")
    opened.page.get_by_role("searchbox").fill("sym33")
    assert column(opened, 1) == ["SYM33"]
    opened.page.get_by_role("searchbox").fill("")
    assert len(column(opened, 1)) == 10


def test_without_a_script_every_row_can_still_be_read(open_page):
    page = open_page("stage", script=False).page
    page.locator(f"{TABLE} details.rest summary").click()
    assert page.locator(f"{TABLE} tbody tr:visible").count() == 34


def test_the_link_to_the_broken_cell_shows_its_code(open_page):
    page = open_page("failed").page
    page.locator("#failure a").click()
    assert page.locator(".broken .highlight").is_visible()


def test_code_opens_and_folds_all_at_once(open_page):
    page = open_page("stage").page
    assert page.locator(".highlight:visible").count() == 0
    page.get_by_role("button", name="Show code").click()
    assert page.locator(".highlight:visible").count() > 5


def test_a_stage_can_be_reached_by_keyboard_from_the_picture(open_page):
    page = open_page("run").page
    page.locator(".pipeline a.box").first.focus()
    assert page.evaluate("document.activeElement.getAttribute('href')") == "pages/market/prices.html"


def test_printing_shows_every_row_and_neither_navigation_nor_code(open_page):
    page = open_page("stage", scheme="dark").page
    page.emulate_media(media="print")
    assert page.locator(f"{TABLE} tbody tr:visible").count() == 34
    assert page.locator("nav:visible, details.code:visible, .filter:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
