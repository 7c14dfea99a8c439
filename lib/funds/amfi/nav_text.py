"""The NAV texts of AMFI: semicolons, headings of sections between rows, columns by the names in the header.

Three forms are read: the daily list as it was, the daily list since 19 August 2026 with ``Plan`` and
``Option`` before the NAV, and the history of a date range. Rows whose NAV or date cannot be read are skipped
and counted by reason; an answer of which more than 2 % is skipped is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.funds.identity import headings

MOST_SKIPPED = 0.02
ABSENT = ("", "-", "--", "n.a.", "n.a", "na", "n/a", "#n/a", "nan", "null", "#div/0!", "b.c.", "nil")
NO_ISIN = ("", "-", "--", "n.a.", "na", "n/a", "#n/a", "notapp", "not applicable", "xxxxxxxxxxxx")
ISIN = r"[A-Z]{2}[A-Z0-9]{9}[0-9]"
NEEDED = ("code", "name", "nav", "date")
COLUMNS = ("code", "name", "isin", "isin_reinvest", "plan", "option", "nav", "date")
DAY = r"\d{1,2}-[a-z]{3}-\d{4}"


class BadAnswer(Exception):
    """An answer that is not what was asked for; the text says what it is."""


@dataclass(frozen=True)
class NavText:
    """Rows that could be read (``COLUMNS``, ``house category structure``), how many there were, and why not.

    ``reasons`` counts the skipped rows by reason, ``first`` shows the first of them.
    """

    rows: pd.DataFrame
    total: int
    reasons: dict[str, int]
    first: str

    @property
    def skipped(self) -> int:
        """Rows that could not be read."""
        return self.total - len(self.rows)

    @property
    def told(self) -> str:
        """Why rows were skipped, in words; empty where none was."""
        if not self.skipped:
            return ""
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in self.reasons.items())
        return f"{self.skipped:,} of {self.total:,} rows skipped ({reasons}); the first: {self.first}"


def read(content: bytes, *, today: pd.Timestamp | None = None, may_be_empty: bool = False) -> NavText:
    """The rows of a NAV text. Raises BadAnswer for what is none, and where over 2 % of rows are skipped."""
    text = decoded(content)
    lines = pd.Series(text.splitlines(), dtype="str").str.strip()
    header = lines.str.contains("scheme code", case=False) & lines.str.contains(";", regex=False)
    if not header.any():
        if may_be_empty and len(text) < 2000 and re.search(r"no (?:record|data)", text, re.IGNORECASE):
            return NavText(_none(), 0, {}, "")
        raise BadAnswer(f"no header with the column Scheme Code; it begins with {text.strip()[:60]!r}")
    frame = _sections(lines, header)
    forms = [_mapped(part, lines[place]) for place, part in frame.groupby("header", sort=True)]
    cells = pd.concat(forms, ignore_index=True) if forms else _none()
    if cells.empty and not may_be_empty:
        raise BadAnswer("a header and no rows")
    return _checked(cells, today)


def decoded(content: bytes) -> str:
    """The text of an answer. Raises BadAnswer for an empty one and for a page of HTML."""
    if not content.strip():
        raise BadAnswer("an empty answer")
    text = content.decode("utf-8-sig", errors="replace")
    if re.match(r"\s*<(?:!doctype|html|head|body|\?xml)", text, re.IGNORECASE):
        title = re.search(r"<title>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        raise BadAnswer(f"a page of HTML ({title[1].strip()[:60] if title else 'without a title'})")
    return text


def days(texts: pd.Series) -> pd.Series:
    """Days written as 28-Nov-2026, in any letters; null for what is none."""
    codes, distinct = pd.factorize(texts.str.strip().str.lower())
    distinct = pd.Series(distinct, dtype="str")
    parsed = pd.to_datetime(distinct.where(distinct.str.fullmatch(DAY)), format="%d-%b-%Y", errors="coerce")
    return parsed.reindex(codes).set_axis(texts.index).astype("datetime64[us]")


def numbers(texts: pd.Series) -> pd.Series:
    """Numbers with or without thousands commas; null for what is none."""
    plain = texts.str.strip().str.replace(",", "", regex=False)
    return pd.to_numeric(plain, errors="coerce").astype("float64").replace([np.inf, -np.inf], np.nan)


def isins(texts: pd.Series) -> pd.Series:
    """ISINs in upper case; null for what is none."""
    upper = texts.str.strip().str.upper()
    return upper.where(upper.str.fullmatch(ISIN)).astype("str")


def _sections(lines: pd.Series, header: pd.Series) -> pd.DataFrame:
    """Every line of data with its number, the place of its header, and the headings that it stands under."""
    filled, plain = lines.ne(""), ~lines.str.contains(";", regex=False)
    parts = headings(lines.where(filled & plain))
    section = parts["structure"].notna()
    house = lines.where(filled & plain & ~section)
    place = pd.Series(np.where(header, lines.index, np.nan), index=lines.index).ffill()
    frame = pd.DataFrame(
        {
            "text": lines,
            "line": lines.index + 1,
            "header": place,
            "house": house.ffill(),
            "structure": parts["structure"].ffill(),
            "category": parts["category"].where(section).ffill(),
        }
    )
    data = filled & ~plain & ~header & place.notna()
    return frame[data]


def _mapped(part: pd.DataFrame, header: str) -> pd.DataFrame:
    """The fields of the lines under one header by our names; ``fields`` says whether there were as many."""
    names = [_column(one) for one in header.split(";")]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise BadAnswer(f"the header has no column for {', '.join(missing)}: {header[:120]}")
    fields = part["text"].str.split(";", expand=True).reindex(columns=range(len(names)))
    found = part.drop(columns=["header"]).assign(
        fields=part["text"].str.count(";").eq(len(names) - 1).to_numpy()
    )
    for name in COLUMNS:
        column = (
            fields[names.index(name)] if name in names else pd.Series(None, index=part.index, dtype="str")
        )
        found[name] = column.astype("str").str.strip()
    return found


def _column(name: str) -> str:
    """Our name for a column of AMFI, empty for one that is not read."""
    word = re.sub(r"[^a-z]", "", name.lower())
    if "isin" in word:
        return "isin" if "growth" in word or "payout" in word else "isin_reinvest"
    known = {"schemecode": "code", "schemename": "name", "netassetvalue": "nav", "nav": "nav", "date": "date"}
    return known.get(word, word if word in ("plan", "option") else "")


def _checked(cells: pd.DataFrame, today: pd.Timestamp | None) -> NavText:
    value, day = numbers(cells["nav"]), days(cells["date"])
    ahead = day > today if today is not None else pd.Series(False, index=cells.index)
    reasons = {
        "not of as many fields as the header": ~cells["fields"].astype(bool),
        "without a numeric scheme code": ~cells["code"].fillna("").str.fullmatch(r"\d{1,9}"),
        "without a NAV": cells["nav"].fillna("").str.lower().isin(ABSENT),
        "with a NAV that is no number": value.isna(),
        "with a date that is none": day.isna(),
        "with a date still to come": ahead,
    }
    why = pd.Series(np.select(list(reasons.values()), list(reasons), ""), index=cells.index, dtype="str")
    bad = why.ne("")
    counts = {str(reason): int(count) for reason, count in why[bad].value_counts().items()}
    first = f"line {cells['line'][bad].iloc[0]}: {cells['text'][bad].iloc[0][:100]}" if bad.any() else ""
    read = cells[~bad].assign(nav=value[~bad], date=day[~bad])
    read = read.assign(isin=isins(read["isin"]), isin_reinvest=isins(read["isin_reinvest"]))
    found = NavText(read[_none().columns].reset_index(drop=True), len(cells), counts, first)
    if found.skipped > MOST_SKIPPED * len(cells):
        raise BadAnswer(f"{found.told}; at most {MOST_SKIPPED:.0%} may be")
    return found


def _none() -> pd.DataFrame:
    texts = [name for name in (*COLUMNS, "house", "category", "structure") if name not in ("nav", "date")]
    frame = pd.DataFrame({name: pd.Series([], dtype="str") for name in texts})
    return frame.assign(nav=pd.Series([], dtype="float64"), date=pd.Series([], dtype="datetime64[us]"))
