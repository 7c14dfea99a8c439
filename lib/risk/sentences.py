"""Sentences about the risk figures, written from the numbers, and the key figures of the stage."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.conventions import TRADING_DAYS
from lib.risk.display import FLAGS
from lib.risk.historical_simulation import COVERED, HistoricalSimulation
from lib.risk.metrics import look_up
from lib.stats import performance

SIGNIFICANT = 0.05
"""A p-value below this speaks against the value at risk."""


def base_words(book: HistoricalSimulation) -> str:
    """What fractions are fractions of."""
    return "net asset value" if book.base == "nav" else "gross exposure"


def coverage_sentence(book: HistoricalSimulation) -> str:
    """How much of the book the figures cover, and what is left out."""
    if book.coverage.empty:
        return "The book holds no positions, so there is nothing to measure."
    counts = book.coverage["reason"].value_counts()
    held = len(book.coverage)
    text = (
        f"The figures cover {counts.get(COVERED, 0)} of {wording.plural(held, 'position')}, "
        f"{wording.percent(book.covered_share)} of {'priced ' if 'unpriced' in counts else ''}gross exposure."
    )
    words = {
        "no_greeks": ("option that cannot be priced", "options that cannot be priced"),
        "manual": ("holding valued by hand", "holdings valued by hand"),
        "unpriced": ("position without a price", "positions without a price"),
        "short_history": ("position with too short a history", "positions with too short a history"),
    }
    left = [
        wording.plural(int(counts[reason]), *words[reason]) + _share(book, reason)
        for reason in words
        if reason in counts
    ]
    if not left:
        return text
    option = " What an option moves is more than its premium, which is its exposure here."
    return f"{text} Left out: {wording.joined(left)}.{option if 'no_greeks' in counts else ''}"


def _share(book: HistoricalSimulation, reason: str) -> str:
    money = book.coverage.loc[book.coverage["reason"] == reason, "exposure"].sum(min_count=1)
    if wording.is_missing(money) or book.nav <= 0:
        return ""
    return f" ({wording.percent(money / book.nav)} of net asset value)"


def growth_sentence(book: HistoricalSimulation, metrics: pd.DataFrame) -> str:
    """How far back the series goes, what it returned, and how sure its Sharpe ratio is."""
    if book.returns.empty:
        return "There is no day on which every covered position has a return."
    days, yearly = book.returns.index, look_up(metrics, "annual_return", "all")
    text = (
        f"From {wording.date(days[0])} to {wording.date(days[-1])}, {wording.plural(len(days), 'day')}: "
        f"{wording.percent(yearly, reason='under a year')} a year at "
        f"{wording.percent(look_up(metrics, 'annual_volatility', 'all'))} volatility"
    )
    per_day = performance.sharpe(book.returns, periods=1)
    if np.isfinite(per_day):
        error = performance.sharpe_error(per_day, observations=len(days)) * np.sqrt(TRADING_DAYS)
        ratio = wording.ratio(look_up(metrics, "sharpe", "all"))
        text += f", Sharpe ratio {ratio} give or take {wording.ratio(error)}"
    left_out = (
        f" {wording.plural(book.days_left_out, 'day')} with a gap left out." if book.days_left_out else ""
    )
    return f"{text}.{left_out} The past of holdings chosen with hindsight says little of their future."


def tail_sentence(book: HistoricalSimulation, metrics: pd.DataFrame, currency: str) -> str:
    """What a bad day costs, in percent and in money."""
    at_risk, shortfall = look_up(metrics, "var_95", "1y"), look_up(metrics, "cvar_95", "1y")
    if not np.isfinite(at_risk):
        return "A year of returns is needed for the value at risk, and there is none."
    return (
        f"On one day in twenty of the last year the book would have lost more than "
        f"{wording.percent(at_risk)} of {base_words(book)} "
        f"({wording.money(at_risk * book.amount, currency)}), and {wording.percent(shortfall)} "
        f"({wording.money(shortfall * book.amount, currency)}) on average of those days."
    )


def terms_sentence(book: HistoricalSimulation, risk_free: float) -> str:
    """What fractions are of, and the rate that ratios take off."""
    return (
        f"Fractions of {base_words(book)}; Sharpe ratio and alpha over {wording.percent(risk_free)} a year."
    )


def thin_sentence(metrics: pd.DataFrame) -> str:
    """How many returns stand behind the 99 % figures of three years and of one."""
    rows = metrics[metrics["metric"] == "var_99"].set_index("window")
    observations, value = rows.loc["3y", ["observations", "value"]]
    if wording.is_missing(value):
        return "Three years of returns are needed for the 99% figures, and there are fewer."
    return (
        f"{round(0.01 * observations)} days lie beyond the 99% value at risk of {wording.percent(value)}; "
        "the figure for one year rests on two or three, too few to lean on."
    )


def drawdown_sentence(book: HistoricalSimulation, table: pd.DataFrame) -> str:
    """The deepest fall, when it was and how long it took to come back."""
    if book.returns.empty:
        return "Without returns there is no fall to measure."
    if table.empty:
        return "The book never stood below an earlier peak."
    worst = table.iloc[0]
    recovered = (
        "and has not been made good since"
        if wording.is_missing(worst["recovery"])
        else f"and was made good on {wording.date(worst['recovery'])}"
    )
    return (
        f"The deepest fall, {wording.percent(-worst['depth'])}, ran from {wording.date(worst['start'])} to "
        f"{wording.date(worst['trough'])} {recovered}: "
        f"{wording.plural(int(worst['days']), 'trading day')} in all."
    )


def backtest_sentence(table: pd.DataFrame) -> str:
    """Whether the longest backtest's exceedances are as many as promised and come alone."""
    row = table[(table["level"] == 0.95) & (table["window"] == "all")].iloc[0]
    if wording.is_missing(row["kupiec_p"]):
        return f"{wording.plural(int(row['forecasts']), 'forecast')}: at least 250 are needed for a test."
    kept = "as many as promised" if row["kupiec_p"] >= SIGNIFICANT else "not the share that was promised"
    text = (
        f"Of {wording.count(row['forecasts'])} forecasts at 95%, {wording.count(row['exceedances'])} were "
        f"exceeded and {wording.count(row['expected'])} were expected: {kept} (Kupiec, {_p(row['kupiec_p'])})"
    )
    if not wording.is_missing(row["christoffersen_p"]):
        clustered = row["christoffersen_p"] < SIGNIFICANT
        text += f"; they {'come in clusters' if clustered else 'do not cluster'} "
        text += f"(Christoffersen, {_p(row['christoffersen_p'])})"
    year = table[(table["level"] == 0.95) & (table["window"] == "1y")].iloc[0]
    if wording.is_missing(year["exceedances"]):
        return f"{text}."
    return (
        f"{text}. In the last {wording.count(year['forecasts'])} days there were "
        f"{wording.count(year['exceedances'])}, with {wording.count(year['expected'])} expected."
    )


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {wording.number(value, 3)}"


