"""A square of numbers as colours: blue above zero, vermilion below, pale where there is nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from lib.figures.look import BLUE, GREY, INK, NIGHT, PAPER, RULE, VERMILION, WIDTH, Ticks, canvas, text_of

NUMBERS_UP_TO = 12
MOST_LABELS = 30
STRONG = 0.62
DIVERGING = LinearSegmentedColormap.from_list("diverging", [VERMILION, PAPER, BLUE]).with_extremes(bad=GREY)


def heat_map(
    frame: pd.DataFrame, unit: str = "ratio", limits: tuple[float, float] | None = None, wide: bool = False
) -> Figure:
    """A matrix as a square of colours in the order given, centred on zero; missing cells are grey.

    ``frame`` holds the numbers, rows and columns by name. ``limits`` are the ends of the colour scale, made
    symmetric about zero; without them the largest size in the frame. Up to 12 rows, cells show their number;
    above that a scale stands beside, and beyond 30 rows only some names are written. ``wide`` is for few rows
    with many columns: as wide as the page, as high as its rows need.
    """
    if not frame.size:
        return _nothing()
    numbers = frame.to_numpy(dtype="float64")
    ends = numbers[np.isfinite(numbers)] if limits is None else np.asarray(limits, dtype="float64")
    reach = float(np.abs(ends).max(initial=0.0)) or 1.0
    side = float(np.clip(1.4 + 0.42 * len(frame), 3.0, 6.0))
    height, width = (0.8 + 0.52 * len(frame), WIDTH) if wide else (side, side + 0.9)
    figure, axes = canvas(height=height, width=width)
    axes.imshow(
        np.ma.masked_invalid(numbers), cmap=DIVERGING, vmin=-reach, vmax=reach, interpolation="none", zorder=0
    )
    _name_cells(axes, frame)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if max(frame.shape) <= NUMBERS_UP_TO:
        _write_numbers(axes, numbers, reach, unit)
    else:
        _scale_beside(figure, axes, reach, unit)
    return figure


def _nothing() -> Figure:
    figure, axes = canvas(height=1.2)
    axes.axis("off")
    axes.text(0.5, 0.5, "nothing to compare", ha="center", va="center", color=INK, fontsize=9.0)
    return figure


def _name_cells(axes: Axes, frame: pd.DataFrame) -> None:
    """Names down the left side and along the top, thinned where there are too many."""
    rows, columns = (np.arange(0, n, -(-n // MOST_LABELS) or 1) for n in frame.shape)
    size = 9.0 if max(frame.shape) <= NUMBERS_UP_TO else 7.0
    axes.xaxis.tick_top()
    axes.set_yticks(rows, [str(name) for name in frame.index[rows]], fontsize=size)
    axes.set_xticks(columns, [str(name) for name in frame.columns[columns]], fontsize=size, rotation=90)
    axes.tick_params(length=0)
    for side, n in (("x", frame.shape[1]), ("y", frame.shape[0])):
        getattr(axes, f"set_{side}ticks")(np.arange(0.5, n - 1), minor=True)
    if max(frame.shape) <= NUMBERS_UP_TO:
        axes.grid(which="minor", color=RULE, linewidth=0.4)
    axes.tick_params(which="minor", length=0)


def _write_numbers(axes: Axes, numbers: np.ndarray, reach: float, unit: str) -> None:
    """Each cell's number, dark on pale cells and white on strong ones."""
    for (row, column), value in np.ndenumerate(numbers):
        if np.isfinite(value):
            ink = "#ffffff" if abs(value) > STRONG * reach else NIGHT
            axes.text(
                column, row, text_of(value, unit), ha="center", va="center", color=ink, fontsize=8.0, zorder=2
            )


def _scale_beside(figure: Figure, axes: Axes, reach: float, unit: str) -> None:
    """A thin scale of the colours, from one end over zero to the other."""
    colours = ScalarMappable(norm=Normalize(-reach, reach), cmap=DIVERGING)
    bar = figure.colorbar(colours, ax=axes, fraction=0.03, aspect=36, pad=0.02, ticks=[-reach, 0.0, reach])
    bar.ax.yaxis.set_major_formatter(Ticks(unit))
    bar.ax.tick_params(color=RULE, labelcolor=INK, labelsize=8.0)
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.solids.set_edgecolor("face")  # type: ignore[union-attr]
