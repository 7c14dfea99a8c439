"""What factor models leave of a signal's spread: alphas, betas, and each period's return in parts.

Errors are Newey and West's (``lib.stats.hac``) with lags by the rule, and with 3, 4 and 6, which published
work on the same question uses side by side. A regression on fewer than 24 periods, or than five for each
factor, is refused with TOO_SHORT: eleven quarters cannot carry six factors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.contracts import conform
from lib.signals.explained import SIDES, SPREAD, Explained, excess
from lib.signals.factor_models import CASH, MODELS, Factors, calendar_factors, least_observations
from lib.stats.hac import HacFit, default_lags, hac_ols
from lib.stats.joint_alpha import joint_alpha
from lib.tables import TABLES

SENSITIVITY = (3, 4, 6)
RICHEST = ("FF6", "FF5", "Carhart", "FF3", "CAPM")
PREFERRED = ("holding", "month", "day")


class Regressed:
    """Every regression of one signal: tables ``signal_alphas`` and ``signal_betas``."""

    def __init__(self, parts: dict[str, Explained]):
        alphas: list[dict] = []
        betas: list[dict] = []
        for one in parts.values():
            for model in MODELS:
                _regress(one, model, alphas, betas)
        self.alphas = conform(_frame(alphas, "signal_alphas"), TABLES["signal_alphas"])
        self.betas = conform(_frame(betas, "signal_betas"), TABLES["signal_betas"])

    def best(self, portfolio: str = SPREAD, model: str = "richest") -> pd.Series | None:
        """The row that speaks for a portfolio: richest model, on holding periods where these carry it.

        A series that carries only a poorer model gives way to one that carries the richer. None where nothing
        could be estimated.
        """
        rows = self.alphas.loc[self.alphas["by_rule"] & self.alphas["alpha"].notna()]
        rows = rows.loc[rows["portfolio"] == portfolio]
        for name in RICHEST if model == "richest" else (model,):
            for series in PREFERRED:
                found = rows.loc[(rows["model"] == name) & (rows["series"] == series)]
                if len(found):
                    return found.iloc[0]
        return None


def _frame(rows: list[dict], table: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=TABLES[table].column_names)


def _regress(one: Explained, model: str, alphas: list[dict], betas: list[dict]) -> None:
    """Add the rows of one model on one series for all its portfolios."""
    names = MODELS[model]
    code = one.code or ("" if set(names) <= set(one.factors.columns) else "NO_FACTORS")
    returns = one.returns if code else excess(one)
    design = None if code else one.factors[list(names)]
    for portfolios in _alike(returns, design):
        labels: dict[str, Any] = {"series": one.series, "model": model, "factors": len(names)}
        labels |= {"needed": least_observations(len(names)), "periods_a_year": one.periods_a_year}
        why, rows = code, returns[portfolios].notna().all(axis=1)
        if design is not None:
            rows &= design.notna().all(axis=1)
            if not rows.any():
                cash = CASH in one.factors or portfolios == [SPREAD]
                why = "NO_OVERLAP" if cash else "NO_CASH_RATE"
            elif int(rows.sum()) < labels["needed"]:
                why = "TOO_SHORT"
        labels["observations"] = int(rows.sum())
        if why or design is None:
            alphas += [_refused(portfolio, labels, why) for portfolio in portfolios]
            continue
        y, x = returns.loc[rows, portfolios].to_numpy(), design.loc[rows].to_numpy()
        x = np.column_stack([np.ones(len(x)), x])
        try:
            fits = [(hac_ols(y, x, lags=lags), lags is None) for lags in (None, *SENSITIVITY)]
        except ValueError:
            alphas += [_refused(portfolio, labels, "COLLINEAR") for portfolio in portfolios]
            continue
        for place, portfolio in enumerate(portfolios):
            alphas += [_alpha(portfolio, labels, fit, place, rule) for fit, rule in fits]
            betas += _betas(portfolio, labels, names, fits[0][0], place)


def _alike(returns: pd.DataFrame, design: pd.DataFrame | None) -> Iterator[list[str]]:
    """Portfolios that miss the same periods, so that one regression does for all of them."""
    known = returns.notna() if design is None else returns.notna().mul(design.notna().all(axis=1), axis=0)
    patterns: dict[bytes, list[str]] = {}
    for name in returns:
        patterns.setdefault(known[name].to_numpy().tobytes(), []).append(name)
    yield from patterns.values()


def _refused(portfolio: str, labels: dict, code: str) -> dict:
    return {"portfolio": portfolio, **labels, "lags": 0, "by_rule": True, "code": code}


def _alpha(portfolio: str, labels: dict, fit: HacFit, place: int, rule: bool) -> dict:
    """A row of ``signal_alphas`` from one regression."""
    count, width, a_year = fit.observations, labels["factors"] + 1, labels["periods_a_year"]
    alpha, error = (float(part[0, place]) for part in (fit.coefficient, fit.error))
    reach = float(stats.t.ppf(0.975, count - width)) * error
    r_squared = float(fit.r_squared[place])
    return {
        "portfolio": portfolio,
        **labels,
        "lags": fit.lags,
        "by_rule": rule,
        "alpha": alpha,
        "alpha_annual": alpha * a_year,
        "error": error,
        "t": float(fit.t[0, place]),
        "p": float(fit.p[0, place]),
        "low": (alpha - reach) * a_year,
        "high": (alpha + reach) * a_year,
        "r_squared": r_squared,
        "adjusted": 1.0 - (1.0 - r_squared) * (count - 1) / (count - width),
        "code": "",
    }


def _betas(portfolio: str, labels: dict, names: tuple[str, ...], fit: HacFit, place: int) -> list[dict]:
    head = {"portfolio": portfolio, "series": labels["series"], "model": labels["model"]}
    columns = {"beta": fit.coefficient, "error": fit.error, "t": fit.t, "p": fit.p}
    return [
        head | {"factor": name} | {key: float(part[row, place]) for key, part in columns.items()}
        for row, name in enumerate(names, start=1)
    ]


def attribution(parts: dict[str, Explained], regressed: Regressed, model: str = "richest") -> pd.DataFrame:
    """Table ``signal_attribution`` of the spread and its sides; cash, alpha, premia and the rest add up.

    Of the spread cash is nothing: it is not paid for. Alpha and betas are those of all periods together, so
    that a part says what became of a period in hindsight and is no history of what was known.
    """
    frames = []
    for portfolio in (SPREAD, *SIDES):
        row = regressed.best(portfolio, model)
        if row is not None:
            frames.append(_attributed(parts[row["series"]], portfolio, row, regressed.betas))
    whole = pd.concat(frames) if frames else _frame([], "signal_attribution")
    return conform(whole, TABLES["signal_attribution"])


def _attributed(one: Explained, portfolio: str, row: pd.Series, betas: pd.DataFrame) -> pd.DataFrame:
    """The parts of one portfolio's return, period by period."""
    names = list(MODELS[row["model"]])
    mine = betas.loc[
        (betas["portfolio"] == portfolio)
        & (betas["series"] == row["series"])
        & (betas["model"] == row["model"])
    ]
    slopes = mine.set_index("factor")["beta"].reindex(names)
    paid = portfolio != SPREAD
    needed = [*names, CASH] if paid else names
    both = one.factors[needed].assign(total=one.returns[portfolio]).dropna()
    pieces = {("cash", "cash"): both[CASH] if paid else both["total"] * 0.0}
    pieces[("alpha", "alpha")] = both["total"] * 0.0 + row["alpha"]
    pieces |= {("premium", name): both[name] * slopes[name] for name in names}
    pieces[("residual", "residual")] = both["total"] - sum(pieces.values())
    wide = pd.DataFrame(pieces)
    wide.columns = pd.MultiIndex.from_tuples(list(pieces), names=["part", "factor"])
    long = wide.melt(ignore_index=False).reset_index()
    return long.assign(portfolio=portfolio, series=row["series"], model=row["model"])


