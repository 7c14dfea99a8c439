"""How fast today's positions could be sold, or bought back, without being more than a part of the market.

A day takes ``participation`` of the average volume of the symbol, the lower of that of its last 21 and 63
sessions, each of which needs volume on half of its sessions. Volumes before a split count in today's shares
where prices are raw; a source of adjusted prices adjusts them itself. Lots of one symbol go together, net of
each other, and an option by the volume of its own contract. A symbol whose volume is not known has no days:
nothing stands in for it. Every day takes the same part, and what a sale does to the price is not counted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SPANS = (21, 63)
HORIZONS = (1, 5, 20)
UNKNOWN, IDLE, MANUAL = "volume_unknown", "not_traded", "manual"


def liquidity(positions: pd.DataFrame, prices: pd.DataFrame, *, participation: float = 0.10) -> pd.DataFrame:
    """Table ``liquidity`` of the positions held: average volumes, days to sell, part sold within days.

    ``participation`` is the part of average volume that is taken a day, a decimal. Days and parts are missing
    with their ``reason`` where no volume is known, the holding is valued by hand, or nothing was traded.
    """
    held = positions.loc[positions["quantity"] != 0].reset_index(drop=True)
    volumes = average_volumes(prices, held["symbol"])
    known = volumes.reindex(held["symbol"]).to_numpy()
    lower = np.fmin(known[:, 0], known[:, 1])
    units = held.groupby("symbol")["quantity"].transform("sum").abs().to_numpy("float64")
    manual = (held["kind"] == "manual").to_numpy()
    traded = ~manual & (lower > 0)
    days = np.where(traded, units / np.where(traded, participation * lower, 1.0), np.nan)
    reason = np.where(manual, MANUAL, np.where(np.isnan(lower), UNKNOWN, np.where(traded, "", IDLE)))
    return pd.DataFrame(
        {
            "position_id": held["position_id"].astype("str"),
            **{f"volume_{span}": known[:, place] for place, span in enumerate(SPANS)},
            "days_to_sell": days,
            **{f"sold_{days_of}": _sold(days, days_of) for days_of in HORIZONS},
            "reason": pd.array(reason, dtype="str"),
        }
    )


def average_volumes(prices: pd.DataFrame, symbols: pd.Series) -> pd.DataFrame:
    """Mean volume a session over the last 21 and 63 of the price table, symbols x spans, today's units."""
    sessions = np.sort(prices["date"].unique())[-max(SPANS) :]
    names = pd.Index(symbols.unique(), dtype="str")
    rows = prices[prices["date"].isin(sessions) & prices["symbol"].isin(names)]
    wide = _in_units_of_today(rows).reindex(index=sessions, columns=names)
    return pd.DataFrame({span: _mean(wide.tail(span), span) for span in SPANS}, index=names)


def sold_within(table: pd.DataFrame, exposure: pd.Series) -> pd.DataFrame:
    """Parts of gross ``exposure`` (by position_id) by horizon: days, sold, left, not_known; they add up to 1.

    Positions without a price have no exposure and are in no part. Missing where there is no exposure; what
    is sold and left is missing where no volume is known at all.
    """
    weight = table["position_id"].map(exposure).astype("float64").abs()
    whole = weight.sum()
    gross = whole if whole > 0 else np.nan
    unknown = float(weight[table["reason"].isin([UNKNOWN, MANUAL])].sum())
    sold = [(weight * table[f"sold_{days}"]).sum(min_count=1) for days in HORIZONS]
    parts = pd.DataFrame({"days": list(HORIZONS), "sold": np.array(sold) / gross})
    parts["not_known"] = unknown / gross
    return parts.assign(left=1.0 - parts["sold"] - parts["not_known"])


def _sold(days: np.ndarray, within: int) -> np.ndarray:
    """Part that is sold after so many days, 1 from ``days`` on."""
    return np.where(np.isnan(days), np.nan, within / np.maximum(days, within))


def _in_units_of_today(rows: pd.DataFrame) -> pd.DataFrame:
    """Volumes, days x symbols, times every later split where prices are raw."""
    ordered = rows.sort_values("date")
    split = ordered["split"].where(ordered["price_basis"] == "raw").fillna(1.0)
    after = split[::-1].groupby(ordered["symbol"][::-1]).cumprod()[::-1] / split
    volume = (ordered["volume"] * after).to_numpy("float64")
    shares = ordered[["date", "symbol"]].assign(volume=volume)
    return shares.pivot(index="date", columns="symbol", values="volume")  # noqa: PD010


def _mean(volumes: pd.DataFrame, span: int) -> pd.Series:
    return volumes.mean().where(volumes.notna().sum() * 2 >= span)
