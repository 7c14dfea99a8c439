"""The architecture: every stage once, in reading order, with the tables it reads and writes.

A stage needs whichever stage writes what it reads; no other file declares an edge. ``raw_*`` tables come
from the ``prepare`` hook. A state is a table that a stage continues from day to day: it reads the newest
one dated before the as-of date, and writes the whole history.
"""

from __future__ import annotations

from lib.contracts import Stage

PIPELINE = (
    Stage(
        "market/prices",
        "Which prices can be trusted, and which were set aside?",
        reads=("raw_prices", "raw_yields", "raw_implied_vols", "raw_instruments", "raw_sync_log"),
        writes=("prices", "yields", "implied_vols", "instruments", "data_issues"),
        prepare="lib.market.providers:prepare",
        resources=("lib/market/sample/data",),
    ),
    Stage(
        "portfolio/positions",
        "What does the portfolio hold, and what is it worth?",
        reads=("prices", "instruments"),
        writes=("positions", "row_issues"),
        per_portfolio=True,
        validate="lib.portfolio.files:validate",
    ),
    Stage(
        "portfolio/exposures",
        "How much is long, how much is short, and where is it concentrated?",
        reads=("positions",),
        writes=("exposures", "exposure_groups"),
        per_portfolio=True,
    ),
    Stage(
        "risk/metrics",
        "What would today's book have lost in past markets?",
        reads=("positions", "exposures", "prices"),
        writes=("portfolio_returns", "risk_metrics", "drawdowns"),
        per_portfolio=True,
    ),
    Stage(
        "portfolio/snapshot",
        "How did the portfolio change since the last snapshot?",
        reads=("positions", "exposures", "prices"),
        writes=("snapshots", "snapshot_positions"),
        per_portfolio=True,
        states=("snapshots", "snapshot_positions"),
    ),
    Stage(
        "review/portfolio",
        "What should the owner of the portfolio know today?",
        reads=(
            "positions",
            "row_issues",
            "exposures",
            "exposure_groups",
            "risk_metrics",
            "portfolio_returns",
            "drawdowns",
            "snapshots",
            "snapshot_positions",
            "data_issues",
        ),
        writes=("portfolio_report",),
        per_portfolio=True,
    ),
)
