""" "did you mean ...?": the nearest of the names that would have been right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CUTOFF = 0.5
"""How alike two names must be, from 0 to 1, for the one to be taken for the other."""


def nearest_name(given: object, known: Iterable[str], *, cutoff: float = CUTOFF) -> str | None:
    """The nearest of the known names, or None when none is near."""
    return next(iter(difflib.get_close_matches(str(given), list(known), n=1, cutoff=cutoff)), None)


def nearest(given: object, known: Iterable[str]) -> str:
    """ "did you mean `x`?" for the nearest of the known names, or nothing."""
    name = nearest_name(given, known)
    return f"did you mean `{name}`?" if name else ""
