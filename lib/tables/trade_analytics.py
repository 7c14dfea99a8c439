"""Tables on what an account's trades came to: the journal, its measures, the account beside holding."""

from __future__ import annotations

from lib.contracts import Column, Table
from lib.tables.columns import count, date, days, flag, fraction, money, number, price, ratio, text
from lib.tables.paper_account import STRATEGY

RESULTS = ("win", "loss", "breakeven", "open")
SCOPES = ("all", "strategy", "symbol")
SERIES = ("account", "hold", "benchmark")


def of_trades(kind, name: str, meaning: str, **more) -> Column:
    """A figure that rests on closed trades, missing for the reason that its row gives."""
    return kind(name, meaning, null=True, absent="reason", **more)


JOURNAL = Table(
    "trade_journal",
    "Every trade from entry to exit: what it cost, how long it was held, how far it went for and against it.",
    (
        count("trade", "number of the trade, as in account_trades", low=1),
        text("symbol", "what was traded"),
        STRATEGY,
        text("side", "LONG or SHORT", values=("LONG", "SHORT")),
        number("quantity", "shares, on the basis of the exit", label="Shares"),
        date("entry_date", "session of the entry", label="Entered"),
        price("entry_price", "price of the entry, on the basis of the exit", label="Entry"),
        date(
            "exit_date", "session of the exit; null while it is held", null=True, label="Left", absent="held"
        ),
        price("exit_price", "price of the exit, or the last close", label="Exit"),
        money("gross", "profit before costs"),
        money("costs", "commission, charges and borrowing of both sides", low=0.0),
        money("dividends", "dividends received while it was held"),
        money("net", "profit after costs, dividends included"),
        fraction("return", "net profit over the value of the entry"),
        count("sessions_held", "sessions from entry to exit, 0 within one", label="Sessions"),
        days("days_held", "calendar days from entry to exit", label="Days"),
        money("mae", "worst standing while it was held, before costs; 0 when never below", high=0.0),
        money("mfe", "best standing while it was held, before costs; 0 when never above", low=0.0),
        fraction(
            "mae_return", "worst standing over the value of the entry", high=0.0, label="Worst standing"
        ),
        fraction("mfe_return", "best standing over the value of the entry", low=0.0, label="Best standing"),
        text("seen_in", "code of the prices in which both were seen"),
        ratio("r_multiple", "net profit over what the stop at the entry risked", null=True, absent="no stop"),
        text("entry_reason", "code of why it was entered"),
        text("exit_reason", "code of why it was left"),
        text("result", "win, loss, breakeven, or open while it is held", values=RESULTS),
    ),
    ("trade",),
    may_be_empty=True,
)

MEASURES = Table(
    "trade_measures",
    "What closed trades came to: of all, of each strategy and of each symbol.",
    (
        text("scope", "all, a strategy or a symbol", values=SCOPES),
        text("name", "the strategy or symbol, or all"),
        count("trades", "closed trades"),
        count("open", "trades still held, in none of the figures"),
        count("wins", "closed with a profit"),
        count("losses", "closed with a loss"),
        count("breakeven", "closed with neither"),
        of_trades(fraction, "win_rate", "wins over closed trades", low=0.0, high=1.0),
        of_trades(fraction, "win_rate_low", "lower end of its 95% interval (Wilson)"),
        of_trades(fraction, "win_rate_high", "upper end of its 95% interval (Wilson)"),
        money("net", "profit of closed trades after costs"),
        money("costs", "costs of closed trades", low=0.0),
        money("gross_profit", "profits of wins together", low=0.0),
        money("gross_loss", "losses together, as a positive amount", low=0.0),
        of_trades(ratio, "profit_factor", "profits over losses; null when there is no loss", low=0.0),
        of_trades(money, "expectancy", "mean net profit of a trade"),
        of_trades(money, "expectancy_low", "lower end of its 95% interval (bootstrap)"),
        of_trades(money, "expectancy_high", "upper end of its 95% interval (bootstrap)"),
        of_trades(fraction, "mean_return", "mean return of a trade"),
        of_trades(money, "average_win", "mean profit of a win"),
        of_trades(money, "average_loss", "mean of a loss, negative", high=0.0),
        of_trades(ratio, "payoff", "average win over average loss", low=0.0),
        of_trades(money, "largest_win", "largest profit"),
        of_trades(money, "largest_loss", "largest loss, negative", high=0.0),
        count("win_streak", "most wins one after another"),
        count("loss_streak", "most losses one after another"),
        of_trades(number, "sessions_held", "mean holding time in sessions"),
        of_trades(ratio, "kelly", "share of wins less share of others over payoff"),
        of_trades(ratio, "sqn", "root of trades times mean over deviation of net profit", label="SQN"),
        text("reason", "code of why figures are missing; empty when none is"),
        flag("few", "whether the trades are too few to tell skill from luck"),
    ),
    ("scope", "name"),
)

