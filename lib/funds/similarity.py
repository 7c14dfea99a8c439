"""How close the sectors of a fund's shares are to the mix that suits the market, as last disclosed.

Similarity = 1 - half the sum over sectors of |own weight - model weight|: 1 for the model's own mix, 0 for
nothing in common. Weights are of the fund's shares alone, made to add up to 1; bonds and cash stand apart. A
sector's own words are mapped to the model's names, what is not in the mix of the day counts as Others. Model
mixes by stance are handed down with the score. A list counts from its day of disclosure, for 95 days from
the day that it is of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.funds.nav_panel import codes_of, day_numbers
from lib.funds.sectors import OTHERS, SECTORS, model_sector

STALE_AFTER = 95
MIXES = {
    "bullish": {
        "Banking & Finance": 0.35,
        "Technology": 0.25,
        "Consumer Discretionary": 0.15,
        "Healthcare": 0.10,
        "Industrials": 0.10,
        OTHERS: 0.05,
    },
    "neutral": {
        "Banking & Finance": 0.30,
        "Technology": 0.20,
        "Healthcare": 0.15,
        "Consumer Staples": 0.15,
        "Industrials": 0.10,
        OTHERS: 0.10,
    },
    "bearish": {
        "Healthcare": 0.25,
        "Consumer Staples": 0.25,
        "Banking & Finance": 0.20,
        "Technology": 0.15,
        "Utilities": 0.10,
        OTHERS: 0.05,
    },
}


def mix_of(stance: str) -> np.ndarray:
    """The model weights of a stance in the order of ``SECTORS``."""
    return np.array([MIXES[stance].get(name, 0.0) for name in SECTORS])


@dataclass(frozen=True)
class Lists:
    """Lists of holdings: scheme, its day, day known, and weights of shares by sector (lists x sectors).

    In the order of scheme and day. A list that was disclosed in parts stands in several rows.
    """

    scheme: np.ndarray
    day: np.ndarray
    known: np.ndarray
    shares: np.ndarray


def lists_of(holdings: pd.DataFrame, funds: pd.DataFrame, schemes: np.ndarray) -> Lists:
    """The lists of ``schemes`` from the table ``fund_holdings``."""
    by_fund = codes_of(funds["scheme"], schemes)
    place = codes_of(holdings["fund_id"], funds["fund_id"].to_numpy(dtype=object))
    scheme = np.append(by_fund, -1)[place]
    keep = scheme >= 0
    scheme, kept = scheme[keep], holdings[keep]
    day, known = day_numbers(kept["holding_date"]), day_numbers(kept["known_at"])
    codes, names = pd.factorize(kept["sector"])
    column = np.array([SECTORS.index(model_sector(one)) for one in names] + [len(SECTORS) - 1])[codes]
    share = np.where((kept["kind"] == "equity").to_numpy(), kept["weight"].to_numpy(dtype="float64"), 0.0)
    keys, row = np.unique(np.stack([scheme, day, known], axis=1), axis=0, return_inverse=True)
    sums = np.bincount(row.ravel() * len(SECTORS) + column, weights=share, minlength=len(keys) * len(SECTORS))
    return Lists(keys[:, 0], keys[:, 1], keys[:, 2], sums.reshape(-1, len(SECTORS)))


def latest_shares(lists: Lists, day: int, schemes: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights of shares by sector (schemes x sectors) of each scheme's newest list known on ``day``, its day.

    The day is 0 where there is no list.
    """
    shares, listed = np.zeros((schemes, len(SECTORS))), np.zeros(schemes, dtype="int64")
    known = (lists.known <= day) & (lists.day <= day)
    np.maximum.at(listed, lists.scheme[known], lists.day[known])
    newest = known & (lists.day == listed[lists.scheme])
    np.add.at(shares, lists.scheme[newest], lists.shares[newest])
    return shares, listed


def similarity(shares: np.ndarray, stance: str | None) -> np.ndarray:
    """1 less half the distance to the model mix of the stance, by row; NaN without shares or stance."""
    held = shares.sum(axis=1)
    if stance is None:
        return np.full(len(shares), np.nan)
    model = mix_of(stance)
    own = shares / np.where(held > 0, held, np.nan)[:, None]
    named = model > 0
    named[-1] = False
    own = np.concatenate([own[:, named], own[:, ~named].sum(axis=1, keepdims=True)], axis=1)
    wanted = np.append(model[named], model[-1])
    return 1 - np.abs(own - wanted).sum(axis=1) / 2
