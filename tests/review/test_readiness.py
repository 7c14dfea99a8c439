"""What each position's figures need, and whether it is there."""

import numpy as np
import pandas as pd
from review_worlds import full, holding, option, rows, tables

from lib.contracts import conform
from lib.review.pages import portfolio as page
from lib.review.readiness import readiness
from lib.review.report import make_report
from lib.tables import TABLES

GREEKS = {"underlying_price": 130.0, "implied_vol": 0.3, "implied_vol_source": "price", "rate": 0.04}
BETA = {
    "method": "orthogonal",
    "factor": "market",
    "beta": 1.0,
    "observations": 252,
    "quality": "full_history",
}


def ready(book, *, greeks=(), betas=()):
    own = {"greeks": rows("greeks", list(greeks)), "position_betas": rows("position_betas", list(betas))}
    made = tables(book, **full() | own)
    return made, conform(readiness(made), TABLES["readiness"]).set_index(["symbol", "requirement"])


def test_a_stock_needs_a_price_history_and_betas_and_an_option_the_inputs_of_its_model_too():
    every = [{**BETA, "position_id": one, "symbol": "AAA"} for one in ("AAA", "PUT")]
    greek = {"position_id": "PUT", "dividend_yield": 0.01, "flags": ""}
    _, found = ready([holding("AAA", 100.0), option("PUT", -5.0)], greeks=[GREEKS | greek], betas=every)
    assert found["met"].all()
    assert found.loc["AAA"].index.tolist() == ["price", "history", "betas"]
    assert found.loc["PUT"].index.tolist() == [
        "price", "history", "betas", "underlying_price", "volatility", "rate", "dividend",
    ]  # fmt: skip
    assert found.loc[("AAA", "price"), "detail"] == "of 2022-12-28"
    assert found.loc[("PUT", "volatility"), "detail"] == "from its own price"
    assert found.loc[("PUT", "rate"), "detail"] == "4.00%"
    assert found.loc[("PUT", "history"), "detail"] == "252 days: full history"


def test_what_is_lacking_is_named_and_stands_first_on_the_page():
    few = BETA | {"position_id": "NEW", "symbol": "NEW", "beta": np.nan, "observations": 12}
    greek = {"position_id": "PUT", "dividend_yield": 0.0, "flags": "NO_DIVIDEND_YIELD"}
    book = [
        holding("NEW", 100.0),
        holding("GONE", np.nan),
        holding("OLD", 50.0, flags="STALE", price_date=pd.Timestamp("2022-12-01")),
        option("PUT", -5.0),
        holding("HOUSE", 500.0, kind="manual"),
    ]
    made, found = ready(book, greeks=[GREEKS | greek], betas=[few | {"quality": "insufficient"}])
    assert found.loc["HOUSE"].index.tolist() == ["price"]
    assert not found.loc[("NEW", "betas"), "met"]
    assert found.loc[("NEW", "history"), "detail"] == "12 days: too few returns"
    assert found.loc[("GONE", "price")].tolist()[1:] == [False, "no price"]
    assert not found.loc[("OLD", "price"), "met"]
    assert found.loc[("OLD", "price"), "detail"].startswith("of 2022-12-01: ")
    assert found.loc[("PUT", "dividend")].tolist()[1:] == [False, "no dividend yield known, taken as 0"]
    assert found.loc[("PUT", "volatility"), "met"]
    report = conform(make_report(made), TABLES["portfolio_report"])
    review = page.Review(made, report, name="A", as_of="2022-12-28", currency="USD")
    shown = page.section(review, "readiness")
    assert shown["frame"]["met"].tolist() == sorted(shown["frame"]["met"], key=["lacking", "there"].index)
    assert shown["reading"] == (
        "4 of 5 positions lack something: a price of the day (2), returns beside the factors' (4), betas (4) "
        "and dividend yield (1)."
    )
