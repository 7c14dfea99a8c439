"""Paths over days counted from an event, with the bands in which they would lie without it."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lib.figures.lines import name_lines
from lib.figures.look import INK, RULE, SERIES, Ticks, canvas


def paths_with_bands(
    middle: pd.DataFrame, low: pd.DataFrame, high: pd.DataFrame, unit: str = "percent", across: str = "day"
) -> Figure:
    """One line a column over a numeric index, each with its band, named where it ends; the first leads.

    ``low`` and ``high`` hold the columns that have a band. A zero line, and a dotted one at 0 of the index.
    """
    figure, axes = canvas(height=3.3)
    for position, name in enumerate(middle.columns):
        colour = SERIES[position % len(SERIES)]
        axes.plot(middle.index, middle[name], color=colour, marker="o", markersize=3, zorder=4 - position / 9)
        if name in low.columns:
            axes.fill_between(middle.index, low[name], high[name], color=colour, alpha=0.13, linewidth=0)
    axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    if middle.index.min() <= 0 <= middle.index.max():
        axes.axvline(0, color=RULE, linewidth=0.8, linestyle=":", zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(Ticks("ratio"))
    axes.yaxis.set_major_formatter(Ticks(unit))
    axes.grid(axis="y", color=RULE, linewidth=0.5, alpha=0.35)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.01)
    axes.set_xlabel(across)
    if middle.columns.size:
        name_lines(axes, middle, {})
    return figure