def joint_tests(
    parts: dict[str, Explained], portfolios: pd.DataFrame, factors: dict[str, Factors], *, as_of: str
) -> pd.DataFrame:
    """Table ``signal_joint_alphas``: the groups of the signal, and every set of known portfolios."""
    rows: list[dict] = []
    held = parts["holding"]
    named = [name for name in held.returns if name.startswith("group ")]
    apart = excess(held)[named].dropna(axis=1, how="all") if named and not held.code else None
    for model in MODELS:
        rows += _joint("groups", held.frequency, model, apart, held.factors, held.code)
    for (name, frequency), own in portfolios.groupby(["portfolio_set", "frequency"], sort=True):
        returns = own.loc[own["date"] <= pd.Timestamp(as_of)]
        wide = returns.pivot_table(index="date", columns="portfolio", values="return")
        shared = calendar_factors(factors, str(frequency), pd.DatetimeIndex(wide.index))
        if shared is not None:
            paid = ~returns.groupby("portfolio")["excess"].first().reindex(wide.columns).to_numpy(dtype=bool)
            cash = shared[CASH].to_numpy() if CASH in shared else np.full(len(wide), np.nan)
            wide = wide - np.where(paid, cash[:, None], 0.0)
        code = "" if shared is not None else "FACTOR_FREQUENCY" if factors else "NO_FACTOR_SET"
        known = pd.DataFrame(index=wide.index) if shared is None else shared
        for model in MODELS:
            rows += _joint(str(name), str(frequency), model, wide, known, code)
    return conform(_frame(rows, "signal_joint_alphas"), TABLES["signal_joint_alphas"])


def _joint(
    name: str, frequency: str, model: str, returns: pd.DataFrame | None, factors: pd.DataFrame, code: str
) -> list[dict]:
    """Three tests of one set under one model, or one row with the reason."""
    head = {"portfolios": name, "frequency": frequency, "model": model, "numerator": 0, "observations": 0}
    if not code and not set(MODELS[model]) <= set(factors.columns):
        code = "NO_FACTORS"
    if code or returns is None or returns.dropna(axis=1, how="all").empty:
        return [head | {"test": "grs", "code": code or "NO_CASH_RATE"}]
    names = list(MODELS[model])
    rows = returns.notna().all(axis=1) & factors[names].notna().all(axis=1)
    count, width = int(rows.sum()), returns.shape[1]
    head |= {"numerator": width, "observations": count}
    if count < max(least_observations(len(names)), 2 * width + len(names)):
        return [head | {"test": "grs", "code": "TOO_SHORT" if count else "NO_OVERLAP"}]
    try:
        x = factors.loc[rows, names].to_numpy()
        found = joint_alpha(returns.loc[rows].to_numpy(), x, lags=default_lags(count))
    except ValueError:
        return [head | {"test": "grs", "code": "COLLINEAR"}]
    size = {"mean_size": float(np.abs(found.alpha).mean()), "code": ""}
    return [
        head | size | {"test": test, "statistic": value, "p": p, "denominator": free}
        for test, value, p, free in (
            ("grs", found.grs, found.grs_p, found.free),
            ("wald", found.wald, found.wald_p, np.nan),
            ("robust", found.robust, found.robust_p, np.nan),
        )
    ]
