"""What of a notebook's markup reaches a page: text, tables and embedded pictures, nothing that acts.

Outputs come from code, and code repeats what data say, so every HTML output passes an allow-list; Markdown
has its own markup escaped before. The page's content-security policy stands behind this as a second wall.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

NAMES = """
a abbr b bdi blockquote br caption code col colgroup dd del details div dl dt em figcaption figure
h1 h2 h3 h4 h5 h6 hr i img kbd li mark ol p pre s section small span strong sub summary sup
table tbody td tfoot th thead tr u ul var
"""
TAGS = frozenset(NAMES.split())
EVERYWHERE = frozenset({"class", "title", "data-v", "aria-label", "colspan", "rowspan", "scope"})
PICTURE = frozenset({"alt", "width", "height", "class", "src"})
PROTOCOLS = frozenset({"http", "https", "mailto", "data"})
EMBEDDED = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml)[;,]", re.IGNORECASE)
OWN_ANCHOR = re.compile(r"s-[a-z0-9-]+")
EXHIBIT = re.compile(r"x-[a-z0-9-]*")
TABLE = re.compile(r"[a-z][a-z0-9_]*")
UNREADABLE = re.compile(r"<(script|style|template|noscript)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
NO_PICTURE = re.compile(r'<img(?:\s+(?!src=)[a-z-]+="[^"]*")*\s*>')
ALIGNED = re.compile(r' style="text-align: ?(left|right|center)"')


def clean(markup: str) -> str:
    """Markup with everything removed that is not on the list; text of removed elements stays as text."""
    return NO_PICTURE.sub("", str(_cleaner().clean(UNREADABLE.sub("", markup))))


def markdown(text: str) -> str:
    """Markdown as safe HTML, with an anchor at each heading of the second level; no mathematics."""
    return clean(ALIGNED.sub(r' class="\1"', _renderer()(text)))


def anchor(heading: str) -> str:
    """The fragment under which a heading's text can be linked to; empty where it has no letters."""
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"<[^>]*>|&[^;]*;", " ", heading).lower()).strip("-")
    return f"s-{slug}" if slug else ""


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img":
        return name in PICTURE and (name != "src" or bool(EMBEDDED.match(value)))
    if tag == "a" and name == "href":
        return not re.match(r"\s*data:", value, re.IGNORECASE)
    if tag == "figure" and name in ("id", "data-table"):
        return bool((EXHIBIT if name == "id" else TABLE).fullmatch(value))
    if name == "id":
        return tag in ("h1", "h2") and bool(OWN_ANCHOR.fullmatch(value))
    return name in EVERYWHERE


@cache
def _cleaner() -> Any:
    from bleach.sanitizer import Cleaner

    return Cleaner(tags=TAGS, attributes=_allowed, protocols=PROTOCOLS, strip=True, strip_comments=True)


@cache
def _renderer() -> Any:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **attrs: Any) -> str:
            name = anchor(text) if level == 2 else ""
            return (
                f'<h{level} id="{name}">{text}</h{level}>\n'
                if name
                else super().heading(text, level, **attrs)
            )

    return mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table", "strikethrough"])
