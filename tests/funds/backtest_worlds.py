"""Small worlds of a fund backtest: NAVs and scores by hand, and generated ones whose skill is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from worlds import facts, levels, navs, table

from lib.funds.backtest_inputs import backtest_inputs
from lib.funds.choosing import Choice
from lib.tables.fund_scores import LEAVES

EVENTS = ["fund_id", "event", "date", "successor", "known_at"]


def scores(*rows) -> pd.DataFrame:
    """Rows (score_date, fund_id, score) or with category, or with quartile too."""
    names = ["score_date", "fund_id", "score_scaled", "category", "quartile"]
    full = [(*row, *("Large Cap Fund", np.nan)[len(row) - 3 :]) for row in rows]
    return scored(pd.DataFrame(full, columns=names))


def scored(frame: pd.DataFrame) -> pd.DataFrame:
    """``fund_scores`` from score_date, fund_id, score_scaled, category, quartile; the rest is filler."""
    filler = {f"{leaf}_value": np.nan for leaf in LEAVES} | dict.fromkeys(LEAVES, np.nan)
    fixed = {
        "peer_group": frame["category"],
        "name": frame["fund_id"].str.upper(),
        "historical_returns": 0.0,
        "risk_grade": 0.0,
        "other_metrics": 0.0,
        "total_score": frame["score_scaled"].fillna(0.0),
        "score_available_max": 100.0,
        "category_rank": np.nan,
        "category_total": 4,
        "recommendation": "BUY",
        "market_stance": "neutral",
        "flags": "",
        "origin": "generated",
    }
    return table(
        "fund_scores", frame.assign(**filler, **(fixed | {k: frame[k] for k in fixed if k in frame}))
    )


def events(*rows) -> pd.DataFrame:
    """Rows (fund_id, event, date, successor, known_at); the last two may be left out."""
    full = [(*row, *(None, row[2])[len(row) - 3 :]) for row in rows]
    return table("fund_events", pd.DataFrame(full, columns=EVENTS))


def wide(start: str, **columns) -> pd.DataFrame:
    """NAVs by hand on consecutive weekdays."""
    size = max(len(one) for one in columns.values())
    days = pd.bdate_range(start, periods=size)
    return pd.DataFrame({name: pd.Series(one, index=days[: len(one)]) for name, one in columns.items()})


def inputs(scored_rows, nav_frame, *, ends=None, terms=(), end=None, **more):
    """``backtest_inputs`` of a small world, up to the last NAV."""
    long = nav_frame if "fund_id" in nav_frame else plain_navs(nav_frame)
    last = end or f"{long['date'].max():%Y-%m-%d}"
    return backtest_inputs(
        scored_rows, long, events() if ends is None else ends, facts(*terms), end=last, **more
    )


def plain_navs(nav_frame) -> pd.DataFrame:
    """``fund_navs`` without the check of its contract, since tests make thousands of worlds."""
    values = nav_frame.to_numpy(dtype="float64").ravel()
    days = nav_frame.index.astype("datetime64[us]").repeat(nav_frame.shape[1])
    ids = pd.array(np.tile(nav_frame.columns.to_numpy(object), len(nav_frame)), dtype="str")
    long = pd.DataFrame(
        {"fund_id": ids, "date": days, "nav": values, "known_at": days, "origin": "generated"}
    )
    return long[long["nav"].notna()].reset_index(drop=True)


def generated(
    *, funds=40, years=6, skill=0.0, seed=1, categories=2, volatility=0.15, start="2015-01-01", spread=0.06
):
    """Scores at every month end and NAVs: the score is ``skill`` of each fund's true drift, the rest noise.

    The drift of a fund is drawn anew each year, so that a year's score speaks of that year only.
    """
    rng = np.random.default_rng(seed)
    days = pd.bdate_range(start, periods=252 * years)
    ids = np.array([f"f{number:04d}" for number in range(funds)])
    blocks = -(-len(days) // 252)
    drift = rng.normal(0, spread, (blocks, funds))
    market = rng.normal(0.0003, 0.008, (len(days), 1))
    own = rng.normal(0, volatility / np.sqrt(252) / 2, (len(days), funds))
    returns = market + own + np.repeat(drift, 252, axis=0)[: len(days)] / 252
    paths = pd.DataFrame(10 * np.cumprod(1 + returns, axis=0), index=days, columns=ids)
    ends = pd.DatetimeIndex(sorted(set(days.to_period("M").to_timestamp(how="end").normalize())))
    ends = ends[ends <= days[-1]]
    known = drift[np.minimum(days.searchsorted(ends), len(days) - 1) // 252] / spread
    points = skill * known + np.sqrt(1 - skill**2) * rng.normal(0, 1, known.shape)
    frame = pd.DataFrame(
        {
            "score_date": np.repeat(ends, funds),
            "fund_id": np.tile(ids, len(ends)),
            "score_scaled": np.clip(50 + 12 * points.ravel(), 0, 100),
            "category": np.tile([f"Category {number % categories}" for number in range(funds)], len(ends)),
        }
    )
    rank = frame.groupby(["score_date", "category"])["score_scaled"].rank(ascending=False, method="first")
    size = frame.groupby(["score_date", "category"])["score_scaled"].transform("size")
    return scored(frame.assign(quartile=np.ceil(4 * rank / size))), paths


__all__ = ["Choice", "events", "facts", "generated", "inputs", "levels", "navs", "scored", "scores", "wide"]
