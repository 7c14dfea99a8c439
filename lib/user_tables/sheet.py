"""Typed columns of a table that people hand in: whole columns at once, every wrong cell refused by line.

Dates are ``YYYY-MM-DD``; numbers are plain: no currency signs, no thousands commas. ``cells`` reads files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.conventions import SYMBOL
from lib.errors import MOST_NAMED, InputError, InputFaults, first_named

DATE = r"\d{4}-\d{2}-\d{2}"
MOMENT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
ZONE = r"\s?(Z|z|[+-]\d{2}:?\d{2})"
ZONED = "write the zone too, as in 2022-12-28T20:30:00Z or 2022-12-28T15:30:00-05:00"
PLAIN = "write plain numbers such as 1234.5, without currency signs or thousands commas"


@dataclass
class Sheet:
    """The cells of one file and the line of each row.

    Every reader notes the cells that are wrong, which are null in what it gives; ``check`` refuses them.
    """

    name: str
    cells: pd.DataFrame
    lines: np.ndarray
    faults: list[InputError] = field(default_factory=list)
    wrong: int = 0
    faulty: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.faulty = np.zeros(len(self.lines), dtype=bool)

    def check(self) -> None:
        """InputError for every cell that was found wrong, by line; of more than 50 for the first ones."""
        if self.faults:
            found = sorted(self.faults, key=lambda one: one.line or 0)
            raise InputFaults(first_named(found, self.name, self.wrong))

    def dates(self, column: str, *, required: bool = True, today: pd.Timestamp | None = None) -> pd.Series:
        """Midnights, none after ``today``; what is not required may be absent or have empty cells."""
        raw = self._column(column)
        if raw.dtype.kind == "M":
            naive = raw.dt.tz is None
            days = raw if naive else raw.dt.tz_localize(None)
            timed = days.notna() & ((days != days.dt.normalize()) | (not naive))
            self._refuse(timed, raw, column, "a time of day", "store the day alone, without a time zone")
        else:
            codes, texts = pd.factorize(raw.astype("str").str.strip())
            texts = pd.Series(texts, dtype="str")
            parsed = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce").where(
                texts.str.fullmatch(DATE)
            )
            days = _take(parsed, codes, raw.index)
            self._refuse(days.isna() & raw.notna(), raw, column, "not a date", "write YYYY-MM-DD")
        if required:
            self._refuse(raw.isna(), raw, column, "empty", "write a date as YYYY-MM-DD")
        if today is not None:
            self._refuse(days > today, raw, column, "in the future", "correct the year, or remove the row")
        return days.astype("datetime64[us]")

    def moments(self, column: str, *, required: bool = True) -> pd.Series:
        """Moments in UTC; one without a zone is refused, and so is a day without a time."""
        raw = self._column(column)
        if raw.dtype.kind == "M":
            zoned = raw.dt.tz is not None
            moments = raw.dt.tz_convert("UTC") if zoned else raw.dt.tz_localize("UTC")
            bare = raw.notna() & (not zoned)
        else:
            codes, texts = pd.factorize(raw.astype("str").str.strip())
            texts = pd.Series(texts, dtype="str")
            whole = texts.str.fullmatch(MOMENT + ZONE)
            zoned_texts = texts.where(whole).str.replace(r"\s+(?=[Zz+-])", "", regex=True).str.upper()
            parsed = pd.to_datetime(zoned_texts, format="ISO8601", utc=True, errors="coerce")
            moments = _take(parsed, codes, raw.index)
            alone = texts.str.fullmatch(f"{MOMENT}|{DATE}")
            bare = _take(alone, codes, raw.index).eq(True)
            self._refuse(moments.isna() & raw.notna() & ~bare, raw, column, "not a moment", ZONED)
        self._refuse(bare, raw, column, "a moment without a zone", ZONED)
        if required:
            self._refuse(raw.isna(), raw, column, "empty", ZONED)
        return moments.astype("datetime64[us, UTC]")

    def numbers(
        self,
        column: str,
        *,
        low: float = -np.inf,
        high: float = np.inf,
        mend: str = "",
        required: bool = False,
    ) -> pd.Series:
        """Floats within low..high; an empty cell is null unless required, and so is an absent column."""
        raw = self._column(column)
        if raw.dtype.kind in "fiu":
            values = raw.astype("float64")
        else:
            values = pd.to_numeric(raw.astype("str").str.strip(), errors="coerce").astype("float64")
            self._refuse(values.isna() & raw.notna(), raw, column, "not a number", mend or PLAIN)
        if required:
            self._refuse(raw.isna(), raw, column, "empty", "write a number")
        self._refuse((values < low) | (values > high), raw, column, f"outside {low:g} to {high:g}", mend)
        return values

    def symbols(self, column: str = "symbol") -> pd.Series:
        """Symbols in upper case without spaces."""
        raw = self._column(column)
        codes, texts = pd.factorize(raw.astype("str").str.replace(r"\s+", "", regex=True).str.upper())
        texts = pd.Series(texts, dtype="str")
        clean = _take(texts.where(texts.str.fullmatch(SYMBOL)), codes, raw.index)
        self._refuse(clean.isna(), raw, column, "not a symbol", "use letters, digits and . & = ^ _ -")
        return clean

    def texts(self, column: str) -> pd.Series:
        """Trimmed text; null where empty or absent."""
        return self._column(column).astype("str").str.strip()

    def choices(self, column: str, allowed: Sequence[str], *, required: bool = True) -> pd.Series:
        """Texts that must be one of the allowed ones, read without regard to case."""
        raw = self.texts(column)
        found = raw.str.lower().map({one.lower(): one for one in allowed}).astype("str")
        wrong = found.isna() & (raw.notna() | required)
        self._refuse(wrong, raw, column, "not known", f"write one of {', '.join(allowed)}")
        return found

    def matching(self, column: str, pattern: re.Pattern[str], mend: str) -> pd.Series:
        """Texts in upper case that fit the pattern as a whole."""
        found = self.texts(column).str.upper()
        self._refuse(~found.str.fullmatch(pattern.pattern).eq(True), found, column, "not known", mend)
        return found

    def refuse(self, wrong: pd.Series, column: str, what: str, mend: str) -> None:
        """Refuse the rows where ``wrong`` holds, a rule over several columns, each of which can be read."""
        self._refuse(
            wrong & ~self.faulty, pd.Series(None, index=wrong.index, dtype="str"), column, what, mend
        )

    def refuse_conflicts(self, frame: pd.DataFrame, key: list[str]) -> None:
        """Refuse two rows of the same key (null equals null) with different values, naming both lines."""
        sound = frame[~self.faulty]
        twice = sound[sound.duplicated(key, keep=False)].drop_duplicates()
        conflicts = twice[twice.duplicated(key)]
        self.wrong += len(conflicts)
        for place, second in conflicts.head(MOST_NAMED).iterrows():
            same = [(twice[one] == second[one]) | (twice[one].isna() & pd.isna(second[one])) for one in key]
            first = twice.index[np.logical_and.reduce(same)][0]
            what = " ".join(_plain(second[name]) for name in key if not pd.isna(second[name]))
            found = f"{what} stands here and in line {self.lines[first]} with other values"
            line, mend = int(self.lines[place]), "keep the right one"
            self.faults.append(InputError(found, mend=mend, file=self.name, line=line, field=",".join(key)))

    def _column(self, name: str) -> pd.Series:
        if name in self.cells:
            return self.cells[name]
        return pd.Series(None, index=self.cells.index, dtype="str", name=name)

    def _refuse(self, wrong: pd.Series, raw: pd.Series, column: str, what: str, mend: str = "") -> None:
        """Note the rows where ``wrong`` holds: each of the first ones, and their number."""
        rows = np.flatnonzero(wrong.to_numpy(dtype=bool))
        self.wrong += len(rows)
        self.faulty[rows] = True
        for row in rows[:MOST_NAMED]:
            cell, line = raw.iloc[row], int(self.lines[row])
            found = f"{'' if pd.isna(cell) else f'“{str(cell)[:40]}” is '}{what}"
            self.faults.append(InputError(found, mend=mend, file=self.name, line=line, field=column))


def _take(values: pd.Series, codes: np.ndarray, index: pd.Index) -> pd.Series:
    """The value of each code, null for code -1."""
    return values.reindex(codes).set_axis(index)


def _plain(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
