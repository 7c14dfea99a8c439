"""Codes of the quantile sorts."""

from __future__ import annotations

from lib.codes.code import Code

SIGNAL_SORTS = (
    Code("THIN", "fewer groups than asked, since few firms have a value", "warning"),
    Code("NO_GROUPS", "too few firms for two groups", "warning"),
    Code("END_EMPTY", "no firm at one end, since values are equal", "warning"),
    Code("CAPS_UNKNOWN", "market values not known", "warning"),
    Code("FIRM_VANISHED", "returns end without a delisting", "warning"),
    Code("DELISTING_ASSUMED", "return of a delisting assumed"),
    Code("FEW_PERIODS", "too few periods to test", "warning"),
    Code("NO_SPREAD", "no period with both sides", "warning"),
    Code("NO_CONTROL", "not known of enough firms", "warning"),
)
