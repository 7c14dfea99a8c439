"""Tables of trading rules: what they say, what they would have earned, and how much of it is luck.

Prices, stops, targets and quantities are of their own day: a later split changes none of them.
"""

from __future__ import annotations

from lib.contracts import Column, Table
from lib.tables.columns import count, date, flag, fraction, money, number, price, ratio, text

ACTIONS = ("BUY", "SELL", "NONE")
KINDS = ("rule", "together", "since_start", "walk_forward", "held")
RULE = text("strategy", "name of the rule", label="Rule")
SERIES = text("series", "rule, all_rules, since_start, walk_forward of a rule, or held", label="Series")
SYMBOL = text("symbol", "symbol")
CODE = text("code", "why there is no figure; empty otherwise", label="Note")


def _said(actions: tuple[str, ...]) -> tuple[Column, ...]:
    return (
        date("date", "session at whose close the rule says it"),
        RULE,
        SYMBOL,
        text("action", "what it says for the next open", values=actions),
        price("price", "close of the session, or the last one known", null=True, absent="no bar"),
        fraction("confidence", "0.5 at the threshold, 1 at most", null=True, absent="says nothing"),
        price("stop", "stop of the position that is entered", null=True, absent="none"),
        price("target", "target of the position that is entered", null=True, absent="none"),
        price("trail", "how far below the best price the stop follows", null=True, absent="does not trail"),
        text("reason", "code of why it says it; empty where it says nothing"),
    )


