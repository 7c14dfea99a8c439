"""Trades that a risk manager would think of next: proposals only, sized from the tables of the risk stages.

- ``beta_neutral``: the trade that takes the market beta of the book to zero, q = -B / (b P) with the dollar
  beta B of the book, price P and beta b of what is traded: the market's proxy; where that is an index and
  cannot be traded, the fund that moves most closely with the market; where no fund has an R squared of 0.9 or
  more, the underlying held with the largest |beta| among the more liquid half (all, without volumes).
- ``reduce_contributor``: the underlying with the largest part in the factor value at risk, reduced until its
  part is a target share t. With x of it left, covariance c of it with the whole book, its own variance a and
  the book's variance v, the share is (x (c - a) + x^2 a) / (v - 2c + a + 2x (c - a) + x^2 a); the largest
  root between 0 and 1 is taken. The underlying itself is traded, options on it are kept.
- ``delta_hedges``: for each underlying with options, the shares against the options' summed delta.

Each suggestion stands for itself and is in whole shares. Frames have the columns of table ``what_if_trades``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.book import delta_exposures
from lib.contracts import conform, empty
from lib.portfolio.quotes import last_quotes
from lib.portfolio.trades import held_quantities, no_trades
from lib.portfolio.what_if import EFFECTS
from lib.tables import TABLES

TABLE = TABLES["what_if_trades"]
TRADABLE = ("stock", "etf")
METHOD = "orthogonal"
VOLUME_DAYS = 60
NOTHING_ELSE = 1e-9
BROAD = 0.9
"""R squared on the market from which a fund is broad enough to stand for it."""


def beta_neutral(
    positions: pd.DataFrame,
    betas: Mapping[str, pd.DataFrame],
    prices: pd.DataFrame,
    instruments: pd.DataFrame,
    *,
    proxy: str,
    as_of: str,
    funds: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The trade that takes the market beta to zero within half a share; no row where none can do it.

    ``betas`` has the tables ``position_betas`` and ``portfolio_betas`` of the book; ``funds`` has symbol,
    beta and r_squared on the market of funds that could be traded.
    """
    position_betas, portfolio_betas = betas["position_betas"], betas["portfolio_betas"]
    book = portfolio_betas[(portfolio_betas["method"] == METHOD) & (portfolio_betas["factor"] == "market")]
    dollars = float(book["dollar_exposure"].sum(min_count=1))
    kind = instruments.set_index("symbol")["kind"].get(proxy)
    if kind in TRADABLE:
        quotes = last_quotes(prices, pd.Series([proxy]), pd.Timestamp(as_of))
        chosen, why = {proxy: (1.0, quotes["price"].get(proxy, np.nan))}, f"with {proxy}"
    else:
        why = f"{proxy} is {'an index' if kind == 'index' else 'no traded symbol'} and cannot be traded"
        chosen, close = _closest_fund(funds, prices, as_of)
        why += close
        if not chosen:
            chosen = _largest_beta(positions, position_betas, prices, instruments)
    if not chosen or np.isnan(dollars):
        return empty(TABLE)
    symbol, (beta, price) = next(iter(chosen.items()))
    units = pd.Series({symbol: np.round(-dollars / (beta * price))})
    return _suggested(units, pd.Series({symbol: price}), f"market beta to zero; {why}", positions)


def largest_contributor(components: pd.DataFrame, positions: pd.DataFrame) -> str | None:
    """The underlying with the largest part in the value at risk; None where nothing adds risk.

    ``components`` are rows of table ``var_components`` of one method.
    """
    parts = _by_underlying(components, positions)
    return str(parts.idxmax()) if len(parts) and parts.max() > 0 else None


