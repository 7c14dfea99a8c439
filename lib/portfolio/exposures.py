"""How much is long, how much is short, and where: totals of the book and its parts by five dimensions.

Gross is the sum of |exposure|, net the signed sum, long and short the sums of the positive and the negative
ones, so gross = long - short and net = long + short. Positions without a price are in no sum and are counted.
Notional counts an option by its underlying (|q| x 100 x S), all else by its market value. Tag groups overlap:
a position with two tags counts fully in both, so tag rows must never be added. The sums of a dimension are
one product: a sparse matrix with 1 where a position is in a group, times what is to be added.

Delta-adjusted exposure is what the underlyings would have to be held in to move alike: the exposure of shares
and funds, delta x multiplier x contracts x price of the underlying for options (the premium plays no part).
Manual valuations are left out. A sum is null where it lacks the Greeks of a priced option, or where all that
is held is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csc_array

from lib.book import delta_exposures
from lib.portfolio.tags import split_tags

NO_SECTOR = "no sector"
NOT_OPTION = "no expiry"
EXPIRY_EDGES = (30, 90, 180, 365)
EXPIRY_BUCKETS = ("up to 30 days", "31 to 90 days", "91 to 180 days", "181 to 365 days", "over 365 days")


@dataclass(frozen=True)
class Amounts:
    """What the sums are made of, one entry a position; money is 0 where it counts for none.

    ``exposure`` is money where ``priced``, ``delta`` is delta-adjusted and is where ``counted``; ``lacking``
    is an option that has a price but no Greeks.
    """

    held: np.ndarray
    priced: np.ndarray
    exposure: np.ndarray
    counted: np.ndarray
    lacking: np.ndarray
    delta: np.ndarray
    option: np.ndarray
    manual: np.ndarray

    def delta_sum(self, delta: np.ndarray) -> float:
        """Sum of delta-adjusted money; NaN where Greeks are lacking or all that is held is left out."""
        known = (self.counted.any() or not self.held.any()) and not self.lacking.any()
        return float(delta.sum()) if known else np.nan


def position_amounts(positions: pd.DataFrame, greeks: pd.DataFrame | None) -> Amounts:
    """Exposure and delta-adjusted exposure of each position: the latter the dollar delta of an option."""
    held = positions["quantity"].to_numpy() != 0
    option, manual = (np.asarray(positions["kind"].array == kind) for kind in ("option", "manual"))
    exposure = positions["exposure"].to_numpy()
    delta = delta_exposures(positions, greeks)
    priced, counted = held & ~np.isnan(exposure), held & ~np.isnan(delta)
    lacking = priced & option & ~counted
    money = (np.where(known, amount, 0.0) for known, amount in ((priced, exposure), (counted, delta)))
    return Amounts(held, priced, next(money), counted, lacking, next(money), option, manual)


def total_exposures(
    positions: pd.DataFrame, *, cash: float = 0.0, greeks: pd.DataFrame | Amounts | None = None
) -> pd.DataFrame:
    """The table ``exposures`` of a table ``positions``: one row a measure, money except counts and shares.

    ``free_cash`` is what buying back all that is short, at today's prices, would leave of cash, which holds
    the proceeds of short sales. ``manual_share`` is the part of net asset value that rests on manual
    valuations, null where that is not positive. Notional is null where an option has no price of its
    underlying. ``greeks`` is the table of that name, or what ``position_amounts`` made of it; without it no
    option has a delta-adjusted exposure.
    """
    amounts = greeks if isinstance(greeks, Amounts) else position_amounts(positions, greeks)
    money, priced, option, manual = amounts.exposure, amounts.priced, amounts.option, amounts.manual
    size = np.abs(money)
    long, short = float(np.maximum(money, 0.0).sum()), float(np.minimum(money, 0.0).sum())
    nav = long + short + cash
    measures = {
        "nav": nav,
        "cash": float(cash),
        "free_cash": float(cash) + short,
        "gross": long - short,
        "net": long + short,
        "long": long,
        "short": short,
        "long_count": np.count_nonzero(money > 0),
        "short_count": np.count_nonzero(money < 0),
        "stock_exposure": float(size[~option].sum()),
        "option_exposure": float(size[option].sum()),
        "manual_exposure": float(size[manual].sum()),
        "manual_share": float(money[manual].sum()) / nav if nav > 0 else np.nan,
        "notional": _notional(positions, priced & option, size),
        "delta_adjusted_net": amounts.delta_sum(amounts.delta),
        "delta_adjusted_gross": amounts.delta_sum(np.abs(amounts.delta)),
        "priced_count": np.count_nonzero(priced),
        "unpriced_count": np.count_nonzero(amounts.held & ~priced),
    }
    values = np.array(list(measures.values()), dtype="float64")
    return pd.DataFrame({"measure": pd.array(list(measures), dtype="str"), "value": values})


def group_exposures(
    positions: pd.DataFrame, *, as_of: str, greeks: pd.DataFrame | Amounts | None = None
) -> pd.DataFrame:
    """The table ``exposure_groups``: positions summed by tag, underlying, sector, type and expiry.

    Every dimension but ``tag`` adds up to the book. Groups of a dimension are in descending order of gross;
    one has a row when it has a priced position, or an option whose delta is known.
    """
    amounts = greeks if isinstance(greeks, Amounts) else position_amounts(positions, greeks)
    cuts = {
        "underlying": _categories(positions["underlying"]),
        "sector": _categories(positions["sector"].fillna(NO_SECTOR)),
        "position_type": _categories(positions["position_type"]),
        "expiry_bucket": _expiry_codes(positions["expiry"], pd.Timestamp(as_of)),
    }
    summed = _summed(amounts)
    parts = {"tag": _columns(*_tag_sums(positions["tags"], summed))}
    for name, (codes, names) in cuts.items():
        parts[name] = _columns(names, _sums(codes, len(names), summed))
    columns = {name: np.concatenate([part[name] for part in parts.values()]) for name in parts["tag"]}
    rows = [len(part["group"]) for part in parts.values()]
    columns = {"dimension": np.repeat(np.array(list(parts), dtype=object), rows), **columns}
    for name in ("dimension", "group"):
        columns[name] = pd.array(columns[name], dtype="str")
    return pd.DataFrame(columns)


def chosen_tags(tags: list[str], groups: pd.DataFrame) -> list[str]:
    """The tags asked for, or the largest one of the book where none is."""
    return tags or groups.loc[groups["dimension"] == "tag", "group"].head(1).tolist()


def filter_by_tags(positions: pd.DataFrame, tags: list[str], *, mode: str = "any") -> pd.DataFrame:
    """The positions that carry any of ``tags``, or all of them (``mode`` "any" or "all"); case is ignored.

    No tags: no position for "any", every position for "all". ValueError for another mode.
    """
    if mode not in ("any", "all"):
        raise ValueError(f"mode is {mode!r}; it can be 'any' or 'all'")
    wanted = {tag.casefold() for tag in tags}
    rows, codes, names = split_tags(positions["tags"])
    chosen = np.array([name.casefold() in wanted for name in names], dtype=bool)
    hits = np.bincount(rows[chosen[codes]] if len(codes) else [], minlength=len(positions))
    return positions[hits >= (len(wanted) if mode == "all" else 1)]


def _notional(positions: pd.DataFrame, option: np.ndarray, size: np.ndarray) -> float:
    contracts = np.abs(positions["quantity"].to_numpy()) * positions["multiplier"].to_numpy()
    return float(np.where(option, contracts * positions["underlying_price"].to_numpy(), size).sum())


def _summed(amounts: Amounts) -> np.ndarray:
    """Columns that are added up by group: long, short, priced, delta-adjusted, counted and lacking."""
    sides = np.maximum(amounts.exposure, 0.0), np.minimum(amounts.exposure, 0.0)
    return np.column_stack([*sides, amounts.priced, amounts.delta, amounts.counted, amounts.lacking])


def _sums(codes: np.ndarray, groups: int, summed: np.ndarray, repeats: Any = None) -> np.ndarray:
    """Rows of ``summed`` added up by group. ``codes`` are the groups that the rows are in, row by row;
    ``repeats`` says how many each is in where that is not one.
    """
    ends = np.arange(len(codes) + 1) if repeats is None else np.concatenate([[0], np.cumsum(repeats)])
    return csc_array((np.ones(len(codes)), codes, ends), shape=(groups, len(summed))) @ summed


def _tag_sums(cells: pd.Series, summed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tags and their sums: positions are added up by the whole of their tags first, then these by tag."""
    codes, different = _categories(cells)
    by_cell = _sums(codes, len(different), summed)
    tagged, tags, names = split_tags(pd.Series(different))
    return names, _sums(tags, len(names), by_cell, np.bincount(tagged, minlength=len(different)))


def _columns(names: np.ndarray, sums: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of ``exposure_groups`` for one dimension, from the sums by group of ``_summed``."""
    long, short, priced, delta, counted, lacking = sums.T
    order = np.argsort(short - long, kind="stable")
    order = order[(priced + counted)[order] > 0]
    columns = {
        "group": names,
        "gross": long - short,
        "net": long + short,
        "long": long,
        "short": short,
        "delta_adjusted": np.where((counted > 0) & (lacking == 0), delta, np.nan),
        "positions": priced.astype(np.int64),
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
