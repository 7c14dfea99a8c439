"""When a backtest decides, and what it chooses: the best scored funds of those that could be bought then.

It decides at the end of each calendar month, quarter or year, by the rows of ``fund_scores`` of the last
score date on or before that day. A fund can be chosen when it has a score, is in an allowed category, has a
NAV of the last seven days and had not ended, all as known on that day. Ties of score go by fund id, so that
the order of rows is of no matter. No later row is looked at: what ended afterwards could be chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.conventions import STALE_AFTER_DAYS
from lib.errors import InputError
from lib.funds.fund_ends import FundEnds
from lib.funds.known_navs import KnownNavs, day_number
from lib.nearest import nearest
from lib.tables.fund_backtests import CASH

FREQUENCIES = {"monthly": "M", "quarterly": "Q", "annually": "Y"}
NO_FUND, FEWER, STALE_SCORES = "no_eligible_fund", "fewer_than_asked", "stale_scores"


@dataclass(frozen=True)
class Choice:
    """How funds are chosen: how often, how many, overall or of each category, and how they are weighted.

    ``stale_days`` is the age from which scores are too old to be used.
    """

    rebalance: str = "quarterly"
    top_n: int = 10
    selection: str = "overall"
    weighting: str = "equal"
    stale_days: int = 45


@dataclass(frozen=True)
class Decision:
    """What was decided on a day: rows of the scores that could be chosen, those chosen, and their weights.

    ``columns`` are the funds' places among the NAVs, for all that could be chosen; ``picks`` are places in
    ``rows``. ``flag`` says why there are none or fewer than asked for; empty where there are enough.
    """

    day: pd.Timestamp
    rows: np.ndarray
    columns: np.ndarray
    categories: np.ndarray
    picks: np.ndarray
    weights: np.ndarray
    flag: str

    @property
    def number(self) -> int:
        """The day as days since 1970."""
        return day_number(self.day)


def known_categories(among: Sequence[str], scores: pd.DataFrame) -> list[str]:
    """The categories that may be chosen from; all scored ones where none is named.

    Raises InputError with the nearest name for one that no scored fund has ever been in.
    """
    known = sorted(scores["category"].unique())
    for name in among:
        if name not in known:
            raise InputError(
                f"no fund of the list was ever in the category {name!r}",
                mend=nearest(name, known) or f"take one of {', '.join(known)}",
                field="among",
            )
    return list(among) or known


def rebalance_days(
    frequency: str, *, first: pd.Timestamp, start: str = "", end: str | pd.Timestamp
) -> pd.DatetimeIndex:
    """Last calendar days of the periods from ``start`` (``first``, where it is empty) to ``end``."""
    begin = pd.Timestamp(start) if start else first
    if pd.isna(begin) or begin > pd.Timestamp(end):
        return pd.DatetimeIndex([])
    periods = pd.period_range(begin, end, freq=FREQUENCIES[frequency])
    days = periods.to_timestamp(how="end").normalize().as_unit("us")
    return days[days <= pd.Timestamp(end)]


@dataclass(frozen=True)
class ScoredRows:
    """Rows of the scores as arrays, in order of date and fund: date, column among the NAVs, number of the
    category, points, and whether the row may be chosen at all.
    """

    dates: np.ndarray
    columns: np.ndarray
    codes: np.ndarray
    points: np.ndarray
    usable: np.ndarray


def scored_rows(scores: pd.DataFrame, navs: KnownNavs, categories: Sequence[str]) -> ScoredRows:
    """``scores`` as ``in_order`` gives them; a row is usable with a score, an allowed category and NAVs."""
    columns = navs.columns_of(scores["fund_id"])
    allowed = scores["category"].isin(categories).to_numpy() & scores["score_scaled"].notna().to_numpy()
    return ScoredRows(
        dates=scores["score_date"].to_numpy(),
        columns=columns,
        codes=pd.factorize(scores["category"], sort=True)[0],
        points=scores["score_scaled"].to_numpy(),
        usable=allowed & (columns >= 0),
    )


def decide(
    scored: ScoredRows, navs: KnownNavs, ends: FundEnds, days: pd.DatetimeIndex, *, choice: Choice
) -> list[Decision]:
    """A decision for each of ``days``."""
    found = []
    for day in days:
        stop = scored.dates.searchsorted(day.to_datetime64(), side="right")
        rows = np.empty(0, dtype=np.int64)
        flag = NO_FUND
        if stop:
            newest = scored.dates[stop - 1]
            rows = np.arange(scored.dates.searchsorted(newest, side="left"), stop)
            if (day - pd.Timestamp(newest)).days > choice.stale_days:
                rows, flag = rows[:0], STALE_SCORES
        rows = _alive(rows[scored.usable[rows]], scored.columns, navs, ends.since, day)
        points, codes = scored.points[rows], scored.codes[rows]
        picks = _best(points, codes, choice)
        if len(picks):
            flag = FEWER if choice.selection == "overall" and len(picks) < choice.top_n else ""
        weights = _weights(points[picks], choice)
        found.append(Decision(day, rows, scored.columns[rows], codes, picks, weights, flag))
    return found


def in_order(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores by date and fund, whatever order they came in."""
    return scores.sort_values(["score_date", "fund_id"], ignore_index=True)


