"""Finding things in a run: a search over all its pages, and the way to the next subject, from files."""

from __future__ import annotations

import json
from pathlib import Path

import pages_fixtures as made
import pytest
import runs_fixtures as runs
from axe import findings

from lib.run.pages import search_page, writing

ATTACK = made.ATTACK


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """The folder of a run: its front page, the page of a stage for each of three subjects, and the search."""
    root = tmp_path_factory.mktemp("searched")
    owners = [{**runs.OWNERS[0], "id": name, "name": f"Book {name} {ATTACK}"} for name in ("a", "b", "c")]
    manifest = runs.manifest(owners=owners)
    kept = [one for one in manifest["stages"] if one["stage"] == "risk/metrics"]
    manifest["stages"] = kept
    for one in kept:
        payload = made.write(
            root / one["subject"],
            made.notebook(name=f"{one['subject']}-only {ATTACK}"),
            made.record(portfolio=one["subject"]),
        )
        writing.write_stage_page(payload)
        place = root / one["page"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(Path(payload["page"]).read_text())
    (root / "index.html").write_text(writing.run_page(manifest))
    text = writing.search_page(manifest, lambda page: (root / page).read_text())
    (root / "search.html").write_text(text)
    return root


def found(page) -> list[str]:
    return page.locator("ol.found a").all_inner_texts()


def test_words_lead_to_the_section_that_has_them(open_file, run):
    opened = open_file(run / "index.html")
    page = opened.page
    page.click("nav.path >> text=Search")
    page.get_by_role("searchbox").fill("largest position")
    assert page.locator("[role=status]").inner_text().endswith("sections.")
    first = page.locator("ol.found a").first
    assert "position" in first.inner_text().lower()
    address = first.get_attribute("href")
    first.click()
    assert page.url.endswith(address)
    assert page.locator(f"[id='{address.split('#')[1]}']").count() == 1
    assert opened.errors == []


def test_a_section_that_has_only_some_words_is_told_so_and_nothing_is_said_to_be_nothing(open_file, run):
    opened = open_file(run / "search.html")
    box = opened.page.get_by_role("searchbox")
    box.fill("position zzzz")
    assert "with 1 of the 2 words, none with all" in opened.page.locator("[role=status]").inner_text()
    box.fill("zzzz")
    assert opened.page.locator("[role=status]").inner_text() == "Nothing in this run has these words."
    assert found(opened.page) == []


def test_words_may_be_given_with_the_address_and_no_text_of_the_data_becomes_markup(open_file, run):
    opened = open_file(run / "search.html")
    opened.page.goto((run / "search.html").as_uri() + "?q=b-only")
    assert hrefs(opened.page)
    assert all("metrics.b.html" in one for one in hrefs(opened.page))
    assert opened.page.locator("main img, main script:not([type])").count() == 0
    assert opened.errors == []


def hrefs(page) -> list[str]:
    return page.locator("ol.found a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")


def test_without_a_script_every_page_is_listed(open_file, run):
    page = open_file(run / "search.html", script=False).page
    assert page.locator("ul.pages a").count() == 3
    assert "Searching needs scripts" in page.locator("noscript").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_search_is_accessible_with_results_shown(open_file, run, scheme):
    page = open_file(run / "search.html", scheme).page
    page.get_by_role("searchbox").fill("position")
    assert found(page)
    assert findings(page) == []


def test_the_page_of_the_next_subject_is_one_click_away_once_the_run_was_opened(open_file, run):
    opened = open_file(run / "pages/risk/metrics.b.html")
    page = opened.page
    assert page.locator("a.neighbour").count() == 0
    page.goto((run / "index.html").as_uri())
    page.goto((run / "pages/risk/metrics.b.html").as_uri())
    assert page.locator("a.neighbour").all_inner_texts() == ["Previous: a", "Next: c"]
    page.click("text=Next: c")
    assert page.url.endswith("pages/risk/metrics.c.html")
    assert page.locator("a.neighbour").all_inner_texts() == ["Previous: b"]
    assert opened.errors == []


def test_a_filter_that_finds_nothing_says_so(open_file, run):
    page = open_file(run / "pages/risk/metrics.a.html").page
    box = page.locator(".filter input").first
    box.fill("zzzz")
    assert page.get_by_text("No row has this text.").first.is_visible()
    box.fill("")
    assert not page.get_by_text("No row has this text.").first.is_visible()


def test_sections_are_those_that_a_reader_sees_without_code():
    page = (
        '<header class="top"><h1>Title</h1><p>Said &amp; done.</p></header><main><div>'
        '<details class="code"><summary>Code</summary>import secret</details></div>'
        '<h2 id="s-one">One</h2><p>First words of one.</p>'
        '<figure class="exhibit table" id="x-two"><h3>Two</h3><svg><text>drawn</text></svg>'
        "<table><tr><td>AAPL</td><td>1,2</td></tr></table></figure></main><footer>secret</footer>"
    )
    assert search_page.sections_of(page) == [
        ["", "Title", "Said & done.", "said done."],
        ["s-one", "One", "First words of one.", "first words of one."],
        ["x-two", "Two", "AAPL 1,2", "aapl 1 2"],
    ]


def test_a_large_run_loses_words_before_it_loses_sections(monkeypatch):
    monkeypatch.setattr(search_page, "LARGEST", 5_000)
    manifest = runs.manifest()
    page = (
        '<header class="top"><h1>T</h1></header><h2 id="s-a">A</h2><p>'
        + " ".join(map(str, range(500)))
        + "</p>"
    )
    text = search_page.page_of(manifest, lambda _: page)
    index = json.loads(text.split('id="search-index">')[1].split("</script>")[0])
    assert len(index["sections"]) == 2 * sum(bool(one["page"]) for one in manifest["stages"])
    assert sum(len(one[-1]) for one in index["sections"]) < 5_000
    assert "only headings and first words" in text
