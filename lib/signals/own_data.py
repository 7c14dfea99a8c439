"""What of all data concerns one signal: its universe, its index, its factors and its events.

The tests of a signal read these tables and no others, so that a page says of its own data whether they are
real, whatever else the source holds.
"""

from __future__ import annotations

import pandas as pd

from lib.errors import QualityError
from lib.nearest import nearest


def own_data(
    tables: dict[str, pd.DataFrame],
    *,
    universe: str,
    benchmark: str | None,
    factor_set: str | None,
    events: str | None,
) -> dict[str, pd.DataFrame]:
    """The rows of the tables of ``lib.tables.signals`` that are of this universe, index, set and list.

    Names begin with ``universe_``; a table is empty where the signal names nothing of its kind. Raises
    QualityError for a name that the data do not hold, with the nearest one.
    """
    firms = _of(tables["signal_entities"], "universe", universe)
    ids = firms["entity"].unique()

    def of_firms(name: str) -> pd.DataFrame:
        frame = tables[name]
        return frame[frame["entity"].isin(ids)].reset_index(drop=True)

    return {
        "universe_entities": firms,
        "universe_memberships": _of(tables["signal_memberships"], "universe", universe),
        "universe_returns": of_firms("signal_returns"),
        "universe_delistings": of_firms("signal_delistings"),
        "universe_facts": of_firms("signal_facts"),
        "universe_benchmarks": _of(tables["signal_benchmarks"], "benchmark", benchmark),
        "universe_factors": _of(tables["factor_sets"], "factor_set", factor_set),
        "universe_events": _of(tables["signal_events"], "event_list", events),
    }


def _of(frame: pd.DataFrame, column: str, name: str | None) -> pd.DataFrame:
    """The rows of a name; none where there is no name."""
    own = frame[frame[column] == (name or "")].reset_index(drop=True)
    if name and own.empty:
        known = sorted(frame[column].unique())
        mend = nearest(name, known) or (f"there are {', '.join(known)}" if known else "the data hold none")
        raise QualityError(f"no {column.replace('_', ' ')} {name!r} in the data; {mend}")
    return own
