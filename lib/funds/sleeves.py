"""Which part of a model portfolio a category fills, and the mix of each risk profile: data, no rules.

A category belongs to the first sleeve of which it holds one of the phrases; capital letters are of no matter.
Index and diversified funds of large companies fill ``large``. Funds of one sector or theme, and funds of
gold, of foreign markets or of one goal, fill none: they are too narrow to stand for a part of the mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from lib.errors import InputError
from lib.nearest import nearest

SLEEVES = ("large", "mid", "small", "short_debt", "medium_debt", "hybrid")
NONE = "none"

PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        NONE,
        (
            "sector",
            "thematic",
            "technology",
            "banking and financial",
            "health",
            "pharma",
            "consumer",
            "consumption",
            "infrastructure",
            "energy",
            "gold",
            "silver",
            "overseas",
            "international",
            "fund of funds",
            "fof",
            "retirement",
            "children",
            "solution",
        ),
    ),
    (
        "hybrid",
        ("hybrid", "balanced", "asset allocation", "equity savings", "arbitrage", "conservative"),
    ),
    (
        "short_debt",
        (
            "short duration",
            "short debt",
            "short term",
            "low duration",
            "ultra short",
            "money market",
            "liquid",
            "overnight",
            "floater",
        ),
    ),
    (
        "medium_debt",
        (
            "medium",
            "long duration",
            "dynamic bond",
            "corporate bond",
            "banking and psu",
            "banking & psu",
            "credit risk",
            "gilt",
            "debt",
            "bond",
            "income",
        ),
    ),
    ("small", ("small cap", "small-cap")),
    ("large", ("large & mid", "large and mid", "large cap", "large-cap")),
    ("mid", ("mid cap", "mid-cap", "midcap")),
    (
        "large",
        (
            "index",
            "flexi",
            "multi cap",
            "elss",
            "tax saver",
            "focused",
            "growth",
            "value",
            "contra",
            "dividend",
            "low volatility",
            "bluechip",
            "equity",
        ),
    ),
)

BASE_MIX: dict[str, tuple[float, ...]] = {
    "conservative": (0.15, 0.05, 0.00, 0.40, 0.30, 0.10),
    "moderately_conservative": (0.25, 0.10, 0.05, 0.30, 0.20, 0.10),
    "balanced": (0.30, 0.15, 0.05, 0.20, 0.20, 0.10),
    "moderately_aggressive": (0.35, 0.25, 0.15, 0.10, 0.10, 0.05),
    "aggressive": (0.40, 0.30, 0.20, 0.05, 0.05, 0.00),
}
"""Shares of ``SLEEVES``, which add up to one."""
TILT = 0.10
SMALLER_TILT = {("bullish", "conservative"): 0.05, ("bearish", "aggressive"): 0.05}
"""What a bullish market moves from short debt to large, and a bearish one back; less at the ends."""


def sleeve_of(category: str, own: Mapping[str, str] | None = None) -> str:
    """The sleeve of one category, or ``none``; ``own`` says of categories by name, before the phrases."""
    if own and category in own:
        return own[category]
    name = category.casefold()
    return next((sleeve for sleeve, phrases in PHRASES if any(one in name for one in phrases)), NONE)


def sleeves_of(categories: Iterable[str], own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Category → sleeve. Raises InputError where ``own`` says a category or a sleeve that there is not."""
    categories = sorted(set(categories))
    for category, sleeve in (own or {}).items():
        field = f"sleeves.{category}"
        if category not in categories:
            mend = nearest(category, categories) or f"take one of {', '.join(categories)}"
            raise InputError(f"no fund is in the category {category!r}", mend=mend, field=field)
        if sleeve not in (*SLEEVES, NONE):
            mend = f"take one of {', '.join((*SLEEVES, NONE))}"
            raise InputError(f"no part {sleeve!r}", mend=mend, field=field)
    return {one: sleeve_of(one, own) for one in categories}


def target_mix(profile: str, stance: str | None) -> pd.Series:
    """Shares of a profile by sleeve in whole percent, moved by the stance of the market where there is one.

    What would fall below zero stays at zero; the whole is then scaled back to one, and what rounding leaves
    goes to the largest.
    """
    mix = pd.Series(BASE_MIX[profile], index=list(SLEEVES))
    if stance in ("bullish", "bearish"):
        tilt = SMALLER_TILT.get((stance, profile), TILT) * (1 if stance == "bullish" else -1)
        mix["large"] += tilt
        mix["short_debt"] -= tilt
    mix = mix.clip(lower=0.0)
    whole = (mix / mix.sum() * 100).round()
    whole[whole.idxmax()] += 100 - whole.sum()
    return whole / 100