def reduce_contributor(
    positions: pd.DataFrame,
    greeks: pd.DataFrame,
    components: pd.DataFrame,
    alone: pd.DataFrame,
    *,
    target: float,
) -> pd.DataFrame:
    """The trade that leaves the largest contributor ``target`` of the factor value at risk, if one can.

    ``components`` are rows of table ``var_components`` of one method for the book, ``alone`` the same for the
    largest contributor's positions by themselves.
    """
    name = largest_contributor(components, positions)
    parts, own = _by_underlying(components, positions), float(alone["value"].sum())
    left = _share_left(float(parts.sum()), float(parts.get(name, np.nan)), own, target) if name else np.nan
    rows = positions[(positions["underlying"] == name) & (positions["quantity"] != 0)]
    if np.isnan(left) or rows["kind"].isin(["manual", "index"]).any():
        return empty(TABLE)
    price = float(rows["underlying_price"].fillna(rows["price"]).iloc[0])
    exposure = np.nansum(delta_exposures(rows, greeks))
    cut = -(1.0 - left) * exposure / price
    units = pd.Series({name: np.sign(cut) * np.ceil(abs(cut))})
    purpose = f"largest contributor to risk to {100 * target:g}% of the factor value at risk"
    return _suggested(units, pd.Series({name: price}), purpose, positions)


def delta_hedges(positions: pd.DataFrame, greeks: pd.DataFrame, instruments: pd.DataFrame) -> pd.DataFrame:
    """Trades in the underlyings against the summed delta of the options on each, the largest money first.

    Underlyings that are an index, or of which an option has no delta, have none.
    """
    held = positions[(positions["kind"] == "option") & (positions["quantity"] != 0)]
    delta = held["position_id"].map(greeks.set_index("position_id")["position_delta"]).astype("float64")
    shares = delta.groupby(held["underlying"]).agg(lambda one: one.sum(skipna=False))
    price = held.groupby("underlying")["underlying_price"].first()
    kinds = instruments.drop_duplicates("symbol").set_index("symbol")["kind"]
    tradable = pd.Series(shares.index, shares.index).map(kinds).isin(TRADABLE)
    shares = shares[tradable & shares.notna() & price.notna()]
    order = (shares * price[shares.index]).abs().sort_values(ascending=False).index
    return _suggested(-shares.round()[order], price, "delta hedge of the options on {}", positions)


