"""Sentences about betas, variance and attribution, written from the numbers, and the stage's key figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.book import REASONS
from lib.conventions import FACTORS, TRADING_DAYS
from lib.risk.attribution import SPECIFIC, TOTAL
from lib.risk.factor_model import MARKET, METHODS, USABLE, FactorModel

ORTHOGONAL = METHODS[2]
BASE_WORDS = {"nav": "net asset value", "gross": "gross exposure"}
NO_BETAS = "No position has betas, so there is nothing to measure."


def coverage_sentence(holdings: pd.DataFrame, betas: pd.DataFrame) -> str:
    """How many positions have betas, and what the others lack."""
    if holdings.empty:
        return "The book holds no positions, so there is nothing to measure."
    quality = betas.drop_duplicates("position_id")["quality"]
    covered = int(quality.isin(USABLE).sum())
    text = f"{covered} of {wording.plural(len(holdings), 'position')} have betas."
    words = {
        REASONS[0]: ("holding valued by hand", "holdings valued by hand"),
        REASONS[1]: ("position without a price", "positions without a price"),
        REASONS[2]: ("option without a delta", "options without a delta"),
        "insufficient": ("position with too few returns", "positions with too few returns"),
        "constant_prices": ("position whose price does not move", "positions whose prices do not move"),
    }
    counts = quality.value_counts()
    left = [wording.plural(int(counts[code]), *words[code]) for code in words if code in counts]
    return f"{text} Left out: {wording.joined(left)}." if left else text


def left_out_sentence(model: FactorModel) -> str:
    """Which factors take no part; empty when all do."""
    absent = [name.replace("_", " ") for name in FACTORS if name not in model.factors]
    if not absent:
        return ""
    return (
        f"There are no betas on {wording.joined(absent)}, which market/factors leaves out; what they would "
        "explain is in the other factors and in what is specific."
    )


def _why_none(model: FactorModel) -> str:
    """Why no position has betas."""
    if model.observations < model.minimum and len(model.exposures):
        return (
            f"No position has betas: the factors have {wording.plural(model.observations, 'day')} in common, "
            f"and {model.minimum} are needed."
        )
    return NO_BETAS


def book_sentence(portfolio: pd.DataFrame, model: FactorModel, currency: str) -> str:
    """What a fall of the market by 1 % comes with, and which style weighs most."""
    own = portfolio[portfolio["method"] == ORTHOGONAL].set_index("factor")
    beta = own["beta"].get(MARKET, np.nan)
    if wording.is_missing(beta):
        return _why_none(model)
    base = BASE_WORDS[own["base"].iloc[0]]
    change = -0.01 * float(own["dollar_exposure"][MARKET])
    verb = "a loss" if change < 0 else "a gain"
    text = (
        f"A fall of the market by 1% comes with {verb} of {wording.percent(abs(beta) / 100, 2)} of {base} "
        f"({wording.money(abs(change), currency)}); the market beta is {wording.ratio(beta)}."
    )
    styles = own.loc[[name for name in model.factors if name != MARKET], "beta"]
    if styles.dropna().empty:
        return text
    largest = styles.abs().idxmax()
    return (
        f"{text} Beside the market, {largest.replace('_', ' ')} weighs most: "
        f"{wording.ratio(styles[largest], signed=True)}."
    )


def variance_sentence(portfolio: pd.DataFrame, model: FactorModel, *, amount: float, total: float) -> str:
    """Volatility by the model, and what makes it up."""
    shares = _shares(portfolio)
    if shares.dropna().empty or not amount > 0:
        return _why_none(model)
    styles = 1.0 - shares[MARKET] - shares[SPECIFIC]
    volatility = np.sqrt(total * TRADING_DAYS) / amount
    days = wording.count(round(model.effective_observations))
    return (
        f"The factor model puts volatility at {wording.percent(volatility)} a year, factors weighted like "
        f"the last {days} days. Of the variance, {wording.percent(shares[MARKET])} is the market, "
        f"{wording.percent(styles)} the styles, {wording.percent(shares[SPECIFIC])} specific to single names."
    )


def positions_sentence(table: pd.DataFrame) -> str:
    """The highest and the lowest market beta, and how many are above one."""
    known = table.dropna(subset="beta").sort_values("beta")
    if known.empty:
        return NO_BETAS
    low, high = known.iloc[0], known.iloc[-1]
    if len(known) == 1:
        return f"{high['symbol']} has a market beta of {wording.ratio(high['beta'])}."
    above = int((known["beta"] > 1).sum())
    return (
        f"Market betas run from {wording.ratio(low['beta'])} ({low['symbol']}) to "
        f"{wording.ratio(high['beta'])} ({high['symbol']}); {above} of {len(known)} are above 1."
    )


def styles_sentence(wide: pd.DataFrame) -> str:
    """Which underlying has the largest beta on a style; ``wide`` as ``style_betas`` gives it."""
    styles = wide.iloc[:, 1:].dropna(how="all")
    if styles.empty:
        return "There is no style beside the market." if wide.notna().any(axis=None) else NO_BETAS
    symbol, style = styles.abs().stack().idxmax()  # noqa: PD013
    return (
        f"Beside the market, {symbol} moves most with {style.lower()}: a beta of "
        f"{wording.ratio(styles.loc[symbol, style], signed=True)}."
    )


def capped_sentence(betas: pd.DataFrame, cap: float) -> str:
    """How many betas the cap bound, by method."""
    counts = betas[betas["capped"]].drop_duplicates(["symbol", "method", "factor"])["method"].value_counts()
    if counts.empty:
        return f"No beta is beyond the cap of {wording.number(cap, 1)}."
    parts = [f"{wording.count(counts[name])} {name}" for name in METHODS if name in counts]
    return f"Beyond the cap of {wording.number(cap, 1)} and clipped: {wording.joined(parts)}."


def attribution_sentence(daily: pd.DataFrame) -> str:
    """Return of today's book over the window and its parts."""
    if daily.empty:
        return NO_BETAS
    sums = daily.sum()
    styles = sums.drop([MARKET, SPECIFIC, TOTAL]).sum()
    return (
        f"From {wording.date(daily.index[0])} to {wording.date(daily.index[-1])} the daily returns of "
        f"today's book add up to {wording.percent(sums[TOTAL], signed=True)}: "
        f"{wording.percent(sums[MARKET], signed=True)} from the market, "
        f"{wording.percent(styles, signed=True)} from styles, "
        f"{wording.percent(sums[SPECIFIC], signed=True)} specific. Today's holdings were chosen knowing them."
    )


