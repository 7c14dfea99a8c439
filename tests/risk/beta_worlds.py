"""Markets with known betas, and books on them, in the shape of lib/tables."""

import numpy as np
import pandas as pd

from lib.conventions import FACTORS

DAYS = pd.bdate_range("2021-06-01", periods=301)
STYLES = np.array([0.0, 0.9, 1.2, 0.95, 1.05, 1.0, 0.7])


def factor_moves(seed=5, days=DAYS, factors=FACTORS):
    """Days x factors (the first day has none): a market, and styles that mostly follow it."""
    generator = np.random.default_rng(seed)
    market = generator.normal(0.0003, 0.011, len(days) - 1)
    own = generator.normal(0, 0.004, (len(days) - 1, len(FACTORS)))
    moves = market[:, None] * STYLES + own
    moves[:, 0] = market
    return pd.DataFrame(moves, index=days[1:], columns=list(FACTORS))[list(factors)]


def factor_table(moves):
    """Table ``factor_returns``."""
    return _long(moves, "factor", "return")


def price_table(moves):
    """Table ``prices`` (the columns that the chapter reads) of days x symbols of returns."""
    closes = 100 * (1 + moves).cumprod()
    first = pd.DataFrame(100.0, index=DAYS[:1], columns=moves.columns)
    wide = pd.concat([first, closes]) if moves.index[0] == DAYS[1] else closes
    return _long(wide, "symbol", "adj_close").assign(price_basis="adjusted", origin="real")


def _long(wide, name, value):
    return wide.rename_axis("date").reset_index().melt("date", var_name=name, value_name=value)


def positions(*rows):
    """Positions from (symbol, kind, exposure) or (symbol, kind, exposure, underlying)."""
    frame = pd.DataFrame(
        [(row[0], row[3] if len(row) > 3 else row[0], row[1], row[2]) for row in rows],
        columns=["symbol", "underlying", "kind", "exposure"],
    )
    return frame.assign(
        position_id=[f"{symbol}-{place}" for place, symbol in enumerate(frame["symbol"])],
        quantity=np.where(frame["exposure"] < 0, -1.0, np.where(frame["exposure"] == 0, 0.0, 1.0)),
        multiplier=np.where(frame["kind"] == "option", 100.0, 1.0),
    ).astype({"exposure": "float64"})


def greeks(**delta_dollars):
    """Table ``greeks`` (the columns that the chapter reads) by position_id with _ for -."""
    names = [name.replace("_", "-") for name in delta_dollars]
    values = np.array(list(delta_dollars.values()), dtype="float64")
    return pd.DataFrame({"position_id": pd.array(names, dtype="str"), "delta_dollars": values})


def exposures(nav, gross):
    """Table ``exposures``."""
    return pd.DataFrame({"measure": ["nav", "gross"], "value": [float(nav), float(gross)]})
