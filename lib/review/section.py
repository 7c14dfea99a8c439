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
    """One table or chart of the page: its part, name, title, columns, rows, and the sentence that reads it.

    ``rows`` makes the frame, or names the section of ``portfolio_report`` whose figures are its rows.
    ``columns`` are shown; ``bars`` are those to be compared by eye, ``first`` rows stand without a click.
    A ``chart`` is drawn by the page from its rows and elsewhere told by its sentence; ``alt`` is what it says
    to the ear where that differs. Title and labels may hold ``{currency}``, ``{base}`` and ``{name}``.
    """

    part: str
    name: str
    title: str
    reading: Callable[[Any], str]
    source: str
    rows: Callable[[Any], pd.DataFrame] | str = ""
    columns: tuple[Column, ...] = ()
    bars: tuple[str, ...] = ()
    first: int = 10
    chart: bool = False
    alt: Callable[[Any], str] | None = None

    def frame(self, figures: Figures) -> pd.DataFrame:
        """Its rows, with the shown columns and what they need beside them."""
        if not isinstance(self.rows, str):
            return self.rows(figures)
        return figures.figures(self.rows, list(dict.fromkeys([*(one.name for one in self.columns), "note"])))

    def declared(self, figures: Figures) -> list[Column]:
        """The shown columns with their labels filled in."""
        return [replace(one, label=one.label.format(**figures.words)) for one in self.columns]

    def told(self, figures: Figures) -> dict[str, Any]:
        """Title, sentence and source: what ``Stage.show_figure`` takes besides the figure."""
        told = {
            "title": self.title.format(**figures.words),
            "reading": self.reading(figures),
            "source": self.source,
        }
        return told | {"alt": self.alt(figures)} if self.alt else told

    def table(self, figures: Figures) -> dict[str, Any]:
        """What ``Stage.show_table`` and the writers of exports take."""
        looks = {"columns": self.declared(figures), "bars": list(self.bars), "first": self.first}
        return {**self.told(figures), "frame": self.frame(figures), **looks}