def positions(decisions: Sequence[Decision], scores: pd.DataFrame) -> pd.DataFrame:
    """The table ``fund_backtest_positions``: what each decision chose, and cash where it chose nothing."""
    rows = np.concatenate([one.rows[one.picks] for one in decisions] or [np.empty(0, dtype=np.int64)])
    counts = [len(one.picks) for one in decisions]
    chosen = scores.iloc[rows][
        ["fund_id", "name", "category", "total_score", "score_scaled", "quartile", "score_date", "origin"]
    ].reset_index(drop=True)
    chosen = chosen.assign(
        rebalance_date=pd.DatetimeIndex([one.day for one in decisions]).repeat(counts),
        weight=np.concatenate([one.weights for one in decisions] or [np.empty(0)]),
        flags=np.repeat([one.flag for one in decisions], counts),
    )
    empty = [one for one in decisions if not len(one.picks)]
    cash = pd.DataFrame(
        {
            "rebalance_date": pd.DatetimeIndex([one.day for one in empty], dtype="datetime64[us]"),
            "fund_id": CASH,
            "name": "Cash",
            "weight": 1.0,
            "flags": [one.flag for one in empty],
            "origin": "constructed",
        }
    )
    both = pd.concat([chosen, cash], ignore_index=True) if len(empty) else chosen
    for name in ("fund_id", "name", "category", "flags", "origin"):
        both[name] = both[name].astype("str")
    ordered = both.sort_values(["rebalance_date", "weight", "fund_id"], ascending=[True, False, True])
    return ordered.reset_index(drop=True)


def _alive(
    rows: np.ndarray, columns: np.ndarray, navs: KnownNavs, since: np.ndarray, day: pd.Timestamp
) -> np.ndarray:
    """Of score rows those whose fund has a NAV that is not stale and had not ended, as known on the day."""
    at = navs.row_at(day)
    if at < 0 or not len(rows):
        return rows[:0]
    own, today = columns[rows], day_number(day)
    return rows[(today - navs.day[at, own].astype(np.int64) <= STALE_AFTER_DAYS) & (since[own] > today)]


def _best(points: np.ndarray, codes: np.ndarray, choice: Choice) -> np.ndarray:
    """Places of the best ``top_n``, the best first; rows come in order of fund id."""
    order = np.argsort(-points, kind="stable")
    if choice.selection == "overall":
        return order[: choice.top_n]
    grouped = order[np.argsort(codes[order], kind="stable")]
    sizes = np.bincount(codes[grouped]) if len(grouped) else np.empty(0, dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1] if len(sizes) else sizes
    rank = np.arange(len(grouped)) - starts[codes[grouped]] if len(grouped) else grouped
    return grouped[rank < choice.top_n]


def _weights(points: np.ndarray, choice: Choice) -> np.ndarray:
    """Weights that add up to one: equal, or by the points of each; none of nothing."""
    total = points.sum()
    if choice.weighting == "score" and total > 0:
        return points / total
    return np.full(len(points), 1.0 / max(len(points), 1))
