"""The page that finds things in a run: every section of every page by its words, without a server.

The index is made from the pages when the run is published and stands in ``search.html`` itself, since a page
that is opened from a disk can read no other file. Code, pictures and scripts are left out. Where the index
would be too large, words of sections give way, the longest first, and the page says so.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

from lib.run.pages import html_shell

LARGEST = 1_500_000
SNIPPET = 160
LEFT_OUT = re.compile(
    r'<(svg|script|style)\b.*?</\1>|<details class="code">.*?</details>|<p class="source">.*?</p>', re.DOTALL
)
SECTION = re.compile(r'<h2 id="(s-[a-z0-9-]+)">|<figure class="exhibit[^"]*" id="([^"]+)">')
HEADING = re.compile(r"<h[123][^>]*>(.*?)</h[123]>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[^\W_][\w.&'%/-]*")


def page_of(manifest: dict, read: Callable[[str], str]) -> str:
    """HTML of ``search.html``; ``read`` gives the text of a page of the run by its address."""
    pages, sections = [], []
    for one in manifest["stages"]:
        if one["page"]:
            title = one.get("title") or one["stage"]
            pages.append({"address": one["page"], "title": title, "subject": one["subject"] or ""})
            sections += [[len(pages) - 1, *found] for found in sections_of(read(one["page"]))]
    shortened = _shorten(sections)
    index = {"pages": [[one["address"], one["title"], one["subject"]] for one in pages], "sections": sections}
    return html_shell.page(
        "search.html.j2",
        title=f"Search · {manifest['name']} · {manifest['as_of']}",
        name=manifest["name"],
        as_of=manifest["as_of"],
        pages=pages,
        shortened=shortened,
        index=html_shell.markup(_inert(index)),
    )


def sections_of(page: str) -> list[list[str]]:
    """Sections of a page as ``[anchor, heading, first words, all words]``; the top has no anchor."""
    start, end = page.find('<header class="top">'), page.find("<footer")
    body = LEFT_OUT.sub(" ", page[max(start, 0) : end if end > 0 else None])
    marks = list(SECTION.finditer(body))
    begins = [0, *(mark.start() for mark in marks)]
    ends = [*begins[1:], len(body)]
    names = ["", *(mark.group(1) or mark.group(2) for mark in marks)]
    return [_section(name, body[begin:end]) for name, begin, end in zip(names, begins, ends, strict=True)]


def _section(anchor: str, markup: str) -> list[str]:
    heading = HEADING.search(markup)
    title = _text(heading.group(1)) if heading else ""
    rest = _text(markup[heading.end() :] if heading else markup)
    words = dict.fromkeys(word.lower() for word in WORD.findall(rest))
    return [anchor, title, rest[:SNIPPET].rsplit(" ", 1)[0] if len(rest) > SNIPPET else rest, " ".join(words)]


def _text(markup: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", markup)).split())


def _shorten(sections: list[list[Any]]) -> bool:
    """Whether words had to be left out for the index to stay small; the longest lists go first."""
    size = sum(len(part.encode()) for one in sections for part in one[1:])
    for one in sorted(sections, key=lambda one: len(one[-1]), reverse=True):
        if size <= LARGEST:
            break
        size -= len(one[-1].encode())
        one[-1] = ""
    return any(not one[-1] and one[-2] for one in sections)


def _inert(value: Any) -> str:
    """JSON that no browser takes for markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
