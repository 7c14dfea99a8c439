"""A distribution and the places on it that a reader asks for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lib.figures.look import BLUE, INK, VERMILION, Ticks, canvas, texts_of


def histogram_with_marks(
    values: pd.Series | np.ndarray,
    marks: Mapping[str, float],
    unit: str = "percent",
    bins: int = 60,
    counted: str = "",
) -> Figure:
    """A distribution as bars, with a vermilion line for each mark (name to place), named at its top.

    What lies below the largest mark under zero is vermilion too: the losses beyond it. ``counted`` names what
    is counted; days of returns where it is empty.
    """
    numbers = np.asarray(values, dtype="float64")
    figure, axes = canvas(height=3.1)
    _, edges, patches = axes.hist(
        numbers[np.isfinite(numbers)], bins=bins, color=BLUE, alpha=0.75, linewidth=0
    )
    tail = max((place for place in marks.values() if place < 0), default=-np.inf)
    for edge, patch in zip(edges[1:], patches, strict=True):  # type: ignore[arg-type]
        if edge <= tail:
            patch.set_facecolor(VERMILION)
    axes.set_ylabel(counted or ("Days" if unit == "percent" else "Count"))
    axes.xaxis.set_major_formatter(Ticks(unit))
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.01)
    _make_room(axes, marks, unit)
    _mark(axes, marks, unit)
    return figure


def _make_room(axes: Axes, marks: Mapping[str, float], unit: str) -> None:
    """Widen the axis to the left where the names of marks would leave it."""
    low, high = axes.get_xlim()
    letter = (high - low) * 0.0125
    names = [
        place - letter * (len(f"{name} {texts_of([place], unit)[0]}") + 1)
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
            f"{name} {texts_of([place], unit)[0]}",
            (place, height),
            xytext=(-5 if left else 5, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
            color=INK,
        )
