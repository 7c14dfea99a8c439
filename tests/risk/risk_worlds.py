"""Small books and markets for the tests of the risk chapter, in the shape of lib/tables."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

DAYS = pd.bdate_range("2015-01-01", periods=1600)


def market(symbols=("AAA", "BBB", "IDX"), *, days=DAYS, seed=7, missing=()):
    """Price table of random walks; ``missing`` are (symbol, place of the day) without a bar."""
    generator = np.random.default_rng(seed)
    common = generator.normal(0.0003, 0.009, len(days))
    frames = []
    for symbol in symbols:
        own = common + generator.normal(0, 0.006, len(days))
        close = 100 * np.cumprod(1 + own)
        frame = pd.DataFrame({"date": days, "symbol": symbol, "adj_close": close, "price_basis": "raw"})
        frames.append(frame.drop([place for name, place in missing if name == symbol]))
    return pd.concat(frames, ignore_index=True)


def holdings(*rows):
    """Positions from (symbol, kind, exposure) or (symbol, kind, exposure, underlying).

    An option is a call at 100 of 100 shares a contract; it has Greeks only where ``greeks`` gives them.
    """
    records = []
    for place, (symbol, kind, exposure, *rest) in enumerate(rows):
        records.append(
            {
                "position_id": f"{symbol}-{place}",
                "symbol": symbol,
                "underlying": rest[0] if rest else symbol,
                "kind": kind,
                "multiplier": 100.0 if kind == "option" else 1.0,
                "strike": 100.0,
                "right": "C",
                "quantity": 0.0 if exposure == 0 else np.sign(exposure) if exposure == exposure else 1.0,
                "exposure": exposure,
            }
        )
    columns = ["position_id", "symbol", "underlying", "kind", "quantity", "multiplier", "exposure"]
    columns += ["strike", "right"]
    return pd.DataFrame(records, columns=columns).astype({"exposure": "float64", "quantity": "float64"})


def greeks(positions, *, spot=100.0, volatility=0.3, years=0.1):
    """Greeks of every option of ``positions``, each underlying at ``spot``, no rate and no dividend."""
    held = positions[positions["kind"] == "option"].reset_index(drop=True)
    spread = volatility * np.sqrt(years)
    moneyness = np.log(spot / held["strike"].to_numpy("float64"))
    call = ndtr((moneyness + spread**2 / 2) / spread)
    delta = np.where(held["right"] == "C", call, call - 1.0)
    return held[["position_id", "symbol", "underlying"]].assign(
        underlying_price=spot,
        implied_vol=volatility,
        rate=0.0,
        dividend_yield=0.0,
        years_to_expiry=years,
        model="european",
        delta=delta,
        delta_dollars=delta * held["quantity"] * held["multiplier"] * spot,
    )


def factors(*, days=DAYS, seed=3, names=("market", "value", "growth")):
    """Table factor_returns of correlated factors, and the same returns days x factors."""
    generator = np.random.default_rng(seed)
    wide = generator.normal(0, 0.004, (len(days), len(names)))
    wide[:, 1:] += wide[:, :1]
    frame = pd.DataFrame(wide, index=days, columns=list(names))
    table = frame.rename_axis("date").reset_index().melt("date", var_name="factor", value_name="return")
    return table, frame


def priced(returns):
    """Price table of the returns (days x symbols)."""
    close = 100 * (1 + returns).cumprod()
    long = close.rename_axis("date").reset_index().melt("date", var_name="symbol", value_name="adj_close")
    return long.assign(price_basis="raw")


def totals(positions, cash=0.0):
    """Exposure table of those positions."""
    money = positions["exposure"].fillna(0.0)
    values = {"nav": money.sum() + cash, "cash": cash, "gross": money.abs().sum(), "net": money.sum()}
    return pd.DataFrame({"measure": list(values), "value": list(values.values())})
