"""Codes of panel regressions and of natural experiments."""

from __future__ import annotations

from lib.codes.code import Code

SIGNAL_PANEL = (
    Code("ABSORBED", "explained wholly by effects or other regressors", "warning"),
    Code("NO_VARIATION", "the signal does not vary", "warning"),
    Code("TOO_FEW_PERIODS", "fewer than two periods", "warning"),
    Code("TOO_FEW_OBSERVATIONS", "too few observations for so many coefficients", "warning"),
    Code("ONE_ENTITY", "one firm only", "warning"),
    Code("ONE_CLUSTER", "one cluster only", "warning"),
    Code("UNDER_30_PERIODS", "fewer than 30 periods", "warning"),
    Code("FEW_CLUSTERS", "few clusters", "warning"),
    Code("CLIPPED", "a negative variance was set to zero", "warning"),
    Code("NO_DESIGN", "no design is named or known", "warning"),
    Code("NO_PRE_PERIOD", "no period before the treatment", "warning"),
    Code("NO_TREATED", "no unit is treated", "warning"),
    Code("NO_CONTROLS", "no unit that is not yet treated", "warning"),
    Code("NO_NEVER_TREATED", "no unit that is never treated", "warning"),
    Code("TOO_FEW_LEADS", "one period before the treatment only", "warning"),
    Code("FEW_TREATED_CLUSTERS", "fewer than five treated clusters", "warning"),
    Code("ONE_TREATED", "one treated unit, its own chance not counted", "warning"),
    Code("no_value", "no value known in time"),
    Code("no_later_return", "no return over the period"),
    Code("no_control", "a control not known in time"),
    Code("thin_date", "fewer than three firms with a value"),
    Code("constant_date", "all firms have the same value"),
    Code("used", "in the regressions"),
)
