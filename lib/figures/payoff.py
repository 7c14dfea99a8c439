"""What a book would make or lose against a move of the market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lib.figures.lines import name_lines
from lib.figures.look import BLUE, INK, RULE, SERIES, VERMILION, Ticks, canvas

POINTS_UP_TO = 25


def payoff(
    x: Sequence[float] | np.ndarray,
    series: pd.DataFrame | Mapping[str, Sequence[float]],
    unit: str = "money",
    marks: Mapping[str, float] | None = None,
    axis: str = "Move of the market",
) -> Figure:
    """Profit over moves ``x`` (decimals), one line a series, the first the subject, its losses shaded.

    ``marks`` are places on the axis, such as ``{"today": 0.0}``, each with a dotted line. Points are drawn
    where there are few of them, so that a reader sees what was computed and what joins it. Missing values
    break the line.
    """
    frame = pd.DataFrame(dict(series), index=np.asarray(x, dtype="float64")).sort_index()
    figure, axes = canvas(height=3.3)
    axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    dots = "o" if len(frame) <= POINTS_UP_TO else ""
    for position, name in enumerate(frame.columns):
        colour = SERIES[position % len(SERIES)]
        style = "-" if position == 0 else "--"
        axes.plot(
            frame.index,
            frame[name],
            style,
            color=colour,
            marker=dots,
            markersize=3.5,
            zorder=4 - position / 10,
        )
    if len(frame.columns):
        subject = frame.iloc[:, 0].to_numpy(dtype="float64")
        for below, colour in ((False, BLUE), (True, VERMILION)):
            where = subject <= 0 if below else subject >= 0
            axes.fill_between(
                frame.index,
                subject,
                0.0,
                where=where,
                interpolate=True,
                color=colour,
                alpha=0.12,
                linewidth=0,
            )
    axes.xaxis.set_major_formatter(Ticks("percent"))
    axes.xaxis.set_major_locator(MaxNLocator(9))
    axes.yaxis.set_major_formatter(Ticks(unit))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.grid(axis="y", color=RULE, linewidth=0.5, alpha=0.35)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(axis)
    axes.margins(x=0.02)
    for name, place in (marks or {}).items():
        axes.axvline(place, color=INK, linewidth=0.8, linestyle=":", zorder=1)
        axes.annotate(
            name,
            (place, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2),
            textcoords="offset points",
            va="top",
            color=INK,
        )
    if len(frame.columns) > 1:
        name_lines(axes, frame, {})
    return figure
