"""Answers that are kept, one Parquet file an instrument, written whole, and what a run needs of them.

A source may be late with its last few sessions: an answer speaks up to its last bar, or to five sessions
before the one that had closed when it was asked, whichever is later. One that was asked for after the wanted
session had closed, and does not reach it, is believed for a while.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib import disk
from lib.market import calendar
from lib.market.upstox.instruments import Instrument

ABOUT = "workbench"
LATE = 5
"""Sessions that a source may be late with."""


@dataclass(frozen=True)
class Answer:
    """Bars of a symbol from ``start`` through ``through``, as asked for at a moment (UTC)."""

    bars: pd.DataFrame
    start: pd.Timestamp
    through: pd.Timestamp
    asked: pd.Timestamp


@dataclass(frozen=True)
class Need:
    """Bars from ``start`` to the session ``through`` of an exchange; ``now`` is in UTC without a zone."""

    start: pd.Timestamp
    through: pd.Timestamp
    now: pd.Timestamp
    refresh: pd.Timedelta
    exchange: str

    def reached(self, answer: Answer | None) -> bool:
        """Whether an answer holds what the source has up to the wanted session, for good."""
        return answer is not None and answer.start <= self.start and answer.through >= self.through

    def serves(self, answer: Answer | None) -> bool:
        """Whether an answer need not be asked for again now."""
        if answer is None or answer.start > self.start:
            return False
        closing = calendar.closes(self.through, self.through, self.exchange).iloc[0]
        return self.reached(answer) or (answer.asked >= closing and self.now < answer.asked + self.refresh)

    def until(self, answer: Answer | None) -> pd.Timestamp | None:
        """From when an answer is asked for again; null for one that stands for good."""
        if self.reached(answer):
            return None
        return answer.asked + self.refresh if answer is not None and self.serves(answer) else self.now

    def answered(self, bars: pd.DataFrame) -> Answer:
        """The answer that bars are which were asked for now, up to the last session that has closed."""
        closed = calendar.last_closed_session(self.now, self.exchange)
        before = calendar.sessions(closed - pd.Timedelta(days=30), closed, self.exchange)[-1 - LATE]
        last = bars["date"].max()
        return Answer(bars, self.start, before if pd.isna(last) else max(last, before), self.now)


class Kept:
    """The answers in a folder, by instrument."""

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, one: Instrument) -> Path:
        """The file of an instrument; another key is another file."""
        digest = hashlib.sha256(f"{one.symbol} {one.key}".encode()).hexdigest()[:8]
        return self.folder / f"{one.symbol.replace('&', '_')}-{digest}.parquet"

    def get(self, one: Instrument) -> Answer | None:
        """What is kept; None where nothing is, or what is there cannot be read."""
        try:
            bars = pd.read_parquet(self.path(one))
            about = {name: pd.Timestamp(text) for name, text in json.loads(bars.attrs[ABOUT]).items()}
            return Answer(bars, **about)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, one: Instrument, answer: Answer) -> None:
        """Keep an answer in place of an older one."""
        parts = {name: getattr(answer, name).isoformat() for name in ("start", "through", "asked")}
        bars = answer.bars.copy()
        bars.attrs = {ABOUT: json.dumps(parts)}
        content = io.BytesIO()
        bars.to_parquet(content, index=False)
        disk.write_whole(self.path(one), content.getvalue())

    def digest(self, one: Instrument) -> str:
        """sha256 of the file, empty where there is none."""
        path = self.path(one)
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
