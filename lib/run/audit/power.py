"""How likely an audit finds a look ahead: measured on leaks planted in a generated stage, with its bound.

``tests/bench/bench_audit_power.py`` measures it: worlds of ten funds with tables that each have a clock of
their own, and in each world sixteen ways to look ahead, one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

CONFIDENCE = 0.95
WORLDS = 12
LEAKS = 16
FOUND = {3: 169, 4: 175, 5: 178, 6: 180, 7: 183, 8: 185, 10: 186, 11: 187, 12: 188, 13: 189, 16: 190}
"""By the number of alterations that an audit takes, the leaks that it found in all worlds."""


@dataclass(frozen=True)
class Power:
    """Leaks found of those planted, and the share that is found at the least, by ``CONFIDENCE``."""

    alterations: int
    found: int
    planted: int
    at_least: float


def power_of(alterations: int) -> Power | None:
    """The power of an audit with so many alterations; None where fewer were never measured."""
    known = [one for one in FOUND if one <= alterations]
    if not known:
        return None
    planted = WORLDS * LEAKS
    found = FOUND[max(known)]
    return Power(max(known), found, planted, at_least(found, planted))


def at_least(found: int, planted: int) -> float:
    """The one-sided lower bound of a share.

    Source: Clopper and Pearson (1934), The use of confidence or fiducial limits, Biometrika 26.
    """
    from scipy.stats import beta

    return float(beta.ppf(1.0 - CONFIDENCE, found, planted - found + 1)) if found else 0.0
