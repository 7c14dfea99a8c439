"""Sums that must hold on the client page."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review.page import Report

TOLERANCE = 1e-9


def identities(report: Report) -> list[tuple[str, bool, str]]:
    """Sums that must hold on the page: name, whether it holds, the numbers."""
    book = {name: report.value("value", "book", name) for name in ("nav", "net", "long", "short", "gross")}
    profit, other = (report.value("change", "snapshot", name) for name in ("profit", "other"))
    pairs = [
        ("Long and short add up to net exposure", book["long"] + book["short"], book["net"]),
        ("Long less short is gross exposure", book["long"] - book["short"], book["gross"]),
        (
            "Parts by origin and cash add up to net asset value",
            _sum(report, "origin", "exposure"),
            book["nav"],
        ),
        (
            "Stocks, options, manual values and cash add up to net asset value",
            _sum(report, "split", "exposure"),
            book["nav"],
        ),
        (
            "Profit and the rest add up to the change of value",
            profit + other,
            report.value("change", "snapshot", "nav_change"),
        ),
    ]
    scale = max(1.0, book["gross"])
    shares = _sum(report, "beta_share", "share")
    return [
        *(_same(name, one, two, scale) for name, one, two in pairs),
        _same("Parts of the variance add up to one", shares, 1.0, 1.0),
    ]


def _sum(report: Report, section: str, measure: str) -> float:
    table = report.section(section)
    return float(table[measure].sum(min_count=1)) if measure in table else float("nan")


def _same(name: str, one: float, other: float, scale: float) -> tuple[str, bool, str]:
    if pd.isna(one) or pd.isna(other):
        return name, True, "nothing to compare"
    return (
        name,
        bool(abs(one - other) <= TOLERANCE * scale),
        f"{wording.number(one)} and {wording.number(other)}",
    )
