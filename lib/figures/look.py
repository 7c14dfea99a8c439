"""The look that all charts share: colours, canvas, and numbers on the axes by their unit.

Colours are Okabe and Ito's (safe for colour-blind readers): blue for the subject, grey for context,
vermilion for what needs attention. The ground is transparent and the ink mid-tone, so that a chart reads on
a light and on a dark page; ``PAPER`` and ``NIGHT`` are for what has a ground of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter

from lib import wording

BLUE, SKY, ORANGE, GREEN, PURPLE = "#0072b2", "#56b4e9", "#e69f00", "#009e73", "#cc79a7"
VERMILION, GREY = "#d55e00", "#8a9299"
INK, RULE = "#727a82", "#9aa1a8"
PAPER, NIGHT = "#eef0f2", "#1a1d21"
SERIES = (BLUE, GREY, GREEN, PURPLE, ORANGE, SKY)

LIGHT_INK = {
    INK: "#565e66",
    RULE: "#a9b0b7",
    GREY: "#6c747c",
    GREEN: "#007a59",
    PURPLE: "#a84f80",
    ORANGE: "#a66f00",
    SKY: "#2a7fb3",
}
"""Inks of a chart and what replaces them where the reader's page is light."""
DARK_INK = {
    INK: "#aeb6bd",
    RULE: "#5c656d",
    GREY: "#98a1a9",
    BLUE: "#4aa3df",
    VERMILION: "#f0803c",
    GREEN: "#2fbf95",
    PURPLE: "#d98fb8",
}
"""The same where it is dark."""

WIDTH = 7.5
LOOK: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "lines.linewidth": 1.6,
    "lines.solid_joinstyle": "round",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "figure.constrained_layout.use": True,
}


SMALL = 0.02
"""Returns of which all are smaller are written with two decimals of a percent."""


def text_of(value: float, unit: str) -> str:
    """A number of a chart for people, by the chart's unit."""
    if unit == "percent":
        return wording.percent(value)
    if unit == "money":
        return wording.money(value)
    if unit == "ratio" or wording.is_missing(value):
        return wording.ratio(value)
    return f"{wording.number(value, 0 if float(value).is_integer() else 2)} {unit}"


def texts_of(values: Sequence[float], unit: str) -> list[str]:
    """Numbers of one chart for people, all with the decimals that the finest of them needs."""
    known = [float(value) for value in values if not wording.is_missing(value)]
    if unit == "percent":
        fine = bool(known) and max(abs(value) for value in known) < SMALL
        return [wording.percent(value, 2 if fine else 1) for value in values]
    if unit in ("money", "ratio"):
        return [text_of(value, unit) for value in values]
    decimals = next((d for d in (0, 1) if all(abs(v - round(v, d)) < 1e-9 for v in known)), 2)
    return [
        text_of(value, unit) if wording.is_missing(value) else f"{wording.number(value, decimals)} {unit}"
        for value in values
    ]


def canvas(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """An empty chart in the house look, as high as asked (inches)."""
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(width, height))
        axes = figure.add_subplot()
    return figure, axes


def rank(value: Any) -> float:
    """A number to sort by, missing ones last when the largest come first."""
    return -np.inf if wording.is_missing(value) else float(value)


class Ticks(Formatter):
    """Tick labels by unit, all of one axis with the same decimals."""

    def __init__(self, unit: str):
        self.unit, self.decimals = unit, 0

    def format_ticks(self, values: Any) -> list[str]:
        """Labels of an axis, with as many decimals as the finest tick needs."""
        scaled = [float(value) * self._scale for value in values]
        self.decimals = next((d for d in range(4) if all(abs(v - round(v, d)) < 1e-9 for v in scaled)), 4)
        return [self(value) for value in values]

    def __call__(self, value: float, pos: Any = None) -> str:
        """One label, with the decimals that the axis came to."""
        return wording.number(value * self._scale, self.decimals) + ("%" if self.unit == "percent" else "")

    @property
    def _scale(self) -> int:
        return 100 if self.unit == "percent" else 1
