"""The page of one portfolio: every exhibit declared once, for page, Markdown, JSON and CSV alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lib import wording
from lib.review.pages.portfolio import (
    change,
    drivers,
    groups,
    holdings,
    losses,
    options,
    proposals,
    trust,
    value,
)
from lib.review.pages.portfolio import files as sheets
from lib.review.pages.portfolio.files import purposes
from lib.review.pages.portfolio.review import Review
from lib.review.pages.portfolio.verdict import checks, key_figures, verdict
from lib.review.section import Section

FILES = "files"
PARTS = {
    "value": "At a glance",
    "change": "What changed?",
    "holdings": "What is held?",
    "drivers": "What moves it?",
    "losses": "What could it lose?",
    "options": "What do the options do?",
    "groups": "Which holdings move together?",
    "proposals": "What would the trades that are thought of change?",
    "trust": "How far can these figures be trusted?",
    "assumptions": "What do these figures assume?",
    FILES: "Where are the files?",
}
"""Parts of the page in a client's order of questions, with their headings."""
SECTIONS: tuple[Section, ...] = (
    *value.SECTIONS,
    *change.SECTIONS,
    *holdings.SECTIONS,
    *drivers.SECTIONS,
    *losses.SECTIONS,
    *options.SECTIONS,
    *groups.SECTIONS,
    *proposals.SECTIONS,
    *trust.SECTIONS,
    *sheets.SECTIONS,
)
"""Every exhibit in the order of the page; the part ``files`` stands in files only."""
LIMITS = (
    "What the portfolio earned before its first snapshot, and fees, taxes and interest at any time.",
    "What will happen: losses are those of today's holdings in past markets and in chosen scenarios.",
    "What American options are worth beyond the European model that prices them here.",
    "What holdings valued by hand would fetch: their price is the owner's, and no risk figure counts them.",
    "Advice: the page says what is held and what it could lose, not what to do.",
)


def section(review: Review, name: str) -> dict[str, Any]:
    """One table as ``Stage.show_table`` takes it."""
    return named(name).table(review)


def chart(review: Review, name: str) -> dict[str, Any]:
    """Title, sentence and source of one chart as ``Stage.show_figure`` takes them beside the figure."""
    return named(name).told(review)


def frame(review: Review, name: str) -> pd.DataFrame:
    """The numbers of one chart."""
    return named(name).frame(review)


def named(name: str) -> Section:
    """The section of that name."""
    return next(one for one in SECTIONS if one.name == name)


def document(review: Review) -> dict[str, Any]:
    """The page as ``exhibits.markdown`` takes it: charts by their sentences, last what it does not show."""
    parts: dict[str, Sequence[dict[str, Any] | str]] = {
        heading: [one.told(review) if one.chart else one.table(review) for one in of_part(part)]
        for part, heading in PARTS.items()
        if part != FILES
    }
    title = f"{review.name}, {wording.date(review.as_of)}"
    return {"title": title, "lead": verdict(review), "parts": {**parts, "What this does not show": LIMITS}}


def data(review: Review) -> dict[str, list[dict[str, Any]]]:
    """The page as ``exports.data_json`` takes it: by heading, every section with its name."""
    return {
        heading: [{"name": one.name, **one.table(review)} for one in of_part(part)]
        for part, heading in PARTS.items()
    }


def of_part(part: str) -> list[Section]:
    """The sections of one part, in order."""
    return [one for one in SECTIONS if one.part == part]


__all__ = [
    "LIMITS",
    "PARTS",
    "SECTIONS",
    "Review",
    "chart",
    "checks",
    "data",
    "document",
    "frame",
    "key_figures",
    "named",
    "purposes",
    "section",
    "verdict",
]
