"""Which key of the broker stands for a symbol of the workbench, as a params file writes it.

A key is the market and the instrument's own number there, ``NSE_EQ|INE101A01026``; for shares the second part
is the ISIN. Keys of an index hold a name: ``NSE_INDEX|Nifty 50``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.errors import InputError

LINE = re.compile(r"(?P<symbol>[A-Z0-9&-]{1,20})\s*=\s*(?P<key>[A-Z]{2,4}_[A-Z]{2,6}\|[A-Za-z0-9 &.-]{1,60})")
FIELD = "data.instruments"


@dataclass(frozen=True)
class Instrument:
    """A symbol and its key."""

    symbol: str
    key: str

    @property
    def kind(self) -> str:
        """``index`` or ``stock``, as the key's market says."""
        return "index" if "_INDEX|" in self.key else "stock"


def instruments_of(written: list[str], params_file: str | None = None) -> dict[str, Instrument]:
    """By symbol the instruments that a params file names. Raises InputError for a line that names none."""
    found: dict[str, Instrument] = {}
    for text in written:
        match = LINE.fullmatch(text.strip())
        if not match:
            mend = "write `SYMBOL = KEY`, as `M&M = NSE_EQ|INE101A01026`"
            raise InputError(f"{text!r} names no instrument", mend=mend, file=params_file, field=FIELD)
        one = Instrument(match["symbol"], match["key"].strip())
        if one.symbol in found:
            found_twice = f"{one.symbol} is named twice"
            raise InputError(found_twice, mend="keep one of them", file=params_file, field=FIELD)
        found[one.symbol] = one
    return found
