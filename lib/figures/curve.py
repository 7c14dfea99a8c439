"""Many estimates of one thing, in order of size, over the choices that made each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from lib.figures.look import BLUE, GREY, INK, LOOK, VERMILION, WIDTH, Ticks


def specification_curve(
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    choices: Mapping[str, Sequence[bool]],
    marked: int | None = None,
    unit: str = "percent",
) -> Figure:
    """Estimates from the smallest to the largest with their intervals; below, a mark for each choice of each.

    Blue where the interval lies above zero, vermilion below it, grey where it holds zero; a ring marks
    the estimate at ``marked``. Estimates that are missing are left out.
    """
    middle = np.asarray(values, dtype="float64")
    order = np.argsort(middle, kind="stable")
    order = order[~np.isnan(middle[order])]
    lower, upper = (np.asarray(part, dtype="float64")[order] for part in (low, high))
    places, middle = np.arange(len(order)), middle[order]
    colours = list(np.where(lower > 0, BLUE, np.where(upper < 0, VERMILION, GREY)))
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(WIDTH, 2.4 + 0.2 * len(choices)))
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2.4, max(0.2 * len(choices), 0.2)])
    above.axhline(0, color=INK, linewidth=0.8, zorder=1)
    above.vlines(places, lower, upper, colors=colours, linewidth=1.4, zorder=2)
    above.scatter(places, middle, s=14, c=colours, linewidths=0, zorder=3)
    if marked is not None and marked in order:
        place = int(np.flatnonzero(order == marked)[0])
        above.scatter([place], [middle[place]], s=80, facecolors="none", edgecolors=INK, zorder=4)
    above.yaxis.set_major_formatter(Ticks(unit))
    above.tick_params(axis="x", length=0, labelbottom=False)
    above.spines["bottom"].set_visible(False)
    rows = np.arange(len(choices))[::-1]
    for row, chosen in zip(rows, choices.values(), strict=True):
        taken = np.asarray(chosen, dtype=bool)[order]
        below.scatter(places[taken], np.full(int(taken.sum()), row), s=10, c=INK, marker="s", linewidths=0)
    below.set_yticks(rows, list(choices))
    below.set_ylim(-0.7, len(choices) - 0.3)
    below.tick_params(axis="x", length=0, labelbottom=False)
    for spine in ("left", "bottom"):
        below.spines[spine].set_visible(False)
    return figure
