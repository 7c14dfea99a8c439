"""What an option's model needs besides its contract: rate, dividend yield, volatility and their sources.

Every look-up takes the last observation on or before the day, no older than seven calendar days; none has a
default. The rate is ln(1 + yield) of the tenor nearest to expiry. The volatility is the one that explains the
option's own price, else the one of its row in ``implied_vols`` (same expiry, strike and right), else the one
of its strike on a skew of ``implied_vols`` or of own prices of other options (``lib.portfolio.skew``), else
the one of its underlying's flat row, else the realised volatility of its underlying.

Options on an index are European, all others American. Where early exercise cannot pay the two are one, and
the model is the European one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes
from lib.conventions import DAYS_A_YEAR, STALE_AFTER_DAYS, TENORS, TRADING_DAYS
from lib.portfolio import skew
from lib.pricing import american, american_implied, implied
from lib.pricing.revalue import AMERICAN, EUROPEAN

YEARS_OF_TENOR = dict(zip(TENORS, (0.25, 2.0, 5.0, 10.0, 30.0), strict=True))
REALISED_DAYS = 60
LEAST_VOLATILITY, MOST_VOLATILITY = 1e-4, 5.0
FROM_PRICE, FROM_TABLE, REALISED = "price", "implied_vols", "realised_60d"
FROM_STRIKES, FROM_PRICES = "implied_vols_by_strike", "prices_by_strike"
SOURCES = (FROM_PRICE, FROM_TABLE, FROM_STRIKES, FROM_PRICES, REALISED)
CONTRACT = ["symbol", "expiry", "strike", "right"]


def option_inputs(
    options: pd.DataFrame,
    prices: pd.DataFrame,
    yields: pd.DataFrame,
    implied_vols: pd.DataFrame,
    instruments: pd.DataFrame,
    *,
    as_of: str,
) -> pd.DataFrame:
    """Inputs of the model for the option rows of ``positions``, same index.

    Columns: years_to_expiry (days / 365, negative once expired), rate, dividend_yield (0 where unknown),
    dividend_known, model ("american" or "european"), implied_vol, implied_vol_source, price_reason (why the
    own price gives no volatility; empty when it does).
    """
    day = pd.Timestamp(as_of)
    known = instruments.drop_duplicates("symbol").set_index("symbol")
    dividend = options["underlying"].map(known["dividend_yield"]).astype("float64")
    years = (options["expiry"] - day).dt.days / DAYS_A_YEAR
    inputs = options.assign(
        years_to_expiry=years,
        rate=rates(years, yields, day),
        dividend_yield=dividend.fillna(0.0),
        dividend_known=dividend.notna(),
    )
    inputs = inputs.assign(model=model(inputs, options["underlying"].map(known["kind"])))
    own, reason = own_volatility(inputs)
    strikes, flat = _quoted(implied_vols, day)
    prices_of = options.assign(implied_vol=own)
    realised = realised_volatility(options["underlying"], prices, day)
    exact = _of_contract(options, strikes)
    lacking = options[own.isna() & exact.isna()]
    skews = [
        (name, skew.by_strike(lacking, known, day=day, times=times).reindex(options.index))
        for times in (1.0, skew.MOST_TIMES)
        for name, known in ((FROM_STRIKES, strikes), (FROM_PRICES, prices_of))
    ]
    found = (
        (FROM_PRICE, own),
        (FROM_TABLE, exact),
        *skews,
        (FROM_TABLE, options["underlying"].map(flat).astype("float64")),
        (REALISED, options["underlying"].map(realised)),
    )
    known = [one.notna() for _, one in found]
    source = pd.Series(np.select(known, [name for name, _ in found], ""), index=options.index, dtype="str")
    volatility = pd.Series(np.select(known, [one for _, one in found], np.nan), index=options.index)
    return inputs.assign(
        implied_vol=volatility, implied_vol_source=source.mask(source == ""), price_reason=reason
    )


def rates(years: pd.Series, yields: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Continuously compounded rate for each time to expiry: ln(1 + yield) of the nearest tenor there is.

    The shorter tenor where two are as near; null where no tenor has a yield.
    """
    near = yields[_recent(yields, day)].sort_values("date").drop_duplicates("tenor", keep="last")
    tenors = near["tenor"].map(YEARS_OF_TENOR).to_numpy(dtype=float)
    if not len(tenors):
        return years * np.nan
    order = np.argsort(tenors)
    distance = np.abs(years.to_numpy(dtype=float)[:, None] - tenors[order])
    nearest = near["rate"].to_numpy()[order][distance.argmin(axis=1)]
    return pd.Series(np.log1p(nearest), index=years.index)


