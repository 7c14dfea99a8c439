"""The summary of a run for mail: what the front page says, in a form that every mail program keeps."""

from __future__ import annotations

import html
import re

import pages_fixtures as pages
import pytest
import runs_fixtures as runs
from bs4 import BeautifulSoup

from lib.run.pages.mail_summary import files_of

MOST = 100_000


def many(number: int) -> list[dict]:
    """Owners of a run, by number."""
    return [{**runs.OWNERS[0], "id": f"book-{n:03d}", "name": f"Book {n:03d}"} for n in range(number)]


@pytest.mark.parametrize("manifest", [runs.manifest(), runs.failed_manifest()], ids=["done", "failed"])
def test_both_forms_say_state_verdicts_and_every_key_figure_of_the_front_page(manifest):
    made = files_of(manifest)
    shown = " ".join(BeautifulSoup(made["mail.html"], "html.parser").get_text(" ").split())
    plain = " ".join(made["mail.txt"].split())
    leading = [one for one in manifest["stages"] if one["front"] == "subject"]
    assert leading
    for one in leading:
        for text in filter(None, [one["verdict"], *(figure["sentence"] for figure in one["key_figures"])]):
            assert text in shown
            assert text in plain
    for owner in runs.OWNERS:
        assert owner["name"] in shown
        assert owner["name"].upper() in plain


def test_what_failed_is_said_before_any_figure():
    made = files_of(runs.failed_manifest())
    shown = BeautifulSoup(made["mail.html"], "html.parser").get_text(" ")
    for text in (shown, made["mail.txt"]):
        assert "failed" in text[: text.lower().index("what needs attention")].lower()
        assert text.lower().index("what needs attention") < text.lower().index("net asset value")


def test_it_has_no_style_sheet_script_picture_or_address():
    text = files_of(runs.manifest())["mail.html"]
    assert not re.search(r"<(style|script|img|link|svg|a|iframe|form)\b|url\(|https?:", text)
    assert all(
        tag.has_attr("style") for tag in BeautifulSoup(text, "html.parser").find_all(["h1", "h2", "td"])
    )


def test_a_text_of_the_data_is_text():
    owner = {**runs.OWNERS[0], "name": pages.ATTACK}
    made = files_of(runs.manifest(owners=[owner]))
    assert pages.ATTACK not in made["mail.html"]
    assert (
        html.escape(pages.ATTACK, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
        in made["mail.html"]
    )
    assert pages.ATTACK.upper() in made["mail.txt"]


def test_with_many_subjects_it_is_short_has_the_faulty_ones_first_and_says_how_many_more_there_are():
    manifest = runs.manifest(owners=many(400), states={"review/portfolio@book-377": "failed"})
    made = files_of(manifest)
    assert max(len(text.encode()) for text in made.values()) < MOST
    assert "370 more on the run's page." in made["mail.txt"]
    assert made["mail.txt"].index("BOOK 377") < made["mail.txt"].index("BOOK 000")


def test_lines_of_plain_text_are_those_of_a_mail():
    lines = files_of(runs.manifest())["mail.txt"].splitlines()
    assert max(map(len, lines)) <= 76