def as_trades(suggested: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """Suggestions in the form that ``apply_trades`` takes: each sets its symbol to held plus change."""
    held = held_quantities(positions).reindex(suggested["symbol"]).fillna(0.0)
    symbols = suggested["symbol"].reset_index(drop=True)
    texts = {name: pd.Series("", index=symbols.index, dtype="str") for name in ("tags", "purpose")}
    rows = no_trades().reindex(symbols.index)
    target = (held["long"] - held["short"]).to_numpy() + suggested["quantity"].to_numpy()
    return rows.assign(
        line=np.arange(1, len(symbols) + 1),
        action=pd.Series("SET", index=symbols.index, dtype="str"),
        symbol=symbols,
        underlying=symbols,
        option=False,
        adjusted=False,
        quantity=target,
        **texts,
    )


def _closest_fund(
    funds: pd.DataFrame | None, prices: pd.DataFrame, as_of: str
) -> tuple[dict[str, tuple[float, float]], str]:
    """The broad fund with the highest R squared on the market, as symbol to beta and price, and why it."""
    if funds is None or not len(funds):
        return {}, ", and no fund has a beta"
    price = last_quotes(prices, funds["symbol"], pd.Timestamp(as_of))["price"]
    known = funds.assign(price=funds["symbol"].map(price)).dropna()
    broad = known[(known["r_squared"] >= BROAD) & known["beta"].abs().gt(0)]
    if broad.empty:
        return {}, f", and no fund has an R² of {BROAD:g} with the market"
    row = broad.loc[broad["r_squared"].idxmax()]
    found = {str(row["symbol"]): (float(row["beta"]), float(row["price"]))}
    return found, f"; {row['symbol']} moves with the market by an R² of {row['r_squared']:.2f}"


def _largest_beta(
    positions: pd.DataFrame, position_betas: pd.DataFrame, prices: pd.DataFrame, instruments: pd.DataFrame
) -> dict[str, tuple[float, float]]:
    """The liquid underlying with the largest |market beta|, as symbol to beta and price; empty when none."""
    rows = position_betas[(position_betas["method"] == METHOD) & (position_betas["factor"] == "market")]
    kinds = instruments.drop_duplicates("symbol").set_index("symbol")["kind"]
    names = positions["underlying"]
    known = pd.DataFrame(
        {
            "symbol": names,
            "beta": positions["position_id"].map(rows.set_index("position_id")["beta"]).astype("float64"),
            "price": positions["underlying_price"].where(positions["kind"] == "option", positions["price"]),
        }
    )[(positions["quantity"] != 0) & names.map(kinds).isin(TRADABLE) & (positions["kind"] != "manual")]
    known = known[known["beta"].abs().gt(0) & (known["price"] > 0)].drop_duplicates("symbol")
    if not len(known):
        return {}
    recent = prices[prices["symbol"].isin(known["symbol"])].groupby("symbol").tail(VOLUME_DAYS)
    traded = (recent["close"] * recent["volume"]).groupby(recent["symbol"]).mean()
    volume = known["symbol"].map(traded)
    liquid = known[(volume >= volume.median()) | volume.isna().all()]
    row = liquid.loc[liquid["beta"].abs().idxmax()]
    return {str(row["symbol"]): (float(row["beta"]), float(row["price"]))}


def _by_underlying(components: pd.DataFrame, positions: pd.DataFrame) -> pd.Series:
    underlying = components["position_id"].map(positions.set_index("position_id")["underlying"])
    return components["value"].groupby(underlying).sum(min_count=1).dropna()


def _share_left(whole: float, part: float, own: float, target: float) -> float:
    """x of the module docstring; NaN where the part is not above the target, or no x in [0, 1] leaves it.

    ``whole`` is the value at risk of the book, ``part`` that of the contributor in it, ``own`` alone: money.
    """
    variance, with_book, alone = whole**2, part * whole, own**2
    if not part > target * whole:
        return float("nan")
    others, cross = variance - 2 * with_book + alone, with_book - alone
    if not others > NOTHING_ELSE * variance:
        return float("nan")
    roots = np.roots([alone * (1 - target), cross * (1 - 2 * target), -target * others])
    inside = [float(root.real) for root in roots if abs(root.imag) < 1e-12 and 0.0 <= root.real <= 1.0]
    return max(inside, default=float("nan"))


def _suggested(units: pd.Series, price: pd.Series, purpose: str, positions: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table for signed changes by symbol; changes of zero are left out."""
    units = units[units != 0].dropna()
    symbols = pd.Series(units.index, dtype="str")
    sides = held_quantities(positions).reindex(symbols).fillna(0.0).reset_index(drop=True)
    amount = pd.Series(units.to_numpy(), dtype="float64")
    cost = symbols.map(price).astype("float64")
    rows = pd.DataFrame(
        {
            "kind": pd.Series("suggested", index=symbols.index, dtype="str"),
            "purpose": pd.Series([purpose.format(one) for one in symbols], dtype="str"),
            "action": pd.Series(_actions(amount, sides), index=symbols.index, dtype="str"),
            "symbol": symbols,
            "quantity": amount,
            "price": cost,
            "notional": amount * cost,
            **dict.fromkeys(EFFECTS, np.nan),
            "flags": pd.Series("", index=symbols.index, dtype="str"),
        }
    )
    return conform(rows, TABLE)


def _actions(change: pd.Series, sides: pd.DataFrame) -> np.ndarray:
    """What a change is called, by what is held; SET where it goes through zero, or both sides are held."""
    long, short = sides["long"], sides["short"]
    return np.select(
        [
            (long > 0) & (short > 0),
            (change > 0) & (short == 0),
            (change > 0) & (change <= short),
            (change < 0) & (long == 0),
            (change < 0) & (-change <= long),
        ],
        ["SET", "BUY", "COVER", "SHORT", "SELL"],
        "SET",
    )
