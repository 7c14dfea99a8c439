"""Two to five funds side by side, over the days that all of them have a NAV, and who ranks where.

Every measure of prices is of the same days: those on which each fund has a NAV known by the as-of date.
Scores are of one date, expense ratio, load and assets as known on the as-of date. Where a measure has a
better direction the funds are ranked, ties sharing the average; what is missing has no rank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.conventions import ORIGINS, TRADING_DAYS
from lib.errors import InputError
from lib.funds.known_navs import levels_on
from lib.funds.newest_known import newest_known
from lib.nearest import nearest
from lib.stats import drawdowns, performance, relative, tails
from lib.stats.returns import cumulative_return, monthly_returns, simple_returns

FEWEST, MOST = 2, 5
YEAR = 365.25
FIELD = "compare"


@dataclass(frozen=True)
class Metric:
    """One measure: its group, which direction is better, its unit, and why it can be missing."""

    group: str
    better: str
    unit: str
    missing: str


METRICS: Mapping[str, Metric] = {
    "total_score": Metric("score", "higher", "number", "unscored"),
    "score_scaled": Metric("score", "higher", "number", "unscored"),
    "cumulative_return": Metric("returns", "higher", "fraction", "no_returns"),
    "annual_return": Metric("returns", "higher", "fraction", "under_one_year"),
    "annual_volatility": Metric("risk", "lower", "fraction", "no_returns"),
    "max_drawdown": Metric("risk", "higher", "fraction", "no_returns"),
    "var_95": Metric("risk", "lower", "fraction", "no_returns"),
    "sharpe": Metric("risk", "higher", "ratio", "zero_variance"),
    "sortino": Metric("risk", "higher", "ratio", "no_shortfall"),
    "beta": Metric("benchmark", "neither", "ratio", "no_benchmark"),
    "tracking_error": Metric("benchmark", "neither", "fraction", "no_benchmark"),
    "up_capture": Metric("benchmark", "higher", "ratio", "no_benchmark"),
    "down_capture": Metric("benchmark", "lower", "ratio", "no_benchmark"),
    "expense_ratio": Metric("cost", "lower", "fraction", "not_given"),
    "exit_load": Metric("cost", "lower", "fraction", "not_given"),
    "assets": Metric("size", "neither", "number", "not_given"),
}
GROUPS = tuple(dict.fromkeys(one.group for one in METRICS.values()))
OF_FACTS = ("expense_ratio", "exit_load", "assets")
OF_SCORES = ("total_score", "score_scaled")


@dataclass(frozen=True)
class Common:
    """NAVs (days x funds) on the days on which all funds have one, and where each fund began and ended."""

    navs: pd.DataFrame
    first: pd.Series
    last: pd.Series
    origins: pd.Series

    @property
    def returns(self) -> pd.DataFrame:
        """Simple returns from common day to common day; one row less than there are days."""
        found = simple_returns(self.navs)
        assert isinstance(found, pd.DataFrame)
        return found.iloc[1:]


def chosen_funds(asked: Sequence[str], funds: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    """The funds to compare: those asked for, or the best of each of the first five categories by name.

    Raises InputError for fewer than two or more than five, for one named twice and for one that is not in the
    list, with the nearest id.
    """
    if not asked:
        return _best_of_categories(scores)
    known = funds["fund_id"].tolist()
    for one in asked:
        if one not in set(known):
            mend = nearest(one, known) or f"take ids of the list, such as {known[0]}"
            raise InputError(f"the list has no fund {one!r}", mend=mend, field=FIELD)
    if twice := sorted({one for one in asked if list(asked).count(one) > 1}):
        raise InputError(f"{twice[0]!r} is named twice", mend="name each fund once", field=FIELD)
    if not FEWEST <= len(asked) <= MOST:
        number = f"{len(asked)} fund{'' if len(asked) == 1 else 's'}"
        raise InputError(f"found {number}", mend=f"name {FEWEST} to {MOST} funds", field=FIELD)
    return list(asked)


def common_navs(navs: pd.DataFrame, chosen: Sequence[str], *, as_of: str) -> Common:
    """The NAVs of the chosen funds on the days that they have in common.

    Raises InputError where one has no NAV by ``as_of``, or all share fewer than two days; it says when each
    began and ended.
    """
    day = pd.Timestamp(as_of)
    own = navs[navs["fund_id"].isin(chosen) & (navs["known_at"] <= day) & (navs["date"] <= day)]
    wide = own.pivot_table(index="date", columns="fund_id", values="nav")
    if absent := [one for one in chosen if one not in wide.columns]:
        raise InputError(f"{absent[0]!r} has no NAV by {as_of}", mend="leave it out", field=FIELD)
    wide = wide[list(chosen)].rename_axis(columns=None)
    first = wide.apply(lambda one: one.first_valid_index())
    last = wide.apply(lambda one: one.last_valid_index())
    common = wide.dropna()
    if len(common) < FEWEST:
        spans = ", ".join(f"{one} {first[one]:%Y-%m-%d} to {last[one]:%Y-%m-%d}" for one in chosen)
        raise InputError(
            f"the funds have {len(common)} days in common ({spans})",
            mend="name funds that lived at the same time",
            field=FIELD,
        )
    order = pd.Series(range(len(ORIGINS)), index=ORIGINS)
    worst = own["origin"].map(order).groupby(own["fund_id"].array).max()
    return Common(common, first, last, worst.map(dict(enumerate(ORIGINS))).reindex(chosen))


def window_table(common: Common, scores: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """The table ``fund_comparison_window``; ``names`` by fund id stand for those that have no score."""
    chosen = list(common.navs.columns)
    newest = newest_scores(scores).reindex(chosen)
    called = newest["name"].fillna(names.reindex(chosen)).fillna(pd.Series(chosen, index=chosen))
    return pd.DataFrame(
        {
            "fund_id": pd.array(chosen, dtype="str"),
            "name": pd.array(called.to_numpy(object), dtype="str"),
            "category": pd.array(newest["category"].to_numpy(object), dtype="str"),
            "first_nav": common.first.reindex(chosen).to_numpy(),
            "last_nav": common.last.reindex(chosen).to_numpy(),
            "first_common": common.navs.index[0],
            "last_common": common.navs.index[-1],
            "common_days": float(len(common.navs)),
            "origin": pd.array(common.origins.to_numpy(object), dtype="str"),
        }
    )


def comparison_table(
    common: Common,
    scores: pd.DataFrame,
    facts: Mapping[str, pd.Series],
    levels: pd.DataFrame,
    *,
    benchmark: str | None,
    groups: Sequence[str] = GROUPS,
    risk_free: float = 0.0,
) -> pd.DataFrame:
    """The table ``fund_comparison``; ``facts`` are those of ``known_facts``, no ``groups`` mean all."""
    chosen = list(common.navs.columns)
    values = {
        **_of_prices(common, levels, benchmark, risk_free),
        **{name: newest_scores(scores).reindex(chosen)[name] for name in OF_SCORES},
        **{name: facts[name].reindex(chosen).astype("float64") for name in OF_FACTS},
    }
    parts = [
        _ranked(name, values[name]) for name, metric in METRICS.items() if metric.group in (groups or GROUPS)
    ]
    return pd.concat(parts, ignore_index=True)


def known_facts(facts: pd.DataFrame, *, as_of: str) -> dict[str, pd.Series]:
    """By item, the newest known value by fund id."""
    return {item: newest_known(facts, item, as_of).astype("float64") for item in OF_FACTS}


def newest_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores of the newest date by fund id."""
    return scores[scores["score_date"] == scores["score_date"].max()].set_index("fund_id")


