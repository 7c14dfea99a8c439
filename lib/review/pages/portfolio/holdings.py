"""What is held: kinds of holdings, the largest of them, sectors, and the sheet of every position."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review import positions
from lib.review.pages.portfolio.review import HOLDING, Review
from lib.review.section import Section
from lib.tables.columns import fraction, money, text

NO_SECTOR = "no sector"
OPTIONS = "Options"


def split_sentence(review: Review) -> str:
    """How much of the value is in options."""
    table = review.figures("split").set_index("item")
    if OPTIONS not in table.index:
        return "No options are held."
    return f"Options are {wording.percent(table.loc[OPTIONS, 'share'])} of {review.base_words} by value."


def holdings_sentence(review: Review) -> str:
    """How much the largest holdings weigh."""
    table = review.figures("holding")
    if table.empty:
        return "Nothing with a price is held."
    largest = table.iloc[0]
    part = table["exposure"].abs().sum() / review.value("value", "book", "gross")
    return (
        f"{largest['item']} is the largest with {wording.percent(largest['share'])} of {review.base_words}; "
        f"the {wording.count(len(table))} shown make up {wording.percent(part)} of gross exposure."
    )


def sectors(review: Review) -> pd.DataFrame:
    """Sectors and their shares; what has no sector is named as what it mostly is."""
    table = review.figures("sector", ["item", "net", "share"])
    return table.assign(item=table["item"].replace({NO_SECTOR: "Funds and others"}))


def sectors_sentence(review: Review) -> str:
    """Where the book leans most."""
    table = review.figures("sector")
    known = table[table["item"] != NO_SECTOR]
    if known.empty:
        return "No sector is known."
    top = known.loc[known["share"].abs().fillna(0).idxmax()]
    leaning = "long" if top["net"] >= 0 else "short"
    without = table.loc[table["item"] == NO_SECTOR, "share"]
    funds = f" {wording.percent(without.iloc[0])} is in funds and others without one." if len(without) else ""
    part = wording.percent(abs(top["share"]))
    return f"The book leans most on {top['item']}: net {leaning} {part} of {review.base_words}.{funds}"


def sheet_sentence(review: Review) -> str:
    """How many positions are held, and how many have been left."""
    every, held = len(review.tables.positions), len(review.tables.held)
    return f"{wording.plural(held, 'position')} held, {wording.count(every - held)} no longer."


HELD = (
    Section("split", "Stocks, options and the rest", split_sentence, "portfolio_report",
        (text("item", label="Kind"), money("exposure", label="Net value, {currency}"),
         money("gross", label="Gross, {currency}", absent="no exposure"),
         fraction("share", label="Of {base}", absent="no base"))),
    Section("holding", "The largest holdings", holdings_sentence, "portfolio_report",
        (*HOLDING, money("exposure", label="Value, {currency}"), fraction("share", label="Of {base}"),
         money("unrealized_pnl", label="Profit since entry")), bars=("share",)),
    Section("sector", "Where it is invested, long or short", sectors_sentence, "exposure_groups",
        (text("item", label="Sector"), money("net", label="Net, {currency}"),
         fraction("share", label="Of {base}")), sectors, chart=True),
)  # fmt: skip
SHEET = (
    Section("positions", "Every position", sheet_sentence, "positions", positions.COLUMNS,
        lambda review: positions.sheet(review.tables, review.as_of)),
)  # fmt: skip
