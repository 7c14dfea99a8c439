"""What the page is made from, with its figures at hand, and turns of phrase that its parts share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lib import book, codes, wording
from lib.review.readiness import readiness
from lib.review.sources import Tables
from lib.tables.columns import text

HOLDING = (text("item", label="Holding"), text("note", label="What it is"))
MARKET = "market"
NOT_NAMED = "Not available: "
LEFT_OUT = "_left_out"
NOTHING = (float("nan"), "", "")
EMPTY = pd.DataFrame({"item": pd.Series(dtype="str"), "note": pd.Series(dtype="str")})


@dataclass(frozen=True)
class Review:
    """Table ``portfolio_report`` with its figures at hand, the tables behind it, and what it is about."""

    tables: Tables
    report: pd.DataFrame
    name: str
    as_of: str
    currency: str

    def figures(self, section: str, columns: list[str] | None = None) -> pd.DataFrame:
        """A section with a row an item and a column a measure, in the order of the table; and ``note``.

        The note is that of an item's first measure. ``columns`` chooses among them; those that the section
        lacks are empty.
        """
        table = self._sections.get(section, EMPTY)
        return table.copy() if columns is None else table.reindex(columns=columns)

    def value(self, section: str, item: str, measure: str) -> float:
        """One figure; NaN when it is missing or is not in the table."""
        return float(self._cells.get((section, item, measure), NOTHING)[0])

    def note(self, section: str, item: str, measure: str) -> str:
        """The remark or reason beside a figure, empty when there is none."""
        return str(self._cells.get((section, item, measure), NOTHING)[2])

    def flagged(self, section: str, item: str, measure: str, code: str) -> bool:
        """Whether the note of a figure holds a code."""
        return bool(codes.has(pd.Series([self.note(section, item, measure)]), code).any())

    def reason(self, section: str, item: str, measure: str) -> str:
        """Why a figure is missing: the first code of its note in words, or the note if it is a sentence."""
        return codes.words(self.note(section, item, measure).split(",")[0])

    def text(self, section: str, item: str, measure: str) -> str:
        """One figure for people, by its unit; n/a with its reason when it is missing."""
        value, unit, _note = self._cells.get((section, item, measure), NOTHING)
        return wording.figure(value, unit, self.currency, reason=self.reason(section, item, measure))

    def money(self, value: float) -> str:
        """An amount with the portfolio's currency in front."""
        return wording.money(value, self.currency)

    @cached_property
    def readiness(self) -> pd.DataFrame:
        """Table ``readiness`` of the book."""
        return readiness(self.tables)

    @property
    def shares_of_nav(self) -> bool:
        """Whether shares are of net asset value; of gross exposure otherwise."""
        return self.value("value", "book", "nav") > 0

    @property
    def base_words(self) -> str:
        """What shares are shares of."""
        return book.BASE_WORDS["nav" if self.shares_of_nav else "gross"]

    @property
    def words(self) -> dict[str, str]:
        """What stands for ``{currency}``, ``{base}`` and ``{name}`` in titles and labels."""
        return {"currency": self.currency, "base": self.base_words, "name": self.name}

    @property
    def left_out_of_risk(self) -> dict[str, str]:
        """Kinds of holdings that the losses in past markets leave out, by code."""
        flags = [flag for flag in self.note("risk", "1y", "var_95").split(",") if flag.endswith(LEFT_OUT)]
        return {flag: codes.words(flag).removesuffix(" left out") for flag in flags}

    @cached_property
    def _sections(self) -> dict[str, pd.DataFrame]:
        """Each section of the table with a row an item and a column a measure, and ``note``."""
        found = {}
        for name, rows in self.report.groupby("section", sort=False):
            measures = {
                measure: part.set_index("item")["value"]
                for measure, part in rows.groupby("measure", sort=False)
            }
            notes = rows.drop_duplicates("item").set_index("item")["note"]
            table = pd.DataFrame({**measures, "note": notes}).reindex(notes.index)
            found[str(name)] = table.rename_axis("item").reset_index()
        return found

    @cached_property
    def _cells(self) -> dict[tuple[str, str, str], tuple[float, str, str]]:
        """Value, unit and note of each figure by section, item and measure."""
        columns = (
            self.report[name].tolist() for name in ("section", "item", "measure", "value", "unit", "note")
        )
        return {tuple(one[:3]): tuple(one[3:]) for one in zip(*columns, strict=True)}


def said(item: str, note: str) -> str:
    """A holding in a sentence: its symbol, or what an option is: "the put on AAPL at 120 to 16 Jun 2023"."""
    return f"the {note[:1].lower()}{note[1:]}" if note.startswith(("Call on", "Put on")) else item


def starting(text: str) -> str:
    """A sentence that starts with a capital."""
    return f"{text[:1].upper()}{text[1:]}"


def made_or_lost(profit: float, currency: str) -> str:
    """Profit in words: "made USD 20.00", "lost USD 3,000"."""
    return f"{'made' if profit >= 0 else 'lost'} {wording.money(abs(profit), currency)}"


def gain_or_lose(profit: float, currency: str) -> str:
    """What would happen: "gain USD 20.00", "lose USD 3,000"."""
    return f"{'gain' if profit >= 0 else 'lose'} {wording.money(abs(profit), currency)}"


def side(value: float, currency: str, words: str) -> str:
    """One side of the book: "short USD 1,000", or "nothing short" where there is none."""
    if wording.is_missing(value):
        return f"{words}: {wording.not_available()}"
    return f"{words} {wording.money(abs(value), currency)}" if value else f"nothing {words}"
