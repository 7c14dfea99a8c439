"""What each trade means in units: its price, what of the holding closes and what opens, or why it cannot be.

A notional or a weight becomes units at the trade's price (its own, else the last one), whole shares and
contracts, rounded toward zero. A trade that cannot be carried out keeps zeros and its reason:

- ``UNPRICED``: no usable price (unknown, stale, another currency, or valued by hand and to be bought);
- ``NOT_TRADABLE``: the symbol is an index;
- ``MORE_THAN_HELD``: a sale or cover that its money makes larger than the holding;
- ``NO_BASE``: a weight, and neither net asset value nor gross exposure is positive.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.book import base
from lib.conventions import BASE_CURRENCY, EXCHANGE
from lib.portfolio.files import COLUMNS
from lib.portfolio.trades import held_quantities
from lib.portfolio.valuation import value_positions

LEFT_OUT = ("UNPRICED", "NOT_TRADABLE", "MORE_THAN_HELD", "NO_BASE")
ROUNDED = "ROUNDED"


def size_trades(
    positions: pd.DataFrame,
    trades: pd.DataFrame,
    prices: pd.DataFrame,
    instruments: pd.DataFrame,
    *,
    as_of: str,
    cash: float = 0.0,
    currency: str = BASE_CURRENCY,
    exchange: str = EXCHANGE,
) -> pd.DataFrame:
    """The trades with price and units: what of the long and of the short side closes, and what opens.

    Adds trade_price, multiplier, closed_long and closed_short (units, not negative), opened (signed units),
    change (signed units of the holding), turnover (units traded), notional_signed (money) and flags; a trade
    that is left out has zeros and its reason.
    """
    quoted = _quoted(
        positions, trades, prices, instruments, as_of=as_of, currency=currency, exchange=exchange
    )
    exposure = positions["exposure"]
    whole, _ = base(float(exposure.sum()) + cash, float(exposure.abs().sum()))
    exact = _units(quoted, whole)
    computed = quoted["quantity"].isna() & (quoted["action"] != "CLOSE")
    units = exact.mask(computed, np.trunc(exact.round(9)))
    rounded = computed & ((units - exact).abs() > 1e-9)
    sized = _sides(quoted, units)
    reason = np.select(
        [
            quoted["weight"].notna() & (whole <= 0),
            quoted["kind"] == "index",
            units.isna() | (quoted["unquoted"] & (sized["opened"] != 0)),
            sized["excess"],
        ],
        ["NO_BASE", "NOT_TRADABLE", "UNPRICED", "MORE_THAN_HELD"],
        "",
    )
    out = reason != ""
    sized = sized.assign(
        **{name: sized[name].mask(out, 0.0) for name in ("closed_long", "closed_short", "opened")}
    )
    change = sized["opened"] - sized["closed_long"] + sized["closed_short"]
    return sized.assign(
        change=change,
        turnover=sized["opened"].abs() + sized["closed_long"] + sized["closed_short"],
        notional_signed=(change * sized["multiplier"] * sized["trade_price"]).mask(out, 0.0),
        flags=np.where(out, reason, np.where(rounded, ROUNDED, "")),
    )


def _quoted(
    positions: pd.DataFrame,
    trades: pd.DataFrame,
    prices: pd.DataFrame,
    instruments: pd.DataFrame,
    *,
    as_of: str,
    currency: str,
    exchange: str,
) -> pd.DataFrame:
    """The trades with what is held, kind, multiplier and price; ``unquoted`` marks what no market prices."""
    one = pd.Series(1.0, index=trades.index)
    rows = lots(trades, one, one, as_of)
    unit = value_positions(rows, prices, instruments, as_of=as_of, currency=currency, exchange=exchange)
    sides = held_quantities(positions).reindex(trades["symbol"]).fillna(0.0)
    by_hand = positions[positions["kind"] == "manual"].drop_duplicates("symbol").set_index("symbol")
    manual = trades["symbol"].map(by_hand["price"]).astype("float64")
    market = unit["price"].set_axis(trades.index)
    return trades.assign(
        held_long=sides["long"].to_numpy(),
        held_short=sides["short"].to_numpy(),
        kind=unit["kind"].to_numpy(),
        multiplier=unit["multiplier"].to_numpy(),
        trade_price=trades["price"].where(market.notna() | manual.notna()).fillna(market).fillna(manual),
        unquoted=market.isna(),
    )


def _units(trades: pd.DataFrame, whole: float) -> pd.Series:
    """Units that each size means, weights being of ``whole``; not rounded, signed for a target only."""
    worth = trades["multiplier"] * trades["trade_price"]
    money = trades["notional"].fillna(trades["weight"] * whole)
    units = trades["quantity"].fillna(money / worth.where(worth > 0))
    return units.mask(trades["action"] == "CLOSE", 0.0).where(trades["trade_price"].notna())


def _sides(trades: pd.DataFrame, units: pd.Series) -> pd.DataFrame:
    """What closes and opens; a target first closes the other side, then moves its own."""
    action, long, short = trades["action"], trades["held_long"], trades["held_short"]
    target = action.isin(["SET", "CLOSE"])
    above, below = units.clip(lower=0.0), (-units).clip(lower=0.0)
    sell, cover = action == "SELL", action == "COVER"
    closed_long = (long - above).clip(lower=0.0).where(target, units.where(sell, 0.0))
    closed_short = (short - below).clip(lower=0.0).where(target, units.where(cover, 0.0))
    grown = (above - long).clip(lower=0.0) - (below - short).clip(lower=0.0)
    direction = action.map({"BUY": 1.0, "SHORT": -1.0}).astype("float64").fillna(0.0)
    opened = grown.where(target, units * direction)
    excess = (sell & (units > long)) | (cover & (units > short))
    return trades.assign(closed_long=closed_long, closed_short=closed_short, opened=opened, excess=excess)


def lots(
    trades: pd.DataFrame, quantity: pd.Series, price: pd.Series, as_of: str, label: str = "what-if"
) -> pd.DataFrame:
    """Rows as ``value_positions`` takes them, one a trade, entered on the as-of date."""
    missing = pd.Series(np.nan, index=trades.index)
    never = pd.Series(pd.NaT, index=trades.index, dtype="datetime64[us]")
    return trades.assign(
        position_id=trades["symbol"] + f"-{label}",
        quantity=quantity,
        entry_price=price.fillna(0.0),
        entry_date=never.fillna(pd.Timestamp(as_of)),
        manual_price=missing,
        manual_date=never,
        exit_date=never,
        exit_price=missing,
        flags=pd.Series("", index=trades.index, dtype="str"),
    )[COLUMNS]
