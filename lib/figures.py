"""One look for every chart: finished numbers in, a Matplotlib figure out, nothing computed here.

Colours are Okabe and Ito's (safe for colour-blind readers): blue for the subject, grey for context,
vermilion for what needs attention. The ground is transparent and the ink mid-tone, so that a chart reads on
a light and on a dark page. The page has the title; axes carry the unit; lines are labelled where they end.
Units: ``percent`` takes decimals, ``money`` and ``ratio`` numbers, anything else is written behind the axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from lib import wording

BLUE, SKY, ORANGE, GREEN, PURPLE = "#0072b2", "#56b4e9", "#e69f00", "#009e73", "#cc79a7"
VERMILION, GREY, YELLOW, BLACK = "#d55e00", "#8a9299", "#f0e442", "#000000"
INK, RULE = "#727a82", "#9aa1a8"
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


def diverging_bars(labels: Sequence[str], values: Sequence[float], unit: str = "percent") -> Figure:
    """Horizontal bars from a zero line, the largest on top: blue above zero, vermilion below.

    A missing value has no bar and reads n/a.
    """
    pairs = sorted(zip(labels, values, strict=True), key=lambda pair: _rank(pair[1]))
    names, numbers = [str(name) for name, _ in pairs], [float(value) for _, value in pairs]
    figure, axes = _canvas(height=0.9 + 0.27 * max(len(names), 2))
    places = np.arange(len(names))
    colours = [VERMILION if value < 0 else BLUE for value in numbers]
    axes.barh(places, np.nan_to_num(numbers), height=0.62, color=colours, linewidth=0)
    axes.set_yticks(places, names)
    axes.axvline(0, color=INK, linewidth=0.8)
    for spine in ("left", "bottom"):
        axes.spines[spine].set_visible(False)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    for place, value in zip(places, numbers, strict=True):
        negative = value < 0
        axes.annotate(
            text_of(value, unit),
            (0 if wording.is_missing(value) else value, place),
            xytext=(-4 if negative else 4, 0),
            textcoords="offset points",
            ha="right" if negative else "left",
            va="center",
            color=INK,
        )
    axes.margins(x=0.14, y=0.02)
    return figure


def line(
    data: pd.Series | pd.DataFrame, unit: str = "ratio", labels: Mapping[str, str] | None = None
) -> Figure:
    """Change over time, one line a column, each named where it ends; the first is the subject.

    The index holds dates. ``labels`` gives a column another name; a series needs none.
    """
    frame = data.to_frame(data.name or "") if isinstance(data, pd.Series) else data
    figure, axes = _canvas(height=3.1)
    _time_axis(axes, unit)
    for position, name in enumerate(frame.columns):
        axes.plot(
            frame.index,
            frame[name],
            color=SERIES[position % len(SERIES)],
            zorder=3 - position / len(frame.columns),
        )
    if len(frame) and float(np.nanmin(frame)) < 0 < float(np.nanmax(frame)):
        axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    if isinstance(data, pd.DataFrame):
        _name_lines(figure, axes, frame, labels or {})
    return figure


def area_below_zero(data: pd.Series, unit: str = "percent") -> Figure:
    """Falls from the last peak as an area under a zero line; the deepest is marked with value and day."""
    figure, axes = _canvas(height=2.7)
    _time_axis(axes, unit)
    axes.fill_between(data.index, data.to_numpy(), 0.0, color=BLUE, alpha=0.3, linewidth=0)
    axes.plot(data.index, data.to_numpy(), color=BLUE, linewidth=1.0)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.spines["bottom"].set_visible(False)
    known = data.dropna()
    if len(known) and known.min() < 0:
        day = known.idxmin()
        late = (day - known.index[0]) > (known.index[-1] - known.index[0]) / 2
        axes.plot([day], [known.min()], marker="o", markersize=4, color=VERMILION, linestyle="none")
        axes.annotate(
            f"{text_of(float(known.min()), unit)} on {wording.date(day)}",
            (day, known.min()),
            xytext=(-8 if late else 8, -1),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            color=INK,
        )
    return figure


def histogram_with_marks(
    values: pd.Series | np.ndarray, marks: Mapping[str, float], unit: str = "percent", bins: int = 60
) -> Figure:
    """A distribution as bars, with a vermilion line for each mark (name to place), named at its top.

    What lies below the largest mark under zero is vermilion too: the losses beyond it.
    """
    numbers = np.asarray(values, dtype="float64")
    figure, axes = _canvas(height=3.1)
    _, edges, patches = axes.hist(
        numbers[np.isfinite(numbers)], bins=bins, color=BLUE, alpha=0.75, linewidth=0
    )
    tail = max((place for place in marks.values() if place < 0), default=-np.inf)
    for edge, patch in zip(edges[1:], patches, strict=True):  # type: ignore[arg-type]
        if edge <= tail:
            patch.set_facecolor(VERMILION)
    axes.set_ylabel("Days" if unit == "percent" else "Count")
    axes.xaxis.set_major_formatter(_Ticks(unit))
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.01)
    _make_room(axes, marks, unit)
    _mark(axes, marks, unit)
    return figure


def text_of(value: float, unit: str) -> str:
    """A number of a chart for people, by the chart's unit."""
    if unit == "percent":
        return wording.percent(value)
    if unit == "money":
        return wording.money(value)
    if unit == "ratio" or wording.is_missing(value):
        return wording.ratio(value)
    return f"{wording.number(value, 0 if float(value).is_integer() else 2)} {unit}"