def verdict(portfolio: pd.DataFrame, model: FactorModel, currency: str) -> str:
    """One sentence for the top of the page."""
    shares = _shares(portfolio)
    text = f"{book_sentence(portfolio, model, currency)} {left_out_sentence(model)}".strip()
    if shares.dropna().empty:
        return text
    return f"{text} Of the variance, {wording.percent(shares[SPECIFIC])} is specific to single names."


def key_figures(
    portfolio: pd.DataFrame, model: FactorModel, holdings: pd.DataFrame, betas: pd.DataFrame, currency: str
) -> list[dict]:
    """The figures to be seen first."""
    own = portfolio[portfolio["method"] == ORTHOGONAL].set_index("factor")
    shares = _shares(portfolio)
    missing, beta = len(holdings) - len(model.covered), own["beta"].get(MARKET, np.nan)
    change = -0.01 * float(own["dollar_exposure"].get(MARKET, np.nan))
    word = wording.direction(change, "a gain", "a loss", "a change")
    fall = f"A fall of the market by 1%: {word} of {wording.money(abs(change), currency)}."
    none, share = _why_none(model), shares.get(SPECIFIC, np.nan)
    single = "Of the variance, what is specific to single names."
    return [
        _figure("market_beta", beta, "ratio", none if wording.is_missing(beta) else fall),
        _figure("specific_share", share, "fraction", none if wording.is_missing(share) else single),
        _figure("positions_without_betas", missing, "count", coverage_sentence(holdings, betas)),
    ]


def _shares(portfolio: pd.DataFrame) -> pd.Series:
    return portfolio[portfolio["method"] == ORTHOGONAL].set_index("factor")["variance_share"]


def _figure(name: str, value: float, unit: str, sentence: str) -> dict:
    better = "lower" if unit == "count" else "neither"
    return {"name": name, "value": float(value), "unit": unit, "better": better, "sentence": sentence}
