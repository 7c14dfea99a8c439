"""Bars and dots from a zero line: one number a row, the largest on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lib import wording
from lib.figures.look import BLUE, GREY, INK, RULE, VERMILION, Ticks, canvas, rank, texts_of

LETTER = 0.02


def diverging_bars(labels: Sequence[str], values: Sequence[float], unit: str = "percent") -> Figure:
    """Horizontal bars from a zero line, the largest on top: blue above zero, vermilion below.

    A missing value has no bar and reads n/a.
    """
    pairs = sorted(zip(labels, values, strict=True), key=lambda pair: rank(pair[1]))
    names, numbers = [str(name) for name, _ in pairs], [float(value) for _, value in pairs]
    figure, axes = canvas(height=0.9 + 0.27 * max(len(names), 2))
    places = np.arange(len(names))
    colours = [VERMILION if value < 0 else BLUE for value in numbers]
    axes.barh(places, np.nan_to_num(numbers), height=0.62, color=colours, linewidth=0)
    axes.set_yticks(places, names)
    axes.axvline(0, color=INK, linewidth=0.8)
    for spine in ("left", "bottom"):
        axes.spines[spine].set_visible(False)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    for place, value, said in zip(places, numbers, texts_of(numbers, unit), strict=True):
        negative = value < 0
        axes.annotate(
            said,
            (0 if wording.is_missing(value) else value, place),
            xytext=(-4 if negative else 4, 0),
            textcoords="offset points",
            ha="right" if negative else "left",
            va="center",
            color=INK,
        )
    axes.margins(y=0.02)
    _make_room(axes, numbers, unit)
    return figure


def _make_room(axes: Axes, numbers: Sequence[float], unit: str) -> None:
    """Widen the axis so that the number beside each bar's end stays inside it."""
    known = [value for value in numbers if not wording.is_missing(value)]
    reach = max(max(known, default=0.0), 0.0) - min(min(known, default=0.0), 0.0) or 1.0
    said = texts_of(known, unit)
    room = {value: reach * (LETTER * len(one) + LETTER) for value, one in zip(known, said, strict=True)}
    low = min((value - room[value] for value in known if value < 0), default=-0.02 * reach)
    high = max((value + room[value] for value in known if value >= 0), default=LETTER * reach * 6)
    axes.set_xlim(low, max(high, 0.02 * reach))


def dots_with_intervals(
    labels: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    unit: str = "ratio",
    *,
    in_order: bool = False,
) -> Figure:
    """Estimates as dots with their intervals as whiskers about a zero line, the largest on top.

    With ``in_order`` they stand as given, the first on top. Blue above zero and vermilion below where the
    interval leaves zero out, grey where it cannot be told from zero. A missing value has no dot and reads
    n/a.
    """
    order = sorted(range(len(labels)), key=lambda one: -one if in_order else rank(values[one]))
    names = [str(labels[one]) for one in order]
    middle, lower, upper = (np.asarray(part, dtype="float64")[order] for part in (values, low, high))
    figure, axes = canvas(height=1.1 + 0.3 * max(len(names), 2))
    places = np.arange(len(names))
    colours = np.where(lower > 0, BLUE, np.where(upper < 0, VERMILION, GREY))
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    axes.hlines(places, lower, upper, colors=list(colours), linewidth=1.8, zorder=2)
    axes.scatter(middle, places, s=34, c=list(colours), linewidths=0, zorder=3)
    axes.set_yticks(places, names)
    axes.set_ylim(-0.6, max(len(names), 2) - 0.4)
    axes.xaxis.set_major_formatter(Ticks(unit))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.grid(axis="x", color=RULE, linewidth=0.5, alpha=0.35)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("" if unit in ("percent", "money", "ratio") else unit)
    _numbers_on_the_right(axes, middle, unit)
    return figure


def _numbers_on_the_right(axes: Axes, numbers: np.ndarray, unit: str) -> None:
    """The value of each row in a column of its own, beside the plot."""
    for place, said in enumerate(texts_of(list(numbers), unit)):
        axes.annotate(
            said,
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            annotation_clip=False,
        )
