"""Change over time: lines that are named where they end, and falls from the last peak."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lib import wording
from lib.figures.look import BLUE, INK, RULE, SERIES, VERMILION, Ticks, canvas, text_of


def line(
    data: pd.Series | pd.DataFrame,
    unit: str = "ratio",
    labels: Mapping[str, str] | None = None,
    limits: tuple[float, float] | None = None,
    whole: bool = False,
) -> Figure:
    """Change over time, one line a column, each named where it ends; the first is the subject.

    The index holds dates. ``labels`` gives a column another name; a series needs none. ``limits`` are the
    ends of the scale where the data shall not choose them; ``whole`` marks only whole numbers on it.
    """
    frame = data.to_frame(data.name or "") if isinstance(data, pd.Series) else data
    figure, axes = canvas(height=3.1)
    _time_axis(axes, unit)
    if whole:
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    for position, name in enumerate(frame.columns):
        axes.plot(
            frame.index,
            frame[name],
            color=SERIES[position % len(SERIES)],
            zorder=3 - position / len(frame.columns),
        )
    if len(frame) and float(np.nanmin(frame)) < 0 < float(np.nanmax(frame)):
        axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    if limits is not None:
        low, high = limits
        axes.set_ylim(low, high + (high - low) / 50)
        axes.set_yticks(np.linspace(low, high, 6))
    if isinstance(data, pd.DataFrame):
        name_lines(axes, frame, labels or {})
    return figure


def area_below_zero(data: pd.Series, unit: str = "percent") -> Figure:
    """Falls from the last peak as an area under a zero line; the deepest is marked with value and day."""
    figure, axes = canvas(height=2.7)
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


def _time_axis(axes: Axes, unit: str) -> None:
    locator = AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.yaxis.set_major_formatter(Ticks(unit))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color=RULE, linewidth=0.5, alpha=0.35)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.0)
    if unit not in ("percent", "ratio"):
        axes.set_ylabel("" if unit == "money" else unit)


def name_lines(axes: Axes, frame: pd.DataFrame, labels: Mapping[str, str]) -> None:
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
