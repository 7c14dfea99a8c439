"""What stands beside the score and never in it: how returns were spread, what an index fund missed, what an
investor with loads or a monthly plan had, and what two funds hold in common.

Rolling returns: of every 12, 36 or 60 months that end at a month end, a year where longer than one. Tracking
difference: an index fund's annual return less its benchmark's between the same days. Load-adjusted: the
period's return after the entry load and, where the period is shorter than the exit load's, the exit load.
Plan: money-weighted annual return (XIRR, 365 days to a year) of the same amount at each month end, valued at
the last NAV. Overlap: sum over holdings of the smaller of both weights, of the lists last disclosed.
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from lib.funds import bands, measures
from lib.funds.measured import Inputs
from lib.funds.nav_panel import View, codes_of, day_numbers, months_before
from lib.funds.similarity import STALE_AFTER

WINDOWS = {"1y": 12, "3y": 36, "5y": 60}
QUANTILES = {"lowest": 0.0, "quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "highest": 1.0}
FEWEST_PERIODS = 12
COLUMNS = ["fund_id", "measure", "window", "statistic", "value", "observations"]


def fund_extras(inputs: Inputs, scores: pd.DataFrame) -> pd.DataFrame:
    """The table ``fund_extras`` of the funds scored on the last date of ``scores``."""
    latest = latest_scores(scores)
    if latest.empty:
        return pd.DataFrame({name: [] for name in COLUMNS})
    rows = codes_of(latest["fund_id"], inputs.roster.ids)
    day = int(day_numbers(latest["score_date"])[0])
    view = inputs.navs.view(day)
    view = View(day, view.days, np.ascontiguousarray(view.levels[:, rows]))
    ids = latest["fund_id"].to_numpy(dtype=object)
    span = (measures.date_of(day).to_period("M") - measures.date_of(int(view.days[0])).to_period("M")).n
    levels = measures.monthly_levels(view, max(span, 1))
    parts = []
    for window, months in WINDOWS.items():
        parts += _rolling(ids, levels, window, months)
        parts += _tracking(inputs, view, ids, rows, window, months, latest)
        parts += _after_loads(inputs, view, ids, rows, window, months)
        parts += _plan(view, ids, levels, window, months)
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["value"].notna()].sort_values(COLUMNS[:4], ignore_index=True)


def latest_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last score date."""
    return scores[scores["score_date"] == scores["score_date"].max()].reset_index(drop=True)


def _frame(ids: np.ndarray, measure: str, window: str, statistic: str, value: Any, seen: Any) -> pd.DataFrame:
    said = {"fund_id": ids, "measure": measure, "window": window, "statistic": statistic}
    return pd.DataFrame({**said, "value": value, "observations": np.broadcast_to(seen, len(ids))})


def rolling_returns(levels: np.ndarray, months: int) -> np.ndarray:
    """Return of every so many months, a year where longer, from levels at month ends (months x funds)."""
    if len(levels) <= months:
        return np.full((0, levels.shape[1]), np.nan)
    return (levels[months:] / levels[:-months]) ** (12 / months) - 1


def _rolling(ids: np.ndarray, levels: np.ndarray, window: str, months: int) -> list[pd.DataFrame]:
    rolling = rolling_returns(levels, months)
    seen = np.count_nonzero(~np.isnan(rolling), axis=0)
    chosen = np.flatnonzero(seen >= FEWEST_PERIODS)
    if not len(chosen):
        return []
    rolling, seen, ids = rolling[:, chosen], seen[chosen], ids[chosen]
    found = np.nanquantile(rolling, list(QUANTILES.values()), axis=0)
    shares = np.count_nonzero(rolling < 0, axis=0) / seen
    values = dict(zip(QUANTILES, found, strict=True)) | {"below_zero": shares}
    return [_frame(ids, "rolling_return", window, name, value, seen) for name, value in values.items()]


def _period(view: View, months: int) -> tuple[np.ndarray, np.ndarray]:
    """Growth over so many months and the days in between, by the rules of the score."""
    end, end_day = view.at(view.day, measures.END_STALE)
    start, start_day = view.at(months_before(measures.date_of(view.day), months), measures.START_STALE)
    return end / start, np.where(end_day > start_day, end_day - start_day, np.nan)


def _annual(growth: np.ndarray, days: np.ndarray, months: int) -> np.ndarray:
    return (growth ** (measures.YEAR / days) if months > 12 else growth) - 1


def _tracking(
    inputs: Inputs,
    view: View,
    ids: np.ndarray,
    rows: np.ndarray,
    window: str,
    months: int,
    latest: pd.DataFrame,
) -> list[pd.DataFrame]:
    index = np.array([bands.kind_of(one) == "index" for one in latest["category"]], dtype=bool)
    if not index.any() or not len(inputs.benchmarks.names):
        return []
    named = inputs.text("benchmark", view.day)[rows]
    named = np.where(named == "", inputs.rules.benchmark or "", named)
    place = codes_of(pd.Series(named, dtype="str"), inputs.benchmarks.names)
    index &= place >= 0
    own, days = _period(view, months)
    other, other_days = _period(inputs.benchmarks.view(view.day), months)
    gap = _annual(own, days, months) - _annual(other, other_days, months)[place]
    gap = np.where(days == other_days[place], gap, np.nan)
    return [_frame(ids[index], "tracking_difference", window, "value", gap[index], months)]


