"""Several what-ifs of one portfolio: their names, and their measures side by side.

Each trades file is a what-if of its own, carried out on today's book and measured on the same market data.
The first of them is the one whose trades, suggestions and checks the page of ``portfolio/what_if`` shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import pandas as pd

from lib.contracts import conform, empty
from lib.portfolio.book_comparison import compare
from lib.portfolio.what_if import ChangedBook
from lib.tables import TABLES

NO_TRADES = "no trades"


def names_of(written: Sequence[str] | None) -> list[str]:
    """What each what-if is called: its file without folder and ending, numbered where two would be one.

    ``written`` are the files as a params file names them; without any there is one what-if, of no trades.
    """
    stems = pd.Series(
        [re.sub(r"[^A-Za-z0-9_-]+", "-", PurePosixPath(one).stem) for one in written or [NO_TRADES]],
        dtype="str",
    )
    place = stems.groupby(stems).cumcount() + 1
    return stems.where(place == 1, stems + "-" + place.astype("str")).tolist()


def side_by_side(
    base: pd.DataFrame, measured: Mapping[str, pd.DataFrame], changed: Mapping[str, ChangedBook]
) -> pd.DataFrame:
    """The table ``what_if_alternatives``: ``compare`` of today's book with each of the changed ones.

    ``base`` and ``measured`` as ``book_comparison.book_measures`` gives them, the latter by name.
    """
    table = TABLES["what_if_alternatives"]
    parts = [compare(base, one, changed[name]).assign(what_if=name) for name, one in measured.items()]
    if not parts:
        return empty(table)
    return conform(pd.concat(parts, ignore_index=True)[table.column_names], table)


def every_trade(changed: Mapping[str, ChangedBook]) -> pd.DataFrame:
    """The trades of every what-if, as table ``what_if_trades`` has those of one, led by its name."""
    parts = [one.trades.assign(what_if=name) for name, one in changed.items()]
    return pd.concat(parts, ignore_index=True)
