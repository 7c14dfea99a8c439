"""Replays of past windows: by the names' own prices where there are any, by betas for the others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scenario_worlds import (
    FACTORS,
    SPOT,
    betas_table,
    book_of,
    factor_table,
    option,
    position,
    rates_table,
    yield_table,
)

from lib import stress_order
from lib.contracts import conform
from lib.pricing import black_scholes
from lib.risk.factor_model import factor_frame
from lib.risk.factor_state import factor_state
from lib.risk.pages import stress as page
from lib.risk.scenario_files import Scenario
from lib.risk.stress import stress
from lib.tables import TABLES

WINDOW = ("2020-02-19", "2020-03-23")
BETAS = {"A": [1.2, 0.4, -0.3, 0.2, 0.1, 0.3, -0.2], "B": [0.7, -0.2, 0.5, 0.0, 0.6, 0.1, 0.4]}
RATES = {"A": -3e-4, "B": 2e-4}
NAV = (20_000.0, "nav", 20_000.0)
OUTLIVED = [(0.05, 1, True), (0.2, 1, False), (0.05, 4_000, False)]
TWO = (position("A", "A", 100), position("B", "B", -50))


def closes(symbol="A", first=80.0, last=60.0, origin="real", window=WINDOW):
    """Closes at both ends of a window, and a wild one between them."""
    days = [window[0], "2020-03-02", window[1]]
    return pd.DataFrame(
        {"date": pd.to_datetime(days), "symbol": symbol, "adj_close": [first, 999.0, last], "origin": origin}
    )


def replay(*rows, prices=None, factors=None, betas=BETAS, window=WINDOW, years=None):
    factors = factor_table() if factors is None else factors
    held, book = book_of(*(rows or TWO))
    if years is not None:
        book = replace(book, options=book.options.assign(years_to_expiry=years))
    scenarios = [Scenario("old", "Old", "custom", "mild", {}, window)]
    tables = stress(
        book,
        betas_table(held, betas),
        rates_table(held, RATES),
        factor_state(factors, yield_table()),
        scenarios,
        base=NAV,
        prices=prices,
    )
    for name, table in (("pnl", tables.pnl), ("positions", tables.positions), ("factors", tables.factors)):
        conform(table, TABLES[f"stress_{name}"])
    return tables


def by_position(tables):
    return tables.positions.set_index("position_id")["conditional_pnl"]


def test_a_name_with_prices_moves_by_its_own_return_and_the_others_by_betas():
    by_betas = replay()
    tables = replay(prices=closes())
    assert by_position(tables)["A"] == pytest.approx(-0.25 * 10_000.0, rel=1e-12)
    assert by_position(tables)["B"] == pytest.approx(by_position(by_betas)["B"], rel=1e-12)
    row = tables.pnl.iloc[0]
    assert row["own_share"] == pytest.approx(2.0 / 3.0)
    assert row["by_betas_pnl"] == pytest.approx(by_betas.pnl["conditional_pnl"].iloc[0], rel=1e-12)
    assert row["conditional_pnl"] == pytest.approx(by_position(tables).sum())
    assert by_betas.pnl["own_share"].iloc[0] == 0.0


@pytest.mark.parametrize(
    "prices", [closes(origin="generated"), closes().iloc[:2], closes().iloc[1:], closes("Z")]
)
def test_generated_prices_and_a_missing_end_leave_a_name_to_its_betas(prices):
    tables = replay(prices=prices)
    assert tables.pnl["own_share"].iloc[0] == 0.0
    assert by_position(tables)["A"] == pytest.approx(by_position(replay())["A"], rel=1e-12)


def test_a_window_that_ends_on_a_sunday_ends_with_the_close_of_friday():
    friday = closes(window=("2020-02-19", "2020-03-20"))
    tables = replay(prices=friday, window=("2020-02-19", "2020-03-22"))
    assert by_position(tables)["A"] == pytest.approx(-2_500.0, rel=1e-12)


def test_an_option_is_revalued_where_its_underlying_really_went():
    put = option("p", "A", 2, "P", 95.0)
    tables = replay(put, prices=closes())
    terms = {"strike": 95.0, "years": 0.5, "volatility": 0.3, "right": "P"}
    ten = yield_table().query("tenor == '10Y'").set_index("date")["rate"]
    shift = ten[WINDOW[1]] - ten[WINDOW[0]]
    days = factor_table().query("factor == 'market'").set_index("date")["return"][WINDOW[0] : WINDOW[1]]
    market = (1.0 + days.iloc[1:]).prod() - 1.0
    moved = 0.3 * (1.0 + 4.3 * abs(market)) ** (1 if market < 0 else -1)
    after = black_scholes.price(spot=0.75 * SPOT, rate=0.02 + shift, **{**terms, "volatility": moved})
    before = black_scholes.price(spot=SPOT, rate=0.02, **terms)
    assert by_position(tables)["p"] == pytest.approx(200.0 * float(after - before), rel=1e-9)


@pytest.mark.parametrize(("years", "shares", "silent"), OUTLIVED)
def test_a_replay_that_owes_most_to_options_beyond_their_expiry_is_never_worst_or_best(years, shares, silent):
    """The window has 33 days, 0.09 years; many shares make the option the smaller part."""
    rows = (option("p", "A", 2, "P", 95.0), position("B", "B", shares))
    tables = replay(*rows, prices=closes(), years=years)
    assert ("outlived_options" in tables.pnl["flags"].iloc[0].split(",")) is silent
    assert (stress_order.worst(tables.pnl) is None) is silent


def test_a_name_without_betas_is_replayed_by_its_prices():
    tables = replay(*TWO, position("N", "N", 10), prices=closes("N"))
    assert by_position(tables)["N"] == pytest.approx(-250.0)
    assert "no_beta_left_out" not in tables.pnl["flags"].iloc[0]
    assert "no_beta_left_out" in replay(*TWO, position("N", "N", 10)).pnl["flags"].iloc[0]


def test_a_factor_that_begins_later_is_left_out_by_name_and_the_market_carries_the_rest():
    factors = factor_table()
    later = factors[(factors["factor"] != "size") | (factors["date"] >= "2020-03-16")]
    row = replay(factors=later).pnl.iloc[0]
    assert row["flags"] == "no_factor_size"
    live, wide = factor_state(later, yield_table()), factor_frame(factors).loc["2020-02-20":"2020-03-23"]
    moves = ((1 + wide).prod() - 1).to_numpy()
    beyond = moves - live.loadings[:7] * moves[0]
    beyond[[0, FACTORS.index("size")]] = moves[0], 0.0
    money = 10_000 * np.array(BETAS["A"]) - 5_000 * np.array(BETAS["B"])
    ten = yield_table().query("tenor == '10Y'").set_index("date")["rate"]
    change = (ten[WINDOW[1]] - ten[WINDOW[0]]) * 1e4
    rates = (change - live.loadings[7] * moves[0]) * (10_000 * RATES["A"] - 5_000 * RATES["B"])
    assert row["conditional_pnl"] == pytest.approx(beyond @ money + rates, rel=1e-9)
    assert row["correlation_effect"] == 0.0
    text = page.replays_sentence(replay(factors=later, prices=closes()).pnl, "USD")
    assert "Left out for want of days: size." in text
    assert "66.7% of it moves as its own prices did, the rest by betas; by betas alone" in text


def test_what_names_did_beyond_their_betas_is_a_part_of_its_own():
    tables = replay(*TWO, option("p", "A", 2, "P", 95.0), prices=closes())
    parts = tables.factors.set_index("factor")["conditional_pnl"]
    assert parts.sum() == pytest.approx(tables.pnl["conditional_pnl"].iloc[0])
    stocks = replay(prices=closes())
    own = by_position(stocks)["A"] - by_position(replay())["A"]
    specific = stocks.factors.set_index("factor")["conditional_pnl"]
    assert specific["specific"] == pytest.approx(own)
    assert specific["revaluation"] == pytest.approx(0.0, abs=1e-8)
