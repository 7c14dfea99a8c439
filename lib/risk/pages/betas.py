"""The page risk/betas: which factors move the book, how much of its variance, and what moved it each day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import checks as check
from lib import codes, wording
from lib.book import BASE_WORDS
from lib.checks import CLOSE, Check
from lib.contracts import KeyFigure
from lib.conventions import FACTORS, TRADING_DAYS
from lib.risk.attribution import SPECIFIC, TOTAL
from lib.risk.factor_model import FULL, MARKET, METHODS, USABLE, FactorModel
from lib.risk.variance import position_parts, total_variance
from lib.tables.columns import count, fraction, money, ratio, text

UNIVARIATE, MULTIVARIATE, ORTHOGONAL = METHODS
NO_BETAS = "No position has betas, so there is nothing to measure."
MONTH = 21

COVERAGE = (
    text("quality", label="Betas"),
    count("positions"),
    money("exposure", absent="no price"),
    money("delta_exposure", label="Delta-adjusted exposure", absent="left out"),
)
BY_METHOD = (
    text("factor"),
    ratio(UNIVARIATE, label="One factor alone", absent="no betas"),
    ratio(MULTIVARIATE, label="All factors together", absent="no betas"),
    ratio(ORTHOGONAL, label="Market first", absent="no betas"),
    money("dollar_exposure", label="Market first, money", absent="no betas"),
    "variance_share",
)
UNDERLYINGS = (
    "symbol",
    money("delta_exposure", label="Delta-adjusted exposure"),
    ratio("beta", label="Market beta"),
    "r_squared",
    fraction("specific_vol", label="Specific volatility a year"),
    "observations",
    text("reason", label="Betas"),
)
PERIODS = (
    text("component"),
    fraction("last_day", absent="no betas"),
    fraction("last_month", label="Last 21 days", absent="no betas"),
    fraction("window", label="All days", absent="no betas"),
)


def coverage(holdings: pd.DataFrame, betas: pd.DataFrame) -> pd.DataFrame:
    """Positions, exposure and delta-adjusted exposure by quality of their betas, the largest first."""
    words = holdings["position_id"].map(_quality(betas)).map(codes.words)
    table = holdings.assign(size=holdings["exposure"].abs()).groupby(words.rename("quality"), sort=False)
    sums = table[["exposure", "delta_exposure", "size"]].sum(min_count=1)
    counts = table.size().rename("positions").reindex(sums.index)
    ordered = pd.concat([counts, sums], axis=1).sort_values("size", ascending=False)
    return ordered.drop(columns="size").rename_axis("quality").reset_index()


def by_method(portfolio: pd.DataFrame) -> pd.DataFrame:
    """Betas of the book, factors down and methods across, with money and variance of the default one.

    What is specific has no beta: its share of variance is among ``shares``.
    """
    rows = portfolio[~portfolio["factor"].isin([SPECIFIC, TOTAL])]
    wide = rows.pivot(index="factor", columns="method", values="beta")  # noqa: PD010
    table = _orthogonal(rows)[["dollar_exposure", "variance_share"]].join(wide[list(METHODS)])
    return table.reset_index().assign(factor=[wording.sentence_case(name) for name in table.index])


def intervals(portfolio: pd.DataFrame, model: FactorModel, half_widths: np.ndarray) -> pd.DataFrame:
    """Orthogonal betas of the book by factor, with ``low`` and ``high`` of their intervals."""
    betas = _orthogonal(portfolio)["beta"].reindex(list(model.factors)).to_numpy("float64")
    names = [wording.sentence_case(factor) for factor in model.factors]
    return pd.DataFrame(
        {"factor": names, "beta": betas, "low": betas - half_widths, "high": betas + half_widths}
    )


def shares(portfolio: pd.DataFrame) -> pd.DataFrame:
    """Shares of the book's variance: name, share; factors, then what is specific."""
    own = _orthogonal(portfolio)["variance_share"].drop(TOTAL)
    return pd.DataFrame({"name": own.index.map(wording.sentence_case), "share": own.to_numpy()})


