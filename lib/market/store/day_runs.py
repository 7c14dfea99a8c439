"""Which symbol and day each row of a file has, in a few numbers and without reading the rows.

A symbol has a bar on nearly every day that its file knows, so that the 131,072 rows of a file are a few
hundred runs of consecutive days. They stand in the footer of the file, under its checksum, and spare whoever
wants one column as dates x symbols the reading of two others.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

KEY = "runs"
"""Name of the entry in the Parquet footer: JSON, compressed (zlib), as base64."""


@dataclass(frozen=True)
class DayRuns:
    """Runs in the order of the rows. ``days`` (from 1970) are those of which the file has any bar.

    A run is ``rows`` bars of ``symbols[of]`` on the days from ``days[at]`` on, none left out.
    """

    days: np.ndarray
    symbols: np.ndarray
    of: np.ndarray
    at: np.ndarray
    rows: np.ndarray

    def of_groups(self, firsts: Sequence[str], groups: Sequence[int]) -> DayRuns:
        """The runs of some row groups; ``firsts`` names the first symbol of each of the file's groups."""
        names = self.symbols.tolist()
        group = np.searchsorted([names.index(first) for first in firsts], self.of, side="right") - 1
        kept = np.isin(group, groups)
        return DayRuns(self.days, self.symbols, self.of[kept], self.at[kept], self.rows[kept])

    def dump(self) -> str:
        """The text for the footer."""
        content = {
            "days": np.diff(self.days, prepend=0).tolist(),
            "symbols": self.symbols.tolist(),
            "of": self.of.tolist(),
            "at": self.at.tolist(),
            "rows": self.rows.tolist(),
        }
        return base64.b64encode(zlib.compress(json.dumps(content).encode())).decode()


def parse(text: bytes) -> DayRuns:
    """The runs of that text."""
    content = json.loads(zlib.decompress(base64.b64decode(text)))
    of, at, rows = (np.array(content[name], dtype=np.int64) for name in ("of", "at", "rows"))
    days = np.cumsum(np.array(content["days"], dtype=np.int64))
    return DayRuns(days, np.array(content["symbols"], dtype=object), of, at, rows)


def runs_of(codes: np.ndarray, symbols: np.ndarray, days: np.ndarray) -> DayRuns:
    """The runs of rows that are sorted by symbol and day; ``symbols`` has those of the rows, in order."""
    first = int(days.min())
    there = np.zeros(int(days.max()) - first + 1, dtype=bool)
    there[days - first] = True
    place = (np.cumsum(there) - 1)[days - first]
    ends = (codes[1:] != codes[:-1]) | (place[1:] != place[:-1] + 1)
    starts = np.concatenate(([0], np.flatnonzero(ends) + 1))
    rows = np.diff(starts, append=len(codes))
    return DayRuns(np.flatnonzero(there) + first, symbols, codes[starts], place[starts], rows)
