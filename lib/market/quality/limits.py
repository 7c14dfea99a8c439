"""When a run must stop for its data: too few symbols with a price, or a bad bar where none is allowed.

The page has shown what is missing and why before either is called.
"""

from __future__ import annotations

import pandas as pd

from lib.errors import DataError, QualityError, SourceLimited, SourceUnreachable
from lib.market.quality.coverage import covered_share
from lib.market.quality.details import days_of
from lib.market.quality.issues import in_doubt

MOST_NAMED = 5
OF_LIVE_SOURCES = ("unknown", "empty", "invalid", "limited", "transport")
"""States of a symbol that was asked of a source on the network."""
NOT_HELD = (
    "Add prices for these symbols (one that no portfolio holds stands for a factor or is a benchmark), take "
    "a day that the data reach, or lower min_coverage."
)
NOT_GIVEN = (
    "Write these symbols as the source does (one that no portfolio holds stands for a factor or is a "
    "benchmark), ask it anew with --refresh, or lower min_coverage."
)
ADVICE = {
    SourceLimited: "The source refuses further requests for now: run again later.",
    SourceUnreachable: "The source does not answer as it should: run again once it does.",
}


def require_coverage(coverage: pd.DataFrame, *, min_coverage: float, told: str) -> None:
    """Stop the run when too few symbols have a fresh price: what follows would describe another portfolio.

    ``told`` is what the page says of the coverage; the message begins with it. Raises SourceLimited or
    SourceUnreachable when most of those without one are the source's fault, else QualityError.
    """
    covered = covered_share(coverage)
    if covered >= min_coverage:
        return
    if coverage.empty:
        raise QualityError(told)
    states = coverage.loc[~coverage["fresh"], "status"]
    kind, live = _party(states), bool(states.isin(OF_LIVE_SOURCES).any())
    advice = ADVICE.get(kind, NOT_GIVEN if live else NOT_HELD)
    raise kind(f"{told} That is {covered:.1%}, and at least {min_coverage:.1%} is needed. {advice}")


def require_sound(issues: pd.DataFrame, *, strict: bool) -> None:
    """Under ``strict`` stop the run for any bar that was quarantined, or is kept in doubt.

    Raises QualityError with symbol, day and rule.
    """
    bad = pd.concat([issues[issues["action"] == "quarantined"], in_doubt(issues)])
    if not strict or bad.empty:
        return
    first = bad.head(MOST_NAMED)
    named = first["symbol"] + " on " + days_of(first["date"]) + " " + first["check"]
    more = f" and {len(bad) - MOST_NAMED} more" if len(bad) > MOST_NAMED else ""
    raise QualityError(
        f"{len(bad):,} bar{'s' * (len(bad) > 1)} cannot be trusted, and strict is set: "
        f"{'; '.join(named)}{more}. "
        "Mend the data, or run without strict."
    )


def _party(states: pd.Series) -> type[DataError]:
    """Whose fault it is that these symbols have no fresh price."""
    limited, transport = int((states == "limited").sum()), int((states == "transport").sum())
    if 2 * (limited + transport) <= len(states):
        return QualityError
    return SourceLimited if limited >= transport else SourceUnreachable
