"""Generated notes of the generated banks, one a year, whose readability has nothing to do with returns.

How a bank writes is drawn apart from all else, from a seed of its own: it lasts from year to year and moves
between short plain sentences and long ones of long words. Nobody wrote these notes, and no bank is meant.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.signals.sample import bank_truth as truth
from lib.signals.sample.banks import SOURCE, Banks, drawn

PLAIN = (
    "We made fewer loans than last year.",
    "Most of our loans are to homes and shops.",
    "We set aside more cash for bad loans.",
    "Our costs rose as we paid staff more.",
    "Few firms were late to pay us back.",
    "We hold bonds that we can sell at once.",
    "The rates that we pay on savings went up.",
    "We opened two branches and shut one.",
)
HEAVY = (
    "Determination of the allowance necessitates considerable judgement regarding macroeconomic "
    "uncertainties affecting collateral valuations.",
    "Derivative instruments designated as hedging relationships are subsequently remeasured, with "
    "ineffectiveness recognised immediately in consolidated operations.",
    "Management continuously evaluates concentrations of commercial exposures notwithstanding their "
    "geographical diversification.",
    "Securitisation vehicles in which the institution retains subordinated interests remain unconsolidated "
    "pursuant to applicable authoritative pronouncements.",
    "Unobservable assumptions materially influence estimated valuations of illiquid investments "
    "categorised within the hierarchy.",
    "Contractual commitments generally incorporate expiration provisions and consequently overstate "
    "anticipated liquidity requirements.",
)
SENTENCES = (3, 7)
"""Fewest and most sentences of a note."""
SHARE, REACH = 0.4, 0.18
"""Mean share of heavy sentences, and by how much one standard deviation of a bank's style moves it."""


def table() -> pd.DataFrame:
    """Table ``raw_signal_texts``: notes that come with the report of each year's last quarter."""
    return _written(drawn(), np.random.default_rng(truth.SEED + 1)).assign(**SOURCE)


def _written(banks: Banks, draw: np.random.Generator) -> pd.DataFrame:
    told, who = banks.told, banks.who
    yearly = np.flatnonzero(told.quarters.month == 12)
    style = _style(draw, len(yearly), truth.BANKS)
    first = told.first[yearly]
    year, bank = np.nonzero((first >= who.born) & (first < who.gone))
    share = np.clip(SHARE + REACH * style[year, bank], 0.0, 1.0)
    least, most = SENTENCES
    length = draw.integers(least, most + 1, len(year))
    heavy = draw.random((len(year), most)) < share[:, None]
    plain_at = _unlike(draw, len(year), most, len(PLAIN))
    heavy_at = _unlike(draw, len(year), most, len(HEAVY))
    said = np.where(heavy, np.array(HEAVY, dtype=object)[heavy_at], np.array(PLAIN, dtype=object)[plain_at])
    said[np.arange(most) >= length[:, None]] = ""
    return pd.DataFrame(
        {
            "entity": pd.Series(np.array(who.names, dtype=object)[bank], dtype="str"),
            "known_at": pd.DatetimeIndex(told.known[yearly][year, bank]).tz_localize("UTC"),
            "text": pd.DataFrame(said).agg(" ".join, axis=1).str.strip().astype("str"),
        }
    )


def _style(draw: np.random.Generator, years: int, banks: int) -> np.ndarray:
    """How heavily each bank writes, years x banks: mean 0, variance 1, lasting as opacity does."""
    lasts = truth.PERSISTENCE**4
    steps = draw.standard_normal((years, banks))
    steps[1:] *= np.sqrt(1.0 - lasts**2)
    for year in range(1, years):
        steps[year] += lasts * steps[year - 1]
    return steps


def _unlike(draw: np.random.Generator, rows: int, width: int, among: int) -> np.ndarray:
    """Positions rows x width below ``among`` that do not repeat within a row before all were used."""
    order = np.argsort(draw.random((rows, among)), axis=1)
    return order[:, np.arange(width) % among]
