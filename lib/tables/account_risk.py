"""Tables of an account's risk: sizes of what may be bought, stops, limits, breaker, and what may be lost."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import count, date, flag, fraction, money, number, price, text

CAPS = (
    "SIZE_BY_RISK",
    "SIZE_BY_SHARE",
    "SIZE_BY_POSITION",
    "SIZE_BY_SECTOR",
    "SIZE_BY_CASH",
    "SIZE_BY_VOLUME",
    "SIZE_BY_PLACES",
    "SIZE_BY_RULE_PLACES",
    "SIZE_BY_BREAKER",
)
STOP_KINDS = ("stands", "percent", "atr", "trailing")
LIMITS = ("positions", "strategy_positions", "position", "sector", "daily_loss")
WHEN = ("said", "blocked", "supposed")

STRATEGY = text("strategy", "rule", label="Rule")
SYMBOL = text("symbol", "symbol")

SIZES = Table(
    "order_sizes",
    "How many shares an entry of each rule in each symbol may have, and what limits it.",
    (
        STRATEGY,
        SYMBOL,
        text("when", "whether the rule says it today, is blocked, or it is supposed only", values=WHEN),
        price("entry", "close, for which it is sized"),
        price("stop", "stop of the rule", null=True, absent="none"),
        count("quantity", "shares that may be bought", label="Shares"),
        money("value", "shares times entry"),
        money("budget", "money that the stop may lose", null=True, absent="sized by share"),
        money("risk", "what the stop would lose of these shares", null=True, absent="no stop"),
        fraction("risk_share", "the same over the equity", null=True, absent="no stop"),
        text("limited_by", "code of the cap that binds"),
        text("rejected", "code of why there is none; empty otherwise"),
        number("ordered", "shares that the account ordered", null=True, unit="count", absent="no order"),
    ),
    ("strategy", "symbol"),
    may_be_empty=True,
)
CAP_TABLE = Table(
    "order_caps",
    "Every cap on every size: how many shares it would let through, and whether it binds.",
    (
        STRATEGY,
        SYMBOL,
        text("cap", "code of the cap", values=CAPS),
        number("shares", "shares it lets through; null for no limit", null=True, absent="no limit"),
        flag("binds", "whether it is the smallest"),
    ),
    ("strategy", "symbol", "cap"),
    may_be_empty=True,
)
STOPS = Table(
    "position_stops",
    "Where the stop of each position stands, where other kinds would put it, and what it would lose.",
    (
        SYMBOL,
        STRATEGY,
        text("kind", "stands, or what another kind would be at this close", values=STOP_KINDS),
        number("quantity", "shares held", label="Shares"),
        price("price", "close"),
        price("stop", "price of the stop", null=True, absent="none"),
        fraction("distance", "stop below the close, over the close", null=True, absent="none"),
        money("loss", "loss from the close if the stop is hit and fills there", null=True, absent="none"),
        fraction("loss_share", "the same over the equity", null=True, absent="none"),
    ),
    ("symbol", "strategy", "kind"),
    may_be_empty=True,
)
LIMIT_TABLE = Table(
    "account_limits",
    "How full each limit is: positions, of one rule, of one symbol, of one sector, and the loss of the day.",
    (
        text("limit", "what is limited", values=LIMITS),
        text("of", "symbol, sector or rule; all for the whole account", label="Of"),
        number("used", "how much is used: positions, or a share of the equity"),
        number("most", "how much is allowed"),
        fraction("full", "used over allowed"),
        flag("exceeded", "whether more is used than allowed"),
    ),
    ("limit", "of"),
)
RISK = Table(
    "account_risk",
    "What the account may lose, from its equity at every close, idle days included.",
    (
        text("window", "all sessions since it began, or the last ones", values=("all", "recent")),
        text("figure", "name of the figure", label="Figure"),
        number("value", "the figure", null=True, absent="code"),
        text("unit", "fraction, ratio, money or count"),
        count("sessions", "daily returns that it rests on"),
        text("code", "why there is none, or what to mind; empty otherwise", label="Note"),
    ),
    ("window", "figure"),
)
STATE = Table(
    "account_breaker_state",
    "The circuit breaker at the last close.",
    (
        date("date", "session"),
        flag("on", "whether it blocks entries"),
        money("day_pnl", "change of the equity that day"),
        money("limit", "loss that trips it"),
        fraction("full", "loss of the day over that, 0 after a gain", low=0.0),
        count("trips", "times it tripped so far"),
        count("blocked", "entries that it blocked so far"),
        date("last", "session on which it tripped last", null=True, absent="never"),
    ),
    ("date",),
)
ACCOUNT_RISK = (SIZES, CAP_TABLE, STOPS, LIMIT_TABLE, RISK, STATE)