def underlyings(betas: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """One row an underlying with its market beta, interval and fit, the largest delta exposure first.

    ``low`` and ``high`` are two standard errors either way; ``reason`` is the quality of the beta in words.
    """
    rows = betas[(betas["method"] == ORTHOGONAL) & (betas["factor"] == MARKET)]
    rows = rows.sort_values("beta", na_position="last", kind="stable").drop_duplicates("symbol")
    exposure = holdings.groupby("underlying")["delta_exposure"].sum(min_count=1)
    table = rows[["symbol", "beta", "r_squared", "observations"]].assign(
        delta_exposure=rows["symbol"].map(exposure).astype("float64"),
        low=rows["beta"] - 2 * rows["std_error"],
        high=rows["beta"] + 2 * rows["std_error"],
        specific_vol=rows["specific_vol"] * np.sqrt(TRADING_DAYS),
        reason=rows["quality"].map(codes.words),
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
    known = wide.dropna(how="all")
    known = known if len(known) else wide
    factors = list(dict.fromkeys(betas["factor"]))
    shown = known.reindex(index=[name for name in order if name in known.index], columns=factors)
    return shown.rename(columns=wording.sentence_case).rename_axis(index=None, columns=None)


def cumulative(daily: pd.DataFrame) -> pd.DataFrame:
    """Summed contributions from the first day on: total, market, styles together, specific."""
    parts = {"Book": daily[TOTAL], "Market": daily[MARKET], "Styles": _styles(daily)}
    return pd.DataFrame({**parts, "Specific": daily[SPECIFIC]}).cumsum()


def periods(daily: pd.DataFrame) -> pd.DataFrame:
    """Contributions of the last day, the last 21 days and all days of the window; null without any day."""
    spans = {"last_day": daily.tail(1), "last_month": daily.tail(MONTH), "window": daily}
    table = pd.DataFrame({name: part.sum(min_count=1) for name, part in spans.items()})
    return (
        table.rename_axis("component")
        .reset_index()
        .assign(component=[wording.sentence_case(name) for name in table.index])
    )


def coverage_sentence(holdings: pd.DataFrame, betas: pd.DataFrame, model: FactorModel) -> str:
    """How many positions have betas, what the others lack, and which factors take no part."""
    return f"{_covered(holdings, betas)} {_factors_left_out(model)}".strip()


def _covered(holdings: pd.DataFrame, betas: pd.DataFrame) -> str:
    if holdings.empty:
        return "The book holds no positions, so there is nothing to measure."
    quality = _quality(betas)
    covered = int(quality.isin(USABLE).sum())
    text = f"{covered} of {wording.plural(len(holdings), 'position')} have betas."
    left = codes.counted(quality).values()
    return f"{text} Left out: {wording.joined(left)}." if left else text


def _factors_left_out(model: FactorModel) -> str:
    absent = [name.replace("_", " ") for name in FACTORS if name not in model.factors]
    if not absent:
        return ""
    return (
        f"There are no betas on {wording.joined(absent)}, which market/factors leaves out; what they would "
        "explain is in the other factors and in what is specific."
    )


def _why_none(model: FactorModel) -> str:
    if model.observations < model.minimum and len(model.exposures):
        return (
            f"No position has betas: the factors have {wording.plural(model.observations, 'day')} in common, "
            f"and {model.minimum} are needed."
        )
    return NO_BETAS


def book_sentence(portfolio: pd.DataFrame, model: FactorModel, currency: str) -> str:
    """What a fall of the market by 1 % comes with, and which style weighs most."""
    own = _orthogonal(portfolio)
    beta = own["beta"].get(MARKET, np.nan)
    if wording.is_missing(beta):
        return _why_none(model)
    change = -0.01 * float(own["dollar_exposure"][MARKET])
    text = (
        f"A fall of the market by 1% comes with {'a loss' if change < 0 else 'a gain'} of "
        f"{wording.percent(abs(beta) / 100, 2)} of {BASE_WORDS[own['base'].iloc[0]]} "
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


def by_method_sentence(betas: pd.DataFrame, cap: float) -> str:
    """How many betas the cap bound, by method, and which ones must not be added."""
    counts = betas[betas["capped"]].drop_duplicates(["symbol", "method", "factor"])["method"].value_counts()
    parts = [f"{wording.count(counts[name])} {name}" for name in METHODS if name in counts]
    limit = f"the cap of {wording.number(cap, 1)}"
    text = f"Beyond {limit} and clipped: {wording.joined(parts)}." if parts else f"No beta is beyond {limit}."
    return f"{text} Betas on one factor alone must not be added up."


def variance_sentence(portfolio: pd.DataFrame, model: FactorModel, *, amount: float, total: float) -> str:
    """Volatility by the model, and what makes it up; ``total`` is the daily variance in money squared."""
    share = _orthogonal(portfolio)["variance_share"]
    if share.dropna().empty or not amount > 0:
        return _why_none(model)
    volatility = np.sqrt(total * TRADING_DAYS) / amount
    days = wording.count(round(model.effective_observations))
    styles = 1.0 - share[MARKET] - share[SPECIFIC]
    return (
        f"The factor model puts volatility at {wording.percent(volatility)} a year, factors weighted like "
        f"the last {days} days. Of the variance, {wording.percent(share[MARKET])} is the market, "
        f"{wording.percent(styles)} the styles, {wording.percent(share[SPECIFIC])} specific to single names."
    )


def underlyings_sentence(table: pd.DataFrame) -> str:
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


def attribution_sentence(daily: pd.DataFrame) -> str:
    """Return of today's book over the window and its parts."""
    if daily.empty:
        return NO_BETAS
    return (
        f"From {wording.date(daily.index[0])} to {wording.date(daily.index[-1])} the daily returns of "
        f"today's book add up to {_parts(daily)}. Today's holdings were chosen knowing them."
    )


def periods_sentence(daily: pd.DataFrame) -> str:
    """What moved the book on the last day and in the last 21."""
    if daily.empty:
        return NO_BETAS
    return (
        f"On {wording.date(daily.index[-1])} the book moved by {_parts(daily.tail(1))}; over the last "
        f"{wording.plural(len(daily.tail(MONTH)), 'day')} by {_parts(daily.tail(MONTH))}."
    )


def _parts(daily: pd.DataFrame) -> str:
    sums = daily.sum()
    market, styles, specific, total = (
        wording.percent(value, signed=True)
        for value in (sums[MARKET], _styles(daily).sum(), sums[SPECIFIC], sums[TOTAL])
    )
    return f"{total}: {market} from the market, {styles} from styles, {specific} specific"


def verdict(portfolio: pd.DataFrame, model: FactorModel, currency: str) -> str:
    """One sentence for the top of the page."""
    text = f"{book_sentence(portfolio, model, currency)} {_factors_left_out(model)}".strip()
    share = _orthogonal(portfolio)["variance_share"]
    if share.dropna().empty:
        return text
    return f"{text} Of the variance, {wording.percent(share[SPECIFIC])} is specific to single names."


def key_figures(
    portfolio: pd.DataFrame, model: FactorModel, holdings: pd.DataFrame, betas: pd.DataFrame, currency: str
) -> list[KeyFigure]:
    """The figures to be seen first."""
    own = _orthogonal(portfolio)
    beta, share = float(own["beta"].get(MARKET, np.nan)), float(own["variance_share"].get(SPECIFIC, np.nan))
    change = -0.01 * float(own["dollar_exposure"].get(MARKET, np.nan))
    word = wording.direction(change, "a gain", "a loss", "a change")
    fall = f"A fall of the market by 1%: {word} of {wording.money(abs(change), currency)}."
    single = "Of the variance, what is specific to single names."
    none, without = _why_none(model), float(len(holdings) - len(model.covered))
    return [
        KeyFigure("market_beta", beta, "ratio", "neither", none if np.isnan(beta) else fall),
        KeyFigure("specific_share", share, "fraction", "neither", none if np.isnan(share) else single),
        KeyFigure("positions_without_betas", without, "count", "lower", _covered(holdings, betas)),
    ]


def checks(
    holdings: pd.DataFrame,
    betas: pd.DataFrame,
    portfolio: pd.DataFrame,
    daily: pd.DataFrame,
    model: FactorModel,
) -> list[Check]:
    """What must hold of the betas, the variance and the attribution of this very book."""
    unnamed = int(holdings["position_id"].map(_quality(betas)).fillna("").eq("").sum())
    unmeasured = int((betas["beta"].isna() & betas["quality"].isin(USABLE)).sum())
    parts = portfolio[portfolio["factor"] != TOTAL].dropna(subset="variance_share")
    sums = parts.groupby("method")["variance_share"].sum()
    full = betas[(betas["factor"] == MARKET) & (betas["quality"] == FULL)]
    market = full.pivot(index="position_id", columns="method", values="beta_raw")  # noqa: PD010
    market = market.reindex(columns=list(METHODS))
    dollars = pd.Series(model.dollar_betas, index=list(model.factors))
    stated = _orthogonal(portfolio)["dollar_exposure"].reindex(dollars.index).dropna()
    return [
        check.holds(
            "Every position has betas or a reason",
            unnamed == unmeasured == 0,
            f"{wording.plural(len(holdings), 'position')}, {unnamed} unnamed",
        ),
        check.close(
            "Variance shares of factors and specific add up to one", sums, pd.Series(1.0, index=sums.index)
        ),
        check.adds_up(
            "The positions' parts add up to the variance",
            position_parts(model),
            total_variance(model),
            words=lambda variance: f"{wording.money(np.sqrt(max(variance, 0.0)))} a day",
        ),
        check.close(
            "Contributions add up to the return of every day",
            daily.drop(columns=TOTAL).sum(axis=1),
            daily[TOTAL],
        ),
        check.close(
            "With a full history, the orthogonal market beta is the univariate one",
            market[UNIVARIATE],
            market[ORTHOGONAL],
            tolerance=10 * CLOSE,
        ),
        check.close(
            "The written betas give the dollar exposures of the factor model",
            stated,
            dollars[stated.index],
            scale=float(model.exposures.abs().sum()),
        ),
    ]


def _orthogonal(portfolio: pd.DataFrame) -> pd.DataFrame:
    """Rows of the default method, by factor."""
    return portfolio[portfolio["method"] == ORTHOGONAL].set_index("factor")


def _quality(betas: pd.DataFrame) -> pd.Series:
    """Quality of the betas by position, as its code."""
    return betas.drop_duplicates("position_id").set_index("position_id")["quality"]


def _styles(daily: pd.DataFrame) -> pd.Series:
    """What the styles contribute together on each day."""
    return daily.drop(columns=[MARKET, SPECIFIC, TOTAL]).sum(axis=1)
