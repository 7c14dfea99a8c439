"""Which series of FRED stand for the indicators of the ladder for the United States, and how they are read.

``yoy`` is the change over the same period a year before, in percent, of the values as they were known on the
day of the release; ``level`` is the figure as it is. Price over earnings, price over book and the share of
stocks above their average are not on FRED: they come from files, or the ladder is rescaled without them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.errors import InputError
from lib.nearest import nearest

OWN = re.compile(r"(?P<name>[^=]{1,80}?)\s*=\s*(?P<id>[A-Za-z0-9_]{1,40})(\s+(?P<how>\w+))?")
HOW = ("level", "yoy")


@dataclass(frozen=True)
class Series:
    """One indicator: its name, the id at the source, and how its figures are read."""

    name: str
    id: str
    how: str = "level"


SERIES = {
    one.name: one
    for one in (
        Series("Broad dollar index", "DTWEXBGS"),
        Series("Oil price", "DCOILWTICO"),
        Series("Euro area GDP growth", "CLVMNACSCAB1GQEA19", "yoy"),
        Series("Emerging market bond spread", "BAMLEMCBPIOAS"),
        Series("US GDP growth", "GDPC1", "yoy"),
        Series("US industrial production growth", "INDPRO", "yoy"),
        Series("US unemployment rate", "UNRATE"),
        Series("US payroll growth", "PAYEMS", "yoy"),
        Series("US CPI", "CPIAUCSL", "yoy"),
        Series("US producer prices", "PPIFIS", "yoy"),
        Series("Fed funds", "DFF"),
        Series("10-year Treasury yield", "DGS10"),
        Series("US corporate profits growth", "CP", "yoy"),
        Series("US money supply growth", "M2SL", "yoy"),
        Series("US bank lending growth", "TOTLL", "yoy"),
        Series("US consumer credit growth", "TOTALSL", "yoy"),
        Series("VIX", "VIXCLS"),
        Series("US consumer sentiment", "UMCSENT"),
    )
}


def asked(written: list[str] | None) -> list[Series]:
    """The series that a params file names, all known ones where it names none. Raises InputError."""
    if written is None:
        return list(SERIES.values())
    found: dict[str, Series] = {}
    for text in written:
        one = _one(text.strip())
        if one.name in found:
            raise InputError(f"{one.name!r} is named twice", mend="keep one of them", field="macro.series")
        found[one.name] = one
    return list(found.values())


def _one(text: str) -> Series:
    if text in SERIES:
        return SERIES[text]
    match = OWN.fullmatch(text)
    if not match:
        mend = nearest(text, SERIES) or "write `name = ID` or `name = ID yoy`"
        raise InputError(f"no series {text!r}", mend=mend, field="macro.series")
    how = match["how"] or "level"
    if how not in HOW:
        mend = nearest(how, HOW) or f"write one of {', '.join(HOW)}"
        raise InputError(f"{how!r} after {match['id']}", mend=mend, field="macro.series")
    return Series(match["name"].strip(), match["id"].upper(), how)
