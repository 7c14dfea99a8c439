"""Codes of factor alphas, of the deflated Sharpe ratio, of overfitting and of robustness."""

from __future__ import annotations

from lib.codes.code import Code

SIGNAL_ALPHAS = (
    Code("NO_FACTOR_SET", "no factor set named or known", "warning"),
    Code("NO_FACTORS", "factors not in the set", "warning"),
    Code("NO_CASH_RATE", "return of cash not in the set", "warning"),
    Code("FACTOR_FREQUENCY", "factors of another frequency", "warning"),
    Code("NO_OVERLAP", "no period in common with the factors", "warning"),
    Code("TOO_SHORT", "too few periods for so many factors", "warning"),
    Code("COLLINEAR", "one follows from the others", "warning"),
    Code("TOO_FEW_TRIALS", "nothing to choose among", "warning"),
    Code("TOO_FEW_ROWS", "too few periods to split", "warning"),
    Code("NEVER", "not at any length"),
    Code("NO_RESULT", "result no longer there"),
    Code("FEW_FIRMS", "too few firms to sort", "warning"),
    Code("NOTHING_SORTED", "nothing could be sorted", "warning"),
    Code("OTHER_PERIODS", "of longer or other periods", "warning"),
)
