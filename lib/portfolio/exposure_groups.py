"""Where the book is: exposures, profit, Greeks and counts by seven dimensions.

Tags, strategies and sets of tags overlap: a position with two tags counts fully in both, so these rows must
never be added. Each of the other dimensions adds up to the book. The sums of a dimension are one product: a
sparse matrix with 1 where a position is in a group, times what is to be added.

Profit of the day and unrealised profit are summed over the positions that have one; realised profit is that
of the rows that were exited or have expired. Greeks are of the position, shares and funds counting with their
exposure as delta and with nothing else; a sum is null where it lacks the Greeks of a priced option.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csc_array

from lib.portfolio.exposures import Amounts, position_amounts
from lib.portfolio.tag_sets import TagSet
from lib.portfolio.tags import STRATEGY, carrying, split_tags

OVERLAPPING = ("tag", "strategy", "tag_set")
NO_SECTOR = "no sector"
NOT_OPTION = "no expiry"
EXPIRY_EDGES = (30, 90, 180, 365)
EXPIRY_BUCKETS = ("up to 30 days", "31 to 90 days", "91 to 180 days", "181 to 365 days", "over 365 days")
GREEKS = {
    "gamma_dollars": "gamma_dollars",
    "theta": "position_theta",
    "vega": "position_vega",
    "rho": "position_rho",
}
"""Columns of ``exposure_groups`` and the columns of ``greeks`` that they add up."""


def group_exposures(
    positions: pd.DataFrame,
    *,
    as_of: str,
    greeks: pd.DataFrame | None = None,
    amounts: Amounts | None = None,
    tag_sets: Sequence[TagSet] = (),
) -> pd.DataFrame:
    """The table ``exposure_groups``: positions summed by each dimension.

    ``positions`` and ``greeks`` are the tables of those names, ``amounts`` what ``position_amounts`` made of
    them. Groups of a dimension are in descending order of gross, sets of tags as they are given. A group has
    a row when it has a priced position, an option whose delta is known, or profit of what was closed.
    """
    amounts = amounts or position_amounts(positions, greeks)
    summed = _summed(positions, greeks, amounts)
    cuts = {
        "underlying": _categories(positions["underlying"]),
        "sector": _categories(positions["sector"].fillna(NO_SECTOR)),
        "position_type": _categories(positions["position_type"]),
        "expiry_bucket": _expiry_codes(positions["expiry"], pd.Timestamp(as_of)),
    }
    parts = _tag_parts(positions["tags"], summed)
    parts["tag_set"] = _set_part(positions["tags"], tag_sets, summed)
    for name, (codes, names) in cuts.items():
        parts[name] = _columns(names, _sums(codes, len(names), summed))
    columns = {name: np.concatenate([part[name] for part in parts.values()]) for name in parts["tag"]}
    rows = [len(part["group"]) for part in parts.values()]
    columns = {"dimension": np.repeat(np.array(list(parts), dtype=object), rows), **columns}
    for name in ("dimension", "group"):
        columns[name] = pd.array(columns[name], dtype="str")
    return pd.DataFrame(columns)


def _summed(positions: pd.DataFrame, greeks: pd.DataFrame | None, amounts: Amounts) -> np.ndarray:
    """Columns that are added up by group, in the order in which ``_columns`` takes them apart."""
    exposure = amounts.exposure
    profits = [positions[name].to_numpy() for name in ("daily_pnl", "unrealized_pnl", "realized_pnl")]
    known = [~np.isnan(profit) for profit in profits]
    return np.column_stack(
        [
            np.maximum(exposure, 0.0),
            np.minimum(exposure, 0.0),
            amounts.held,
            amounts.priced,
            exposure > 0,
            exposure < 0,
            amounts.delta,
            amounts.counted,
            amounts.lacking,
            *_position_greeks(positions, greeks, amounts),
            *(np.where(seen, profit, 0.0) for seen, profit in zip(known, profits, strict=True)),
            known[0],
            amounts.held & ~known[0],
            known[2] | (~amounts.held & known[0] & (profits[0] != 0)),
        ]
    )


def _position_greeks(
    positions: pd.DataFrame, greeks: pd.DataFrame | None, amounts: Amounts
) -> list[np.ndarray]:
    """Greeks of each position in the order of ``GREEKS``; 0 for what is no option, or is not counted."""
    sums = [np.zeros(len(positions)) for _ in GREEKS]
    chosen = amounts.option & amounts.counted
    if greeks is not None and chosen.any():
        rows = greeks.set_index("position_id")[[*GREEKS.values()]]
        values = rows.reindex(positions["position_id"][chosen]).to_numpy()
        for place, column in enumerate(sums):
            column[chosen] = values[:, place]
    return sums


def _sums(codes: np.ndarray, groups: int, summed: np.ndarray, repeats: Any = None) -> np.ndarray:
    """Rows of ``summed`` added up by group. ``codes`` are the groups that the rows are in, row by row;
    ``repeats`` says how many each is in where that is not one.
    """
    ends = np.arange(len(codes) + 1) if repeats is None else np.concatenate([[0], np.cumsum(repeats)])
    return csc_array((np.ones(len(codes)), codes, ends), shape=(groups, len(summed))) @ summed


def _tag_parts(cells: pd.Series, summed: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """Tags and strategies: positions are added up by the whole of their tags first, then these by tag."""
    codes, different = _categories(cells)
    by_cell = _sums(codes, len(different), summed)
    tagged, tags, names = split_tags(pd.Series(different))
    sums = _sums(tags, len(names), by_cell, np.bincount(tagged, minlength=len(different)))
    strategy = np.array([name.startswith(STRATEGY) for name in names], dtype=bool)
    bare = np.array([name.removeprefix(STRATEGY) for name in names], dtype=object)
    return {
        "tag": _columns(bare[~strategy], sums[~strategy]),
        "strategy": _columns(bare[strategy], sums[strategy]),
    }


def _set_part(cells: pd.Series, sets: Sequence[TagSet], summed: np.ndarray) -> dict[str, np.ndarray]:
    """Sets of tags that some position carries, in the order given."""
    rows = [carrying(cells, one.tags, mode=one.mode) for one in sets]
    names = np.array([one.name for one in sets], dtype=object)
    carried = np.array(rows, dtype="float64").reshape(len(sets), len(cells))
    return _columns(names, carried @ summed, ordered=False)


def _columns(names: np.ndarray, sums: np.ndarray, *, ordered: bool = True) -> dict[str, np.ndarray]:
    """Columns of ``exposure_groups`` for one dimension, from the sums by group of ``_summed``."""
    long, short, held, priced, longs, shorts, delta, counted, lacking, *rest = sums.T
    *greeks, daily, unrealised, realised, with_daily, without_daily, closed = rest
    order = np.argsort(short - long, kind="stable") if ordered else np.arange(len(names))
    order = order[(priced + counted + closed)[order] > 0]
    sensitive = ((counted > 0) | (held == 0)) & (lacking == 0)
    columns = {
        "group": names,
        "gross": long - short,
        "net": long + short,
        "long": long,
        "short": short,
        "delta_adjusted": np.where(sensitive, delta, np.nan),
        **{name: np.where(sensitive, one, np.nan) for name, one in zip(GREEKS, greeks, strict=True)},
        "daily_pnl": np.where(with_daily > 0, daily, np.nan),
        "unrealized_pnl": np.where((priced > 0) | (held == 0), unrealised, np.nan),
        "realized_pnl": realised,
        "positions": priced.astype(np.int64),
        "long_positions": longs.astype(np.int64),
        "short_positions": shorts.astype(np.int64),
        "without_daily_pnl": without_daily.astype(np.int64),
    }
    return {name: values[order] for name, values in columns.items()}


def _categories(labels: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    codes, names = pd.factorize(labels.array, use_na_sentinel=False)
    return codes, names.to_numpy(dtype=object)


def _expiry_codes(expiry: pd.Series, day: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
    """Bucket of days to expiry for each position; the last bucket is for what does not expire."""
    days = expiry.to_numpy()
    edges = np.datetime64(day, "D") + np.array(EXPIRY_EDGES)
    codes = np.searchsorted(edges.astype(days.dtype), days)
    names = np.array([*EXPIRY_BUCKETS, NOT_OPTION], dtype=object)
    return np.where(np.isnat(days), len(names) - 1, codes), names
