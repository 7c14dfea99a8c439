"""One exhibit of a page of review, declared once: the page, Markdown, JSON and CSV are all made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pandas as pd

from lib.contracts import Column


class Figures(Protocol):
    """What sections are made from: figures by section of ``portfolio_report``, and words for labels."""

    @property
    def words(self) -> Mapping[str, str]:
        """What stands for ``{currency}``, ``{base}`` and ``{name}`` in titles and labels."""

    def figures(self, section: str, columns: list[str] | None = None) -> pd.DataFrame:
        """A section of the table with a row an item and a column a measure."""


@dataclass(frozen=True)
class Section:
    """One table or chart: its name, title, the sentence that reads it, source, columns and rows.

    ``rows`` makes the frame; without it the rows are the figures of the section ``name`` of
    ``portfolio_report``. ``columns`` are shown, ``bars`` are those to be compared by eye, ``first`` rows
    stand without a click. A ``chart`` is drawn by the page from its rows and elsewhere told by its sentence;
    ``alt`` is what it says to the ear where that differs. Title and labels may hold ``{currency}``,
    ``{base}`` and ``{name}``.
    """

    name: str
    title: str
    reading: Callable[[Any], str]
    source: str
    columns: tuple[Column, ...] = ()
    rows: Callable[[Any], pd.DataFrame] | None = None
    bars: tuple[str, ...] = ()
    first: int = 10
    chart: bool = False
    alt: Callable[[Any], str] | None = None

    def frame(self, figures: Figures) -> pd.DataFrame:
        """Its rows, with the shown columns and what they need beside them."""
        if self.rows:
            return self.rows(figures)
        return figures.figures(self.name, list(dict.fromkeys([*(one.name for one in self.columns), "note"])))

    def told(self, figures: Figures) -> dict[str, Any]:
        """Title, sentence and source: what ``Stage.show_figure`` takes besides the figure."""
        title = self.title.format(**figures.words)
        told = {"title": title, "reading": self.reading(figures), "source": self.source}
        return told | {"alt": self.alt(figures)} if self.alt else told

    def table(self, figures: Figures) -> dict[str, Any]:
        """What ``Stage.show_table`` and the writers of exports take, labels filled in."""
        words = figures.words
        columns = [replace(one, label=one.label.format(**words)) for one in self.columns]
        looks = {"columns": columns, "bars": self.bars, "first": self.first}
        return {**self.told(figures), "frame": self.frame(figures), **looks}
