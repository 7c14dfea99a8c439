"""When a run must stop for its data: no symbol has a price, or a bar is bad where none may be.

Which symbols a book can do without is asked where its exposure is known. The page has shown what is missing
and why before either is called.
"""

from __future__ import annotations

import pandas as pd

from lib import missing_prices
from lib.errors import QualityError
from lib.market.quality.details import days_of
from lib.market.quality.issues import in_doubt

MOST_NAMED = 5


def require_any(coverage: pd.DataFrame, *, told: str) -> None:
    """Stop the run when no symbol has a fresh price: there is nothing to compute anything from.

    ``told`` is what the page says of the coverage; the message begins with it. Raises SourceLimited or
    SourceUnreachable when most of those without one are the source's fault, else QualityError.
    """
    if coverage["fresh"].any():
        return
    if coverage.empty:
        raise QualityError(told)
    kind, mend = missing_prices.refusal(coverage["status"])
    raise kind(f"{told} {mend}")


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
