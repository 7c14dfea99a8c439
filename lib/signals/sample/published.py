"""What others measured or saw: factors and portfolios of the French library, bond yields, laws, shocks.

All of it is real. Factors and portfolios are monthly and dated at the calendar month's last day.
"""

from __future__ import annotations

import pandas as pd

from lib.signals.sample.long_form import long
from lib.signals.sample.stocks import DATA, SOURCE

FACTOR_SET, CREDIT = "french-us", "us-credit"
INDUSTRIES, SORTS = "french-industries", "french-sorts"
INDUSTRY_COUNT = 12
SHOCKS = "market-shocks"
CASTLE = "castle"
STATES = (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware",
    "District of Columbia", "Florida", "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa", "Kansas",
    "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan", "Minnesota", "Mississippi",
    "Missouri", "Montana", "Nebraska", "Nevada", "New Hampshire", "New Jersey", "New Mexico", "New York",
    "North Carolina", "North Dakota", "Ohio", "Oklahoma", "Oregon", "Pennsylvania", "Rhode Island",
    "South Carolina", "South Dakota", "Tennessee", "Texas", "Utah", "Vermont", "Virginia", "Washington",
    "West Virginia", "Wisconsin", "Wyoming",
)  # fmt: skip
"""By the number of a state in the file of the castle laws, from 1."""
EVENTS = (
    ("kuwait", "1990-08-02 01:00", "Iraq invades Kuwait"),
    ("russia-default", "1998-08-17 06:00", "Russia devalues and stops paying its debt"),
    ("fed-surprise", "2001-01-03 18:13", "The Federal Reserve cuts by half a point between meetings"),
    ("september-11", "2001-09-11 12:46", "Attacks on New York and Washington; closed until 17 September"),
    ("bear-stearns", "2008-03-16 23:00", "JPMorgan is to buy Bear Stearns for two dollars a share"),
    ("lehman", "2008-09-15 05:45", "Lehman Brothers files for bankruptcy"),
    ("tarp-rejected", "2008-09-29 18:00", "The House votes against the rescue of banks"),
    ("euro-rescue", "2010-05-10 00:30", "Rescue fund of 750 billion euros"),
    ("us-downgrade", "2011-08-06 00:20", "Standard & Poor's takes the AAA from the United States"),
    ("yuan", "2015-08-11 01:15", "China devalues the yuan"),
    ("brexit", "2016-06-24 03:40", "The United Kingdom votes to leave the European Union"),
    ("pandemic", "2020-03-11 16:30", "The World Health Organization calls it a pandemic"),
    ("vaccine", "2020-11-09 11:45", "First vaccine is said to be more than 90 % effective"),
    ("ukraine", "2022-02-24 03:00", "Russia invades Ukraine"),
)
"""Moments in UTC as the press reported them, to about an hour; what counts is the session they fall to."""


def tables(as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Factors, portfolios, events and the castle laws as raw tables."""
    return {
        "raw_factor_sets": _factors().assign(**SOURCE),
        "raw_test_portfolios": _portfolios().assign(**SOURCE),
        "raw_signal_events": _events().assign(**SOURCE),
        "raw_designs": castle(as_of).assign(**SOURCE),
    }


def _factors() -> pd.DataFrame:
    french = pd.read_parquet(DATA / "french_factors.parquet").set_index("date")
    yields = pd.read_parquet(DATA / "bond_yields.parquet").set_index("date")
    spread = (yields["BAA"] - yields["AAA"]).diff().round(6).iloc[1:].to_frame("BAA-AAA")
    parts = [
        long(wide.index, list(wide), "date", "factor", **{"return": wide.to_numpy()}).assign(factor_set=name)
        for name, wide in ((FACTOR_SET, french), (CREDIT, spread))
    ]
    return pd.concat(parts, ignore_index=True).assign(frequency="monthly")


def _portfolios() -> pd.DataFrame:
    wide = pd.read_parquet(DATA / "french_portfolios.parquet").set_index("date")
    table = long(wide.index, list(wide), "date", "portfolio", **{"return": wide.to_numpy()})
    industry = table["portfolio"].isin(list(wide)[:INDUSTRY_COUNT])
    return table.assign(
        portfolio_set=industry.map({True: INDUSTRIES, False: SORTS}), frequency="monthly", excess=False
    )


def _events() -> pd.DataFrame:
    table = pd.DataFrame(EVENTS, columns=["event", "known_at", "detail"])
    known = pd.to_datetime(table["known_at"]).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    return table.assign(event_list=SHOCKS, entity=None, known_at=known)


def castle(as_of: pd.Timestamp) -> pd.DataFrame:
    """Homicides by state and year that were over at ``as_of``; a law of a later year is not seen yet."""
    rows = pd.read_parquet(DATA / "castle.parquet")
    rows = rows[rows["year"] < as_of.year]
    unit = rows["sid"].map(dict(enumerate(STATES, start=1)))
    table = pd.DataFrame(
        {
            "design": CASTLE,
            "unit": unit,
            "cluster": unit,
            "period": rows["year"].astype("float64"),
            "first_treated": rows["effyear"].where(rows["effyear"] <= rows["year"].max()),
            "weight": rows["population"],
        }
    )
    return pd.concat(
        [table.assign(outcome=name, value=rows[name]) for name in ("homicide", "l_homicide")],
        ignore_index=True,
    )
