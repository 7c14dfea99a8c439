"""Every position for a spreadsheet: one row each, exited ones included, with Greeks of the whole position."""

from __future__ import annotations

import pandas as pd

from lib.review.sources import Tables
from lib.tables.columns import count, date, fraction, money, number, price, text

STRATEGY = "#strategy:"
OF_OPTIONS = (
    "position_delta",
    "position_gamma",
    "position_theta",
    "position_vega",
    "position_rho",
    "gamma_dollars",
    "implied_vol",
)

COLUMNS = (
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
)
"""The columns of the sheet, labelled as its CSV heads them."""


def sheet(tables: Tables, as_of: str) -> pd.DataFrame:
    """Table ``positions`` with Greeks, days to expiry, plain tags, strategy tags and industry.

    ``position_delta`` and ``position_gamma`` are in shares, the latter for one unit of price; theta, vega and
    rho in money. A held position that is no option has its quantity as delta and its exposure as dollar
    delta; its other Greeks are missing, as are those of holdings valued by hand.
    """
    positions = tables.positions
    ids = positions["position_id"]
    greeks = tables.greeks.set_index("position_id")
    of_options = {name: ids.map(greeks[name]).astype("float64") for name in OF_OPTIONS}
    linear = ~positions["kind"].isin(["option", "manual"]) & (positions["quantity"] != 0)
    units = positions["quantity"] * positions["multiplier"]
    plain, strategies = split_tags(positions["tags"])
    industry = tables.instruments.drop_duplicates("symbol").set_index("symbol")["industry"]
    made = {
        "position_delta": of_options["position_delta"].where(~linear, units),
        "delta_dollars": ids.map(tables.delta_exposures).astype("float64"),
        "tags": plain,
        "strategies": strategies,
        "days_to_expiry": (positions["expiry"] - pd.Timestamp(as_of)).dt.days.astype("Int64"),
        "industry": positions["underlying"].map(industry),
    }
    return positions.assign(**(of_options | made))


def split_tags(tags: pd.Series) -> tuple[list[str], list[str]]:
    """Each row's tags, and its strategy tags without their prefix, comma separated."""
    parts = [[tag for tag in str(text).split(",") if tag] for text in tags.fillna("")]
    plain = [",".join(tag for tag in one if not tag.startswith(STRATEGY)) for one in parts]
    named = [",".join(tag.removeprefix(STRATEGY) for tag in one if tag.startswith(STRATEGY)) for one in parts]
    return plain, named