SIGNALS = Table(
    "rule_signals",
    "What each rule said at the close of each session, for the next open.",
    _said(ACTIONS[:2]),
    ("date", "strategy", "symbol"),
    may_be_empty=True,
    dated="date",
)
TODAY = Table(
    "rule_signals_today",
    "What each rule says of each symbol at the as-of date, and what keeps it from being carried out.",
    (*_said(ACTIONS), text("blocked", "codes of what blocks it, separated by commas; empty for nothing")),
    ("strategy", "symbol"),
)
EQUITY = Table(
    "rule_equity",
    "What an account that follows a rule, or all of them, was worth at each close.",
    (
        date("date", "session, at its close"),
        SERIES,
        money("equity", "cash and what is held"),
        money("cash", "cash", null=True, absent="held"),
        fraction("return", "change since the close before"),
        fraction("drawdown", "equity below its highest so far", high=0.0),
        count("positions", "positions held"),
    ),
    ("date", "series"),
    dated="date",
)
TRADES = Table(
    "rule_trades",
    "Every trade of the rules alone and of all rules in one account; costs of both sides are taken off.",
    (
        text("account", "alone, or all rules out of one cash", values=("alone", "together")),
        count("trade", "number of the trade by exit", low=1),
        RULE,
        SYMBOL,
        count("quantity", "shares, on the basis of the exit", low=1, label="Shares"),
        date("entry_date", "session of the entry", label="Entered"),
        price("entry_price", "price of the entry, on the basis of the exit", label="Entry"),
        date("exit_date", "session of the exit, the last one while it is held", label="Left"),
        price("exit_price", "price of the exit, or the last close", label="Exit"),
        count("sessions_held", "sessions from entry to exit", label="Sessions"),
        money("gross", "profit before commission"),
        money("costs", "commission and charges", low=0.0),
        money("net", "profit after them, without dividends"),
        fraction("return", "net over the value of the entry"),
        text("entry_reason", "code of why it was entered"),
        text("exit_reason", "code of why it was left"),
        flag("ambiguous", "stop and target lay in one bar"),
    ),
    ("account", "strategy", "trade"),
    may_be_empty=True,
)
MEASURES = Table(
    "rule_measures",
    "What each rule, all together, the search and holding came to after costs.",
    (
        SERIES,
        text("kind", "what it is", values=KINDS),
        date("first", "first session counted"),
        date("last", "last session counted"),
        count("sessions", "sessions counted"),
        fraction("total_return", "over all sessions"),
        fraction("annual_return", "a year, geometric", null=True, absent="under a year"),
        fraction("volatility", "a year", null=True, absent="one session"),
        ratio("sharpe", "mean over cash by deviation, a year", null=True, absent="does not move"),
        fraction("max_drawdown", "deepest fall", high=0.0),
        count("trades", "trades, those still held included"),
        fraction("won", "share of closed trades with a net profit", null=True, absent="no trade"),
        fraction("invested", "mean share of the equity that is invested"),
        ratio("turnover", "bought and sold in a year over the mean equity", label="Turnover"),
        money("costs", "commission and charges", low=0.0),
        money("dividends", "dividends received"),
        number(
            "break_even", "cost of a trade's side that eats the profit", null=True, unit="bp", absent="none"
        ),
    ),
    ("series",),
)
WALK = Table(
    "rule_walk_forward",
    "The parameters that were best in the sessions before each test, and what they then did.",
    (
        RULE,
        count("fold", "number of the test", low=1),
        date("train_from", "first session of the training"),
        date("train_to", "last session of the training"),
        date("test_from", "first session of the test"),
        date("test_to", "last session of the test"),
        text("chosen", "parameters that were chosen, as JSON; empty where none traded"),
        count("combinations", "combinations to choose among"),
        ratio("train_sharpe", "Sharpe ratio a year in the training", null=True, absent="none traded"),
        ratio("test_sharpe", "Sharpe ratio a year in the test", null=True, absent="did not move"),
    ),
    ("strategy", "fold"),
    may_be_empty=True,
)
DELAYS = Table(
    "rule_delays",
    "The account when every order waits longer; 0 is the next open.",
    (
        SERIES,
        count("delay", "sessions that orders wait beyond the next open"),
        fraction("total_return", "over all sessions"),
        ratio("sharpe", "a year", null=True, absent="does not move"),
        count("trades", "trades"),
        money("costs", "commission and charges", low=0.0),
    ),
    ("series", "delay"),
)
BRACKETS = Table(
    "rule_brackets",
    "Entries by market order, and by limit filled at a touch or only when traded through.",
    (
        SERIES,
        text("entry", "how positions are entered", values=("open", "touch", "through")),
        fraction("total_return", "over all sessions"),
        ratio("sharpe", "a year", null=True, absent="does not move"),
        count("trades", "trades"),
        money("costs", "commission and charges", low=0.0),
        fraction("filled", "share of entry orders that were filled", null=True, absent="no order"),
    ),
    ("series", "entry"),
)
RANDOM = Table(
    "rule_random",
    "The rule's closed trades against as many of the same holding times, entered on days drawn at random.",
    (
        RULE,
        fraction("actual", "mean net return a trade", null=True, absent="no trade"),
        fraction("drawn", "mean over the draws", null=True, absent="no trade"),
        fraction("low", "5 % of draws lie below", null=True, absent="no trade"),
        fraction("high", "5 % of draws lie above", null=True, absent="no trade"),
        number("p", "share of draws at least as good", null=True, unit="probability", absent="no trade"),
        count("trades", "closed trades that are compared"),
        count("left_out", "trades that are still held"),
        count("draws", "draws"),
    ),
    ("strategy",),
)
DEFLATION = Table(
    "rule_deflation",
    "Each rule's Sharpe ratio, and what the number of tries leaves of it; ratios are a year's.",
    (
        SERIES,
        ratio("sharpe", "mean by deviation of daily returns", null=True, absent="code"),
        ratio("error", "its standard error", null=True, absent="code"),
        ratio("skewness", "of daily returns", null=True, absent="code"),
        ratio("kurtosis", "of daily returns, 3 for the normal", null=True, absent="code"),
        count("sessions", "daily returns"),
        count("tries", "specifications that were there to choose among"),
        count("earlier", "of them in the ledger from other runs"),
        number("effective", "independent tries that they amount to", label="Independent tries"),
        ratio("best_by_luck", "best ratio that luck alone is expected to show", null=True, absent="code"),
        number(
            "probabilistic", "that the true ratio is above 0", null=True, unit="probability", absent="code"
        ),
        number("deflated", "that it is above the best by luck", null=True, unit="probability", absent="code"),
        number("needed", "sessions needed to be 95 % sure", null=True, unit="count", absent="code"),
        CODE,
    ),
    ("series",),
)
TRADE_RULES = (
    SIGNALS,
    TODAY,
    EQUITY,
    TRADES,
    MEASURES,
    WALK,
    DELAYS,
    BRACKETS,
    RANDOM,
    DEFLATION,
)
