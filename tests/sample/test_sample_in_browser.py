"""Every page of the sample run, opened from its file in a real browser with the network blocked."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import axe
import pytest

CONTRAST = (Path(__file__).parents[1] / "browser" / "contrast.js").read_text()

DESCRIBED = """[...document.images].every(one => one.hasAttribute("alt") && one.naturalWidth > 0
    && (one.className === "bar" || one.alt.length > 20))"""
LINKS = "[...document.querySelectorAll('a')].map(a => new URL(a.getAttribute('href'), document.baseURI).href)"


def test_every_page_opens_without_error_or_request_and_describes_its_pictures(sample, open_file):
    pages = [*(sample.outputs / "latest").resolve().rglob("*.html"), sample.outputs / "index.html"]
    assert {"index.html", "search.html", "mail.html"} <= {path.name for path in pages}
    assert len(pages) == len(sample.manifest()["stages"]) + 4
    for path in pages:
        opened = open_file(path)
        assert opened.errors == [], path.name
        assert [one for one in opened.asked if not one.startswith(("file:", "data:"))] == [], path.name
        assert opened.page.evaluate(DESCRIBED), path.name
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 1280, path.name
        links = opened.page.evaluate(LINKS)
        files = {link.split("#")[0] for link in links if link.startswith("file:")}
        missing = [link for link in files if not Path(unquote(link.removeprefix("file://"))).exists()]
        assert missing == [], path.name
        opened.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_client_page_and_the_front_page_are_readable_in_both_schemes(sample, open_file, scheme):
    for name in ("index.html", "pages/review/portfolio.long-short.html", "pages/market/prices.html"):
        page = open_file(sample.outputs / "latest" / name, scheme).page
        assert page.evaluate(CONTRAST) == [], name
        assert axe.findings(page) == [], name


def test_the_holdings_sort_and_filter(sample, open_file):
    page = open_file(sample.outputs / "latest/pages/portfolio/positions.long-short.html").page
    table = page.locator("figure.exhibit.table", has=page.get_by_role("searchbox")).first
    table.get_by_role("searchbox").fill("AAPL")
    shown = table.locator("tbody tr:visible").all_inner_texts()
    assert shown
    assert all("AAPL" in row for row in shown)
    table.get_by_role("searchbox").fill("")
    table.locator("thead th").first.get_by_role("button").click()
    assert table.locator("thead th").first.get_attribute("aria-sort") in ("ascending", "descending")
