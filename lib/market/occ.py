"""Option symbols of the Options Clearing Corporation: root, expiry, right and strike in one text.

``AAPL  230616C00150000`` is the call on AAPL that expires on 16 June 2023 with strike 150: six characters
of root (padding optional), yymmdd of this century, C or P, strike in thousandths with eight digits. A digit
at the end of the root marks an adjusted contract, whose multiplier need not be 100.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pandas as pd

PATTERN = re.compile(r"([A-Z]{1,6}[0-9]?)\s*(\d{6})([CP])(\d{8})")
LOOKS_LIKE = re.compile(r"[A-Z]{1,6}[0-9]?\s*\d{6}[CP]\d+")
BAD_DATE, BAD_STRIKE = "BAD_OCC_DATE", "BAD_OCC_STRIKE"


@dataclass(frozen=True)
class Option:
    """What an option symbol says; ``symbol`` is the form without spaces, ``strike`` is money a share."""

    symbol: str
    root: str
    expiry: date
    right: str
    strike: float

    @property
    def underlying(self) -> str:
        """The root without the digit of an adjusted contract."""
        return self.root.rstrip("0123456789")

    @property
    def adjusted(self) -> bool:
        """Whether the contract was adjusted for a corporate action."""
        return self.underlying != self.root

    @property
    def name(self) -> str:
        """The option as people write it: "AAPL 16 Jun 2023 150 call"."""
        kind = "call" if self.right == "C" else "put"
        return f"{self.underlying} {self.expiry.day} {self.expiry:%b %Y} {self.strike:g} {kind}"


def parse(symbol: str) -> Option | str | None:
    """The option, or a reason code (``BAD_OCC_DATE``, ``BAD_OCC_STRIKE``), or None when it is no option.

    A symbol counts as an option by its whole shape only; root, six digits, C or P and a wrong number of
    strike digits is a bad strike, since no share has such a symbol.
    """
    text = symbol.strip().upper()
    match = PATTERN.fullmatch(text)
    if match is None:
        return BAD_STRIKE if LOOKS_LIKE.fullmatch(text) else None
    root, day, right, digits = match.groups()
    try:
        expiry = date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
    except ValueError:
        return BAD_DATE
    if int(digits) == 0:
        return BAD_STRIKE
    return Option(f"{root}{day}{right}{digits}", root, expiry, right, int(digits) / 1000)


def parse_all(symbols: pd.Series) -> pd.DataFrame:
    """One row a symbol, same index: symbol, underlying, expiry, strike, right, adjusted, reason.

    Null fields where it is no option; ``reason`` holds the code where it is a bad one. Each distinct symbol
    is parsed once.
    """
    found = {symbol: parse(symbol) for symbol in symbols.dropna().unique()}
    options = {symbol: one for symbol, one in found.items() if isinstance(one, Option)}
    reasons = {symbol: one for symbol, one in found.items() if isinstance(one, str)}

    def part(name: str) -> pd.Series:
        return symbols.map({symbol: getattr(one, name) for symbol, one in options.items()})

    return pd.DataFrame(
        {
            "symbol": part("symbol").astype("str"),
            "underlying": part("underlying").astype("str"),
            "expiry": pd.to_datetime(part("expiry")).astype("datetime64[us]"),
            "strike": part("strike").astype("float64"),
            "right": part("right").astype("str"),
            "adjusted": symbols.isin([symbol for symbol, one in options.items() if one.adjusted]),
            "reason": symbols.map(reasons).astype("str"),
        },
        index=symbols.index,
    )
