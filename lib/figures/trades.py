"""Prices of a few symbols with the trades that were made on them: where each was entered and left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lib.figures.look import BLUE, GREY, INK, LOOK, RULE, VERMILION, WIDTH, Ticks, canvas

PANEL = 2.1


@dataclass(frozen=True)
class TradedPrice:
    """One symbol: closes by date; ``trades`` with ``entry_date entry_price exit_date exit_price net``.

    Prices are on one basis. A trade still held has no exit date.
    """

    name: str
    closes: pd.Series
    trades: pd.DataFrame = field(repr=False)


def price_with_trades(panels: Sequence[TradedPrice]) -> Figure:
    """Closes as a grey line, a panel a symbol; a trade is a line from its entry (a ring) to its exit (a dot).

    Blue where it gained, vermilion and dashed where it lost; one still held ends without a dot.
    """
    if not panels:
        figure, axes = canvas(height=1.2)
        axes.axis("off")
        axes.text(0.5, 0.5, "nothing was traded", ha="center", va="center", color=INK, fontsize=9.0)
        return figure
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(WIDTH, PANEL * len(panels) + 0.5))
        every = figure.subplots(len(panels), 1, squeeze=False, sharex=True)[:, 0]
    for axes, panel in zip(every, panels, strict=True):
        _panel(axes, panel)
    _legend(every[0])
    return figure


def _panel(axes: Axes, panel: TradedPrice) -> None:
    locator = AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.yaxis.set_major_formatter(Ticks("money"))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="y", color=RULE, linewidth=0.5, alpha=0.35)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.01, y=0.12)
    axes.plot(panel.closes.index, panel.closes.to_numpy(), color=GREY, linewidth=1.0, zorder=1)
    axes.annotate(panel.name, (0.0, 1.0), xycoords="axes fraction", va="bottom", color=INK, weight="bold")
    last = panel.closes.index[-1] if len(panel.closes) else pd.NaT
    gained = panel.trades["net"].to_numpy() > 0
    for won, colour, style in ((True, BLUE, "-"), (False, VERMILION, "--")):
        own = panel.trades.loc[gained == won]
        ends = own["exit_date"].fillna(last)
        gaps = np.full(len(own), np.nan)
        days = np.column_stack([own["entry_date"], ends, ends]).ravel()
        prices = np.column_stack([own["entry_price"], own["exit_price"], gaps]).ravel()
        axes.plot(days, prices, style, color=colour, linewidth=1.4, zorder=2)
        axes.plot(
            own["entry_date"], own["entry_price"], "o", color=colour, markerfacecolor="none", markersize=4.5
        )
        over = own.loc[own["exit_date"].notna()]
        axes.plot(over["exit_date"], over["exit_price"], "o", color=colour, markersize=3.5)


def _legend(axes: Axes) -> None:
    """What marks mean, in words above the first panel."""
    words: Mapping[str, str] = {"ring entry, dot exit": INK, "gained": BLUE, "lost, dashed": VERMILION}
    place = 1.0
    for text in reversed(list(words)):
        axes.annotate(
            text, (place, 1.0), xycoords="axes fraction", ha="right", va="bottom", color=words[text]
        )
        place -= 0.012 * len(text) + 0.03
