"""Words of the report on a signal."""

from __future__ import annotations

from lib.codes.code import Code

SIGNAL_REPORT = (
    Code("as_expected", "as expected"),
    Code("against", "against the hypothesis", "warning"),
    Code("not_told", "not to be told from nothing"),
    Code("not_asked", "no part of the hypothesis"),
    Code("not_measured", "not measured", "warning"),
    Code("not_registered", "not registered", "warning"),
    Code("as_registered", "as registered"),
    Code("changed_since", "changed since it was registered", "warning"),
)
