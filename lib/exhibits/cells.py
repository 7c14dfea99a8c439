"""One column of a table exhibit: how its values read, how they sort, and the small bars beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import pandas as pd

from lib import wording
from lib.contracts import UNITS
from lib.exhibits.frame import escape

FORMATS = tuple(dict.fromkeys(UNITS.values()))
BY_UNIT = {"figure": wording.fine_figure, "difference": wording.difference}
"""Formats in which each row has its own unit, and what writes a value of it."""
LEFT = ' style="text-align:left"'
BAR_WIDTH, BAR_HEIGHT = 72, 10
GRADES = {"▲": "g1", "●": "g2", "◆": "g3", "▼": "g4"}
"""Shapes that may end a text, from the best on: a page colours them, the words stand without."""
BLUE, VERMILION, GREY = "#2b87c2", "#d9661a", "#8a9299"


class Cells:
    """A column's values as HTML cells; numbers share their decimals so that they can be compared.

    ``reason`` says why a value is missing: one text for the column, or a series with one a row. ``units``
    are those of the rows where each has its own.
    """

    def __init__(self, values: pd.Series, kind: str, reason: str | pd.Series = "", units: Sequence[str] = ()):
        self.kind, self.units = kind, units
        self.values = values.tolist()
        self.reasons = reason.tolist() if isinstance(reason, pd.Series) else reason
        self.decimals = _decimals(kind, values)
        self.attributes = LEFT if kind in ("text", "date", "moment") else ' class="n"'

    def html(self, position: int, picture: str = "") -> str:
        """The cell of one row; ``picture`` is HTML that stands before the number."""
        value, text = self.values[position], escape(self.plain(position))
        if wording.is_missing(value):
            return f'<td{self.attributes}><span class="na">{text}</span></td>'
        if self.kind == "text" and text[-1:] in GRADES:
            text = f'{text[:-1]}<span class="grade {GRADES[text[-1]]}">{text[-1]}</span>'
        key = self.key(value)
        order = f' data-v="{key}"' if key else ""
        return f"<td{self.attributes}{order}>{picture}{text}</td>"

    def plain(self, position: int) -> str:
        """The value of one row for people, or n/a with its reason."""
        value = self.values[position]
        if not wording.is_missing(value):
            return BY_UNIT[self.kind](value, self.units[position]) if self.units else self.text(value)
        reason = self.reasons if isinstance(self.reasons, str) else self.reasons[position]
        return wording.not_available("" if wording.is_missing(reason) else str(reason))

    def alone(self, value: Any) -> str:
        """A cell of the totals row; text is taken as it is."""
        text = value if isinstance(value, str) else self.text(value)
        return f"<td{self.attributes}>{escape(text)}</td>"

    def text(self, value: Any) -> str:
        """The value for people; the unit is in the header."""
        if self.kind == "text" or isinstance(value, str | bool):
            return str(value)
        if self.kind == "date":
            return wording.date(value)
        if self.kind == "moment":
            return wording.moment(value)
        if self.kind == "price":
            return wording.price(value)
        if self.kind == "p-value":
            return wording.p_value(value).replace("below ", "<\u00a0")
        scale = {"percent": 100, "fine percent": 100, "bp": 10_000}.get(self.kind, 1)
        return wording.number(float(value) * scale if scale != 1 else value, self.decimals)

    def key_at(self, position: int) -> str | None:
        """What the value of one row is sorted by; None where it is missing."""
        value = self.values[position]
        return None if wording.is_missing(value) else self.key(value)

    def key(self, value: Any) -> str:
        """What a value is sorted by, a number as text; empty for words, which are sorted as they read."""
        if self.kind == "text" or isinstance(value, str | bool):
            return ""
        if self.kind in ("date", "moment"):
            return f"{value:%Y%m%d}" if self.kind == "date" else f"{value:%Y%m%d%H%M%S}"
        return f"{float(value):.10g}"


def bar(values: pd.Series) -> Callable[[int], str]:
    """A function of the row's position that draws its value as a bar, all on one scale.

    Where the column has both signs the zero line is in the middle and negative bars are vermilion.
    """
    numbers = pd.to_numeric(values).astype("float64").tolist()
    known = [value for value in numbers if not wording.is_missing(value)]
    largest = max((abs(value) for value in known), default=0.0)
    both = any(value < 0 for value in known) and any(value > 0 for value in known)
    room = (BAR_WIDTH / 2 if both else BAR_WIDTH) - 1

    def draw(position: int) -> str:
        value = numbers[position]
        if wording.is_missing(value) or not largest:
            return ""
        width = round(abs(value) / largest * room, 1)
        zero = BAR_WIDTH / 2 if both else 0
        left = zero - width if both and value < 0 else zero
        colour = VERMILION if value < 0 else BLUE
        return _picture(left, width, colour, zero if both else None)

    return draw


def _picture(left: float, width: float, colour: str, zero: float | None) -> str:
    line = f"<path d='M{zero:g} 0V{BAR_HEIGHT}' stroke='{GREY}'/>" if zero is not None else ""
    drawing = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{BAR_WIDTH}' height='{BAR_HEIGHT}'>"
        f"<rect x='{left:g}' y='1' width='{width:g}' height='{BAR_HEIGHT - 2}' fill='{colour}'/>{line}</svg>"
    )
    address = "data:image/svg+xml," + quote(drawing, safe=" =:/'")
    return f'<img class="bar" align="left" alt="" width="{BAR_WIDTH}" height="{BAR_HEIGHT}" src="{address}"> '


def _decimals(kind: str, values: pd.Series) -> int:
    if kind in ("percent", "fine percent", "ratio"):
        return 1 if kind == "percent" else 2
    if kind in ("count", "bp", "text", "date", "moment", "price", "p-value"):
        return 0
    numbers = pd.to_numeric(values, errors="coerce").dropna().abs()
    if kind == "money":
        return 0 if len(numbers) and numbers.max() >= wording.WHOLE_MONEY_FROM else 2
    return 0 if not len(numbers) or bool((numbers % 1 == 0).all()) else 2
