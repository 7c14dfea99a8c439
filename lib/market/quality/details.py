"""Figures, moves and days as they stand in the details of issues: text of a table, one form for all rules."""

from __future__ import annotations

import pandas as pd

MINUS = "\u2212"


def figures_of(values: pd.Series) -> pd.Series:
    """Numbers as text, up to ten digits."""
    return values.map("{:.10g}".format).astype("str").str.replace("-", MINUS)


def moves_of(values: pd.Series) -> pd.Series:
    """Simple returns as text with their sign and one decimal: "+901.0%"."""
    return values.map("{:+,.1%}".format).astype("str").str.replace("-", MINUS)


def day_of(day: pd.Timestamp) -> str:
    """A day as text: "28 Dec 2022"."""
    return f"{day.day} {day:%b %Y}"


def days_of(days: pd.Series) -> pd.Series:
    """Days as text, each as ``day_of``."""
    return days.map(day_of).astype("str")
