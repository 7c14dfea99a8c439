"""Ladders and bands that turn a measure into a share of its points where peers do not, as data.

Each is a list of (bound, share), the first that holds is taken. Capture: bands on the spread of up over down
capture. Drawdown: depth. Assets: in crore rupees by category. Expense ratio: decimal a year by kind of fund.
They are rules of Indian practice, handed down with the score and not estimated from anything.
"""

from __future__ import annotations

import re

import numpy as np

QUARTILE_SHARES = (1.0, 0.75, 0.5, 0.25)
NEUTRAL = 0.5
"""Share of the points where there is nothing to judge by: thin peers, no assets, no list of holdings."""
FEWEST_PEERS, PEERS_FOR_BANDS, PEERS_OF_SUBCATEGORY = 4, 8, 8

CAPTURE = ((0.20, 1.0), (0.10, 0.8), (0.0, 0.6), (-0.10, 0.4), (-np.inf, 0.2))
"""Spread at least the bound."""
DRAWDOWN = ((0.05, 1.0), (0.10, 0.75), (0.15, 0.5), (0.25, 0.25), (np.inf, 0.0))
"""Depth at most the bound."""
EXPENSE = {
    "index": ((0.002, 1.0), (0.005, 0.8), (0.0075, 0.6), (0.010, 0.4), (np.inf, 0.2)),
    "equity": ((0.010, 1.0), (0.015, 0.8), (0.020, 0.6), (0.0225, 0.4), (np.inf, 0.2)),
    "debt": ((0.005, 1.0), (0.008, 0.8), (0.010, 0.6), (0.012, 0.4), (np.inf, 0.2)),
    "other": ((0.010, 1.0), (0.015, 0.8), (0.020, 0.6), (0.025, 0.4), (np.inf, 0.2)),
}
"""Ratio at most the bound, by kind of fund."""
ASSETS = (
    (r"small[ -]?cap", ((0, 2_000), (0, 5_000), (0, 10_000), (0, 15_000))),
    (r"mid[ -]?cap", ((5_000, 15_000), (2_000, 20_000), (1_000, 25_000), (500, 30_000))),
    (r"(large|flexi)[ -]?cap", ((10_000, np.inf), (5_000, np.inf), (2_000, np.inf), (1_000, np.inf))),
    (r"", ((5_000, 20_000), (2_000, 30_000), (1_000, 40_000), (500, np.inf))),
)
"""Category by its words, then assets in crore within bounds for 100, 80, 60 and 40 %; else 20 %."""
ASSET_SHARES = (1.0, 0.8, 0.6, 0.4, 0.2)
CRORE = 1e7

KINDS = (
    ("index", r"\bindex\b|\betfs?\b|exchange[ -]traded"),
    ("hybrid", r"hybrid|balanced|arbitrage|multi[ -]asset|equity savings|dynamic asset|solution|retirement"),
    ("debt", r"duration|\bdebt\b|\bbonds?\b|gilt|liquid|overnight|money market|credit risk|floater|psu"),
    ("debt", r"income|government|treasury|fixed maturity"),
    ("equity", r"\bcap\b|equity|elss|tax sav|focus|value|contra|dividend|sector|themat|growth|blend"),
    ("equity", r"technology|health|pharma|consum|financ|banking|energy|infra|volatility|quality|momentum"),
)
"""Kind of fund by the words of its category, the first that matches; ``other`` where none does."""


def kind_of(category: str) -> str:
    """index, equity, hybrid, debt or other."""
    words = category.lower()
    return next((kind for kind, pattern in KINDS if re.search(pattern, words)), "other")


def asset_bounds(category: str) -> tuple[tuple[float, float], ...]:
    """The four bands of assets of a category, in crore."""
    words = category.lower()
    return next(bounds for pattern, bounds in ASSETS if re.search(pattern, words))


def at_least(values: np.ndarray, ladder: tuple[tuple[float, float], ...]) -> np.ndarray:
    """The share of the first bound that a value reaches; NaN stays."""
    found = np.select([values >= bound for bound, _ in ladder], [share for _, share in ladder], np.nan)
    return np.where(np.isnan(values), np.nan, found)


def at_most(values: np.ndarray, ladder: tuple[tuple[float, float], ...]) -> np.ndarray:
    """The share of the first bound that a value does not exceed; NaN stays."""
    found = np.select([values <= bound for bound, _ in ladder], [share for _, share in ladder], np.nan)
    return np.where(np.isnan(values), np.nan, found)


def expense_shares(values: np.ndarray, categories: np.ndarray) -> np.ndarray:
    """Share of the points of each expense ratio by the table of its kind of fund; hybrids are ``other``."""
    shares = np.full(len(values), np.nan)
    for category in set(categories):
        chosen = categories == category
        kind = kind_of(category)
        shares[chosen] = at_most(values[chosen], EXPENSE.get(kind, EXPENSE["other"]))
    return shares


def asset_shares(crore: np.ndarray, categories: np.ndarray) -> np.ndarray:
    """Share of the points of assets in crore by the bands of each category; NaN where they are unknown."""
    shares = np.full(len(crore), np.nan)
    for category in set(categories):
        chosen = categories == category
        own, bounds = crore[chosen], asset_bounds(category)
        inside = [(own >= low) & (own <= high) for low, high in bounds]
        shares[chosen] = np.where(
            np.isnan(own), np.nan, np.select(inside, ASSET_SHARES[:-1], ASSET_SHARES[-1])
        )
    return shares
