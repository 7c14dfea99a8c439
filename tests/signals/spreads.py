"""Generated results of a sort, in the form of the tables that later stages read; alpha and betas planted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.market import calendar
from lib.tables import TABLES

SOURCE = {"source": "world", "origin": "generated"}
ALPHA, BETAS = 0.0004, {"Mkt-RF": 0.3, "SMB": -0.5, "HML": 0.2, "RMW": 0.0, "CMA": 0.0, "MOM": 0.4}
CASH = 0.0001
GROUPS = 5


def spread_tables(
    *,
    days: int = 1520,
    alpha: float = ALPHA,
    every: str = "M",
    factors_by: str = "daily",
    seed: int = 1,
    noise: float = 0.004,
    trials: int = 4,
) -> dict[str, pd.DataFrame]:
    """Five groups whose returns rise evenly, held by calendar period; factors of days or of months.

    A day's spread is ``alpha`` plus the planted betas times the factors plus noise. The short side is the
    market with cash, so that the long side is the two together.
    """
    draw = np.random.default_rng(seed)
    sessions = calendar.sessions("2012-01-03", "2049-01-01", "XNYS")[:days]
    names = list(BETAS)
    paths = draw.standard_normal((days, len(names))) * [0.010, 0.004, 0.004, 0.003, 0.003, 0.005]
    spread = alpha + paths @ np.array(list(BETAS.values())) + noise * draw.standard_normal(days)
    short = CASH + paths[:, 0] + 0.002 * draw.standard_normal(days)
    tilt = np.linspace(0.0, 1.0, GROUPS)
    own = 0.0015 * draw.standard_normal((days, GROUPS))
    own[:, [0, -1]] = 0.0
    levels = short[:, None] + tilt * spread[:, None] + own
    factors = pd.DataFrame(paths, index=sessions, columns=names).assign(RF=CASH)
    period = sessions.to_period(every)
    edges = np.flatnonzero(np.append(period[1:] != period[:-1], False))
    starts, ends = edges[:-1], edges[1:]
    growth = np.vstack([np.zeros(GROUPS), np.cumsum(np.log1p(levels), axis=0)])
    held = np.expm1(growth[ends + 1] - growth[starts + 1])
    clock = {"start": sessions[starts], "date": sessions[ends]}
    spreads = pd.DataFrame(
        {**clock, "long_return": held[:, -1], "short_return": held[:, 0], "return": held[:, -1] - held[:, 0]}
    ).assign(sort="base", weighting="equal", turnover=0.5, cost=0.001)
    spreads["net"] = spreads["return"] - spreads["cost"]
    other = spreads.assign(weighting="value")
    other["return"] += 0.002 * draw.standard_normal(len(other))
    groups = pd.concat(
        pd.DataFrame({**clock, "return": held[:, one]}).assign(group=float(one + 1)) for one in range(GROUPS)
    ).assign(sort="base", weighting="equal", groups=float(GROUPS), firms=20.0, delisted=0.0, turnover=0.2)
    first, last = starts[0] + 1, ends[-1] + 1
    daily = pd.DataFrame(
        {"date": sessions, "long_return": levels[:, -1], "short_return": levels[:, 0]}
    ).assign(cost=0.0, formation=False)
    daily["return"] = daily["net"] = daily["long_return"] - daily["short_return"]
    daily = daily.iloc[first:last]
    shown = spreads[["date", "return"]]
    earlier = pd.concat(
        shown.assign(specification=f"try-{one}").assign(
            **{"return": shown["return"] + 0.02 * draw.standard_normal(len(shown))}
        )
        for one in range(max(trials, 1))
    ).iloc[: trials * len(shown)]
    frames = {
        "long_short": pd.concat([spreads, other]),
        "group_returns": groups,
        "long_short_daily": daily,
        "factor_sets": _factor_table(factors, factors_by),
        "trial_returns": earlier,
        "trials": pd.DataFrame(
            {"specification": [f"try-{one}" for one in range(trials + 1)] if trials else []}
        ).assign(stage="signals/deciles", settings="{}", observations=float(len(shown)), sharpe=0.1),
        "test_portfolios": _portfolios(factors, draw),
    }
    tables = {name: conform(frame, TABLES[name]) for name, frame in frames.items()}
    return tables | {"benchmark": (factors["Mkt-RF"] + CASH).rename("return")}


def by_month(factors: pd.DataFrame) -> pd.DataFrame:
    """Factors of days as factors of months: each with cash compounded, less cash compounded."""
    months = factors.index.to_period("M")
    cash = (1.0 + factors["RF"]).groupby(months).prod() - 1.0
    grown = (1.0 + factors.drop(columns="RF").add(factors["RF"], axis=0)).groupby(months).prod() - 1.0
    frame = grown.sub(cash, axis=0).assign(RF=cash)
    return frame.set_axis(frame.index.end_time.normalize())


def _factor_table(factors: pd.DataFrame, frequency: str) -> pd.DataFrame:
    wide = factors if frequency == "daily" else by_month(factors)
    long = wide.rename_axis(index="date").melt(var_name="factor", value_name="return", ignore_index=False)
    long = long.reset_index()
    return long.assign(factor_set="world", frequency=frequency, **SOURCE)


def _portfolios(factors: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    wide = by_month(factors)
    own = {
        f"portfolio {one}": wide["RF"]
        + (0.5 + 0.2 * one) * wide["Mkt-RF"]
        + 0.01 * draw.standard_normal(len(wide))
        for one in range(4)
    }
    frame = pd.DataFrame(own).rename_axis(index="date")
    long = frame.melt(var_name="portfolio", value_name="return", ignore_index=False).reset_index()
    return long.assign(portfolio_set="known", frequency="monthly", excess=False, **SOURCE)
