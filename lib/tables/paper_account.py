"""Tables of a paper account: what was decided, what was filled, what it held and was worth at each close.

Prices, quantities and money are on the basis of the day concerned: a split changes the lots that are held,
not what was filled before it.
"""

from __future__ import annotations

from lib.account_ledger import KINDS
from lib.contracts import Table
from lib.tables.columns import count, date, flag, fraction, money, number, price, text
from lib.tables.signals import moment

SIDES = ("BUY", "SELL")
ORDER_TYPES = ("MARKET", "LIMIT", "SL", "SL-M")
VALIDITIES = ("DAY", "GTC")
STATUSES = ("PENDING", "OPEN", "PARTIAL", "COMPLETE", "CANCELLED", "REJECTED", "EXPIRED")

STRATEGY = text("strategy", "rule that decided it, or manual")

LEDGER = Table(
    "account_ledger",
    "What was decided for the account before this run, line by line.",
    (
        count("line", "number of the line in the ledger", low=1),
        moment("moment", "when a person wrote it; null for a run's", null=True, absent="a run"),
        date(
            "session",
            "session that it concerns: of decisions at whose close, of a person's the first whose bar counts",
        ),
        date("as_of", "as-of day of the run that wrote it, null for a person's", null=True, absent="person"),
        text("kind", "what it says", values=KINDS),
        text("body", "what it says, as JSON"),
    ),
    ("line",),
    may_be_empty=True,
)

ORDERS = Table(
    "account_orders",
    "Every order of the account, and what became of it.",
    (
        text("order_id", "id of the order", label="Order"),
        date("decided", "session at whose close it was decided"),
        text("symbol", "what is bought or sold"),
        text("side", "BUY or SELL", values=SIDES),
        count("quantity", "shares ordered; 0 where it was refused before it had a size", label="Shares"),
        text("type", "kind of order", values=ORDER_TYPES),
        price("limit", "limit price; null where it has none", null=True, low=0.0, absent="none"),
        price("trigger", "price that wakes a stop order; null where it has none", null=True, absent="none"),
        text("validity", "how long it stands: the next session, or until it is cancelled", values=VALIDITIES),
        STRATEGY,
        number("confidence", "of the rule, 0 to 1; null of a manual order", null=True, absent="manual"),
        price("stop", "stop of the position that it opens", null=True, absent="none"),
        price("target", "target of the position that it opens", null=True, absent="none"),
        text("status", "what became of it", values=STATUSES),
        number("filled", "shares filled", low=0.0),
        price("average_price", "mean price of its fills", null=True, absent="not filled"),
        date("ended", "session on which it was done with; null while it stands", null=True, absent="stands"),
        text("reason", "code of why it was decided"),
        text("outcome", "code of why it was refused, cancelled or expired; empty otherwise"),
    ),
    ("order_id",),
    may_be_empty=True,
)

FILLS = Table(
    "account_fills",
    "Every fill of the account: what was paid for what, and what it cost.",
    (
        count("fill", "number of the fill, in order", low=1),
        text("order_id", "order that it belongs to", label="Order"),
        date("date", "session of the fill"),
        text("symbol", "what was bought or sold"),
        text("side", "BUY or SELL", values=SIDES),
        number("quantity", "shares filled; a part of one where a split left it", low=0.0, label="Shares"),
        price("price", "price paid or received a share, slippage included"),
        money("slippage", "what slippage cost, included in the price", low=0.0),
        money("commission", "commission of the broker", low=0.0),
        money("charges", "statutory charges of the exchange", low=0.0),
        STRATEGY,
        text("reason", "code of what made it"),
        text("flags", "codes, separated by commas: NO_OPEN, NO_VOLUME, AMBIGUOUS_BAR, PARTIAL, TRIMMED"),
    ),
    ("fill",),
    may_be_empty=True,
)