def benchmark_sentence(metrics: pd.DataFrame, benchmark: str | None) -> str:
    """How the book moves with its benchmark over the last year."""
    row = metrics[(metrics["metric"] == "beta") & (metrics["window"] == "1y")].iloc[0]
    if wording.is_missing(row["value"]):
        reason = FLAGS.get(row["flag"].split(",")[0], row["flag"])
        return f"No comparison over the last year: {reason}."
    index = " Its prices leave dividends out, which flatters alpha." if "price_index" in row["flag"] else ""
    return (
        f"Over the last year a move of 1% in {benchmark} came with one of "
        f"{wording.percent(row['value'] / 100, 2)} in the book, and the two drifted apart by "
        f"{wording.percent(look_up(metrics, 'tracking_error', '1y'))} a year.{index}"
    )


def verdict(book: HistoricalSimulation, metrics: pd.DataFrame, currency: str) -> str:
    """One sentence for the top of the page."""
    if not np.isfinite(look_up(metrics, "var_95", "1y")):
        return f"No value at risk: a year of common history is missing. {coverage_sentence(book)}"
    fall = wording.percent(-look_up(metrics, "max_drawdown", "all"))
    return (
        f"{tail_sentence(book, metrics, currency)} The deepest fall since "
        f"{wording.date(book.returns.index[0])} was {fall}. "
        f"This covers {wording.percent(book.covered_share)} of gross exposure."
    )


def key_figures(
    book: HistoricalSimulation, metrics: pd.DataFrame, drawdowns: pd.DataFrame, currency: str
) -> list[dict]:
    """The five figures to be seen first."""
    volatility = look_up(metrics, "annual_volatility", "1y")
    shortfall, at_risk = look_up(metrics, "cvar_95", "1y"), look_up(metrics, "var_95", "1y")
    short = "A year of returns is needed, and there is none."
    bad_day = (
        f"One day in twenty of the last year lost {wording.money(at_risk * book.amount, currency)} or more."
        if np.isfinite(at_risk)
        else short
    )
    fall = "Without returns there is no fall to measure." if book.returns.empty else _when(drawdowns)
    return [
        _figure("var_95", at_risk, "lower", bad_day),
        _figure(
            "cvar_95",
            shortfall,
            "lower",
            "The average of those days." if np.isfinite(shortfall) else short,
        ),
        _figure(
            "max_drawdown",
            look_up(metrics, "max_drawdown", "all"),
            "higher",
            fall,
        ),
        _figure(
            "annual_volatility",
            volatility,
            "lower",
            f"A year, of {base_words(book)}." if np.isfinite(volatility) else short,
        ),
        _figure("covered_share", book.covered_share, "higher", coverage_sentence(book)),
    ]


def _when(drawdowns: pd.DataFrame) -> str:
    """From when to when the deepest fall ran."""
    if drawdowns.empty:
        return "The book never stood below an earlier peak."
    worst = drawdowns.iloc[0]
    return f"From {wording.date(worst['start'])} to {wording.date(worst['trough'])}."


def _figure(name: str, value: float, better: str, sentence: str) -> dict:
    return {"name": name, "value": value, "unit": "fraction", "better": better, "sentence": sentence}
