"""Large moves: those that the next bars take back, those that stay, those that look like a split.

Moves are log changes of the adjusted close from the bar before, so that a split or a dividend that the
provider knows is no jump. Options are left out, since a fifth of their price is an ordinary day.

A spike is a move beyond ``SPIKE_LIMIT`` that is taken back within ``SPIKE_BARS`` bars: a decimal point that
slipped. What stays is named and never altered. ``SPLIT_SUSPECT`` is a move that stays, within
``SPLIT_TOLERANCE`` of a whole ratio, on a day without a split in the actions, or a split in the actions on a
day on which the price did not move. Beyond ``SPIKE_LIMIT`` on one of the newest ``SPIKE_BARS`` bars, which
later bars may still take back, either is an error. Ratios below two (3 for 2) cannot be told from a bad day
and are ``PRICE_JUMP``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market import occ
from lib.market.quality.details import moves_of
from lib.market.quality.issues import issues

SPIKE_LIMIT = 1.0
"""Log move (a factor of 2.7) that counts as an error when it is taken back."""
SPIKE_BARS = 3
SPLIT_RATIOS = np.array([2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 100], dtype="float64")
SPLIT_TOLERANCE = 0.05
"""Log move that the market may have made on the day of a split."""


def moves(bars: pd.DataFrame) -> pd.Series:
    """Log move of the adjusted close from the bar before of the same symbol; null for options."""
    found = np.log(bars["adj_close"]).groupby(bars["symbol"]).diff()
    return found.mask(bars["symbol"].isin(options(bars["symbol"])))


def options(symbols: pd.Series) -> list[str]:
    """The option symbols among them."""
    return [symbol for symbol in symbols.unique() if isinstance(occ.parse(symbol), occ.Option)]


def spikes(bars: pd.DataFrame, jump_limit: float) -> pd.Series:
    """Whether each bar (sound, sorted) belongs to a run of at most ``SPIKE_BARS`` that is taken back.

    All of the run lies beyond ``SPIKE_LIMIT`` from the bar before it, and the bar after it is back within
    ``jump_limit``.
    """
    level, symbol = np.log(bars["adj_close"]), bars["symbol"]
    level = level.mask(symbol.isin(options(symbol)))
    before = level.groupby(symbol).shift(1)
    spike = pd.Series(False, index=bars.index)
    out = (level - before).abs() > SPIKE_LIMIT
    for length in range(1, SPIKE_BARS + 1):
        after = level.groupby(symbol).shift(-length) - before
        for bar in range(length):
            spike |= (out & (after.abs() < jump_limit)).shift(bar, fill_value=False)
        out = out & (after.abs() > SPIKE_LIMIT)
    return spike


def jumps(bars: pd.DataFrame, jump_limit: float) -> pd.DataFrame:
    """Issues for the large moves that stay: ``SPLIT_SUSPECT`` where one looks like a split, or else
    ``PRICE_JUMP``.
    """
    move = moves(bars)
    large = move.abs() > jump_limit
    newest = bars.groupby("symbol").cumcount(ascending=False) < SPIKE_BARS
    bars, move = bars[large], move[large]
    grave = (newest[large] & (move.abs() > SPIKE_LIMIT)).map({True: "error", False: "warning"}).astype("str")
    told = moves_of(np.expm1(move)) + " in a day"
    recorded = bars["split"].fillna(1.0) != 1.0
    phantom = recorded & ((move - np.log(bars["split"])).abs() < SPLIT_TOLERANCE)
    lacking, ratio = _near_ratio(move)
    lacking &= ~recorded
    words = told.mask(phantom, told + ": the actions have a split and the close did not move")
    words = words.mask(lacking, told + ", near a split of " + ratio + " that the actions do not have")
    suspect = phantom | lacking
    words = words.mask(~suspect, _with_action(bars, words))
    return pd.concat(
        [
            issues(bars[suspect], "SPLIT_SUSPECT", grave[suspect], words[suspect], "kept"),
            issues(bars[~suspect], "PRICE_JUMP", grave[~suspect], words[~suspect], "kept"),
        ]
    )


def _near_ratio(move: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whether each move is near a whole ratio, and that ratio in words: "2 for 1", or "1 for 10" upwards."""
    apart = np.abs(move.abs().to_numpy()[:, None] - np.log(SPLIT_RATIOS))
    nearest = pd.Series(SPLIT_RATIOS[apart.argmin(axis=1)], index=move.index).map("{:g}".format).astype("str")
    words = (nearest + " for 1").where(move < 0, "1 for " + nearest)
    return pd.Series(apart.min(axis=1) < SPLIT_TOLERANCE, index=move.index), words


def _with_action(bars: pd.DataFrame, words: pd.Series) -> pd.Series:
    """The words with the corporate action of the day, or that there was none, where actions are known."""
    known = bars["dividend"].notna() | bars["split"].notna()
    acted = (bars["dividend"].fillna(0.0) != 0) | (bars["split"].fillna(1.0) != 1)
    words = words.mask(known & ~acted, words + ", no corporate action")
    return words.mask(acted, words + ", after the corporate action of the day")
