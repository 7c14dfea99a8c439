"""Table ``portfolio_report`` with its figures at hand, and the words that the page uses for codes."""

from __future__ import annotations

import re

import pandas as pd

from lib import wording

REASONS = {
    "short_history": "history too short",
    "no_returns": "nothing to measure",
    "no_benchmark": "no benchmark",
    "benchmark_missing": "benchmark has no prices",
    "short_benchmark": "benchmark incomplete",
    "zero_variance": "no variation",
}


class Report:
    """Table ``portfolio_report`` with its figures at hand."""

    def __init__(self, frame: pd.DataFrame, currency: str):
        self.frame, self.currency = frame, currency
        self._figures = frame.set_index(["section", "item", "measure"])

    def value(self, section: str, item: str, measure: str) -> float:
        """One figure; NaN when it is missing or is not in the table."""
        key = (section, item, measure)
        return float(self._figures.loc[key, "value"]) if key in self._figures.index else float("nan")

    def note(self, section: str, item: str, measure: str) -> str:
        """The remark or reason beside a figure, empty when there is none."""
        key = (section, item, measure)
        return str(self._figures.loc[key, "note"]) if key in self._figures.index else ""

    def section(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """A section with a row an item and a column a measure, in the order of the table; and ``note``.

        The note is that of an item's first measure. ``columns`` chooses among them; those that the section
        lacks are empty.
        """
        rows = self.frame[self.frame["section"] == name]
        wide = {
            measure: part.set_index("item")["value"] for measure, part in rows.groupby("measure", sort=False)
        }
        notes = rows.drop_duplicates("item").set_index("item")["note"]
        table = pd.DataFrame({**wide, "note": notes}).reindex(notes.index).rename_axis("item").reset_index()
        return table if columns is None else table.reindex(columns=columns)

    def text(self, section: str, item: str, measure: str) -> str:
        """One figure for people, by its unit; n/a with its reason when it is missing."""
        rows = self.frame
        unit = rows.loc[(rows["section"] == section) & (rows["measure"] == measure), "unit"]
        reason = first_reason(self.note(section, item, measure))
        value = self.value(section, item, measure)
        return wording.figure(value, unit.iloc[0] if len(unit) else "", self.currency, reason=reason)

    def money(self, value: float) -> str:
        """An amount with the portfolio's currency in front."""
        return wording.money(value, self.currency)

    @property
    def shares_of_nav(self) -> bool:
        """Whether shares are of net asset value; of gross exposure otherwise."""
        return self.value("value", "book", "nav") > 0

    @property
    def base_words(self) -> str:
        """What shares are shares of."""
        return "net asset value" if self.shares_of_nav else "gross exposure"


def first_reason(note: str) -> str:
    """The first flag of a note in words, or the note itself where it is a sentence."""
    first = note.split(",")[0]
    return REASONS.get(first, first)


def in_words(codes: str) -> str:
    """Codes for people: ``window_not_covered (2)`` reads "window not covered (2)"; sentences are kept."""
    return re.sub(r"\b[A-Za-z]+(_[A-Za-z0-9]+)+\b", lambda code: code[0].replace("_", " ").lower(), codes)


def said(item: str, note: str) -> str:
    """A holding in a sentence: its symbol, or what an option is: "the put on AAPL at 120 to 16 Jun 2023"."""
    return f"the {note[:1].lower()}{note[1:]}" if note.startswith(("Call on", "Put on")) else item


def made_or_lost(profit: float, currency: str) -> str:
    """Profit in words: "made USD 20.00", "lost USD 3,000"."""
    return f"{'made' if profit >= 0 else 'lost'} {wording.money(abs(profit), currency)}"


def side(value: float, currency: str, words: str) -> str:
    """One side of the book: "short USD 1,000", or "nothing short" where there is none."""
    if wording.is_missing(value):
        return f"{words}: {wording.not_available()}"
    return f"{words} {wording.money(abs(value), currency)}" if value else f"nothing {words}"
