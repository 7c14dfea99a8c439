"""Does a rule know what it could not? Three audits of strategies and of the account that follows them.

*Look-ahead*: a history cut after a session must say the same up to it. *Fills at the open*: when what happens
after the open of a session is changed, what was bought and sold at that open must not change. *Warm-up*: a
history that begins later must say the same once the declared warm-up is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields

import numpy as np
import pandas as pd

from lib.trading.account_record import AccountRecord
from lib.trading.bars import Bars, changed
from lib.trading.decisions import Decisions

INTRADAY = ("STOP_TOUCHED", "TARGET_TOUCHED", "BARS_ENDED")
AFTER_OPEN = (1.3, 0.7)
"""What the prices after an open are multiplied by, once up and once down."""


def look_ahead(rule: Callable[[Bars], Decisions], bars: Bars, *, cuts: Iterable[int]) -> pd.DataFrame:
    """Where ``rule`` says otherwise when sessions from position ``cut`` on are not there.

    One row a cut, field and symbol: ``cut field symbol session`` (of the first difference); none when it is
    sound. Values are compared to the last digit, NaN equal to NaN.
    """
    whole, rows = rule(bars), []
    for cut in cuts:
        part = rule(bars.rows(0, cut))
        for one in fields(Decisions):
            before, after = getattr(whole, one.name)[:cut], getattr(part, one.name)
            odd = ~((before == after) | (_missing(before) & _missing(after)))
            for column in np.flatnonzero(odd.any(axis=0)):
                at = int(np.argmax(odd[:, column]))
                rows.append((bars.sessions[cut - 1], one.name, bars.symbols[column], bars.sessions[at]))
    return pd.DataFrame(rows, columns=["cut", "field", "symbol", "session"])


def fills_before_their_time(
    run: Callable[[Bars], AccountRecord], bars: Bars, *, cuts: Iterable[int]
) -> pd.DataFrame:
    """Fills at opens of the session at ``cut`` that change with what happens after that open.

    One row a cut, ``cut symbol``; none when it is sound. Symbols without an open at ``cut`` are not asked.
    """
    rows = set()
    for cut in cuts:
        known = np.isfinite(bars.open[cut])
        made = [_at_open(run(one), cut) for one in (bars.rows(0, cut + 1), *_otherwise(bars, cut))]
        for other in made[1:]:
            differing = {fill[0] for fill in made[0] ^ other}
            rows |= {(bars.sessions[cut], bars.symbols[column]) for column in differing if known[column]}
    return pd.DataFrame(sorted(rows), columns=["cut", "symbol"])


def _otherwise(bars: Bars, cut: int) -> list[Bars]:
    """The bars up to ``cut`` with other highs, lows, closes and volumes in their last session."""
    upto, found = bars.rows(0, cut + 1), []
    for factor in AFTER_OPEN:
        arrays = {name: getattr(upto, name).copy() for name in ("high", "low", "close", "volume")}
        for name in arrays:
            arrays[name][-1] *= factor
        opened = np.where(np.isfinite(upto.open[-1]), upto.open[-1], upto.close[-1])
        arrays["high"][-1] = np.fmax(arrays["high"][-1], opened)
        arrays["low"][-1] = np.fmin(arrays["low"][-1], opened)
        found.append(changed(upto, **arrays))
    return found


def _at_open(record: AccountRecord, row: int) -> set[tuple]:
    fills = record.fills
    own = fills.loc[(fills["row"] == row) & ~fills["reason"].isin(INTRADAY)]
    return set(own[["column", "side", "quantity", "price"]].itertuples(index=False, name=None))


def warm_up_gaps(
    rule: Callable[[Bars], Decisions], bars: Bars, *, warm_up: int, starts: Iterable[int]
) -> pd.DataFrame:
    """How often ``rule`` acts otherwise, after its warm-up, when its history begins at position ``start``.

    One row a start: ``start actions differing``, actions being those of the whole history after the warm-up
    of the shorter one. An average never forgets its seed wholly, so a few may differ.
    """
    whole, rows = rule(bars), []
    for start in starts:
        later = rule(bars.rows(start, len(bars.sessions))).action
        settled = np.cumsum(bars.has_bar[start:], axis=0) > warm_up
        expected = np.where(settled, whole.action[start:], 0)
        differing = int((settled & (expected != later)).sum())
        rows.append((bars.sessions[start], int((expected != 0).sum()), differing))
    return pd.DataFrame(rows, columns=["start", "actions", "differing"])


def _missing(values: np.ndarray) -> np.ndarray:
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, dtype=bool)
