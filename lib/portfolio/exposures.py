"""How much is long, how much is short, and where: totals of the book and its parts by five dimensions.

Gross is the sum of |exposure|, net the signed sum, long and short the sums of the positive and the negative
ones, so gross = long - short and net = long + short. Positions without a price are in no sum and are counted.
Notional counts an option by its underlying (|q| x 100 x S), all else by its market value. Tag groups overlap:
a position with two tags counts fully in both, so tag rows must never be added. Sums are by ``numpy.bincount``
over the codes of the categories.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.portfolio.tags import split_tags

NO_SECTOR = "no sector"
NOT_OPTION = "no expiry"
EXPIRY_EDGES = (30, 90, 180, 365)
EXPIRY_BUCKETS = ("up to 30 days", "31 to 90 days", "91 to 180 days", "181 to 365 days", "over 365 days")

GROUP_COLUMNS = ["dimension", "group", "gross", "net", "long", "short", "delta_adjusted", "positions"]


def total_exposures(positions: pd.DataFrame, *, cash: float = 0.0) -> pd.DataFrame:
    """The table ``exposures`` of a table ``positions``: one row a measure, money except counts and shares.

    ``manual_share`` is the part of net asset value that rests on manual valuations, null where that is not
    positive. Delta-adjusted exposure is null until there are Greeks; notional is null where an option has no
    price of its underlying.
    """
    exposure = positions["exposure"].to_numpy()
    held = (positions["quantity"] != 0).to_numpy()
    priced = held & ~np.isnan(exposure)
    money = np.where(priced, exposure, 0.0)
    kind = positions["kind"]
    option, manual = (kind == "option").to_numpy(), (kind == "manual").to_numpy()
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
        "delta_adjusted_net": np.nan,
        "delta_adjusted_gross": np.nan,
        "priced_count": int(priced.sum()),
        "unpriced_count": int((held & ~priced).sum()),
    }
    return pd.DataFrame(
        {"measure": list(measures), "value": np.array(list(measures.values()), dtype="float64")}
    )


def group_exposures(positions: pd.DataFrame, *, as_of: str) -> pd.DataFrame:
    """The table ``exposure_groups``: priced positions summed by tag, underlying, sector, type and expiry.

    Every dimension but ``tag`` adds up to the book. Groups are in descending order of gross.
    """
    exposure = positions["exposure"].to_numpy()
    rows = np.flatnonzero(~np.isnan(exposure) & (positions["quantity"] != 0).to_numpy())
    money = exposure[rows]
    tagged, tag_codes, tag_names = split_tags(positions["tags"].iloc[rows])
    parts = [_sums("tag", tag_codes, tag_names, money[tagged])]
    for dimension, labels in (
        ("underlying", positions["underlying"]),
        ("sector", positions["sector"].fillna(NO_SECTOR)),
        ("position_type", positions["position_type"]),
    ):
        codes, names = pd.factorize(labels)
        parts.append(_sums(dimension, codes[rows], list(names), money))
    codes, names = _expiry_codes(positions["expiry"], pd.Timestamp(as_of))
    parts.append(_sums("expiry_bucket", codes[rows], names, money))
    return pd.concat(parts, ignore_index=True)


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
    size = (positions["quantity"].abs() * positions["multiplier"]).to_numpy()
    underlying = size * positions["underlying_price"].to_numpy()
    return float(np.where(option & priced, underlying, np.abs(money)).sum())


def _sums(dimension: str, codes: np.ndarray, names: list[str], money: np.ndarray) -> pd.DataFrame:
    """One row a category that has a position; ``codes`` number the categories, aligned with ``money``."""
    size = len(names)
    long = np.bincount(codes, weights=np.maximum(money, 0.0), minlength=size)
    short = np.bincount(codes, weights=np.minimum(money, 0.0), minlength=size)
    count = np.bincount(codes, minlength=size)
    order = np.argsort(short - long, kind="stable")
    order = order[count[order] > 0]
    columns = {
        "dimension": dimension,
        "group": np.array(names, dtype=object)[order],
        "gross": (long - short)[order],
        "net": (long + short)[order],
        "long": long[order],
        "short": short[order] + 0.0,
        "delta_adjusted": np.nan,
        "positions": count[order],
    }
    frame = pd.DataFrame(columns, columns=GROUP_COLUMNS, index=range(len(order)))
    return frame.astype({"dimension": "str", "group": "str", "delta_adjusted": "float64"})


def _expiry_codes(expiry: pd.Series, day: pd.Timestamp) -> tuple[np.ndarray, list[str]]:
    """Bucket of days to expiry for each position; the last bucket is for what does not expire."""
    days = ((expiry - day) / pd.Timedelta(days=1)).to_numpy()
    codes = np.searchsorted(EXPIRY_EDGES, days, side="left")
    names = [*EXPIRY_BUCKETS, NOT_OPTION]
    return np.where(np.isnan(days), len(names) - 1, codes), names
