"""What a fund backtest came to: measures beside those of the benchmark, months, contributions.

Names and definitions are those of the conventions: wealth starts at 1 before the first return, years are
calendar days / 365.25, ratios are arithmetic, Sortino's deviation is that of all shortfalls under the
risk-free rate, captures are of whole months. Sharpe stands in both forms: arithmetic, and the compound return
a year less the risk-free rate over volatility. The first day, that of the purchase, has a cost and no return;
it counts in wealth and in no ratio.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from lib.conventions import ORIGINS, TRADING_DAYS
from lib.funds.backtest import Carried
from lib.funds.known_navs import KnownNavs
from lib.market.calendar import EXCHANGE, trading_days
from lib.stats import drawdowns, performance, relative, tails
from lib.stats.returns import cumulative_return, monthly_returns, wealth

YEAR = 365.25
COSTS = "COSTS"
PORTFOLIO, BENCHMARK = "portfolio", "benchmark"


def daily_table(carried: Carried, levels: pd.Series) -> pd.DataFrame:
    """The table ``fund_backtest_daily``; ``levels`` of the benchmark by day, NaN where there is none."""
    own = levels.reindex(carried.days)
    change = own / own.shift(1) - 1.0
    if len(change) and not np.isnan(own.iloc[0]):
        change.iloc[0] = 0.0
    frame = carried.daily.assign(benchmark_return=change.to_numpy())
    return frame.rename_axis("date").reset_index()


def months_table(daily: pd.DataFrame, *, exchange: str = EXCHANGE) -> pd.DataFrame:
    """The table ``fund_backtest_months``. A month counts as complete from its first business day on.

    The last month is complete when the record reaches the last session of the exchange in it, so that it is
    on the evening of that session what it is ever after.
    """
    by_day = daily.set_index("date")[["portfolio_return", "benchmark_return"]]
    if by_day.empty:
        return by_day.rename_axis("month").reset_index().assign(complete=pd.Series(dtype=bool))
    months = monthly_returns(by_day)
    known = by_day["benchmark_return"].notna().groupby(by_day.index.to_period("M")).all().to_numpy()
    months["benchmark_return"] = months["benchmark_return"].where(known)
    begins = months.index.to_period("M").to_timestamp() > by_day.index[0]
    last = months.index.to_period("M") == by_day.index[-1].to_period("M")
    complete = begins & (~last | (by_day.index[-1] >= _last_session(by_day.index[-1], exchange)))
    return months.rename_axis("month").reset_index().assign(complete=complete)


def _last_session(day: pd.Timestamp, exchange: str) -> pd.Timestamp:
    """The last session of the exchange in the month of a day; of a month without one its last weekday."""
    month = day.to_period("M")
    days = pd.Series(pd.bdate_range(month.start_time, month.end_time.normalize()))
    sessions = days[trading_days(days, exchange)]
    return (sessions if len(sessions) else days).iloc[-1]


def metrics_table(
    daily: pd.DataFrame, months: pd.DataFrame, rows: list[pd.Timestamp], *, risk_free: float
) -> pd.DataFrame:
    """The table ``fund_backtest_metrics``; ``rows`` are the days of purchase, between which periods lie."""
    returns = daily.set_index("date")
    series = {PORTFOLIO: returns["portfolio_return"]}
    whole = len(returns) > 1 and returns["benchmark_return"].notna().all()
    series[BENCHMARK] = returns["benchmark_return"] if whole else returns["benchmark_return"] * np.nan
    full = months[months["complete"]]
    found = []
    for name, values in series.items():
        found += _alone(name, values, full[f"{name}_return"], risk_free)
    found += _against(series[PORTFOLIO], series[BENCHMARK], full, rows, risk_free)
    found += _of_trading(daily)
    return pd.DataFrame(
        found, columns=["metric", "series", "method", "value", "unit", "observations", "flag"]
    )


def contributions_table(
    carried: Carried, navs: KnownNavs, positions: pd.DataFrame, origins: pd.Series
) -> pd.DataFrame:
    """The table ``fund_contributions``, largest first; ``origins`` by fund id are the worst of its NAVs."""
    held = np.flatnonzero(carried.days_held > 0)
    ids = navs.funds[held]
    latest = positions.drop_duplicates("fund_id", keep="last").set_index("fund_id")
    known = latest.reindex(ids)
    days = max(len(carried.days) - 1, 1)
    frame = pd.DataFrame(
        {
            "fund_id": ids,
            "name": known["name"].fillna(pd.Series(ids, index=ids)).to_numpy(),
            "category": known["category"].to_numpy(),
            "contribution": carried.contribution[held],
            "average_weight": carried.weight_days[held] / days,
            "days_held": carried.days_held[held],
            "first_day": navs.days[carried.first[held]],
            "last_day": navs.days[carried.last[held]],
            "origin": origins.reindex(ids).to_numpy(),
        }
    ).sort_values(["contribution", "fund_id"], ascending=[False, True])
    costs = pd.DataFrame(
        {
            "fund_id": [COSTS],
            "name": ["Costs"],
            "category": [None],
            "contribution": [carried.cost_contribution],
            "average_weight": [0.0],
            "days_held": [0],
            "first_day": [pd.NaT],
            "last_day": [pd.NaT],
            "origin": [ORIGINS[1]],
        }
    )
    parts = [frame, costs] if len(carried.rows) else [frame]
    texts = ("fund_id", "name", "category", "origin")
    days_of = dict.fromkeys(("first_day", "last_day"), "datetime64[us]")
    return pd.concat(
        [part.astype(dict.fromkeys(texts, "str") | days_of) for part in parts], ignore_index=True
    )


def worst_origins(frame: pd.DataFrame) -> pd.Series:
    """The worst origin of the rows of each fund, by fund id."""
    order = pd.Series(range(len(ORIGINS)), index=ORIGINS)
    codes = frame["origin"].map(order)
    worst = codes.groupby(frame["fund_id"].array).max()
    return worst.map(dict(enumerate(ORIGINS)))


def paths(daily: pd.DataFrame, names: tuple[str, str]) -> pd.DataFrame:
    """Value of 1 by day in the chosen funds and in the benchmark, each missing where it is not known."""
    columns = dict(zip(("portfolio_return", "benchmark_return"), names, strict=True))
    known = {name: own for own, name in columns.items() if daily[own].notna().all()}
    return pd.DataFrame(
        {name: wealth(daily[own].to_numpy())[1:] for name, own in known.items()}, index=daily["date"]
    )


def underwater(daily: pd.DataFrame) -> pd.Series:
    """Fall from the last peak by day, decimal, 0 at a peak."""
    return pd.Series(drawdowns.drawdown(daily["portfolio_return"].to_numpy())[1:], index=daily["date"])


def calendar(months: pd.DataFrame) -> pd.DataFrame:
    """Returns of the chosen funds by year and month, for a heat map; missing where there is none."""
    days = pd.DatetimeIndex(months["month"])
    frame = pd.DataFrame(
        {"year": days.year, "month": days.month, "value": months["portfolio_return"].to_numpy()}
    )
    return frame.pivot_table(index="year", columns="month", values="value").reindex(columns=range(1, 13))


def _alone(name: str, returns: pd.Series, months: pd.Series, risk_free: float) -> list[tuple]:
    """Measures of one series."""
    after, known = returns.iloc[1:].to_numpy(), months.dropna()
    n = int(np.count_nonzero(~np.isnan(after)))
    years = (returns.index[-1] - returns.index[0]).days / YEAR if len(returns) else 0.0
    none = "" if n else "no_benchmark" if name == BENCHMARK else "no_returns"
    year = none or ("" if years >= 1.0 else "under_one_year")
    total = cumulative_return(returns.to_numpy()) if n else np.nan
    annual = (1.0 + total) ** (1.0 / years) - 1.0 if not year else np.nan
    deepest = drawdowns.max_drawdown(returns.to_numpy()) if n else np.nan
    deviation = _over(after, performance.annual_volatility, periods=TRADING_DAYS)
    sharpe = _over(after, performance.sharpe, periods=TRADING_DAYS, risk_free=risk_free)
    sortino = _over(after, performance.sortino, periods=TRADING_DAYS, target=risk_free)
    compound, fall = _ratio(annual - risk_free, deviation), _ratio(annual, -deepest)
    lost = _over(after, tails.var_hist, level=0.95)
    thin = "thin_tail" if n and tails.thin_tail(n, level=0.95) else ""
    best, worst = (float(known.max()), float(known.min())) if len(known) else (np.nan, np.nan)
    flat, month = none or "zero_variance", none or "no_month"
    row = partial(_row, name)
    return [
        row("cumulative_return", "compound", total, "fraction", n, none),
        row("annual_return", "calendar_days", annual, "fraction", n, year),
        row("annual_volatility", "sample_sd", deviation, "fraction", n, none or "no_returns"),
        row("max_drawdown", "from_start", deepest, "fraction", n, none),
        row("sharpe", "arithmetic", sharpe, "ratio", n, flat),
        row("sharpe", "compound", compound, "ratio", n, year or "zero_variance"),
        row("sortino", "full_n", sortino, "ratio", n, none or "no_shortfall"),
        row("calmar", "compound", fall, "ratio", n, year or "no_drawdown"),
        row("var_95", "historical", lost, "fraction", n, none or "no_returns", always=thin),
        row("hit_rate", "days_up", _over(after, performance.hit_rate), "fraction", n, none),
        row("best_month", "calendar", best, "fraction", len(known), month),
        row("worst_month", "calendar", worst, "fraction", len(known), month),
    ]


def _against(
    own: pd.Series, other: pd.Series, months: pd.DataFrame, rows: list[pd.Timestamp], risk_free: float
) -> list[tuple]:
    """Measures against the benchmark, and how often it was beaten."""
    over = partial(_over, own.iloc[1:].to_numpy(), other=other.iloc[1:].to_numpy())
    n = int(other.iloc[1:].notna().sum())
    known = months.dropna()
    capture = partial(_over, known["portfolio_return"].to_numpy(), other=known["benchmark_return"].to_numpy())
    excess = cumulative_return(own.to_numpy()) - cumulative_return(other.to_numpy()) if n else np.nan
    alpha = over(relative.alpha, periods=TRADING_DAYS, risk_free=risk_free)
    apart = over(relative.tracking_error, periods=TRADING_DAYS)
    informed = over(relative.information_ratio, periods=TRADING_DAYS)
    months_ahead = known["portfolio_return"].to_numpy() > known["benchmark_return"].to_numpy()
    periods = _periods(own, other, rows) if n else np.empty((0, 2))
    ahead = periods[:, 0] > periods[:, 1]
    none = "" if n else "no_benchmark"
    flat, month, whole = none or "zero_variance", none or "no_month", none or "no_period"
    row, size = partial(_row, PORTFOLIO), len(known)
    return [
        row("excess_return", "difference", excess, "fraction", n, none),
        row("beta", "regression", over(relative.beta), "ratio", n, flat),
        row("alpha", "regression", alpha, "fraction", n, flat),
        row("tracking_error", "sample_sd", apart, "fraction", n, flat),
        row("information_ratio", "arithmetic", informed, "ratio", n, flat),
        row("up_capture", "monthly", capture(relative.up_capture), "ratio", size, month),
        row("down_capture", "monthly", capture(relative.down_capture), "ratio", size, month),
        row("hit_rate", "months_above_benchmark", _share(months_ahead), "fraction", size, month),
        row("hit_rate", "periods_above_benchmark", _share(ahead), "fraction", len(ahead), whole),
    ]


def _of_trading(daily: pd.DataFrame) -> list[tuple]:
    """Turnover and costs a year, and the share in no fund."""
    n = max(len(daily) - 1, 0)
    years = (daily["date"].iloc[-1] - daily["date"].iloc[0]).days / YEAR if n else 0.0
    scale = 1.0 / years if years >= 1.0 else np.nan
    turned, spent = daily["turnover"].iloc[1:].sum() * scale, daily["cost"].sum() * scale
    row = partial(_row, PORTFOLIO)
    return [
        row("turnover", "after_first_purchase", turned, "fraction", n, "under_one_year"),
        row("costs", "a_year", spent, "fraction", n, "under_one_year"),
        row("cash", "mean", daily["cash"].mean(), "fraction", n, "no_returns"),
    ]


def _periods(own: pd.Series, other: pd.Series, rows: list[pd.Timestamp]) -> np.ndarray:
    """Periods x 2: what both earned from each purchase to the next, whole periods only."""
    if len(rows) < 2:
        return np.empty((0, 2))
    values = np.column_stack([np.cumprod(1.0 + one.to_numpy()) for one in (own, other)])
    at = own.index.searchsorted(pd.DatetimeIndex(rows))
    return values[at[1:]] / values[at[:-1]] - 1.0


def _row(
    series: str, metric: str, method: str, value: float, unit: str, n: int, reason: str, always: str = ""
) -> tuple[str, str, str, float, str, int, str]:
    """A row whose flag says the reason where there is no value, else ``always``."""
    return metric, series, method, value, unit, n, reason if np.isnan(value) else always


def _over(
    values: np.ndarray, measure: Callable[..., float], *, other: np.ndarray | None = None, **more: float
) -> float:
    """A measure of returns, or of returns against others; NaN under two observations."""
    arguments = (values,) if other is None else (values, other)
    return float(measure(*arguments, **more)) if len(values) > 1 else float("nan")


def _share(hits: np.ndarray) -> float:
    return float(hits.mean()) if len(hits) else float("nan")


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0 else np.nan
