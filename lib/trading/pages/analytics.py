"""What the page of ``trading/analytics`` says of trades and of the account; its tables stand beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import figures, wording
from lib.checks import CENT, Check, adds_up, close, equal, holds, ordered, same_money
from lib.contracts import Column, KeyFigure
from lib.tables.columns import text
from lib.trading.trade_study import TradeStudy

IN = {"Same symbols": "the same symbols"}
NAMES = {"account": "The account", "hold": "Holding the same symbols", "benchmark": "Benchmark"}

PERFORMANCE: tuple[str | Column, ...] = (
    text("words", label="Money in"),
    "total_return",
    "annual_return",
    "volatility",
    "sharpe",
    "sharpe_low",
    "sharpe_high",
    "sortino",
    "max_drawdown",
    "max_drawdown_money",
)


def faults(study: TradeStudy) -> list[str]:
    """What is wrong with the data or too little to judge, a sentence each, the worst first."""
    rows, whole = study.tables["trade_journal"], study.whole
    found = []
    made_up = [name for name in study.origins if name != "real"]
    if made_up:
        found.append(f"Prices are {wording.joined(made_up)}: no result here is evidence of a real market.")
    if not whole["trades"]:
        found.append("No trade is over yet, so that nothing can be said of trades.")
    elif whole["few"]:
        found.append(
            f"{wording.plural(int(whole['trades']), 'closed trade')}: too few to tell skill from luck."
        )
    blind = int(rows["seen_in"].eq("SEEN_IN_CLOSES").sum())
    if blind:
        found.append(
            f"{wording.plural(blind, 'trade')} of {wording.count(len(rows))} could be watched at "
            "closes only, so that "
            "best and worst standing are too small there."
        )
    unsure = int(study.given.trades["ambiguous"].sum())
    if unsure:
        found.append(
            f"In {wording.plural(unsure, 'trade')} stop and target lay in one bar; the stop was taken, "
            "which may "
            "be wrong."
        )
    unknown = set(study.choice.symbols) - set(study.given.prices["symbol"])
    if unknown:
        found.append(f"There are no prices of {wording.joined(sorted(unknown))}; their part is held as cash.")
    if study.choice.benchmark and study.series("benchmark")["reason"] == "SERIES_NOT_KNOWN":
        found.append(f"There are no prices of the benchmark {study.choice.benchmark}.")
    return found


def verdict(study: TradeStudy) -> str:
    """What the trades earned after costs, whether luck would do it, and what holding would have earned."""
    whole, own, hold = study.whole, study.series("account"), study.series("hold")
    if wording.is_missing(hold["total_return"]):
        beside = "what holding would have earned is not known"
    else:
        beside = (
            f"the account made {wording.percent(own['total_return'], signed=True)} and holding the "
            "same symbols "
            f"{wording.percent(hold['total_return'], signed=True)}"
        )
    if not whole["trades"]:
        return f"No trade is over; {beside}."
    return (
        f"{wording.plural(int(whole['trades']), 'closed trade')} earned {_money(study, whole['net'])} after "
        f"{_money(study, whole['costs'])} of costs, {_judged(whole)}; {beside}."
    )


def _judged(whole: pd.Series) -> str:
    if wording.is_missing(whole["expectancy_low"]):
        return "and one trade says nothing"
    if whole["expectancy_low"] > 0:
        return "more a trade than luck would explain"
    if whole["expectancy_high"] < 0:
        return "a loss that is not bad luck"
    return "which cannot be told from luck"


def _money(study: TradeStudy, value: float, *, signed: bool = False) -> str:
    return wording.money(value, study.choice.currency, signed=signed)


def wealth(study: TradeStudy) -> pd.DataFrame:
    """Equity and what the same money would have been worth elsewhere, by date; only what is known."""
    path = study.tables["account_curve"].set_index("date")[list(NAMES)]
    names = {"account": "Account", "hold": "Same symbols", "benchmark": study.choice.benchmark or "Benchmark"}
    return path.dropna(axis=1, how="all").rename(columns=names)


def wealth_sentence(study: TradeStudy) -> str:
    """What the money became in each."""
    path = wealth(study)
    said = [
        f"{_money(study, path[name].dropna().iloc[-1])} in {IN.get(name, name)}" for name in path.columns[1:]
    ]
    ended = f"The account ended at {_money(study, path['Account'].iloc[-1])}"
    others = f", against {wording.joined(said)}" if said else ""
    return (
        f"{ended}{others}; what is held for comparison pays no costs and keeps its dividends "
        "where they are known."
    )


def falls(study: TradeStudy) -> pd.Series:
    """Equity below its highest so far, by date."""
    return study.tables["account_curve"].set_index("date")["drawdown"]


def falls_sentence(study: TradeStudy) -> str:
    """The deepest fall and whether it is over."""
    table = study.tables["account_drawdowns"]
    if table.empty:
        return "The equity never fell below an earlier close."
    row = table.iloc[0]
    back = "not made good yet"
    if not wording.is_missing(row["recovery"]):
        back = f"made good on {wording.date(row['recovery'])}"
    hold = study.series("hold")["max_drawdown"]
    other = (
        ""
        if wording.is_missing(hold)
        else f" Holding the same symbols fell by {wording.percent(-hold)} at most."
    )
    return (
        f"The deepest fall took {wording.percent(-row['depth'])} ({_money(study, -row['loss'])}) from "
        f"{wording.date(row['start'])} to {wording.date(row['trough'])}, {back}.{other}"
    )


def performance(study: TradeStudy) -> pd.DataFrame:
    """Account, holding and benchmark in words."""
    table = study.tables["account_performance"]
    return table.assign(words=table["series"].map(NAMES))


def performance_sentence(study: TradeStudy) -> str:
    """Sharpe ratio with its interval, and how much of the time and money was in the market."""
    own = study.series("account")
    rate = wording.percent(study.choice.risk_free)
    if wording.is_missing(own["sharpe"]):
        return f"The equity never moved, so that it has no ratio; the risk-free rate is {rate}."
    return (
        f"Sharpe {wording.ratio(own['sharpe'])} (95% interval {wording.ratio(own['sharpe_low'])} to "
        f"{wording.ratio(own['sharpe_high'])}) over {wording.plural(int(own['sessions']), 'session')}, "
        "days without "
        f"trades included, at a risk-free rate of {rate}; something was held on "
        f"{wording.percent(own['in_market'], 0)} of them, {wording.percent(own['mean_exposure'], 0)} "
        "of the equity "
        "on average. Cash earns nothing."
    )


def charted(study: TradeStudy) -> list[figures.TradedPrice]:
    """The symbols traded most, for the price chart."""
    return [figures.TradedPrice(one.symbol, one.closes, one.trades) for one in study.charted]


def charted_sentence(study: TradeStudy) -> str:
    """How the trades that are shown went."""
    if not study.charted:
        return "Nothing was traded."
    said = [
        f"{one.symbol} {wording.plural(len(one.trades), 'trade')}, "
        f"{int((one.trades['net'] > 0).sum())} with a gain"
        for one in study.charted
    ]
    return (
        f"The symbols traded most: {'; '.join(said)}. Prices are on the basis of the last "
        "session, splits taken out."
    )


def checks(study: TradeStudy) -> list[Check]:
    """What must hold of this very result."""
    rows, whole, given = study.tables["trade_journal"], study.whole, study.given
    profit = float(given.equity["equity"].iloc[-1]) - study.choice.capital
    parts = study.tables["trade_measures"].query("scope == 'strategy'")["net"]
    months = study.tables["account_periods"].query("kind == 'month'")
    bins = study.tables["trade_bins"]
    path = study.tables["account_curve"]
    growth = float((1.0 + months["return"]).prod())
    both = rows["gross"] - rows["costs"] + rows["dividends"]
    return [
        same_money("Net is gross less both sides' costs, and dividends", rows["net"], both),
        holds(
            "Trades, closed and held, add up to the change of the equity",
            abs(rows["net"].sum() - profit) <= max(CENT * max(len(rows), 1), 1e-9 * abs(profit)),
            f"{wording.number(rows['net'].sum())} and {wording.number(profit)}",
        ),
        adds_up("Strategies add up to all trades", parts, float(whole["net"])),
        equal("Every closed trade is in one bin", int(bins["trades"].sum()), int(whole["trades"])),
        adds_up("Bins add up to all trades", bins["net"], float(whole["net"])),
        equal(
            "Wins, losses and others are all",
            int(whole[["wins", "losses", "breakeven"]].sum()),
            int(whole["trades"]),
        ),
        ordered(
            "Worst standing is not above the result",
            rows["mae"],
            np.minimum(rows["gross"], 0.0),
            tolerance=CENT,
        ),
        ordered(
            "Best standing is not below the result",
            np.maximum(rows["gross"], 0.0),
            rows["mfe"],
            tolerance=CENT,
        ),
        close("Months compound to the whole", growth, float(path["account"].iloc[-1]) / study.choice.capital),
    ]


def key_figures(study: TradeStudy) -> list[KeyFigure]:
    """Profit, profit factor, win rate, Sharpe ratio and deepest fall."""
    whole, own = study.whole, study.series("account")
    interval = "Too few for an interval."
    if not wording.is_missing(whole["win_rate"]):
        low, high = (wording.percent(whole[name], 0) for name in ("win_rate_low", "win_rate_high"))
        interval = f"95% interval {low} to {high}."
    factor = "Profits over losses of closed trades, after costs."
    if wording.is_missing(whole["profit_factor"]):
        factor = "There is no loss to divide by."
    earned = f"Of closed trades, after {_money(study, whole['costs'])} of costs."
    ratio = f"Of daily equity over {wording.percent(study.choice.risk_free)} a year."
    if not wording.is_missing(own["sharpe"]):
        ends = " to ".join(wording.ratio(own[name]) for name in ("sharpe_low", "sharpe_high"))
        ratio = f"95% interval {ends}; of daily equity over {wording.percent(study.choice.risk_free)} a year."
    return [
        KeyFigure("net_profit", float(whole["net"]), "money", "higher", earned),
        KeyFigure("win_rate", float(whole["win_rate"]), "fraction", "higher", interval),
        KeyFigure("profit_factor", float(whole["profit_factor"]), "ratio", "higher", factor),
        KeyFigure("sharpe", float(own["sharpe"]), "ratio", "higher", ratio),
        KeyFigure("max_drawdown", float(own["max_drawdown"]), "fraction", "higher", falls_sentence(study)),
    ]
