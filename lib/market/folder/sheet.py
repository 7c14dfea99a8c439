"""Typed columns of a table that people hand in: whole columns at once, the first wrong cell refused by line.

Dates are ``YYYY-MM-DD``; numbers are plain: no currency signs, no thousands commas. ``cells`` reads files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.errors import InputError

DATE = r"\d{4}-\d{2}-\d{2}"
SYMBOL = r"[A-Z0-9^][A-Z0-9.&=^_-]{0,23}"
PLAIN = "write plain numbers such as 1234.5, without currency signs or thousands commas"


@dataclass(frozen=True)
class Sheet:
    """The cells of one file and the line of each row; every reader refuses the first cell that is wrong."""

    name: str
    cells: pd.DataFrame
    lines: np.ndarray

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
            self._refuse(days.isna(), raw, column, "empty", "write a date as YYYY-MM-DD")
        if today is not None:
            self._refuse(days > today, raw, column, "in the future", "correct the year, or remove the row")
        return days.astype("datetime64[us]")

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
            self._refuse(values.isna(), raw, column, "empty", "write a number")
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
        """InputError for the first row where ``wrong`` holds, a rule over several columns."""
        self._refuse(wrong, pd.Series(None, index=wrong.index, dtype="str"), column, what, mend)

    def refuse_conflicts(self, frame: pd.DataFrame, key: list[str]) -> None:
        """Refuse two rows of the same key (null equals null) with different values, naming both lines."""
        twice = frame[frame.duplicated(key, keep=False)].drop_duplicates()
        conflicts = twice[twice.duplicated(key)]
        if conflicts.empty:
            return
        second = conflicts.iloc[0]
        same = [(twice[name] == second[name]) | (twice[name].isna() & pd.isna(second[name])) for name in key]
        first = twice.index[np.logical_and.reduce(same)][0]
        what = " ".join(_plain(second[name]) for name in key if not pd.isna(second[name]))
        raise InputError(
            f"{what} stands here and in line {self.lines[first]} with other values",
            mend="keep the right one",
            file=self.name,
            line=int(self.lines[conflicts.index[0]]),
            field=",".join(key),
        )

    def _column(self, name: str) -> pd.Series:
        if name in self.cells:
            return self.cells[name]
        return pd.Series(None, index=self.cells.index, dtype="str", name=name)

    def _refuse(self, wrong: pd.Series, raw: pd.Series, column: str, what: str, mend: str = "") -> None:
        """InputError for the first row where ``wrong`` holds."""
        if not wrong.any():
            return
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        cell = raw.iloc[row]
        shown = "" if pd.isna(cell) else f"“{str(cell)[:40]}” is "
        raise InputError(f"{shown}{what}", mend=mend, file=self.name, line=int(self.lines[row]), field=column)


def _take(values: pd.Series, codes: np.ndarray, index: pd.Index) -> pd.Series:
    """The value of each code, null for code -1."""
    return values.reindex(codes).set_axis(index)


def _plain(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