def _after_loads(
    inputs: Inputs, view: View, ids: np.ndarray, rows: np.ndarray, window: str, months: int
) -> list[pd.DataFrame]:
    entry = np.nan_to_num(inputs.fact("entry_load", view.day)[rows])
    leave = inputs.fact("exit_load", view.day)[rows]
    until = np.nan_to_num(inputs.fact("exit_load_days", view.day)[rows])
    growth, days = _period(view, months)
    taken = np.where(days < until, np.nan_to_num(leave), 0.0)
    value = _annual((1 - entry) * growth * (1 - taken), days, months)
    known = ~np.isnan(leave) | (entry > 0)
    return [_frame(ids[known], "load_adjusted_return", window, "value", value[known], months)]


def _plan(view: View, ids: np.ndarray, levels: np.ndarray, window: str, months: int) -> list[pd.DataFrame]:
    if len(levels) < months:
        return []
    last, last_day = view.at(view.day, measures.END_STALE)
    paid, days = levels[-months:], measures.month_ends(view.day, months)[1:]
    whole = np.flatnonzero(~np.isnan(paid).any(axis=0) & ~np.isnan(last) & (days[-1] <= last_day + 3))
    worth = (last[whole] / paid[:, whole]).sum(axis=0)
    value = [
        plan_return(days, months, amount, end)
        for amount, end in zip(worth.tolist(), np.maximum(last_day[whole], days[-1]).tolist(), strict=True)
    ]
    return [_frame(ids[whole], "plan_return", window, "value", value, months)]


def plan_return(days: list[int], months: int, worth: float, end: int) -> float:
    """Money-weighted annual return of 1 paid in on each of ``days``, worth so much on the day ``end``."""
    from pyxirr import xirr

    dates = [datetime.date.fromordinal(day + 719163) for day in (*days, end)]
    found = xirr(dates, [*([-1.0] * months), worth])
    return float("nan") if found is None else float(found)


def fund_overlap(
    inputs: Inputs, holdings: pd.DataFrame, funds: pd.DataFrame, scores: pd.DataFrame, *, most: int = 20
) -> pd.DataFrame:
    """The table ``fund_overlap`` of the ``most`` best funds of the last date that disclosed holdings."""
    latest = latest_scores(scores).sort_values(["score_scaled", "fund_id"], ascending=[False, True])
    ids = latest["fund_id"].to_numpy(dtype=object)
    none = pd.DataFrame({"fund_id": [], "other_id": [], "overlap": [], "common": []})
    if not len(ids):
        return none.astype({"common": "int64"})
    day = int(day_numbers(latest["score_date"])[0])
    own = newest_holdings(inputs, holdings, funds, ids, day)
    held = own[own["kind"] != "cash"].copy()
    ids = np.array([one for one in ids if one in set(held["fund_id"])][:most], dtype=object)
    if len(ids) < 2:
        return none.astype({"common": "int64"})
    held["what"] = held["symbol"].where(held["symbol"].notna(), held["name"])
    row = codes_of(held["fund_id"], ids)
    what, names = pd.factorize(held["what"])
    weights = np.zeros((len(ids) + 1, len(names)))
    np.add.at(weights, (row, what), np.maximum(held["weight"].to_numpy(), 0.0))
    weights = weights[: len(ids)]
    smaller = np.minimum(weights[:, None, :], weights[None, :, :])
    first, second = np.triu_indices(len(ids), 1)
    return pd.DataFrame(
        {
            "fund_id": ids[first],
            "other_id": ids[second],
            "overlap": smaller.sum(axis=2)[first, second],
            "common": np.count_nonzero(smaller, axis=2)[first, second],
        }
    ).sort_values(["overlap", "fund_id", "other_id"], ascending=[False, True, True], ignore_index=True)


def newest_holdings(
    inputs: Inputs, holdings: pd.DataFrame, funds: pd.DataFrame, ids: np.ndarray, day: int
) -> pd.DataFrame:
    """Rows of the newest list of each of ``ids`` known on a day, not older than 95 days, by the scored fund.

    The lists of a scheme may stand under another of its plans; ``fund_id`` is that of ``ids`` here.
    """
    roster = inputs.roster
    scheme = np.append(codes_of(funds["scheme"], roster.schemes), -1)[
        codes_of(holdings["fund_id"], funds["fund_id"].to_numpy(dtype=object))
    ]
    of = np.full(len(roster.schemes) + 1, -1)
    place = codes_of(pd.Series(ids, dtype="str"), roster.ids)
    of[roster.scheme[place]] = np.arange(len(ids))
    owner = of[scheme]
    dated, known = day_numbers(holdings["holding_date"]), day_numbers(holdings["known_at"])
    keep = (owner >= 0) & (known <= day) & (dated >= day - STALE_AFTER) & (dated <= day)
    newest = np.zeros(len(ids), dtype="int64")
    np.maximum.at(newest, owner[keep], dated[keep])
    keep[keep] = dated[keep] == newest[owner[keep]]
    return holdings[keep].assign(fund_id=ids[owner[keep]])
