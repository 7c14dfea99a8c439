"""Options: Greeks and implied volatilities of 10,000 contracts against QuantLib, mibian and py_vollib.

A large array is made and freed first, as in any process that has read a table: glibc then keeps freed memory,
and what is timed is arithmetic and not page faults (on 10,000 rows they are more than half).
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.portfolio.mibian_reference import FIELDS, mibian_greeks
from lib.pricing import black_scholes
from lib.pricing.implied import implied_volatility

ROWS = 10_000
MIBIAN_ROWS = 200


def main() -> None:
    """Print one line a comparison."""
    head(f"Options, {ROWS:,} contracts")
    np.ones(2_000_000)
    contracts = _contracts()
    _against_quantlib(contracts)
    _against_mibian(contracts)
    _implied_against_vollib(contracts)


def _contracts() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(8)
    spot = rng.uniform(50, 150, ROWS)
    return {
        "spot": spot,
        "strike": spot * np.exp(rng.normal(0, 0.2, ROWS)),
        "years": rng.integers(7, 730, ROWS) / 365,
        "rate": rng.uniform(0, 0.06, ROWS),
        "volatility": rng.uniform(0.1, 0.8, ROWS),
        "dividend_yield": rng.uniform(0, 0.04, ROWS),
        "right": np.where(rng.random(ROWS) < 0.5, "C", "P"),
    }


def _ours(contracts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    worth, greeks = black_scholes.price_and_greeks(**contracts)
    return {"model_price": worth, **greeks}


def _against_quantlib(contracts: dict[str, np.ndarray]) -> None:
    try:
        import QuantLib as ql
    except ImportError:
        print("QuantLib is not installed: no comparison of Greeks with it")
        return
    rows = list(zip(*(values.tolist() for values in contracts.values()), strict=True))

    def peer() -> np.ndarray:
        found = []
        for spot, strike, years, rate, volatility, dividend, right in rows:
            payoff = ql.PlainVanillaPayoff(ql.Option.Call if right == "C" else ql.Option.Put, strike)
            forward = spot * np.exp((rate - dividend) * years)
            one = ql.BlackCalculator(payoff, forward, volatility * years**0.5, np.exp(-rate * years))
            greeks = (one.theta(spot, years) / 365, one.vega(years) / 100, one.rho(years) / 100)
            found.append((one.value(), one.delta(spot), one.gamma(spot), *greeks))
        return np.array(found).T

    theirs = dict(zip(FIELDS, peer(), strict=True))
    gap = max(float(np.abs(values - theirs[name]).max()) for name, values in _ours(contracts).items())
    note = f"BlackCalculator loop; widest gap {gap:.0e}"
    line("price and Greeks", _best(lambda: _ours(contracts), 15), _best(peer, 3), ">= 100x", note)


def _against_mibian(contracts: dict[str, np.ndarray]) -> None:
    few = {name: values[:MIBIAN_ROWS] for name, values in contracts.items()}
    theirs = mibian_greeks(**few)
    gap = max(float(np.abs(values - theirs[name]).max()) for name, values in _ours(few).items())
    peer = _best(lambda: mibian_greeks(**few), 2) * ROWS / MIBIAN_ROWS
    note = f"mibian loop, timed on {MIBIAN_ROWS} and scaled; widest gap {gap:.0e}"
    line("price and Greeks", _best(lambda: _ours(contracts), 15), peer, ">= 8,000x", note)


def _implied_against_vollib(contracts: dict[str, np.ndarray]) -> None:
    prices = black_scholes.price(**contracts)
    known = {name: values for name, values in contracts.items() if name != "volatility"}
    found, reason = implied_volatility(price=prices, **known)
    felt = black_scholes.greeks(**contracts)["vega"] * 100 > 1e-2 * contracts["spot"]
    gap = float(np.abs(found - contracts["volatility"])[felt & (reason == "")].max())
    ours = _best(lambda: implied_volatility(price=prices, **known), 15)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from py_vollib.black_scholes_merton.implied_volatility import implied_volatility as scalar
    except ImportError:
        line("implied volatility", ours, None, ">= 50x", f"py_vollib is not installed; error {gap:.0e}")
        return
    solvable = np.flatnonzero(felt & (reason == ""))[:2000]
    columns = [
        known[name][solvable].tolist() for name in ("spot", "strike", "years", "rate", "dividend_yield")
    ]
    flags = ["c" if right == "C" else "p" for right in known["right"][solvable]]
    rows = list(zip(prices[solvable].tolist(), *columns, flags, strict=True))
    peer = _best(lambda: [scalar(*row) for row in rows], 3) * ROWS / len(rows)
    theirs = np.array([scalar(*row) for row in rows])
    apart = float(np.abs(theirs - found[solvable]).max())
    note = f"scalar loop, timed on {len(rows):,} and scaled; error {gap:.0e}, from py_vollib {apart:.0e}"
    line("implied volatility", ours, peer, ">= 50x", note)


def _best(work, times: int) -> float:
    """Shortest of several runs, seconds."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
