"""The toy's tables."""

from __future__ import annotations

from lib.contracts import Column, Table

_DATE = Column("date", "date", "day")
_SYMBOL = Column("symbol", "str", "symbol")
_ORIGIN = Column(
    "origin", "str", "where it comes from", values=("real", "constructed", "generated", "manual")
)
_VALUE = Column("value", "float", "money")

KEY_FIGURES = Table(
    "key_figures",
    "What is seen first.",
    (
        Column("subject", "str", "subject", null=True),
        Column("name", "str", "name"),
        Column("value", "float", "figure", null=True),
        Column("unit", "str", "unit"),
        Column("better", "str", "direction"),
        Column("sentence", "str", "read aloud"),
    ),
    ("name",),
    may_be_empty=True,
)

TABLES = {
    table.name: table
    for table in (
        Table(
            "raw_prices", "Prices as they came.", (_DATE, _SYMBOL, Column("close", "float", "price"), _ORIGIN)
        ),
        Table(
            "prices",
            "Prices.",
            (_DATE, _SYMBOL, Column("close", "float", "price"), _ORIGIN),
            may_be_empty=True,
        ),
        Table(
            "positions", "Holdings.", (_SYMBOL, Column("quantity", "float", "shares"), _VALUE), ("symbol",)
        ),
        Table("totals", "Totals.", (Column("measure", "str", "name"), _VALUE), ("measure",)),
        Table("days", "History.", (_DATE, _VALUE), ("date",)),
        Table("notes", "Notes.", (_SYMBOL, _VALUE)),
        KEY_FIGURES,
    )
}
