"""What the page of ``trading/paper`` says: what is wrong, what is held, what is ordered, what was refused."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, close, holds, none
from lib.contracts import Column, KeyFigure
from lib.tables.columns import text
from lib.trading.broker.order_export import COLUMNS, orders_as_fix
from lib.trading.pages.words import rule_name
from lib.trading.paper.study import PaperStudy, adjusted

MONEY = 1e-6
"""Money that rounding may cost, a share of the capital."""
RULE = text("words", label="Rule")
WHY = text("why", label="Because")
HELD: tuple[str | Column, ...] = (
    "symbol",
    RULE,
    "quantity",
    "average_price",
    "price",
    "value",
    "unrealised",
    "stop",
    "target",
    text("noted", label="Note"),
)
ORDERED: tuple[str | Column, ...] = (
    RULE,
    "side",
    "symbol",
    "quantity",
    "type",
    "limit",
    "trigger",
    "validity",
    "confidence",
    "stop",
    "target",
    WHY,
)
FILLED: tuple[str | Column, ...] = (
    RULE,
    "side",
    "symbol",
    "quantity",
    "price",
    "slippage",
    "commission",
    "charges",
    WHY,
    text("noted", label="Note"),
)
REFUSED: tuple[str | Column, ...] = (
    "decided",
    RULE,
    "side",
    "symbol",
    "quantity",
    text("became", label="Became"),
    text("not_because", label="Because"),
)
TRIPPED: tuple[str | Column, ...] = ("date", "loss", "limit", "share", "blocked", "reset", "reset_by")


def faults(study: PaperStudy, origins: list[str]) -> list[str]:
    """What is wrong or needs eyes, a sentence each, the worst first."""
    found = []
    made_up = [name for name in origins if name != "real"]
    if made_up:
        found.append(f"Prices are {wording.joined(made_up)}: nothing here is evidence of a real market.")
    found += _of_breaker(study)
    stale = _stale(study)
    if stale:
        found.append(f"No price today of {wording.joined(stale)}, held at the last close.")
    if study.missing:
        found.append(f"No prices of {wording.joined(study.missing)}.")
    refused = _refused_by_hand(study)
    if refused:
        found.append(f"{wording.plural(refused, 'order')} of the last session typed by hand did not stand.")
    late = int(study.tables["account_record"]["caught_up"].sum())
    if late:
        whole = len(study.book.days)
        found.append(
            f"{wording.count(late)} of {wording.plural(whole, 'session')} were decided after the fact, "
            "with the next bar already known to the run: they are a backtest, not a record."
        )
    found += _of_money(study)
    if not np.isfinite(study.book.account.bars.open).any():
        found.append(
            "Only closes are known: orders fill at the next close, and stops are seen at closes only."
        )
    if adjusted(study):
        found.append("Prices are adjusted: splits and dividends are in them and none of the account's.")
    return found


def _of_breaker(study: PaperStudy) -> list[str]:
    if not bool(study.last["breaker"]):
        return []
    trip = study.tables["account_breaker"].iloc[-1]
    return [
        f"The breaker is on since {wording.date(trip['date'])}, when a day lost "
        f"{wording.money(trip['loss'])} of {wording.money(trip['limit'])} allowed: entries are blocked."
    ]


def _of_money(study: PaperStudy) -> list[str]:
    opened = study.opened.get("capital")
    if opened is None or opened == study.book.rules.capital:
        return []
    return [
        f"The account was opened with {wording.money(opened)} and its params say "
        f"{wording.money(study.book.rules.capital)}: what follows is as if it had begun with that."
    ]


def _stale(study: PaperStudy) -> list[str]:
    held = _held(study)
    return sorted(held.loc[held["flags"] != "", "symbol"].unique())


def _refused_by_hand(study: PaperStudy) -> int:
    found = study.tables["account_orders"]
    own = (found["strategy"] == "manual") & (found["status"] == "REJECTED") & (found["ended"] == study.today)
    return int(own.sum())


def verdict(study: PaperStudy) -> str:
    """What the account came to, and what it does next."""
    last, capital = study.last, study.book.rules.capital
    gained = last["equity"] / capital - 1.0
    return (
        f"{wording.money(capital)} became {wording.money(last['equity'])} "
        f"({wording.percent(gained, signed=True)}) in {wording.plural(len(study.book.days), 'session')}; "
        f"orders for {wording.date(study.tomorrow)}: {wording.count(len(study.standing))}."
    )


def equity(study: PaperStudy) -> pd.DataFrame:
    """Equity and cash at each close."""
    found = study.tables["account_equity"].set_index("date")[["equity", "cash"]]
    return found.rename(columns={"equity": "Equity", "cash": "Cash"})


def equity_sentence(study: PaperStudy) -> str:
    """What the equity is made of."""
    last = study.last
    return (
        f"Of the gain of {wording.money(last['equity'] - study.book.rules.capital, signed=True)}, "
        f"{wording.money(last['realised'], signed=True)} was realised, "
        f"{wording.money(last['unrealised'], signed=True)} is not, dividends gave "
        f"{wording.money(last['dividends'])}, and costs took {wording.money(last['costs'])}."
    )


def falls(study: PaperStudy) -> pd.Series:
    """Drawdown at each close."""
    return study.tables["account_equity"].set_index("date")["drawdown"]


def falls_sentence(study: PaperStudy) -> str:
    """The deepest fall."""
    found = falls(study)
    return (
        f"The deepest fall was {wording.percent(found.min())}, on {wording.date(found.idxmin())}; "
        f"it is {wording.percent(found.iloc[-1])} today."
    )


def holdings(study: PaperStudy) -> pd.DataFrame:
    """What is held at the last close."""
    found = _held(study)
    return found.assign(words=found["strategy"].map(rule_name), noted=found["flags"].map(codes.all_words))


def _held(study: PaperStudy) -> pd.DataFrame:
    found = study.tables["account_holdings"]
    return found.loc[found["date"] == study.today]


def holdings_sentence(study: PaperStudy) -> str:
    """How much of the equity is held in how many positions."""
    last = study.last
    if not last["positions"]:
        return "Nothing is held."
    share = last["invested"] / last["equity"]
    return (
        f"{wording.plural(int(last['positions']), 'position')} worth {wording.money(last['invested'])}, "
        f"{wording.percent(share, 0)} of equity; {wording.money(last['cash'])} is cash, of which "
        f"{wording.money(last['unsettled'])} is not settled and {wording.money(last['reserved'])} reserved."
    )


def orders(study: PaperStudy) -> pd.DataFrame:
    """Orders for the next session."""
    found = study.standing
    return found.assign(words=found["strategy"].map(rule_name), why=found["reason"].map(codes.words))


def orders_sentence(study: PaperStudy) -> str:
    """How many orders stand, and for when."""
    found = study.standing
    if found.empty:
        return f"No order stands for {wording.date(study.tomorrow)}."
    bought, sold = (int((found["side"] == one).sum()) for one in ("BUY", "SELL"))
    return (
        f"For {wording.date(study.tomorrow)}: {wording.plural(bought, 'purchase')} and "
        f"{wording.plural(sold, 'sale')}, decided before its bar."
    )


def export_name(account: str, ending: str = "csv") -> str:
    """What the file of orders is called."""
    return f"orders-{account}.{ending}"


def fix(study: PaperStudy) -> str:
    """Orders for the next session as messages of FIX 4.4."""
    told = study.standing.rename(columns={"limit": "price"}).assign(moment=study.decided)
    return orders_as_fix(told[COLUMNS]).decode()


def export(study: PaperStudy) -> str:
    """Orders for the next session as CSV."""
    kept = [
        "order_id",
        "symbol",
        "side",
        "quantity",
        "type",
        "limit",
        "trigger",
        "validity",
        "strategy",
        "stop",
        "target",
    ]
    found = study.standing[kept].copy()
    found.insert(0, "session", f"{study.tomorrow:%Y-%m-%d}")
    return found.to_csv(index=False, lineterminator="\n")


def fills(study: PaperStudy) -> pd.DataFrame:
    """Fills of the last session that had any."""
    found = study.tables["account_fills"]
    own = found.loc[found["date"] == found["date"].max()]
    return own.assign(
        words=own["strategy"].map(rule_name),
        why=own["reason"].map(codes.words),
        noted=own["flags"].map(codes.all_words),
    )


def fills_sentence(study: PaperStudy) -> str:
    """When the last fills were, and what they cost."""
    own = fills(study)
    if own.empty:
        return "Nothing was ever filled."
    day = own["date"].iloc[0]
    when = "today" if day == study.today else f"on {wording.date(day)}"
    cost = float((own["commission"] + own["charges"] + own["slippage"]).sum())
    return (
        f"The last {wording.plural(len(own), 'fill')} came {when} and cost {wording.money(cost)}, "
        "slippage included."
    )


def refused(study: PaperStudy) -> pd.DataFrame:
    """Orders that were not filled at all, the newest first."""
    found = study.tables["account_orders"]
    own = found.loc[(found["outcome"] != "") & (found["filled"] == 0)].iloc[::-1]
    return own.assign(
        words=own["strategy"].map(rule_name),
        became=own["status"].str.lower(),
        not_because=own["outcome"].map(codes.words),
    )


def refused_sentence(study: PaperStudy) -> str:
    """How many orders came to nothing, and why most of them."""
    own, whole = refused(study), len(study.tables["account_orders"])
    if own.empty:
        return f"All of {wording.plural(whole, 'order')} stand or were filled."
    why = own["not_because"].value_counts()
    parts = wording.joined(f"{one} ({wording.count(why[one])})" for one in why.index[:3])
    count = wording.count(len(own))
    return f"{count} of {wording.plural(whole, 'order')} came to nothing, most for: {parts}."


def trips(study: PaperStudy) -> pd.DataFrame:
    """Every time that the breaker tripped, the newest first."""
    return study.tables["account_breaker"].iloc[::-1]


def trips_sentence(study: PaperStudy) -> str:
    """How often the breaker tripped and how many entries it held back."""
    found = study.tables["account_breaker"]
    if found.empty:
        return "It never tripped."
    return (
        f"It tripped {wording.plural(len(found), 'time')} and held back "
        f"{wording.plural(int(found['blocked'].sum()), 'entry', 'entries')}; exits are never held back."
    )


def checks(study: PaperStudy) -> list[Check]:
    """What must hold of this very account."""
    book, tables = study.book, study.tables
    capital, table = book.rules.capital, tables["account_equity"]
    held = tables["account_holdings"].groupby("date")["value"].sum().reindex(table["date"], fill_value=0.0)
    parts = table["realised"] + table["unrealised"] - table["costs"] + table["dividends"]
    scale = max(capital, float(table["equity"].abs().max()))
    off = np.abs(table["equity"] - table["cash"] - held.to_numpy()).max() / scale
    apart = np.abs(table["equity"] - capital - parts).max() / scale
    least = float(table["cash"].min())
    return [
        holds("Equity is cash and holdings at every close", bool(off < MONEY), f"{off:.1e} apart at most"),
        holds("Gain is profits, costs and dividends", bool(apart < MONEY), f"{apart:.1e} apart"),
        close(
            "Trades add up to the gain",
            float(tables["account_trades"]["net"].sum()),
            float(table["equity"].iloc[-1] - capital),
            tolerance=1e-3,
        ),
        holds(
            "Cash is never below zero",
            least >= -MONEY * scale or book.rules.matching.short,
            f"least {wording.money(least)}",
        ),
        none("Fills come to what is held", _unlike(study), "do not"),
        none("No order is filled beyond its shares", _overfilled(study), "are"),
    ]


def _unlike(study: PaperStudy) -> int:
    """Positions whose shares are not what fills and splits come to."""
    account = study.book.account
    chain = account.bars.chain
    sums: dict[tuple[str, int], float] = {}
    for one in account.fills:
        column = one.order.column
        basis = 1.0 if chain is None else float(chain[-1, column] / chain[one.row, column])
        key = (one.strategy, column)
        sums[key] = sums.get(key, 0.0) + one.side * one.quantity * basis
    held = {key: position.quantity for key, position in account.positions.items()}
    return sum(abs(sums.get(key, 0.0) - held.get(key, 0)) > 1e-6 for key in {*sums, *held})


def _overfilled(study: PaperStudy) -> int:
    found = study.tables["account_orders"]
    return int(((found["filled"] > found["quantity"]) & (found["reason"] != "FRACTION_PAID")).sum())


def key_figures(study: PaperStudy) -> list[KeyFigure]:
    """Equity, gain, fall, what is invested, orders, decisions made late."""
    last, capital = study.last, study.book.rules.capital
    gained = float(last["equity"] / capital - 1.0)
    late = int(study.tables["account_record"]["caught_up"].sum())
    return [
        KeyFigure("equity", float(last["equity"]), "money", "higher", equity_sentence(study)),
        KeyFigure("gain", gained, "fraction", "higher", verdict(study)),
        KeyFigure("day_pnl", float(last["day_pnl"]), "money", "higher", _day_sentence(study)),
        KeyFigure("drawdown", float(last["drawdown"]), "fraction", "higher", falls_sentence(study)),
        KeyFigure("orders_tomorrow", float(len(study.standing)), "count", "neither", orders_sentence(study)),
        KeyFigure(
            "caught_up",
            float(late),
            "count",
            "lower",
            f"{wording.plural(late, 'session')} decided when the next bar was known.",
        ),
    ]


def _day_sentence(study: PaperStudy) -> str:
    gained = wording.money(study.last["day_pnl"], signed=True)
    return f"The last session changed the equity by {gained}."
