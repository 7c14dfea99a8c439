"""What a rule says at the close of each session for each symbol, to be carried out at the next open."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from lib.trading.bars import Bars
from lib.trading.own_bars import carried

ENTER, LEAVE = 1, -1
REASONS = (
    "",
    "RSI_LOW",
    "RSI_RECOVERED",
    "RSI_HIGH",
    "MACD_UP",
    "MACD_DOWN",
    "AVERAGE_UP",
    "AVERAGE_DOWN",
    "VOLUME_BREAKOUT",
    "VOLUME_BREAKDOWN",
    "RULE_SAYS",
)
"""Codes (``lib.codes.trade_rules``) by their number in ``Decisions.reason``; 0 is none."""


@dataclass(frozen=True)
class Decisions:
    """Arrays (T, N) known at the close of their session.

    ``action`` is 1 to enter long, -1 to leave, 0 for nothing; ``confidence`` 0 to 1; ``stop`` and ``target``
    are prices, NaN for none; ``reason`` a number in ``REASONS``. Where there is no action the rest is empty.
    """

    action: np.ndarray
    confidence: np.ndarray
    stop: np.ndarray
    target: np.ndarray
    reason: np.ndarray

    def only(self, mask: np.ndarray) -> Decisions:
        """The decisions where ``mask`` is true, nothing elsewhere."""
        kept = mask & (self.action != 0)
        return Decisions(
            np.where(kept, self.action, 0).astype(np.int8),
            np.where(kept, self.confidence, np.nan),
            np.where(kept & (self.action == ENTER), self.stop, np.nan),
            np.where(kept & (self.action == ENTER), self.target, np.nan),
            np.where(kept, self.reason, 0).astype(np.int8),
        )

    def rows(self, first: int, last: int) -> Decisions:
        """The decisions of the sessions from ``first`` up to but without ``last``, as positions."""
        return Decisions(*(getattr(self, one.name)[first:last] for one in fields(self)))


def decided(
    *,
    enter: np.ndarray,
    leave: np.ndarray,
    confidence: np.ndarray,
    close: np.ndarray,
    stop: float,
    target: float,
    reasons: tuple[str, str],
) -> Decisions:
    """Decisions from where to enter and leave; ``stop`` and ``target`` are shares of the close, 0 for none.

    Confidence is clipped to 0 and 1; where it is not known it is 0.5. Both at once is neither.
    """
    action = enter.astype(np.int8) - leave.astype(np.int8)
    codes = (REASONS.index(reasons[0]), REASONS.index(reasons[1]))
    sure = np.clip(np.where(np.isfinite(confidence), confidence, 0.5), 0.0, 1.0)
    return Decisions(
        action,
        sure,
        close * (1.0 - stop) if stop else np.full(close.shape, np.nan),
        close * (1.0 + target) if target else np.full(close.shape, np.nan),
        np.where(action == ENTER, codes[0], codes[1]),
    ).only(np.isfinite(close))


def of_the_day(decisions: Decisions, bars: Bars) -> Decisions:
    """Decisions made on ``bars.chained``, with stops and targets as prices of their own day."""
    chain = bars.chain
    if chain is None:
        return decisions
    return replace(decisions, stop=decisions.stop / chain, target=decisions.target / chain)


def delayed(decisions: Decisions, *, sessions: int, close: np.ndarray) -> Decisions:
    """The same decisions ``sessions`` later; stops and targets keep their percent distance from the close.

    Raises ValueError for a negative delay, which would look ahead.
    """
    if sessions < 0:
        raise ValueError(f"a delay of {sessions} sessions looks ahead; give 0 or more")
    if not sessions:
        return decisions
    seen = carried(close)
    moved = [_later(getattr(decisions, one.name), sessions) for one in fields(decisions)]
    scale = seen / _later(seen, sessions)
    return Decisions(moved[0], moved[1], moved[2] * scale, moved[3] * scale, moved[4])


def _later(values: np.ndarray, rows: int) -> np.ndarray:
    found = np.zeros_like(values) if values.dtype.kind == "i" else np.full(values.shape, np.nan)
    found[rows:] = values[:-rows] if rows < len(values) else values[:0]
    return found


def stitched(parts: list[Decisions]) -> Decisions:
    """Decisions of one stretch of sessions after another, as one."""
    return Decisions(
        *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Decisions))
    )
