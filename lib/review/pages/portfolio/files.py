"""The sheet of every position, and what the exported files are for."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib import wording
from lib.review import positions
from lib.review.pages.portfolio.review import Review
from lib.review.section import Section
from lib.tables.columns import count, date, fraction, money, number, price, text


def sheet(review: Review) -> pd.DataFrame:
    """One row a position, exited ones included."""
    return positions.sheet(review.tables, review.as_of)


def sheet_sentence(review: Review) -> str:
    """How many positions are held, and how many have been left."""
    every, held = len(review.tables.positions), len(review.tables.held)
    return f"{wording.plural(held, 'position')} held, {wording.count(every - held)} no longer."


def purposes(names: Mapping[str, str]) -> dict[str, str]:
    """What each of the three files is for, by name; ``names`` by kind: report, data and positions."""
    return {
        names["report"]: "this page as text, for mail and notes",
        names["data"]: "every figure and table, for programs",
        names["positions"]: "one row a position, for a spreadsheet",
    }


SECTIONS = (
    Section(
        "files",
        "positions",
        "Every position",
        sheet_sentence,
        "positions",
        sheet,
        (
            text("symbol", label="Symbol"),
            text("position_type", label="Position_Type"),
            number("quantity", label="Quantity"),
            price("entry_price", label="Entry_Price"),
            price("price", label="Current_Price"),
            money("market_value", label="Market_Value"),
            money("cost_basis", label="Cost_Basis"),
            money("unrealized_pnl", label="Unrealized_PnL"),
            money("realized_pnl", label="Realized_PnL"),
            number("position_delta", label="Delta"),
            number("position_gamma", label="Gamma"),
            money("position_theta", label="Theta"),
            money("position_vega", label="Vega"),
            money("position_rho", label="Rho"),
            money("delta_dollars", label="Delta_Dollars"),
            money("gamma_dollars", label="Gamma_Dollars"),
            text("tags", label="Tags"),
            text("strategies", label="Strategy_Tags"),
            text("underlying", label="Underlying_Symbol"),
            price("strike", label="Strike_Price"),
            date("expiry", label="Expiry_Date"),
            count("days_to_expiry", label="Days_To_Expiry"),
            fraction("implied_vol", label="Implied_Volatility"),
            date("entry_date", label="Entry_Date"),
            text("sector", label="Sector"),
            text("industry", label="Industry"),
        ),
    ),
)
