"""Small books and markets for the tests of the risk chapter, in the shape of lib/tables.py."""

import numpy as np
import pandas as pd

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
    """Positions from (symbol, kind, exposure) or (symbol, kind, exposure, underlying)."""
    records = []
    for place, (symbol, kind, exposure, *rest) in enumerate(rows):
        records.append(
            {
                "position_id": f"{symbol}-{place}",
                "symbol": symbol,
                "underlying": rest[0] if rest else symbol,
                "kind": kind,
                "quantity": 0.0 if exposure == 0 else np.sign(exposure) if exposure == exposure else 1.0,
                "exposure": exposure,
            }
        )
    columns = ["position_id", "symbol", "underlying", "kind", "quantity", "exposure"]
    return pd.DataFrame(records, columns=columns).astype({"exposure": "float64", "quantity": "float64"})


def totals(positions, cash=0.0):
    """Exposure table of those positions."""
    money = positions["exposure"].fillna(0.0)
    values = {"nav": money.sum() + cash, "cash": cash, "gross": money.abs().sum(), "net": money.sum()}
    return pd.DataFrame({"measure": list(values), "value": list(values.values())})
