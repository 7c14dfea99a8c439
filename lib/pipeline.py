"""The architecture: every stage once, in reading order, with the tables it reads and writes.

A stage needs whichever stage writes what it reads; no other file declares an edge. ``raw_*`` tables come
from the ``prepare`` hook. A state is a table that a stage continues from day to day: it reads the newest
one dated before the as-of date, and writes the whole history. ``front`` says what stands on the front page.
"""

from __future__ import annotations

from lib.contracts import Stage
from lib.stages import Pipeline

PIPELINE = Pipeline(
    Stage(
        "market/prices",
        "Which prices can be trusted, and which were set aside?",
        reads=("raw_prices", "raw_yields", "raw_implied_vols", "raw_instruments", "raw_sync_log"),
        writes=("prices", "yields", "implied_vols", "instruments", "data_issues", "repairs"),
        prepare="lib.market.providers:prepare",
        latest="lib.market.calendar:latest",
        resources=("lib/market/sample/data",),
        front="data",
    ),
    Stage(
        "market/quality",
        "How good are the data, and since when?",
        reads=("raw_prices", "raw_sync_log", "raw_sync_events", "prices", "data_issues", "repairs"),
        writes=("data_quality", "gaps"),
        front="data",
    ),
    Stage(
        "market/factors",
        "What stands for each factor, and can the factors be told apart?",
        reads=("prices",),
        writes=("factor_returns", "factor_correlations", "factor_diagnostics"),
        validate="lib.market.factors:validate",
        front="data",
    ),
    Stage(
        "portfolio/positions",
        "What does the portfolio hold, and what is it worth?",
        reads=("prices", "instruments"),
        writes=("positions", "row_issues"),
        per="portfolio",
        validate="lib.portfolio.files:validate",
    ),
    Stage(
        "portfolio/greeks",
        "How do the options move with price, time, volatility and rates?",
        reads=("positions", "prices", "yields", "implied_vols", "instruments"),
        writes=("greeks", "portfolio_greeks"),
        per="portfolio",
    ),
    Stage(
        "portfolio/exposures",
        "How much is long, how much is short, and where is it concentrated?",
        reads=("positions", "greeks"),
        writes=("exposures", "exposure_groups"),
        per="portfolio",
    ),
    Stage(
        "risk/betas",
        "Which factors move the book, and by how much?",
        reads=("positions", "greeks", "exposures", "prices", "factor_returns"),
        writes=("position_betas", "portfolio_betas", "factor_attribution"),
        per="portfolio",
    ),
    Stage(
        "risk/scenarios",
        "What would a move of the market or of rates do?",
        reads=("positions", "greeks", "exposures", "position_betas", "prices", "yields", "factor_returns"),
        writes=("rate_betas", "scenario_pnl"),
        per="portfolio",
    ),
    Stage(
        "risk/stress",
        "What could the book lose in a crisis?",
        reads=(
            "positions",
            "greeks",
            "exposures",
            "position_betas",
            "rate_betas",
            "factor_returns",
            "yields",
        ),
        writes=("stress_pnl", "stress_positions", "stress_factors"),
        per="portfolio",
        validate="lib.risk.scenario_files:validate",
    ),
    Stage(
        "risk/correlations",
        "Which holdings move together, and how many independent bets are there?",
        reads=("positions", "greeks", "prices"),
        writes=("position_correlations", "clusters", "concentration"),
        per="portfolio",
    ),
    Stage(
        "risk/metrics",
        "What would today's book have lost in past markets?",
        reads=("positions", "greeks", "exposures", "prices", "position_betas", "factor_returns"),
        writes=("portfolio_returns", "risk_metrics", "var_components", "drawdowns"),
        per="portfolio",
    ),
    Stage(
        "portfolio/snapshot",
        "How did the portfolio change since the last snapshot?",
        reads=("positions", "exposures", "portfolio_greeks", "prices"),
        writes=("snapshots", "snapshot_positions"),
        per="portfolio",
        states=("snapshots", "snapshot_positions"),
    ),
    Stage(
        "portfolio/what_if",
        "What would the trades that are thought of change?",
        reads=("positions", "greeks", "prices", "yields", "implied_vols", "instruments", "factor_returns"),
        writes=("what_if", "what_if_trades"),
        per="portfolio",
        validate="lib.portfolio.trades:validate",
    ),
    Stage(
        "review/portfolio",
        "What should the owner of the portfolio know today?",
        reads=(
            "positions",
            "row_issues",
            "greeks",
            "portfolio_greeks",
            "exposures",
            "exposure_groups",
            "portfolio_betas",
            "position_betas",
            "scenario_pnl",
            "stress_pnl",
            "stress_positions",
            "position_correlations",
            "clusters",
            "concentration",
            "risk_metrics",
            "portfolio_returns",
            "var_components",
            "drawdowns",
            "snapshots",
            "snapshot_positions",
            "what_if",
            "what_if_trades",
            "instruments",
            "data_issues",
        ),
        writes=("portfolio_report",),
        per="portfolio",
        front="subject",
    ),
)