def _canvas(height: float) -> tuple[Figure, Axes]:
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_subplot()
    return figure, axes


def _rank(value: Any) -> float:
    return -np.inf if wording.is_missing(value) else float(value)


class _Ticks(Formatter):
    """Tick labels by unit, all of one axis with the same decimals."""

    def __init__(self, unit: str):
        self.unit, self.decimals = unit, 0

    def format_ticks(self, values: Any) -> list[str]:
        scaled = [float(value) * self._scale for value in values]
        self.decimals = next((d for d in range(4) if all(abs(v - round(v, d)) < 1e-9 for v in scaled)), 4)
        return [self(value) for value in values]

    def __call__(self, value: float, pos: Any = None) -> str:
        return wording.number(value * self._scale, self.decimals) + ("%" if self.unit == "percent" else "")

    @property
    def _scale(self) -> int:
        return 100 if self.unit == "percent" else 1


def _time_axis(axes: Axes, unit: str) -> None:
    locator = AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.yaxis.set_major_formatter(_Ticks(unit))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color=RULE, linewidth=0.5, alpha=0.35)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.0)
    if unit not in ("percent", "ratio"):
        axes.set_ylabel("" if unit == "money" else unit)


def _name_lines(figure: Figure, axes: Axes, frame: pd.DataFrame, labels: Mapping[str, str]) -> None:
    """Names at the right end of the lines, moved apart where they would touch."""
    ends = [(name, frame[name].dropna()) for name in frame.columns]
    last = sorted(
        (
            (float(known.iloc[-1]), position, name)
            for position, (name, known) in enumerate(ends)
            if len(known)
        ),
    )
    low, high = axes.get_ylim()
    gap, floor = (high - low) * 0.065, -np.inf
    for value, position, name in last:
        floor = max(value, floor + gap)
        axes.annotate(
            labels.get(str(name), str(name)),
            (1.0, floor),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=SERIES[position % len(SERIES)],
            annotation_clip=False,
        )


def _make_room(axes: Axes, marks: Mapping[str, float], unit: str) -> None:
    """Widen the axis to the left where the names of marks would leave it."""
    low, high = axes.get_xlim()
    letter = (high - low) * 0.0125
    names = [
        place - letter * (len(f"{name} {text_of(place, unit)}") + 1)
        for name, place in marks.items()
        if place < 0
    ]
    axes.set_xlim(min([low, *names]), high)


def _mark(axes: Axes, marks: Mapping[str, float], unit: str) -> None:
    """Vertical lines with name and value at their tops, outer ones lower so that no name crosses a line."""
    top = axes.get_ylim()[1]
    for step, (name, place) in enumerate(sorted(marks.items(), key=lambda pair: abs(pair[1]))):
        height = top * (0.97 - 0.1 * step)
        axes.plot([place, place], [0, height], color=VERMILION, linewidth=1.2)
        left = place < 0
        axes.annotate(
            f"{name} {text_of(place, unit)}",
            (place, height),
            xytext=(-5 if left else 5, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
            color=INK,
        )
