"""The toy's stages: a source, a book and its total a portfolio, a history, and one that stands alone."""

from __future__ import annotations

from lib.contracts import Prepare, Stage
from lib.stages import Pipeline

PIPELINE = Pipeline(
    Stage(
        "toy/source",
        "What is there?",
        ("raw_prices",),
        ("prices",),
        prepare=Prepare(
            "lib.toy.hooks:prepare",
            section="data",
            folder="market",
            makes=("raw_prices",),
            providers="lib.toy.providers:PROVIDERS",
            symbols=True,
        ),
        latest="lib.toy.hooks:latest",
        front="data",
    ),
    Stage(
        "toy/book",
        "What is held?",
        ("prices",),
        ("positions",),
        per="portfolio",
        validate="lib.toy.hooks:validate",
    ),
    Stage("toy/total", "How much is it?", ("positions",), ("totals",), per="portfolio", front="subject"),
    Stage("toy/history", "Since when?", ("totals",), ("days",), per="portfolio", states=("days",)),
    Stage("toy/alone", "And the rest?", ("prices",), ("notes",)),
)
