"""One number on a scale of named ranges."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from lib import wording
from lib.figures.look import BLUE, GREY, INK, VERMILION, canvas

SHADES = (VERMILION, GREY, BLUE)


def gauge(value: float, ranges: Mapping[str, float], whole: float = 100.0) -> Figure:
    """A mark at ``value`` on a bar from 0 to ``whole``; ``ranges`` name where each part begins, in order.

    Each range is named under the bar, the one that holds the mark in full ink; a missing value has no mark.
    """
    figure, axes = canvas(height=1.35)
    starts = list(ranges.values())
    ends = [*starts[1:], whole]
    missing = wording.is_missing(value)
    for place, (name, start, end) in enumerate(zip(ranges, starts, ends, strict=True)):
        inside = not missing and (start <= value + 1e-9 < end or (end == whole and value >= end))
        shade = SHADES[place % len(SHADES)]
        axes.barh(
            0, end - start - 0.4, left=start + 0.2, height=0.5, color=shade, alpha=0.75 if inside else 0.25
        )
        axes.text(
            (start + end) / 2,
            -0.62,
            name,
            ha="center",
            va="center",
            color=INK,
            weight="bold" if inside else "normal",
        )
        if place:
            axes.text(start, 0.42, f"{start:g}", ha="center", va="center", color=INK, fontsize=8)
    if not missing:
        axes.plot([value], [0.0], marker="D", markersize=9, color=INK, zorder=4)
        axes.text(value, 0.78, wording.number(value, 1), ha="center", va="center", color=INK, weight="bold")
    axes.set_xlim(0, whole)
    axes.set_ylim(-0.9, 1.05)
    axes.set_yticks([])
    axes.set_xticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
