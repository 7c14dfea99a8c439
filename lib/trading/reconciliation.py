"""The difference between two equities as a sum of causes: a chain of replays, one cause fewer in each.

The first path is the account as it was, the last the backtest. What a cause made is the distance between the
two replays that differ in nothing else, so that all amounts add up to the whole whatever they are. The order
of the chain decides who gets what two causes do together; it is fixed and said on the page.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.tables.reconciliation import CAUSES, PATHS, RECONCILIATION, REPLAYS

ROUNDING = 1e-6
"""Money that is rounding between two ways of adding up the same account."""


def reconciled(paths: Mapping[str, np.ndarray], sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """The table ``account_reconciliation`` from the equity (T,) of every replay of ``REPLAYS``.

    Amounts under a millionth of money are rounding, and 0. Raises ValueError when a replay is missing or of
    another length.
    """
    wide = np.column_stack([_path(paths, name, len(sessions)) for name in REPLAYS])
    amounts = wide[:, :-1] - wide[:, 1:]
    amounts = np.where(np.abs(amounts) < ROUNDING, 0.0, amounts)
    change = np.diff(amounts, axis=0, prepend=np.zeros((1, len(CAUSES))))
    frame = pd.DataFrame(
        {
            "date": np.repeat(sessions.to_numpy(), len(CAUSES)),
            "cause": np.tile(np.array(CAUSES, dtype=object), len(sessions)),
            "amount": amounts.ravel(),
            "change": change.ravel(),
        }
    )
    return conform(frame, RECONCILIATION)


def replays(paths: Mapping[str, np.ndarray], sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """The table ``account_replays``."""
    wide = np.column_stack([_path(paths, name, len(sessions)) for name in REPLAYS])
    frame = pd.DataFrame(
        {
            "date": np.repeat(sessions.to_numpy(), len(REPLAYS)),
            "replay": np.tile(np.array(REPLAYS, dtype=object), len(sessions)),
            "equity": wide.ravel(),
        }
    )
    return conform(frame, PATHS)


def _path(paths: Mapping[str, np.ndarray], name: str, length: int) -> np.ndarray:
    if name not in paths or len(paths[name]) != length:
        found = f"{len(paths[name])} sessions" if name in paths else "none"
        raise ValueError(f"replay {name}: {found}; {length} are needed")
    return np.asarray(paths[name], dtype=float)
