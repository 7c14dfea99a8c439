"""What every page of a signal says first: whether its data are real, how few firms it has, who is missing."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from lib import wording
from lib.contracts import MadeUp

FEW_FIRMS = 50
"""Firms below which a page says that nothing is proved: under five in each of ten groups."""


def generated(origins: Iterable[str], what: str = "returns") -> list[str]:
    """That not all of the data are real, where that is so."""
    made_up = [name for name in origins if name != "real"]
    if not made_up:
        return []
    return [MadeUp(f"The {what} are {wording.joined(made_up)}: nothing here is evidence of a real market.")]


def survivors(firms: float, usual: float | None = None, *, left: bool, real: bool = True) -> list[str]:
    """That firms are too few, or only those that live; ``left`` says whether any is known to have left.

    ``firms`` were ever in it, ``usual`` on a date in the middle case: both are told where they differ. That
    generated firms live is no hindsight, so that it is told of ``real`` ones only.
    """
    total = round(firms)
    if not total:
        return []
    who = wording.plural(total, "firm")
    if usual is not None and 0 < round(usual) < total:
        who += f" ({wording.count(round(usual))} on a usual date, the others joined later or left the list)"
    few = total < FEW_FIRMS
    if real and not left:
        said = f"The {who} are survivors, chosen with hindsight since none ever left the market"
        return [f"{said}{', and few' if few else ''}: they prove nothing, whatever t says."]
    return [f"{who} prove nothing, whatever t says."] if few else []


def any_left(delistings: pd.DataFrame, as_of: str) -> bool:
    """Whether any firm of a universe is known by then to have left the market."""
    return bool((delistings["known_at"] <= pd.Timestamp(as_of)).any())
