"""What the page of ``portfolio/what_if`` shows of several what-ifs: one column each."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib import wording
from lib.contracts import Column
from lib.portfolio.book_comparison import look_up
from lib.portfolio.pages import what_if
from lib.portfolio.pages.measures import HEADLINE, measure_words
from lib.tables.columns import figure, text

TRADES = (text("what_if", label="What-if"), *what_if.TRADES)
BETTER = (
    ("risk", "var_95_1y", "the lowest one-day value at risk (95%, one year)", False),
    ("stress", "worst_case", "the mildest worst scenario", True),
    ("exposures", "estimated_cost", "the lowest estimated cost", False),
)
"""What alternatives are told by: section, measure, words, and whether higher is better."""


def beside(table: pd.DataFrame) -> pd.DataFrame:
    """The measures to be seen first of table ``what_if_alternatives``: today, and a column a what-if.

    Each number is in its row's ``unit``.
    """
    names = table["what_if"].drop_duplicates().tolist()
    of_one = {name: table[table["what_if"] == name] for name in names}
    known = next(iter(of_one.values()))
    units = known.set_index(["section", "measure"])["unit"]
    rows = []
    for section, measure in [one for one in HEADLINE if one in units.index]:
        values = [look_up(own, section, measure)["modified"] for own in of_one.values()]
        rows.append(
            {
                "measure": measure_words(section, measure),
                "unit": units[section, measure],
                "today": look_up(known, section, measure)["base"],
                **{place_of(place): value for place, value in enumerate(values)},
            }
        )
    return pd.DataFrame(rows).astype({"measure": "str", "unit": "str"}) if rows else pd.DataFrame(rows)


def columns_of(names: list[str]) -> list[Column]:
    """The columns of ``beside``, what-ifs under their names."""
    shown = [figure(place_of(place), label=name) for place, name in enumerate(names)]
    return [text("measure", label="Measure"), figure("today", label="Today"), *shown]


def beside_sentence(table: pd.DataFrame) -> str:
    """Which what-if is best by each of a few measures."""
    said = []
    for section, measure, words, higher in BETTER:
        rows = table[(table["section"] == section) & (table["measure"] == measure)].dropna(subset="modified")
        if rows["modified"].nunique() < 2:
            continue
        best = rows.loc[rows["modified"].idxmax() if higher else rows["modified"].idxmin()]
        said.append(f"{best['what_if']} has {words}, {wording.fine_figure(best['modified'], best['unit'])}")
    count = wording.plural(table["what_if"].nunique(), "what-if")
    return f"Of {count}, {wording.joined(said)}." if said else f"{count} differ in none of what is compared."


def trades_sentence(every: pd.DataFrame) -> str:
    """How many trades each what-if asks for."""
    counts = every.groupby("what_if", sort=False).size()
    parts = [f"{name} asks for {wording.plural(int(size), 'trade')}" for name, size in counts.items()]
    return f"{wording.joined(parts)}."


def purposes_of(orders: Mapping[tuple[str, str], pd.DataFrame]) -> dict[str, str]:
    """What each file of ``what_if_orders.orders_by_file`` is for, by its name."""
    return {
        name: f"{wording.plural(len(one), 'order')} as {kind}"
        for names, one in orders.items()
        for name, kind in zip(names, ("CSV", "FIX 4.4"), strict=True)
    }


def place_of(place: int) -> str:
    """The column that holds a what-if."""
    return f"what_if_{place}"
