"""The page of one portfolio: every exhibit declared once, for page, Markdown, JSON and CSV alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lib import wording
from lib.review.pages.portfolio.drivers import DRIVERS, GROUPS
from lib.review.pages.portfolio.holdings import HELD, SHEET
from lib.review.pages.portfolio.losses import LOSSES
from lib.review.pages.portfolio.options import OPTIONS
from lib.review.pages.portfolio.proposals import PROPOSALS
from lib.review.pages.portfolio.review import Review
from lib.review.pages.portfolio.trust import ASSUMPTIONS, TRUST
from lib.review.pages.portfolio.value import CHANGE, GLANCE
from lib.review.pages.portfolio.verdict import checks, faults, key_figures, verdict
from lib.review.section import Section

SECTIONS: dict[str, tuple[Section, ...]] = {
    "At a glance": GLANCE,
    "What changed?": CHANGE,
    "What is held?": HELD,
    "What moves it?": DRIVERS,
    "What could it lose?": LOSSES,
    "What do the options do?": OPTIONS,
    "Which holdings move together?": GROUPS,
    "What would the trades tried and suggested change?": PROPOSALS,
    "How far can these figures be trusted?": TRUST,
    "What do these figures assume?": ASSUMPTIONS,
    "Where are the files?": SHEET,
}
"""Every exhibit by heading, in a client's order of questions; those of the last stand in files only."""
BY_NAME = {one.name: one for sections in SECTIONS.values() for one in sections}
LIMITS = (
    "What the portfolio earned before its first snapshot, and fees, taxes and interest at any time.",
    "What will happen: losses are those of today's holdings in past markets and in chosen scenarios.",
    "How volatility changes as underlyings move: each option keeps its own, save in stress that raises it.",
    "What holdings valued by hand would fetch: their price is the owner's, and no risk figure counts them.",
    "Advice: the page says what is held and what it could lose, not what to do.",
)


def section(review: Review, name: str) -> dict[str, Any]:
    """One table as ``Stage.show_table`` takes it."""
    return BY_NAME[name].table(review)


def chart(review: Review, name: str) -> dict[str, Any]:
    """Title, sentence and source of one chart as ``Stage.show_figure`` takes them beside the figure."""
    return BY_NAME[name].told(review)


def frame(review: Review, name: str) -> pd.DataFrame:
    """The numbers of one chart."""
    return BY_NAME[name].frame(review)


def document(review: Review) -> dict[str, Any]:
    """The page as ``exhibits.markdown`` takes it: charts by their sentences, last what it does not show."""
    parts: dict[str, Sequence[dict[str, Any] | str]] = {
        heading: [one.told(review) if one.chart else one.table(review) for one in sections]
        for heading, sections in SECTIONS.items()
        if sections is not SHEET
    }
    title = f"{review.name}, {wording.date(review.as_of)}"
    lead = " ".join([*faults(review), verdict(review)])
    return {"title": title, "lead": lead, "parts": {**parts, "What this does not show": LIMITS}}


def data(review: Review) -> dict[str, list[dict[str, Any]]]:
    """The page as ``exports.data_json`` takes it: by heading, every section with its name."""
    return {
        heading: [{"name": one.name, **one.table(review)} for one in sections]
        for heading, sections in SECTIONS.items()
    }


def purposes(names: Mapping[str, str]) -> dict[str, str]:
    """What each of the three files is for, by name; ``names`` by kind: report, data and positions."""
    return {
        names["report"]: "this page as text, for mail and notes",
        names["data"]: "every figure and table, for programs",
        names["positions"]: "one row a position, for a spreadsheet",
    }


__all__ = [
    "BY_NAME",
    "LIMITS",
    "SECTIONS",
    "Review",
    "chart",
    "checks",
    "data",
    "document",
    "faults",
    "frame",
    "key_figures",
    "purposes",
    "section",
    "verdict",
]
