"""Generated markets with known truth, and small books with options, for the tests of scenarios and stress."""

import numpy as np
import pandas as pd

from lib.book import holdings
from lib.conventions import FACTORS
from lib.pricing import black_scholes
from lib.risk.repricing import repricing_inputs

DAYS = pd.bdate_range("2019-01-02", "2020-12-31")
SPOT, YEARS, RATE, VOLATILITY = 100.0, 0.5, 0.02, 0.3


def factor_table(seed=3, days=DAYS, names=FACTORS):
    """Factor returns that share the market, as the long table."""
    generator = np.random.default_rng(seed)
    market = generator.normal(0, 0.01, len(days))
    frames = {names[0]: market}
    for place, name in enumerate(names[1:]):
        frames[name] = (0.8 + 0.05 * place) * market + generator.normal(0, 0.004, len(days))
    return long(pd.DataFrame(frames, index=days))


def long(wide):
    table = wide.rename_axis("date").reset_index().melt("date", var_name="factor", value_name="return")
    return table.astype({"factor": "str"})


def yield_table(seed=4, days=DAYS, tenors=("2Y", "10Y")):
    """Yields as random walks of 5 basis points a day."""
    generator = np.random.default_rng(seed)
    rows = [
        pd.DataFrame(
            {"date": days, "tenor": tenor, "rate": 0.03 + generator.normal(0, 5e-4, len(days)).cumsum()}
        )
        for tenor in tenors
    ]
    return pd.concat(rows, ignore_index=True)


def prices_of(returns):
    """Price table whose simple returns are the columns of ``returns``."""
    frames = []
    for symbol in returns:
        close = SPOT * (1 + returns[symbol]).cumprod()
        frames.append(pd.DataFrame({"date": returns.index, "symbol": symbol, "adj_close": close.to_numpy()}))
    return pd.concat(frames, ignore_index=True)


def stocks(factors, truth, yields=None, rate_truth=None, *, seed=5, noise=0.002):
    """Prices of stocks with known betas on the raw factors, and with known betas for a basis point of 10Y."""
    generator = np.random.default_rng(seed)
    wide = factors.pivot(index="date", columns="factor", values="return")[list(FACTORS)]  # noqa: PD010
    returns = {}
    for symbol, betas in truth.items():
        own = wide.to_numpy() @ np.asarray(betas) + generator.normal(0, noise, len(wide))
        if rate_truth:
            ten = yields[yields["tenor"] == "10Y"].set_index("date")["rate"].reindex(wide.index)
            own = own + rate_truth[symbol] * ten.diff().fillna(0.0).to_numpy() * 1e4
        returns[symbol] = own
    return prices_of(pd.DataFrame(returns, index=wide.index))


def position(name, underlying, quantity, *, kind="stock", right=None, strike=None, price=SPOT):
    multiplier = 100.0 if kind == "option" else 1.0
    return {
        "position_id": name,
        "symbol": name if kind == "option" else underlying,
        "underlying": underlying,
        "kind": kind,
        "quantity": float(quantity),
        "multiplier": multiplier,
        "price": price,
        "exposure": quantity * price * multiplier,
        "strike": strike,
        "right": right,
    }


def option(name, underlying, quantity, right, strike):
    value = float(black_scholes.price(**_terms(right, strike)))
    return position(name, underlying, quantity, kind="option", right=right, strike=strike, price=value)


def _terms(right, strike):
    return {
        "spot": SPOT,
        "strike": strike,
        "years": YEARS,
        "rate": RATE,
        "volatility": VOLATILITY,
        "right": right,
    }


GREEK_COLUMNS = [
    "position_id", "underlying_price", "implied_vol", "rate", "dividend_yield", "years_to_expiry",
    "model", "delta_dollars", "gamma_dollars",
]  # fmt: skip


def greeks_of(rows, *, without=()):
    """Greeks of the options; those in ``without`` could not be computed."""
    found = []
    for row in rows:
        if row["kind"] != "option":
            continue
        values = black_scholes.greeks(**_terms(row["right"], row["strike"]))
        units = row["quantity"] * row["multiplier"]
        lost = np.nan if row["position_id"] in without else 1.0
        found.append(
            {
                "position_id": row["position_id"],
                "underlying_price": SPOT,
                "implied_vol": VOLATILITY * lost,
                "rate": RATE,
                "dividend_yield": 0.0,
                "years_to_expiry": YEARS,
                "model": "european",
                "delta_dollars": float(values["delta"]) * units * SPOT * lost,
                "gamma_dollars": float(values["gamma"]) * units * SPOT**2 / 100 * lost,
            }
        )
    return pd.DataFrame(found, columns=GREEK_COLUMNS)


def book_of(*rows, without=()):
    """(holdings, RepricingInputs) of position rows."""
    positions = pd.DataFrame(list(rows)).astype({"right": "str"})
    greeks = greeks_of(rows, without=without)
    held = holdings(positions, greeks)
    return held, repricing_inputs(held, positions, greeks)


def betas_table(held, betas, *, capped=(), names=FACTORS):
    """Table position_betas (orthogonal) from betas by underlying, in the order of ``names``."""
    frames = []
    for row in held.itertuples():
        values = betas.get(row.underlying)
        if values is None:
            continue
        frames.append(
            pd.DataFrame(
                {
                    "position_id": row.position_id,
                    "symbol": row.underlying,
                    "method": "orthogonal",
                    "factor": list(names),
                    "beta": values,
                    "capped": [factor in capped for factor in names],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def rates_table(held, betas, *, tenor="10Y", quality="full_history"):
    """Table rate_betas from betas per basis point by underlying."""
    return pd.DataFrame(
        {
            "position_id": held["position_id"],
            "symbol": held["underlying"],
            "tenor": tenor,
            "beta_per_bp": held["underlying"].map(betas).astype("float64"),
            "quality": quality,
        }
    )
