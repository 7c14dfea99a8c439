"""How parts add up to a whole: bars that hang where the one before ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lib.figures.look import BLUE, GREY, INK, RULE, VERMILION, canvas, text_of


def waterfall(labels: Sequence[str], values: Sequence[float], total: str, unit: str = "money") -> Figure:
    """Parts from top to bottom in the order given, each from where the last ended, then their sum from zero.

    Blue adds, vermilion takes away; the sum, named ``total``, is grey. A part of nothing is a tick.
    """
    parts = np.asarray(values, dtype="float64")
    ends = np.cumsum(parts)
    starts = ends - parts
    figure, axes = canvas(height=1.0 + 0.32 * (len(parts) + 1))
    places = np.arange(len(parts) + 1)[::-1]
    colours = [VERMILION if value < 0 else BLUE for value in parts]
    axes.barh(places[:-1], parts, left=starts, height=0.6, color=colours, linewidth=0)
    whole = float(ends[-1]) if len(parts) else 0.0
    axes.barh(places[-1:], [whole], height=0.6, color=GREY, linewidth=0)
    for at, end in enumerate(ends):
        axes.plot([end, end], [places[at] + 0.3, places[at + 1] - 0.3], color=RULE, linewidth=0.8)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(places, [*labels, total])
    for spine in ("left", "bottom"):
        axes.spines[spine].set_visible(False)
    axes.tick_params(axis="both", length=0, labelbottom=False)
    for place, value, at in zip(
        places, [*parts, whole], [*np.fmax(starts, ends), max(whole, 0.0)], strict=True
    ):
        axes.annotate(
            text_of(float(value), unit),
            (at, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    low, high = min(0.0, *starts, *ends, 0.0), max(0.0, *starts, *ends, 0.0)
    reach = (high - low) or 1.0
    axes.set_xlim(low - 0.03 * reach, high + 0.2 * reach)
    axes.margins(y=0.02)
    return figure