TRADES = Table(
    "account_trades",
    "Lots matched with their sales; a lot that is still held is valued at the last close.",
    (
        count("trade", "number of the trade, by exit and entry", low=1),
        text("symbol", "what was traded"),
        text("strategy", "rule that opened it, or manual"),
        text("side", "LONG or SHORT", values=("LONG", "SHORT")),
        number("quantity", "shares, on the basis of the exit", label="Shares"),
        date("entry_date", "session of the entry", label="Entered"),
        price("entry_price", "price of the entry, on the basis of the exit", label="Entry"),
        date("exit_date", "session of the exit; null while it is held", null=True, absent="held"),
        price("exit_price", "price of the exit, or the last close", label="Exit"),
        money("gross", "profit before costs"),
        money("costs", "commission, charges and borrowing of both sides", low=0.0),
        money("dividends", "dividends received while it was held"),
        money("net", "profit after costs, dividends included"),
        fraction("return", "net profit over the value of the entry"),
        text("entry_reason", "code of why it was entered"),
        text("exit_reason", "code of why it was left; STILL_OPEN while it is held"),
        text("status", "whether it is over", values=("OPEN", "CLOSED")),
        price("stop", "stop at the entry", null=True, absent="none"),
        flag("ambiguous", "stop and target lay in one bar: the stop was taken"),
    ),
    ("trade",),
    may_be_empty=True,
)

HOLDINGS = Table(
    "account_holdings",
    "What the account held at each close.",
    (
        date("date", "session, at its close"),
        text("symbol", "what was held"),
        text("strategy", "rule that opened it, or manual"),
        number("quantity", "shares, negative when short", label="Shares"),
        price("average_price", "mean price of what is held, on the basis of the day"),
        price("price", "close, or the last one known"),
        money("value", "shares times price"),
        money("unrealised", "value less what was paid, costs of the entry not taken off"),
        price("stop", "where its stop stands", null=True, absent="none"),
        price("target", "where its target stands", null=True, absent="none"),
        text("flags", "STALE_PRICE where there was no bar, else empty"),
    ),
    ("date", "symbol", "strategy"),
    may_be_empty=True,
    dated="date",
)

EQUITY = Table(
    "account_equity",
    "What the account was worth at each close; equity is cash and the value of what is held.",
    (
        date("date", "session, at its close"),
        money("cash", "cash, settled or not"),
        money("unsettled", "part of the cash that is not settled yet"),
        money("reserved", "part of the cash that open orders may need"),
        money("invested", "value of what is held"),
        money("equity", "cash and invested"),
        money("realised", "profit of what was closed, before costs, since the start"),
        money("unrealised", "profit of what is held, before costs"),
        money("costs", "commission, charges and borrowing since the start", low=0.0),
        money("dividends", "dividends since the start"),
        fraction("return", "change of the equity over that of the close before, of the capital at first"),
        fraction("drawdown", "equity below its highest so far, 0 or negative", high=0.0),
        money("day_pnl", "change of the equity since the close before"),
        flag("breaker", "whether the breaker is on at the close, so that entries are blocked"),
        count("positions", "positions held"),
    ),
    ("date",),
    dated="date",
)

BREAKER = Table(
    "account_breaker",
    "When the circuit breaker tripped, for what, and when it was reset.",
    (
        date("date", "session on which it tripped"),
        money("loss", "loss of the day"),
        money("limit", "loss that trips it"),
        fraction("share", "loss over the limit"),
        count("blocked", "entries that it blocked while it was on"),
        date("reset", "session from which entries are let through again; null while on", null=True),
        text("reset_by", "session, or the note of the person who reset it"),
    ),
    ("date",),
    may_be_empty=True,
)

DECIDED = Table(
    "account_decisions",
    "What was decided at each close, as the ledger of the account keeps it.",
    (
        date("session", "session at whose close it was decided"),
        count("orders", "orders for the next session"),
        count("refused", "entries that were not ordered"),
        text("body", "orders, refusals, cancels, stops, equity, bars as seen, rules and code, as JSON"),
    ),
    ("session",),
    dated="session",
)

RECORD = Table(
    "account_record",
    "Whether each session was decided in time; that follows from when runs were made, not from the market.",
    (
        date("session", "session at whose close it was decided"),
        flag("caught_up", "it was decided by a run that already saw the next session"),
        flag("recorded", "the ledger had it before this run"),
    ),
    ("session",),
)

PAPER_ACCOUNT = (LEDGER, ORDERS, FILLS, TRADES, HOLDINGS, EQUITY, BREAKER, DECIDED, RECORD)
