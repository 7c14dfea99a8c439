"""The HTML shell of every page: style, script and a policy that admits these two and loads nothing else."""

from __future__ import annotations

import base64
import re
import textwrap
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from lib import wording
from lib.run.pages import TEMPLATES

MAIL_WIDTH = 76
CARE = "read with care"
"""Done, but something is wrong with the data or could not be done."""
MADE_UP = "generated data"
"""Done, and nothing is wrong but that the data are not real."""
WORDS = {
    "done": "Done",
    CARE: "Read with care",
    MADE_UP: "Generated data",
    "failed checks": "Failed checks",
    "failed": "Failed",
    "not run": "Not run",
}


def render(template: str, **values: Any) -> str:
    """The template with ``values``, all of them escaped but those that are markup already."""
    return str(_environment().get_template(template).render(**values))


def render_text(template: str, **values: Any) -> str:
    """A template of plain text with ``values`` as they are: there is no markup to be kept apart."""
    return str(_environment(escape=False).get_template(template).render(**values))


def page(template: str, *, title: str, **values: Any) -> str:
    """A whole HTML page; ``title`` is what the browser's tab says."""
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return render(template, tab=title, style=markup(style), script=markup(script), policy=policy, **values)


def figures(key_figures: list[dict], currency: str = "", page: str | None = None) -> list[dict]:
    """Key figures for people: ``{name, mark, link, unit, text, sentence}``; ``unit`` is that of money.

    ``mark`` is a figure's anchor on the page of its stage, ``link`` leads there from another one, ``page``.
    """
    return [
        {
            "name": wording.measure(one["name"]),
            "mark": (mark := f"figure-{slug(one['name'])}"),
            "link": f"{page}#{mark}" if page else "",
            "unit": currency if one["unit"] == "money" and one["value"] is not None else "",
            "text": wording.figure(one["value"], one["unit"]),
            "sentence": one["sentence"],
        }
        for one in key_figures
    ]


def address(path: str) -> str:
    """A path inside a run as a link may hold it; what follows ``#`` stays an anchor."""
    file, mark, anchor = path.partition("#")
    return quote(file, safe="/=") + mark + anchor


def slug(text: str) -> str:
    """Text as a part of an anchor: small letters and digits, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


@cache
def _environment(*, escape: bool = True) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        address=address,
        date=wording.date,
        count=wording.count,
        joined=wording.joined,
        words=wording.sentence_case,
        filled=_filled,
        plural=lambda amount, noun, nouns="": wording.plural(amount, noun, nouns),
    )
    made.globals["state_words"] = WORDS
    return made


def _filled(text: str) -> str:
    """Text in lines of plain mail; those of an item of a list are set in under it."""
    indent = "  " if text.startswith("- ") else ""
    terms: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.fill(text, MAIL_WIDTH, subsequent_indent=indent, **terms)


@cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def markup(text: str) -> Any:
    """Text that is HTML already and may stand in a template as it is."""
    from markupsafe import Markup

    return Markup(text)
