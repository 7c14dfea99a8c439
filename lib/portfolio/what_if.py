"""The book after trades that are thought of, on the prices of the as-of date.

Lots are reduced first in, first out; what is opened is a lot of its own with the trade's price as entry.
Cash moves by the trades' money at the trade's price and by the cost, basis points of the traded money; so net
asset value is unchanged but for the cost and for the gap between a trade's price and the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib import codes
from lib.contracts import conform, empty
from lib.conventions import BASE_CURRENCY, BASIS_POINT, EXCHANGE
from lib.portfolio.trade_sizes import LEFT_OUT, lots, size_trades
from lib.portfolio.valuation import value_positions, weights
from lib.tables import TABLES

DUST = 1e-9
EFFECTS = ("specific_change", "factor_var_change", "past_var_change", "cost")
SCALED = ("market_value", "exposure", "cost_basis", "unrealized_pnl", "daily_pnl")


@dataclass(frozen=True)
class ChangedBook:
    """The book after the trades.

    ``positions`` as the table of that name; ``cash`` after trades and cost, money; ``trades`` the table
    ``what_if_trades`` of what was asked; ``cash_used`` is what the trades take from cash before the cost
    (negative where they bring it), ``cost`` the estimated cost, ``traded`` the sum of sizes, all money.
    """

    positions: pd.DataFrame
    cash: float
    trades: pd.DataFrame
    cash_used: float
    cost: float
    traded: float


def apply_trades(
    positions: pd.DataFrame,
    trades: pd.DataFrame,
    prices: pd.DataFrame,
    instruments: pd.DataFrame,
    *,
    as_of: str,
    cash: float = 0.0,
    currency: str = BASE_CURRENCY,
    exchange: str = EXCHANGE,
    cost_bp: float = 0.0,
    label: str = "what-if",
) -> ChangedBook:
    """The book of table ``positions`` and ``cash`` after ``trades`` (as ``read_trades`` gives them).

    ``cost_bp`` is the cost of trading, basis points of the traded money; trading days are those of
    ``exchange``; ``label`` ends the ids of new lots, so that trades can be put on top of trades.
    """
    terms: dict[str, Any] = {"as_of": as_of, "currency": currency, "exchange": exchange}
    sized = size_trades(positions, trades, prices, instruments, cash=cash, **terms)
    opened = lots(sized, sized["opened"], sized["trade_price"], as_of, label)
    opened = opened[opened["quantity"] != 0].reset_index(drop=True)
    added = value_positions(opened, prices, instruments, **terms)
    kept = _reduced(positions, sized)
    used = float(sized["notional_signed"].sum())
    traded = float((sized["turnover"] * sized["multiplier"] * sized["trade_price"]).sum())
    cost = traded * cost_bp * BASIS_POINT
    after = cash - used - cost
    book = pd.concat([kept, _inherited(added, positions)], ignore_index=True) if len(added) else kept
    book = conform(book.assign(**weights(book["exposure"], after)), TABLES["positions"])
    return ChangedBook(book, after, _asked(sized), used, cost, traded)


def _reduced(positions: pd.DataFrame, trades: pd.DataFrame) -> pd.DataFrame:
    """The positions after what closes, oldest lots first; lots closed in full are left out."""
    size, short = positions["quantity"].abs(), positions["quantity"] < 0
    closing = trades.set_index("symbol")[["closed_long", "closed_short"]]
    by_side = {name: positions["symbol"].map(closing[name]).astype("float64") for name in closing}
    asked = by_side["closed_long"].mask(short, by_side["closed_short"])
    ordered = positions.assign(size=size, short=short).sort_values("entry_date", kind="stable")
    earlier = ordered.groupby(["symbol", "short"])["size"].cumsum() - ordered["size"]
    left = size - (asked.fillna(0.0) - earlier).clip(lower=0.0)
    left = left.mask(left <= DUST * size, 0.0)
    share = (left / size).where(left < size, 1.0)
    scaled = {name: positions[name] * share for name in SCALED}
    scaled["quantity"] = left.mask(short, -left)
    return positions.assign(**scaled)[(left > 0) | (size == 0)].reset_index(drop=True)


def _inherited(added: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """New lots without tags take those of the first lot of their symbol."""
    known = positions.drop_duplicates("symbol").set_index("symbol")["tags"]
    own = added["tags"].where(added["tags"] != "", added["symbol"].map(known).astype("str").fillna(""))
    return added.assign(tags=own.astype("str"))


def _asked(sized: pd.DataFrame) -> pd.DataFrame:
    """The table ``what_if_trades`` of trades asked for."""
    purpose, carried_out = sized["purpose"], ~codes.has_any(sized["flags"], LEFT_OUT)
    return conform(
        pd.DataFrame(
            {
                "kind": pd.Series("asked", index=sized.index, dtype="str"),
                "purpose": purpose.where(purpose != "").astype("str"),
                "action": sized["action"].astype("str"),
                "symbol": sized["symbol"],
                "quantity": sized["change"].where(carried_out),
                "price": sized["trade_price"],
                "notional": sized["notional_signed"].where(carried_out),
                **dict.fromkeys(EFFECTS, np.nan),
                "flags": pd.Series(sized["flags"], dtype="str"),
            }
        ),
        TABLES["what_if_trades"],
    )


def all_trades(asked: pd.DataFrame, *suggested: pd.DataFrame) -> pd.DataFrame:
    """Trades asked for and suggested in one table ``what_if_trades``."""
    parts = [part for part in (asked, *suggested) if len(part)]
    table = TABLES["what_if_trades"]
    return conform(pd.concat(parts, ignore_index=True), table) if parts else empty(table)
