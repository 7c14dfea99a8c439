"""Betas, variance and attribution arranged for people; nothing is computed here that is not in the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.conventions import TRADING_DAYS
from lib.risk.attribution import SPECIFIC, TOTAL
from lib.risk.factor_model import CONSTANT, FULL, LIMITED, MARKET, METHODS, NONE, FactorModel
from lib.stats.regression import ols

ORTHOGONAL = METHODS[2]
QUALITY = {
    FULL: "full history",
    LIMITED: "limited history",
    NONE: "too few returns",
    CONSTANT: "prices do not move",
    "manual": "valued by hand",
    "unpriced": "no price",
    "no_greeks": "option without a delta",
}
METHOD_WORDS = dict(zip(METHODS, ("One factor alone", "All factors together", "Market first"), strict=True))

NAME_LABELS = {
    "symbol": "Underlying",
    "delta_exposure": "Delta-adjusted exposure",
    "beta": "Market beta",
    "r_squared": "R²",
    "specific_vol": "Specific volatility a year",
    "observations": "Returns",
    "reason": "Betas",
}
NAME_FORMATS = {
    "delta_exposure": "money",
    "beta": "ratio",
    "r_squared": "percent",
    "specific_vol": "percent",
}


def coverage_table(holdings: pd.DataFrame, betas: pd.DataFrame) -> pd.DataFrame:
    """Positions, exposure and delta-adjusted exposure by quality of their betas, the largest first."""
    quality = betas.drop_duplicates("position_id").set_index("position_id")["quality"]
    words = holdings["position_id"].map(quality).map(QUALITY)
    table = holdings.assign(size=holdings["exposure"].abs()).groupby(words.rename("quality"), sort=False)
    sums = table[["exposure", "delta_exposure", "size"]].sum(min_count=1)
    counts = table.size().rename("positions").reindex(sums.index)
    ordered = pd.concat([counts, sums], axis=1).sort_values("size", ascending=False)
    return ordered.drop(columns="size").rename_axis("quality").reset_index()


def book_table(portfolio: pd.DataFrame) -> pd.DataFrame:
    """Betas of the book, factors down and methods across, with money and variance of the default one.

    What is specific has no beta: its share of variance is among ``share_bars``.
    """
    rows = portfolio[~portfolio["factor"].isin([SPECIFIC, TOTAL])]
    wide = rows.pivot(index="factor", columns="method", values="beta")  # noqa: PD010
    own = rows[rows["method"] == ORTHOGONAL].set_index("factor")
    table = own[["dollar_exposure", "variance_share"]].join(wide[list(METHODS)])
    names = table.index.map(_name).astype("str")
    return table.reset_index(drop=True).assign(factor=names)


def book_intervals(
    portfolio: pd.DataFrame, model: FactorModel, daily: pd.DataFrame, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Orthogonal betas of the book with their intervals: factor, beta, low, high.

    The errors are those of one regression of the book's daily returns on the orthogonal factors; missing
    where there are too few days.
    """
    own = portfolio[portfolio["method"] == ORTHOGONAL].set_index("factor")["beta"]
    betas = own.reindex(list(model.factors)).to_numpy(dtype="float64")
    regressors = model.orthogonal(model.returns.loc[daily.index])
    half = ols(daily[TOTAL].to_numpy(), regressors).half_width(confidence=confidence)[1:, 0]
    names = [_name(factor) for factor in model.factors]
    return pd.DataFrame({"factor": names, "beta": betas, "low": betas - half, "high": betas + half})


def share_bars(portfolio: pd.DataFrame) -> pd.DataFrame:
    """Shares of the book's variance: name, share; factors, then what is specific; those known."""
    own = portfolio[(portfolio["method"] == ORTHOGONAL) & (portfolio["factor"] != TOTAL)]
    return pd.DataFrame({"name": own["factor"].map(_name), "share": own["variance_share"]})


def market_betas(betas: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """One row an underlying with its market beta, interval and fit, the largest delta exposure first.

    ``low`` and ``high`` are two standard errors either way; ``reason`` says why a beta is missing.
    """
    rows = betas[(betas["method"] == ORTHOGONAL) & (betas["factor"] == MARKET)]
    rows = rows.sort_values("beta", na_position="last", kind="stable").drop_duplicates("symbol")
    money = holdings.groupby("underlying")["delta_exposure"].sum(min_count=1)
    table = pd.DataFrame(
        {
            "symbol": rows["symbol"],
            "delta_exposure": rows["symbol"].map(money).astype("float64"),
            "beta": rows["beta"],
            "low": rows["beta"] - 2 * rows["std_error"],
            "high": rows["beta"] + 2 * rows["std_error"],
            "r_squared": rows["r_squared"],
            "specific_vol": rows["specific_vol"] * np.sqrt(TRADING_DAYS),
            "observations": rows["observations"],
            "reason": rows["quality"].map(QUALITY),
        }
    )
    return table.sort_values("delta_exposure", key=abs, ascending=False, ignore_index=True)


def style_betas(betas: pd.DataFrame, order: pd.Series) -> pd.DataFrame:
    """Orthogonal betas, underlyings (index) in the given order, factors across by their names for people.

    What has no betas is left out, but where nothing has any; one missing number where nothing is held.
    """
    rows = betas[betas["method"] == ORTHOGONAL]
    if rows.empty:
        return pd.DataFrame({"Nothing held": [np.nan]}, index=["No beta"])
    wide = rows.drop_duplicates(["symbol", "factor"]).pivot(  # noqa: PD010
        index="symbol", columns="factor", values="beta"
    )
    factors = list(dict.fromkeys(betas["factor"]))
    known = wide.dropna(how="all")
    known = known if len(known) else wide
    shown = known.reindex(index=[name for name in order if name in known.index], columns=factors)
    return shown.rename(columns=_name).rename_axis(index=None, columns=None)


def cumulative_attribution(daily: pd.DataFrame) -> pd.DataFrame:
    """Summed contributions from the first day on: total, market, styles together, specific."""
    styles = daily.drop(columns=[MARKET, SPECIFIC, TOTAL]).sum(axis=1)
    parts = {"Book": daily[TOTAL], "Market": daily[MARKET], "Styles": styles, "Specific": daily[SPECIFIC]}
    return pd.DataFrame(parts).cumsum()


def attribution_sums(daily: pd.DataFrame) -> pd.DataFrame:
    """Contributions of the last day, the last 21 days and all days of the window; null without any day."""
    spans = {"last_day": 1, "last_month": 21, "window": len(daily)}
    parts = {name: daily.iloc[len(daily) - min(days, len(daily)) :] for name, days in spans.items()}
    sums = {name: part.sum(min_count=1) for name, part in parts.items()}
    table = pd.DataFrame(sums).rename_axis("component").reset_index()
    return table.assign(component=table["component"].map(_name))


def _name(factor: str) -> str:
    return wording.sentence_case(factor)
