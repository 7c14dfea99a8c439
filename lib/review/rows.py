"""Rows of table ``portfolio_report``: one a figure, with its unit and its remark or reason."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

COLUMNS = ["section", "item", "measure", "value", "unit", "note"]
NOT_POSITIVE = "net asset value is not positive"


def row(section: str, item: str, measure: str, value: float, unit: str, note: str | None = "") -> list:
    """One figure; a note that is missing is empty."""
    return [section, item, measure, value, unit, "" if pd.isna(note) else note]


def rows(
    section: str,
    frame: pd.DataFrame,
    units: Mapping[str, str],
    *,
    note: str = "note",
    notes: Mapping[str, str] | None = None,
) -> list[list]:
    """The figures of ``frame``, whose index names the items: for each item a row a measure of ``units``.

    ``note`` names the column with an item's remark, ``notes`` that of single measures; a column that
    ``frame`` lacks gives none.
    """
    source = {measure: (notes or {}).get(measure, note) for measure in units}
    values = {measure: frame[measure].tolist() for measure in units}
    remarks = {name: frame[name].tolist() for name in set(source.values()) if name in frame}
    none = [""] * len(frame)
    return [
        row(section, item, measure, values[measure][place], unit, remarks.get(source[measure], none)[place])
        for place, item in enumerate(frame.index)
        for measure, unit in units.items()
    ]


def share(money: float, base: float) -> float:
    """Part of a positive base; NaN where the base is not positive."""
    return money / base if base > 0 else float("nan")


def largest_first(values: pd.Series, most: int) -> pd.Series:
    """The ``most`` values largest in size, largest first; missing ones are left out."""
    known = values.dropna()
    return known.loc[known.abs().sort_values(ascending=False, kind="stable").index].head(most)