def growth(common: Common) -> pd.DataFrame:
    """Value of 1 on the first common day, by fund."""
    return common.navs / common.navs.iloc[0]


def _best_of_categories(scores: pd.DataFrame) -> list[str]:
    newest = newest_scores(scores).reset_index()
    able = newest[newest["score_scaled"].notna()]
    ordered = able.sort_values(["score_scaled", "fund_id"], ascending=[False, True])
    best = ordered.drop_duplicates("category").sort_values("category")["fund_id"].head(MOST).tolist()
    rest = [one for one in ordered["fund_id"] if one not in best]
    found = best if len(best) >= FEWEST else [*best, *rest][:FEWEST]
    if len(found) < FEWEST:
        raise InputError(
            "the list has fewer than two scored funds", mend="name two to five funds", field=FIELD
        )
    return found


def _of_prices(
    common: Common, levels: pd.DataFrame, benchmark: str | None, risk_free: float
) -> dict[str, pd.Series]:
    """Measures of the common days by fund."""
    returns = common.returns
    days = (common.navs.index[-1] - common.navs.index[0]).days
    total = cumulative_return(returns)
    annual = (1.0 + total) ** (YEAR / days) - 1.0 if days >= YEAR else total * np.nan
    year = {"periods": TRADING_DAYS}
    enough = len(returns) > 1
    none = total * np.nan

    def known(measure: Callable[..., pd.Series], *others: pd.Series, **more: float) -> pd.Series:
        return measure(returns, *others, **more) if enough else none

    found = {
        "cumulative_return": total,
        "annual_return": annual,
        "annual_volatility": known(performance.annual_volatility, **year),
        "max_drawdown": known(drawdowns.max_drawdown),
        "var_95": known(tails.var_hist, level=0.95),
        "sharpe": known(performance.sharpe, risk_free=risk_free, **year),
        "sortino": known(performance.sortino, target=risk_free, **year),
    }
    level = levels_on(levels, benchmark, pd.DatetimeIndex(common.navs.index))
    change = (level / level.shift(1) - 1.0).iloc[1:]
    if not enough or change.isna().any():
        return found | dict.fromkeys(("beta", "tracking_error", "up_capture", "down_capture"), none)
    by_month = monthly_returns(returns), monthly_returns(change)
    return found | {
        "beta": known(relative.beta, change),
        "tracking_error": known(relative.tracking_error, change, **year),
        "up_capture": relative.up_capture(*by_month),
        "down_capture": relative.down_capture(*by_month),
    }


def _ranked(name: str, values: pd.Series) -> pd.DataFrame:
    """The rows of one measure with the rank of each fund."""
    metric = METRICS[name]
    rank = values.rank(ascending=metric.better == "lower", method="average")
    if metric.better == "neither":
        rank = rank * np.nan
    flag = np.where(values.isna(), metric.missing, "no_order" if metric.better == "neither" else "")
    return pd.DataFrame(
        {
            "fund_id": pd.array(values.index, dtype="str"),
            "metric": name,
            "value": values.to_numpy(dtype="float64"),
            "unit": metric.unit,
            "rank_in_set": rank.to_numpy(dtype="float64"),
            "better": metric.better,
            "flag": pd.array(flag, dtype="str"),
        }
    )