def model(inputs: pd.DataFrame, kind: pd.Series) -> pd.Series:
    """The model of each option: "american" where exercise before expiry can pay, else "european".

    ``inputs`` has right, rate, dividend_yield and years_to_expiry; ``kind`` is of the underlying, null where
    it is not known. On its last day an option of either style is worth its exercise.
    """
    pays = american.early_exercise_matters(
        rate=inputs["rate"],
        right=inputs["right"].astype(object),
        dividend_yield=inputs["dividend_yield"],
    )
    early = pays & (kind != "index") & (inputs["years_to_expiry"] > 0)
    return pd.Series(np.where(early, AMERICAN, EUROPEAN), index=inputs.index, dtype="str")


def own_volatility(inputs: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Volatility that explains each option's own price, and why there is none (empty text when there is).

    ``inputs`` has price, underlying_price, strike, years_to_expiry, rate, dividend_yield, right, model and
    flags. A stale price says nothing about the underlying's price of today; a volatility outside 0.0001 and
    5 is none.
    """
    terms = {
        "price": inputs["price"].to_numpy(),
        "spot": inputs["underlying_price"].to_numpy(),
        "strike": inputs["strike"].to_numpy(),
        "years": inputs["years_to_expiry"].to_numpy(),
        "rate": inputs["rate"].to_numpy(),
        "right": inputs["right"].astype(object).to_numpy(),
        "dividend_yield": inputs["dividend_yield"].to_numpy(),
    }
    found, reason = implied.implied_volatility(**terms)
    reason = np.where(reason == implied.EARLY_EXERCISE, implied.BELOW_INTRINSIC, reason).astype(object)
    early = (inputs["model"] == AMERICAN).to_numpy()
    if early.any():
        chosen = {name: value[early] for name, value in terms.items()}
        found[early], reason[early] = american_implied.implied_volatility(**chosen)
    stale = codes.has(inputs["flags"], "STALE").to_numpy()
    outside = (found < LEAST_VOLATILITY) | (found > MOST_VOLATILITY)
    reason = np.select(
        [inputs["price"].isna(), stale, outside], ["no_price", "stale_price", "out_of_range"], reason
    )
    index = inputs.index
    return pd.Series(found, index=index).where(reason == ""), pd.Series(reason, index=index, dtype="str")


def realised_volatility(
    symbols: pd.Series, prices: pd.DataFrame, day: pd.Timestamp, *, returns: int = REALISED_DAYS
) -> pd.Series:
    """Annual standard deviation of the last ``returns`` daily log returns by symbol; index symbol.

    A symbol with fewer returns, or without a price in the last seven days, is absent.
    """
    chosen = prices["symbol"].isin(symbols.unique()) & (prices["date"] <= day) & prices["adj_close"].notna()
    bars = prices.loc[chosen, ["symbol", "date", "adj_close"]].sort_values(["symbol", "date"])
    last = bars.groupby("symbol").tail(returns + 1)
    move = np.log(last["adj_close"]).groupby(last["symbol"]).diff()
    by_symbol = move.groupby(last["symbol"])
    fresh = last.groupby("symbol")["date"].max() >= day - pd.Timedelta(days=STALE_AFTER_DAYS)
    deviation = by_symbol.std() * np.sqrt(TRADING_DAYS)
    return deviation[(by_symbol.count() == returns) & fresh & (deviation > 0)]


def _quoted(implied_vols: pd.DataFrame, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.Series]:
    """The last volatility of each contract in ``implied_vols``, and the flat one of each underlying."""
    near = implied_vols[_recent(implied_vols, day) & (implied_vols["implied_vol"] > 0)].sort_values("date")
    exact = near.dropna(subset=CONTRACT).drop_duplicates(CONTRACT, keep="last")
    flat = near[near[["expiry", "strike", "right"]].isna().all(axis=1)].drop_duplicates("symbol", keep="last")
    return exact.rename(columns={"symbol": "underlying"}), flat.set_index("symbol")["implied_vol"]


def _of_contract(options: pd.DataFrame, strikes: pd.DataFrame) -> pd.Series:
    """Volatility of the option's own row among those of the contracts."""
    contract = ["underlying", *CONTRACT[1:]]
    found = options[contract].merge(strikes[[*contract, "implied_vol"]], on=contract, how="left")
    return found["implied_vol"].set_axis(options.index)


def _recent(table: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    return table["date"].between(day - pd.Timedelta(days=STALE_AFTER_DAYS), day)
