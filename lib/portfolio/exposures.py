"""How much is long, how much is short, and where: totals of the book and its parts by five dimensions.

Gross is the sum of |exposure|, net the signed sum, long and short the sums of the positive and the negative
ones, so gross = long - short and net = long + short. Positions without a price are in no sum and are counted.
Notional counts an option by its underlying (|q| x 100 x S), all else by its market value. Tag groups overlap:
a position with two tags counts fully in both, so tag rows must never be added. Sums are by ``numpy.bincount``
over the codes of the categories.

Delta-adjusted exposure is what the underlyings would have to be held in to move alike: the exposure of shares
and funds, delta x multiplier x contracts x price of the underlying for options (the premium plays no part).
Manual valuations are left out. A sum is null where it lacks the Greeks of a priced option, or where all that
is held is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.portfolio.tags import split_tags

NO_SECTOR = "no sector"
NOT_OPTION = "no expiry"
EXPIRY_EDGES = (30, 90, 180, 365)
EXPIRY_BUCKETS = ("up to 30 days", "31 to 90 days", "91 to 180 days", "181 to 365 days", "over 365 days")


def total_exposures(
    positions: pd.DataFrame, *, cash: float = 0.0, greeks: pd.DataFrame | Deltas | None = None
) -> pd.DataFrame:
    """The table ``exposures`` of a table ``positions``: one row a measure, money except counts and shares.

    ``manual_share`` is the part of net asset value that rests on manual valuations, null where that is not
    positive. Notional is null where an option has no price of its underlying. ``greeks`` is the table of that
    name, or what ``delta_exposures`` made of it; without it no option has a delta-adjusted exposure.
    """
    exposure = positions["exposure"].to_numpy()
    held = positions["quantity"].to_numpy() != 0
    priced = held & ~np.isnan(exposure)
    money = np.where(priced, exposure, 0.0)
    deltas = greeks if isinstance(greeks, Deltas) else delta_exposures(positions, greeks)
    option, manual = deltas.option, deltas.manual
    long, short = float(money[money > 0].sum()), float(money[money < 0].sum())
    nav = long + short + cash
    measures = {
        "nav": nav,
        "cash": float(cash),
        "gross": long - short,
        "net": long + short,
        "long": long,
        "short": short,
        "long_count": int((money > 0).sum()),
        "short_count": int((money < 0).sum()),
        "stock_exposure": float(np.abs(money[~option]).sum()),
        "option_exposure": float(np.abs(money[option]).sum()),
        "manual_exposure": float(np.abs(money[manual]).sum()),
        "manual_share": float(money[manual].sum()) / nav if nav > 0 else np.nan,
        "notional": _notional(positions, priced, option, money),
        "delta_adjusted_net": _delta_sum(deltas.money, deltas, held),
        "delta_adjusted_gross": _delta_sum(np.abs(deltas.money), deltas, held),
        "priced_count": int(priced.sum()),
        "unpriced_count": int((held & ~priced).sum()),
    }
    values = np.array(list(measures.values()), dtype="float64")
    return pd.DataFrame({"measure": pd.array(list(measures), dtype="str"), "value": values})


def group_exposures(
    positions: pd.DataFrame, *, as_of: str, greeks: pd.DataFrame | Deltas | None = None
) -> pd.DataFrame:
    """The table ``exposure_groups``: positions summed by tag, underlying, sector, type and expiry.

    Every dimension but ``tag`` adds up to the book. Groups of a dimension are in descending order of gross;
    one has a row when it has a priced position, or an option whose delta is known.
    """
    exposure = positions["exposure"].to_numpy()
    priced = ~np.isnan(exposure) & (positions["quantity"].to_numpy() != 0)
    tagged, tags, tag_names = split_tags(positions["tags"])
    cuts = {
        "underlying": _categories(positions["underlying"]),
        "sector": _categories(positions["sector"].fillna(NO_SECTOR)),
        "position_type": _categories(positions["position_type"]),
        "expiry_bucket": _expiry_codes(positions["expiry"], pd.Timestamp(as_of)),
    }
    money = np.where(priced, exposure, 0.0)
    deltas = greeks if isinstance(greeks, Deltas) else delta_exposures(positions, greeks)
    parts = [_sums("tag", tags, tag_names, money[tagged], priced[tagged], deltas.take(tagged))]
    parts += [_sums(name, *cut, money, priced, deltas) for name, cut in cuts.items()]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    for name in ("dimension", "group"):
        columns[name] = pd.array(columns[name], dtype="str")
    return pd.DataFrame(columns)


@dataclass(frozen=True)
class Deltas:
    """Delta-adjusted exposure of each position, money, 0 where it counts for none.

    ``counted``: it is known and in the sums; ``lacking``: an option that has a price but no Greeks.
    """

    money: np.ndarray
    counted: np.ndarray
    lacking: np.ndarray
    option: np.ndarray
    manual: np.ndarray

    def take(self, rows: np.ndarray) -> Deltas:
        """Those of the given row numbers."""
        arrays = (self.money, self.counted, self.lacking, self.option, self.manual)
        return Deltas(*(values[rows] for values in arrays))


def delta_exposures(positions: pd.DataFrame, greeks: pd.DataFrame | None) -> Deltas:
    """Delta-adjusted exposure by position: its exposure, or the dollar delta of an option."""
    held = positions["quantity"].to_numpy() != 0
    codes, kinds = _categories(positions["kind"])
    option, manual = (kinds == "option")[codes], (kinds == "manual")[codes]
    exposure = positions["exposure"].to_numpy()
    money = np.where(option | manual, np.nan, exposure)
    if greeks is not None and option.any():
        known = greeks.set_index("position_id")["delta_dollars"]
        money[option] = known.reindex(positions["position_id"][option]).to_numpy()
    counted = held & ~np.isnan(money)
    lacking = held & option & ~counted & ~np.isnan(exposure)
    return Deltas(np.where(counted, money, 0.0), counted, lacking, option, manual)


def totals_by_name(exposures: pd.DataFrame) -> dict[str, float]:
    """The table ``exposures`` as a mapping from measure to value."""
    return dict(zip(exposures["measure"], exposures["value"].astype("float64"), strict=True))


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


def _notional(positions: pd.DataFrame, priced: np.ndarray, option: np.ndarray, money: np.ndarray) -> float:
    size = np.abs(positions["quantity"].to_numpy()) * positions["multiplier"].to_numpy()
    underlying = size * positions["underlying_price"].to_numpy()
    return float(np.where(option & priced, underlying, np.abs(money)).sum())


def _delta_sum(money: np.ndarray, deltas: Deltas, held: np.ndarray) -> float:
    known = (deltas.counted.any() or not held.any()) and not deltas.lacking.any()
    return float(money.sum()) if known else np.nan


def _sums(
    dimension: str,
    codes: np.ndarray,
    names: np.ndarray,
    money: np.ndarray,
    priced: np.ndarray,
    deltas: Deltas,
) -> dict[str, np.ndarray]:
    """Columns of ``exposure_groups`` for one dimension.

    ``codes`` number the categories, aligned with ``money`` (0 without a price), ``priced`` and ``deltas``.
    """
    size = len(names)
    long = np.bincount(codes, weights=np.maximum(money, 0.0), minlength=size)
    short = np.bincount(codes, weights=np.minimum(money, 0.0), minlength=size)
    count = np.bincount(codes, weights=priced, minlength=size).astype(np.int64)
    delta = np.bincount(codes, weights=deltas.money, minlength=size)
    more = np.bincount(codes[deltas.counted & ~priced], minlength=size)
    fewer = np.bincount(codes[priced & ~deltas.counted], minlength=size)
    lacking = np.bincount(codes[deltas.lacking], minlength=size)
    counted = count + more - fewer
    order = np.argsort(short - long, kind="stable")
    order = order[(count + counted)[order] > 0]
    return {
        "dimension": np.full(len(order), dimension, dtype=object),
        "group": names[order],
        "gross": (long - short)[order],
        "net": (long + short)[order],
        "long": long[order],
        "short": short[order],
        "delta_adjusted": np.where((counted > 0) & (lacking == 0), delta, np.nan)[order],
        "positions": count[order],
    }


def _categories(labels: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    codes, names = pd.factorize(labels)
    return codes, names.to_numpy(dtype=object)


def _expiry_codes(expiry: pd.Series, day: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
    """Bucket of days to expiry for each position; the last bucket is for what does not expire."""
    left = expiry.to_numpy().astype("datetime64[D]") - np.datetime64(day, "D")
    codes = np.searchsorted(EXPIRY_EDGES, left.astype("int64"), side="left")
    names = np.array([*EXPIRY_BUCKETS, NOT_OPTION], dtype=object)
    return np.where(np.isnat(left), len(names) - 1, codes), names