PERFORMANCE = Table(
    "account_performance",
    "The account's daily equity beside holding the same symbols and beside the benchmark.",
    (
        text(
            "series",
            "account, hold (the same symbols in equal parts, without costs) or benchmark",
            values=SERIES,
        ),
        count("sessions", "daily returns"),
        fraction("total_return", "change over the whole time", null=True, absent="reason"),
        fraction("annual_return", "geometric return a year", null=True, absent="reason"),
        fraction("volatility", "standard deviation of daily returns, a year", null=True, absent="reason"),
        ratio("sharpe", "of daily returns over the risk-free rate, a year", null=True, absent="reason"),
        ratio("sharpe_low", "lower end of its 95% interval", null=True, absent="reason"),
        ratio("sharpe_high", "upper end of its 95% interval", null=True, absent="reason"),
        ratio("sortino", "of daily returns under the risk-free rate, a year", null=True, absent="reason"),
        fraction("max_drawdown", "deepest fall from a peak", null=True, high=0.0, absent="reason"),
        money(
            "max_drawdown_money",
            "largest fall in money",
            label="In money",
            null=True,
            high=0.0,
            absent="reason",
        ),
        fraction(
            "in_market", "share of sessions with something held at the close", null=True, absent="reason"
        ),
        fraction("mean_exposure", "mean share of equity that was invested", null=True, absent="reason"),
        text("reason", "code of why figures are missing; empty when none is"),
    ),
    ("series",),
)

CURVE = Table(
    "account_curve",
    "Equity at each close beside the same money in the same symbols and in the benchmark.",
    (
        date("date", "session, at its close"),
        money("account", "equity of the account"),
        money(
            "hold", "the same money in the same symbols, equal parts, no costs", null=True, absent="no price"
        ),
        money("benchmark", "the same money in the benchmark", null=True, absent="no benchmark"),
        fraction("drawdown", "equity below its highest so far", high=0.0),
    ),
    ("date",),
    dated="date",
)

DRAWDOWNS = Table(
    "account_drawdowns",
    "Falls of the equity from a peak, deepest first.",
    (
        date("start", "day of the peak before it", label="Peak"),
        date("trough", "its deepest day"),
        date("recovery", "day on which the peak was reached again", null=True, absent="not yet"),
        fraction("depth", "equity at the trough over the peak, less one", high=0.0),
        money("loss", "equity at the trough less that of the peak", high=0.0),
        count("days", "sessions from the peak to the recovery, or to the last one", label="Sessions"),
    ),
    ("start",),
    may_be_empty=True,
)

PERIODS = Table(
    "account_periods",
    "What the account earned in each month and year, and the trades that ended in it.",
    (
        text("kind", "month or year", values=("month", "year")),
        date("period", "its last day"),
        flag("complete", "whether the account was there from its first session to its last"),
        money("profit", "change of the equity"),
        fraction("return", "its daily returns, compounded"),
        fraction("hold_return", "of holding the same symbols", null=True, absent="no price"),
        fraction("benchmark_return", "of the benchmark", null=True, absent="no benchmark"),
        count("trades", "trades that ended in it"),
        money("net", "net profit of those trades"),
    ),
    ("kind", "period"),
)

BINS = Table(
    "trade_bins",
    "Closed trades by the size of their net profit.",
    (
        text("bin", "from the largest losses to the largest profits", label="Result"),
        number("low", "lower end, exclusive for profits; null when open", null=True, absent="open"),
        number("high", "upper end, exclusive for losses; null when open", null=True, absent="open"),
        count("trades", "closed trades"),
        money("net", "their net profit together"),
    ),
    ("bin",),
)

TRADE_ANALYTICS = (JOURNAL, MEASURES, PERFORMANCE, CURVE, DRAWDOWNS, PERIODS, BINS)
