"""Every position for a spreadsheet: one row each, exited ones included, with Greeks of the whole position."""

from __future__ import annotations

import pandas as pd

from lib.review.sources import Tables

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
