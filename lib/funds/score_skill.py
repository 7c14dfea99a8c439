"""Do the scores say anything about the returns that follow, and do good funds stay good?

For each score date and horizon: the rank correlation (Spearman) of the score with the return from the first
NAV after that date to the first business day after date + horizon, over all funds and within categories
(percentile ranks inside each category), and the mean return of quartile 1 less that of quartile 4. A fund
that ends keeps its last NAV, so the dead are in. Windows that are not complete are left out. Means over the
dates have intervals for overlapping windows (``lib.stats.overlapping``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.funds.fund_ends import FundEnds
from lib.funds.known_navs import KnownNavs, day_number
from lib.stats.overlapping import mean_interval
from lib.tables.fund_backtests import NEXT, SKILLS

HORIZONS = (3, 6, 12)
FEWEST_FUNDS = 5
"""A correlation of fewer funds says nothing."""
FEWEST_PEERS = 2
DAYS_A_MONTH = 30.4375


def later_returns(scores: pd.DataFrame, navs: KnownNavs, *, months: int) -> pd.DataFrame:
    """The scored rows with ``later``, the return over the months after each, and ``known_on``, its last day.

    Rows without a NAV to buy at, and dates whose window is not over, are left out.
    """
    dates = pd.DatetimeIndex(scores["score_date"].unique()).sort_values()
    parts = []
    for day in dates:
        begin, end = navs.row_after(day), navs.row_after(day + pd.DateOffset(months=months))
        if end >= len(navs.days):
            continue
        rows = scores[scores["score_date"] == day]
        columns = navs.columns_of(rows["fund_id"])
        gain = np.full(len(rows), np.nan)
        gain[columns >= 0] = navs.gain(columns[columns >= 0], after=day_number(day), first=begin, last=end)
        parts.append(rows.assign(later=gain, known_on=navs.days[end], horizon_months=months))
    if not parts:
        return scores.iloc[:0].assign(later=0.0, known_on=pd.NaT, horizon_months=months)
    whole = pd.concat(parts, ignore_index=True)
    return whole[whole["later"].notna()]


def score_ic(scores: pd.DataFrame, navs: KnownNavs, *, horizons: tuple[int, ...] = HORIZONS) -> pd.DataFrame:
    """The table ``fund_score_ic`` for scored rows of the allowed categories."""
    scored = scores[scores["score_scaled"].notna()]
    parts = [_of_horizon(later_returns(scored, navs, months=months)) for months in horizons]
    table = pd.concat(parts, ignore_index=True)
    return table.astype(
        {
            "score_date": "datetime64[us]",
            "known_on": "datetime64[us]",
            "horizon_months": "int64",
            "funds": "int64",
            "value": "float64",
            "measure": "str",
        }
    ).sort_values(["score_date", "horizon_months", "measure"], ignore_index=True)


def skill(ic: pd.DataFrame, *, horizons: tuple[int, ...] = HORIZONS) -> pd.DataFrame:
    """The table ``fund_score_skill``: mean and interval of each measure and horizon over the score dates."""
    rows = []
    for measure in SKILLS:
        for months in horizons:
            own = ic[(ic["measure"] == measure) & (ic["horizon_months"] == months)].sort_values("score_date")
            overlap = overlapping_dates(pd.DatetimeIndex(own["score_date"]), months)
            found = mean_interval(own["value"], overlap=overlap)
            rows.append(
                {
                    "measure": measure,
                    "horizon_months": months,
                    "mean": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "std_error": found.std_error,
                    "dates": found.observations,
                    "independent": found.observations / (overlap + 1),
                    "positive": float((own["value"] > 0).mean()) if len(own) else np.nan,
                }
            )
    return pd.DataFrame(rows)


def overlapping_dates(dates: pd.DatetimeIndex, months: int) -> int:
    """How many later dates lie inside the window of one, by the median distance between dates."""
    if len(dates) < 2:
        return 0
    step = float(np.median(np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(float)))
    return max(int(np.ceil(months * DAYS_A_MONTH / step - 0.25)) - 1, 0)


def transitions(
    scores: pd.DataFrame,
    ends: FundEnds,
    navs: KnownNavs,
    *,
    horizons: tuple[int, ...] = HORIZONS,
) -> pd.DataFrame:
    """The table ``fund_quartile_transitions``: where funds with a quartile at a score date were later.

    Later is the last score date on or before that many months after; pairs of which it is not there yet are
    left out. A fund that had ended by then is ``ended``; one without a quartile is ``unranked``.
    """
    dates = pd.DatetimeIndex(scores["score_date"].unique()).sort_values()
    ranked = scores[scores["quartile"].notna()]
    parts = []
    for months in horizons:
        target = (dates + pd.DateOffset(months=months)) + pd.offsets.MonthEnd(0)
        place = dates.searchsorted(target, side="right") - 1
        near = (target - dates[place]).days <= DAYS_A_MONTH / 2
        pairs = pd.Series(dates[place], index=dates)[near & (place > np.arange(len(dates)))]
        parts.append(_moves(ranked, pairs, ends, navs, months))
    return pd.concat(parts, ignore_index=True)


def _moves(
    ranked: pd.DataFrame, pairs: pd.Series, ends: FundEnds, navs: KnownNavs, months: int
) -> pd.DataFrame:
    """Counts and shares of one horizon; ``pairs`` has the later date by the earlier."""
    before = ranked[["score_date", "fund_id", "quartile"]].assign(
        later_date=pairs.reindex(ranked["score_date"]).to_numpy()
    )
    before = before[before["later_date"].notna()]
    after = ranked[["score_date", "fund_id", "quartile"]].rename(
        columns={"score_date": "later_date", "quartile": "later"}
    )
    both = before.merge(after, on=["later_date", "fund_id"], how="left")
    column = navs.columns_of(both["fund_id"])
    days = both["later_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    ended = (column >= 0) & (ends.since[column] <= days)
    words = np.where(ended, "ended", "unranked").astype(object)
    known = both["later"].notna().to_numpy()
    words[known] = both["later"][known].astype("int64").astype(str)
    counts = pd.crosstab(both["quartile"].astype("int64"), words).reindex(
        index=range(1, 5), columns=list(NEXT), fill_value=0
    )
    counts = counts[counts.sum(axis=1) > 0]
    shares = counts.div(counts.sum(axis=1), axis=0)
    return pd.DataFrame(
        {
            "horizon_months": np.full(counts.size, months),
            "quartile": np.repeat(counts.index.to_numpy(dtype=np.int64), len(NEXT)),
            "later": pd.array(np.tile(NEXT, len(counts)), dtype="str"),
            "funds": counts.to_numpy().ravel(),
            "share": shares.to_numpy().ravel(),
        }
    )


def _of_horizon(rows: pd.DataFrame) -> pd.DataFrame:
    """All measures of one horizon, by score date."""
    day, dates = pd.factorize(rows["score_date"].to_numpy(), sort=True)
    peers = day * (len(rows) + 1) + pd.factorize(rows["category"].array)[0]
    values = rows[["score_scaled", "later"]].reset_index(drop=True)
    size = np.bincount(day, minlength=len(dates))
    alone = values.groupby(peers)["later"].transform("size").to_numpy() < FEWEST_PEERS
    within = values.groupby(peers).rank(pct=True)
    within -= within.groupby(peers).transform("mean")
    found = {
        "rank_ic": _correlation(values.groupby(day).rank(), day),
        "rank_ic_in_category": _correlation(within[~alone], day[~alone]),
        "quartile_spread": _spread(rows.assign(day=day)),
    }
    known_on = rows["known_on"].to_numpy()[np.unique(day, return_index=True)[1]]
    parts = []
    for measure, value in found.items():
        kept = value[size[value.index] >= FEWEST_FUNDS].dropna()
        parts.append(
            pd.DataFrame(
                {
                    "score_date": dates[kept.index],
                    "horizon_months": rows["horizon_months"].iloc[0] if len(rows) else 0,
                    "measure": measure,
                    "value": kept.to_numpy(),
                    "funds": size[kept.index],
                    "known_on": known_on[kept.index],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _correlation(ranks: pd.DataFrame, day: np.ndarray) -> pd.Series:
    """Correlation of both columns of ``ranks`` by number of the day; missing where one does not vary."""
    centred = ranks - ranks.groupby(day).transform("mean")
    score, later = (centred[name].to_numpy() for name in ("score_scaled", "later"))
    cross, own, other = (
        np.bincount(day, weights=one * two) for one, two in ((score, later), (score, score), (later, later))
    )
    scale = np.sqrt(own * other)
    return pd.Series(np.divide(cross, scale, out=np.full(len(cross), np.nan), where=scale > 1e-12))


def _spread(rows: pd.DataFrame) -> pd.Series:
    """Mean later return of quartile 1 less that of quartile 4 by number of the day, where both have funds."""
    best, worst = (rows[rows["quartile"] == quartile].groupby("day")["later"].mean() for quartile in (1, 4))
    return (best - worst).dropna()
