"""What was held at the last snapshot: which symbols that asks for, and the last price each position had.

A position that left the file is closed at the price of today, which the run has only if its symbol is asked
for. What is valued by hand, or had left before, asks for nothing.
"""

from __future__ import annotations

import pandas as pd

from lib import codes

MANUAL = "MANUAL"


def last_held(history: pd.DataFrame) -> pd.DataFrame:
    """The rows of table ``snapshot_positions`` on its newest day that had not left by then."""
    newest = history["snapshot_date"] == history["snapshot_date"].max()
    return history[newest & (history["change"] != "exited")]


def symbols_left(history: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """Symbols of the last snapshot that no row of the portfolio file has any more, sorted.

    ``history`` is the table ``snapshot_positions`` before the day, ``rows`` the accepted rows of the file.
    """
    held = last_held(history)
    quoted = held[~codes.has(held["flags"], MANUAL)]
    return sorted(set(quoted["symbol"]) - set(rows["symbol"]))
