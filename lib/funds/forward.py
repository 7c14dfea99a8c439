"""How well a category suits the stance of the market: a rule of thumb handed down, no forecast.

Share of the points = 0.6 (0.8 A + 0.2 R) + 0.3 C + 0.1 M. A: fit of the category by the lists below (strong
1.0, moderate 0.7, weak 0.4), or by the kind of fund where no list has it (0.8, 0.5, 0.2). R: how clear the
stance is. C: conviction by distance from 50, the same on both sides, so that a well-placed debt fund is not
punished when the market is at its worst. M: |E - 50| / 30. E is the market score, 0 to 100.
"""

from __future__ import annotations

import re

import numpy as np

from lib.funds.bands import kind_of

STRONG, MODERATE, WEAK = 1.0, 0.7, 0.4
SHORT_DEBT = r"short[ -]?(term|duration|debt)"
MEDIUM_DEBT = r"medium[ -]?(term|duration|debt)"
PSU = r"banking (and|&) psu"

FITS = {
    "bullish": (
        (STRONG, r"growth|flexi|\bmid\b|technology|banking(?! (and|&) psu)|financial"),
        (MODERATE, r"multi[ -]?cap|large|elss|tax sav|small|focus"),
        (WEAK, r"balanced|dynamic|value|dividend"),
    ),
    "neutral": (
        (STRONG, r"multi[ -]?cap|balanced|dynamic|value|large"),
        (MODERATE, rf"dividend|{MEDIUM_DEBT}|aggressive hybrid|contra"),
        (WEAK, rf"small|{SHORT_DEBT}|corporate bond|{PSU}"),
    ),
    "bearish": (
        (STRONG, rf"{SHORT_DEBT}|{MEDIUM_DEBT}|conservative hybrid|conservative|dividend|{PSU}"),
        (MODERATE, r"corporate bond|balanced|value|gilt"),
        (WEAK, r"dynamic|large|multi[ -]?cap|contra"),
    ),
}
"""By stance, the first pattern that a category's words match."""
COARSE = {
    "bullish": {"equity": 0.8, "index": 0.8, "hybrid": 0.5, "debt": 0.2},
    "neutral": {"equity": 0.5, "index": 0.5, "hybrid": 0.8, "debt": 0.5},
    "bearish": {"equity": 0.2, "index": 0.2, "hybrid": 0.5, "debt": 0.8},
}
"""By stance and kind of fund, where no list has the category."""
CONVICTION = ((80.0, 1.0), (65.0, 0.8), (50.0, 0.6), (35.0, 0.4), (-np.inf, 0.2))


def category_fit(category: str, stance: str) -> tuple[float, bool]:
    """A of a category, and whether a list named it; NaN where neither list nor kind is known."""
    words = category.lower()
    for fit, pattern in FITS[stance]:
        if re.search(pattern, words):
            return fit, True
    return COARSE[stance].get(kind_of(category), np.nan), False


def clarity(market: float, stance: str) -> float:
    """R: how clear the stance is, 0 to 1."""
    if stance == "neutral":
        return float(np.clip(1 - abs(market - 50) / 15, 0, 1))
    return float(np.clip((market - 50 if stance == "bullish" else 50 - market) / 30, 0, 1))


def conviction(market: float) -> float:
    """C: by the distance from 50, whichever side."""
    far = 50 + abs(market - 50)
    return next(share for bound, share in CONVICTION if far >= bound)


def forward_shares(
    categories: np.ndarray, market: float, stance: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Share of the points of each category, NaN where it is unknown, and whether a list named it."""
    shares, listed = np.full(len(categories), np.nan), np.zeros(len(categories), dtype=bool)
    if stance is None or np.isnan(market):
        return shares, listed
    rest = 0.3 * conviction(market) + 0.1 * float(np.clip(abs(market - 50) / 30, 0, 1))
    clear = clarity(market, stance)
    for category in set(categories):
        fit, named = category_fit(category, stance)
        chosen = categories == category
        shares[chosen] = 0.6 * (0.8 * fit + 0.2 * clear) + rest
        listed[chosen] = named
    return shares, listed
