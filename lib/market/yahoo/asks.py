"""What can be asked of Yahoo and the form of the answers; shared by the client and its worker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from lib.conventions import SYMBOL

KINDS = ("bars", "profile", "chain")
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")

OUTCOMES = {
    "symbol": "str",
    "kind": "str",
    "expiry": "datetime64[us]",
    "status": "str",
    "detail": "str",
    "attempts": "int64",
}
BARS = {
    "symbol": "str",
    "date": "datetime64[us]",
    **dict.fromkeys(("open", "high", "low", "close", "volume", "dividend", "split"), "float64"),
    "source": "str",
    "origin": "str",
    "fetched_at": "datetime64[us]",
}
REPAIRS = {
    "symbol": "str",
    "date": "datetime64[us]",
    "column": "str",
    "before": "float64",
    "after": "float64",
}
PROFILES = {
    **dict.fromkeys(
        ("symbol", "name", "kind", "sector", "industry", "currency", "exchange", "timezone", "country"), "str"
    ),
    "market_cap": "float64",
}
QUOTES = {
    "contract": "str",
    "underlying": "str",
    "expiry": "datetime64[us]",
    "strike": "float64",
    "right": "str",
    "bid": "float64",
    "ask": "float64",
    "last": "float64",
    "last_trade_date": "datetime64[us]",
    "volume": "float64",
    "open_interest": "float64",
}
ODDITIES = {"symbol": "str", "date": "datetime64[us]", "event": "str", "detail": "str"}
TABLES = {
    "outcomes": OUTCOMES,
    "bars": BARS,
    "oddities": ODDITIES,
    "repairs": REPAIRS,
    "profiles": PROFILES,
    "quotes": QUOTES,
}
ORDER = {
    "outcomes": ["kind", "symbol", "expiry"],
    "bars": ["symbol", "date"],
    "oddities": ["symbol", "date", "event"],
    "repairs": ["symbol", "date", "column"],
    "profiles": ["symbol"],
    "quotes": ["underlying", "expiry", "strike", "right", "contract"],
}


@dataclass(frozen=True)
class Ask:
    """One thing to ask: daily bars of a symbol, its profile, or the option chain of an underlying.

    ``kind`` is one of ``bars profile chain``; bars need ``start`` and ``end``, both included; a chain needs
    ``expiry``, and its ``symbol`` is the underlying.
    """

    symbol: str
    kind: str
    start: date | None = None
    end: date | None = None
    expiry: date | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of question; take one of {', '.join(KINDS)}")
        if self.kind == "bars" and (not self.start or not self.end or self.start > self.end):
            raise ValueError(f"bars of {self.symbol} need a first and a last day in this order")
        if self.kind == "chain" and not self.expiry:
            raise ValueError(f"a chain of {self.symbol} needs an expiry")

    @property
    def order(self) -> tuple:
        """Bars before profiles before chains, then by symbol: the same for every order of asking."""
        days = (self.expiry, self.start, self.end)
        return (KINDS.index(self.kind), self.symbol, *(day.isoformat() if day else "" for day in days))

    def as_dict(self) -> dict[str, Any]:
        """The parts as plain JSON."""
        days = {"start": self.start, "end": self.end, "expiry": self.expiry}
        return {
            "symbol": self.symbol,
            "kind": self.kind,
            **{k: day and day.isoformat() for k, day in days.items()},
        }

    @classmethod
    def of(cls, parts: dict[str, Any]) -> Ask:
        """From what ``as_dict`` gave."""
        days = {k: date.fromisoformat(parts[k]) if parts[k] else None for k in ("start", "end", "expiry")}
        return cls(parts["symbol"], parts["kind"], **days)


@dataclass(frozen=True)
class Answers:
    """What came back; every ask has one row of ``outcomes``, and the other frames hold what was ``ok``.

    ``requests`` counts HTTP requests, cookies and crumbs included; ``events`` are plain JSON, one for each
    repetition, stop and failure, in order. ``oddities`` are days that could not be taken as they came.
    """

    outcomes: pd.DataFrame
    bars: pd.DataFrame
    oddities: pd.DataFrame
    repairs: pd.DataFrame
    profiles: pd.DataFrame
    quotes: pd.DataFrame
    requests: int
    events: list[dict[str, Any]]


def refusal(symbol: str) -> str:
    """Why a symbol may not be sent, or nothing.

    The pattern keeps paths and queries out of the address. A text shaped as an ISIN is refused since yfinance
    would ask for whatever ticker a search for it gives.
    """
    if not re.fullmatch(SYMBOL, symbol) or ".." in symbol:
        return "not a symbol: 1 to 24 capital letters, digits and . & ^ = _ - are, without two dots in a row"
    if ISIN.fullmatch(symbol):
        return "an ISIN, not a symbol"
    return ""


def frame_of(name: str, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The frames as one table of the answers: its columns and types, sorted; empty when there are none."""
    types = TABLES[name]
    filled = [frame[list(types)].astype(types) for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in types.items()})
    return pd.concat(filled, ignore_index=True).sort_values(ORDER[name], kind="stable", ignore_index=True)
