"""The page risk/metrics: what today's book would have lost in past markets, and who makes up the loss."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.book import BASE_WORDS
from lib.contracts import KeyFigure
from lib.conventions import TRADING_DAYS
from lib.risk.historical_simulation import COVERED, HistoricalSimulation, coverage_by_reason
from lib.risk.metrics import look_up
from lib.risk.pages.measures import FRACTIONS, LOSSES, OVER, first_reason
from lib.risk.pages.metrics_checks import checks as checks
from lib.risk.pages.metrics_checks import same_betas as same_betas
from lib.risk.risk_free import RiskFree
from lib.tables.columns import count, fraction, money, text

NO_YEAR = "A year of returns is needed, and there is none."
NEVER_FELL = "The book never stood below an earlier peak."
PARTS_OF = "factor_var_95"

COVERAGE = (
    text("reason"),
    count("positions"),
    money("exposure", absent="no price"),
    fraction("gross_share", label="Of gross exposure", absent="no exposure"),
    fraction("nav_share", label="Of net asset value", absent="not positive"),
)
REPRICING = (
    text("measure"),
    fraction("repriced", label="Options repriced", absent="no returns"),
    fraction("by_delta", label="Options by delta", absent="no returns"),
)
PARTS = (text("symbol"), money("exposure"), "value", "share")


def coverage(past: HistoricalSimulation) -> pd.DataFrame:
    """Positions and exposure that the figures cover, and what is left out by its reason in words."""
    table = coverage_by_reason(past)
    return table.assign(reason=[wording.sentence_case(codes.words(code)) for code in table["reason"]])


def tail_marks(metrics: pd.DataFrame, window: str) -> dict[str, float]:
    """Returns at the 95 % and 99 % value at risk and at the worst day, for marks on a histogram."""
    marks = {
        "VaR 95%": -look_up(metrics, "var_95", window),
        "VaR 99%": -look_up(metrics, "var_99", window),
        "Worst": look_up(metrics, "worst_day", window),
    }
    return {name: place for name, place in marks.items() if np.isfinite(place)}


def repricing(effect: pd.DataFrame) -> pd.DataFrame:
    """Losses of the last year with options repriced and by delta alone, measures in words."""
    names = FRACTIONS | LOSSES
    return effect.rename_axis("measure").reset_index().assign(measure=[names[one] for one in effect.index])


def parts(components: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """Positions by what they add to the value at risk, most first and hedges last, with symbol and exposure.

    Positions that the factor model leaves out are not listed.
    """
    rows = components[(components["method"] == PARTS_OF) & components["value"].notna()]
    table = rows.merge(positions[["position_id", "symbol", "exposure"]], on="position_id")
    return table.sort_values(["value", "position_id"], ascending=[False, True], ignore_index=True)


def coverage_sentence(past: HistoricalSimulation) -> str:
    """How much of the book the figures cover, and what is left out."""
    reasons = past.coverage["reason"]
    if reasons.empty:
        return "The book holds no positions, so there is nothing to measure."
    covered, priced = int((reasons == COVERED).sum()), "priced " if (reasons == "unpriced").any() else ""
    said = (
        f"The figures cover {covered} of {wording.plural(len(reasons), 'position')}, "
        f"{wording.percent(past.covered_share)} of {priced}gross exposure."
    )
    left = [words + _of_nav(past, reason) for reason, words in codes.counted(reasons).items()]
    if not left:
        return said
    option = " What an option moves is more than its premium, which is its exposure here."
    return f"{said} Left out: {wording.joined(left)}.{option if (reasons == 'no_greeks').any() else ''}"


def _of_nav(past: HistoricalSimulation, reason: str) -> str:
    exposure = past.coverage.loc[past.coverage["reason"] == reason, "exposure"].sum(min_count=1)
    if wording.is_missing(exposure) or past.nav <= 0:
        return ""
    return f" ({wording.percent(exposure / past.nav)} of {BASE_WORDS['nav']})"


def tail_sentence(past: HistoricalSimulation, metrics: pd.DataFrame, currency: str) -> str:
    """What a bad day costs, in percent and in money."""
    at_risk, shortfall = look_up(metrics, "var_95", "1y"), look_up(metrics, "cvar_95", "1y")
    if not np.isfinite(at_risk):
        return "A year of returns is needed for the value at risk, and there is none."
    return (
        f"On one day in twenty of the last year the book would have lost more than "
        f"{wording.percent(at_risk)} of {BASE_WORDS[past.base]} "
        f"({wording.money(at_risk * past.amount, currency)}), and {wording.percent(shortfall)} "
        f"({wording.money(shortfall * past.amount, currency)}) on average of those days."
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


def repricing_sentence(past: HistoricalSimulation, effect: pd.DataFrame) -> str:
    """What repricing the options changes in the tail of the last year, against their deltas alone."""
    options = past.coverage.loc[past.coverage["kind"] == "option", "reason"]
    if options.empty:
        return "The book holds no options."
    if not past.options:
        short = "has a history long enough" if (options == "short_history").any() else "can be priced"
        return f"None of the options {short}, so none takes part."
    if len(past.returns) < TRADING_DAYS:
        return f"{wording.plural(past.options, 'option')} repriced; a year of returns is needed to compare."
    (full, linear), (worst, flat) = effect.loc["cvar_95"], -effect.loc["worst_day"]
    return (
        f"With {wording.plural(past.options, 'option')} repriced on every day, the worst twentieth of last "
        f"year's days costs {wording.percent(full, 2)} on average, {wording.percent(linear, 2)} if options "
        f"moved by delta alone; the worst day is {wording.percent(worst, 2, signed=True)} against "
        f"{wording.percent(flat, 2, signed=True)}."
    )


def parts_sentence(table: pd.DataFrame, currency: str) -> str:
    """Which positions make up the value at risk, and which take from it; ``table`` as from ``parts``."""
    if table.empty:
        return "No position has betas, so there is no factor value at risk to divide."
    largest, hedges = table.head(3), table[table["value"] < 0]
    names = largest["symbol"].drop_duplicates()
    made = (
        f"{wording.joined(names)} {'adds' if len(names) == 1 else 'add'} "
        f"{wording.percent(largest['share'].sum())} of the factor value at risk of "
        f"{wording.money(table['value'].sum(), currency)}"
    )
    if hedges.empty:
        return f"{made}; no position takes from it."
    taken = wording.money(-hedges["value"].sum(), currency)
    return f"{made}; {wording.plural(len(hedges), 'position')} together take {taken} from it."


def methods_sentence(metrics: pd.DataFrame) -> str:
    """The value at risk by history, by a normal distribution and by the factor model, side by side."""
    found = {
        "by history": look_up(metrics, "var_95", "1y"),
        "by a normal distribution": look_up(metrics, "parametric_var_95", "1y", "normal"),
        "by the factor model": look_up(metrics, PARTS_OF, "1y"),
    }
    known = [f"{wording.percent(value, 2)} {name}" for name, value in found.items() if np.isfinite(value)]
    if not known:
        return "No method gives a value at risk."
    return (
        f"At 95% the value at risk of a day is {wording.joined(known)}. The factor model weighs the last "
        "weeks most, so it is the first to move when markets change."
    )


def growth_window(metrics: pd.DataFrame) -> str:
    """The longest window that a headline takes: five years, or all days where there are fewer."""
    return "5y" if np.isfinite(look_up(metrics, "max_drawdown", "5y")) else "all"


def growth_title(metrics: pd.DataFrame) -> str:
    """Title of the chart of growth, by its window."""
    start = {"5y": "five years ago", "all": "on the first day"}[growth_window(metrics)]
    return f"Value of 1 put into today's book {start}, and into its benchmark"


def growth_sentence(past: HistoricalSimulation, metrics: pd.DataFrame, sharpe_error: float) -> str:
    """Return of the last year and of five, how sure the Sharpe ratio is, and what all days come to a year."""
    if past.returns.empty:
        return "There is no day on which every covered position has a return."
    days, window = past.returns.index, growth_window(metrics)
    yearly = wording.percent(look_up(metrics, "annual_return", window), reason="under a year")
    volatility = wording.percent(look_up(metrics, "annual_volatility", window))
    last = look_up(metrics, "cumulative_return", "1y")
    said = f"Over the last year {wording.percent(last, signed=True)}; over" if np.isfinite(last) else "Over"
    said += f" {OVER[window]} {yearly} a year at {volatility} volatility"
    if np.isfinite(sharpe_error):
        sharpe = wording.ratio(look_up(metrics, "sharpe", window))
        said += f", Sharpe ratio {sharpe} give or take {wording.ratio(sharpe_error)}"
    gaps = f" {wording.plural(past.days_left_out, 'day')} with a gap left out." if past.days_left_out else ""
    whole = wording.percent(look_up(metrics, "annual_return", "all"), reason="under a year")
    return (
        f"{said}. All {wording.plural(len(days), 'day')} since {wording.date(days[0])} come to {whole} a "
        "year: today's book through past markets, not a record, of holdings chosen knowing how they did."
        f"{gaps}{time_sentence(past)}"
    )


def time_sentence(past: HistoricalSimulation) -> str:
    """Which figures charge options the passing of time; empty where no option takes part."""
    if not past.options or past.returns.empty:
        return ""
    yearly = (past.compounding.mean() - past.returns.mean()) * TRADING_DAYS
    return (
        " Returns, ratios, falls, alpha and captures let options age a day every day, which comes to "
        f"{wording.percent(yearly, 2, signed=True)} a year; value at risk, shortfall and worst days are "
        "those of one day at today's time to expiry."
    )


def fall_sentence(past: HistoricalSimulation, drawdowns: pd.DataFrame) -> str:
    """The deepest fall, when it was and how long it took to come back."""
    if past.returns.empty or drawdowns.empty:
        return _no_fall(past)
    worst = drawdowns.iloc[0]
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


def falls_sentence(past: HistoricalSimulation, drawdowns: pd.DataFrame) -> str:
    """Which of the falls lasted longest, and how many are not made good."""
    if past.returns.empty or drawdowns.empty:
        return _no_fall(past)
    longest, lasting = drawdowns.loc[drawdowns["days"].idxmax()], int(drawdowns["recovery"].isna().sum())
    made_good = f"{lasting} of them not made good yet" if lasting else "all made good since"
    return (
        f"{wording.plural(len(drawdowns), 'fall')}, {made_good}; the one from "
        f"{wording.date(longest['start'])} lasted longest, "
        f"{wording.plural(int(longest['days']), 'trading day')}."
    )


def _no_fall(past: HistoricalSimulation) -> str:
    return "Without returns there is no fall to measure." if past.returns.empty else NEVER_FELL


def benchmark_sentence(metrics: pd.DataFrame, benchmark: str | None) -> str:
    """How the book moves with its benchmark over the last year."""
    row = metrics[(metrics["metric"] == "beta") & (metrics["window"] == "1y")].iloc[0]
    if wording.is_missing(row["value"]):
        named = f" with {benchmark}" if benchmark else ""
        return f"No comparison{named} over the last year: {first_reason(row['flag'])}."
    flatters = " Its prices leave dividends out, which flatters alpha."
    return (
        f"Over the last year a move of 1% in {benchmark} came with one of "
        f"{wording.percent(row['value'] / 100, 2)} in the book, and the two drifted apart by "
        f"{wording.percent(look_up(metrics, 'tracking_error', '1y'))} a year."
        f"{flatters if codes.has(row['flag'], 'price_index') else ''}"
    )


def terms_sentence(past: HistoricalSimulation, risk_free: RiskFree) -> str:
    """What fractions are of, and the rate that ratios take off."""
    base, rate = BASE_WORDS[past.base], wording.percent(risk_free.rate)
    made = ", which is generated, not observed" if risk_free.generated else ""
    source = f", the last yield of {risk_free.tenor}{made}" if risk_free.tenor else ""
    return f"Fractions of {base}; Sharpe ratio and alpha over {rate} a year{source}.{time_sentence(past)}"


def verdict(past: HistoricalSimulation, metrics: pd.DataFrame, currency: str) -> str:
    """One sentence for the top of the page."""
    if not np.isfinite(look_up(metrics, "var_95", "1y")):
        return f"No value at risk: a year of common history is missing. {coverage_sentence(past)}"
    window, first = growth_window(metrics), wording.date(past.returns.index[0])
    deepest = {name: wording.percent(-look_up(metrics, "max_drawdown", name)) for name in {window, "all"}}
    since = f"{deepest['all']} since {first}"
    fell = f"{deepest['5y']} in the last five years, {since}" if window == "5y" else since
    return (
        f"{tail_sentence(past, metrics, currency)} Held throughout, it would once have fallen {fell}. "
        f"This covers {wording.percent(past.covered_share)} of gross exposure."
    )


def key_figures(past: HistoricalSimulation, metrics: pd.DataFrame, currency: str) -> list[KeyFigure]:
    """The five figures to be seen first."""
    lost = wording.money(look_up(metrics, "var_95", "1y") * past.amount, currency)
    window = growth_window(metrics)
    deepest, whole = (look_up(metrics, "max_drawdown", name) for name in (window, "all"))
    fall = _no_fall(past)
    if np.isfinite(deepest):
        fall = f"Over {OVER[window]}; over all days {wording.percent(whole)}."
    return [
        _of_a_year(metrics, "var_95", f"One day in twenty of the last year lost {lost} or more."),
        _of_a_year(metrics, "cvar_95", "The average of those days."),
        KeyFigure("max_drawdown", deepest, "fraction", "higher", fall),
        _of_a_year(metrics, "annual_volatility", f"A year, of {BASE_WORDS[past.base]}."),
        KeyFigure("covered_share", past.covered_share, "fraction", "higher", coverage_sentence(past)),
    ]


def _of_a_year(metrics: pd.DataFrame, name: str, words: str) -> KeyFigure:
    value = look_up(metrics, name, "1y")
    return KeyFigure(name, value, "fraction", "lower", words if np.isfinite(value) else NO_YEAR)
