"""A book that is no portfolio of the run is measured by the stages' own functions on the same market."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scenario_worlds import FACTORS, factor_table, greeks_of, option, position, stocks, yield_table
from scipy.stats import norm

from lib.book import base_of, bases_of, holdings
from lib.contracts import conform
from lib.risk import betas, book_risk, factor_var, rates, scenarios
from lib.risk.factor_model import factor_model
from lib.risk.repricing import repricing_inputs
from lib.risk.scenario_files import Scenario
from lib.run.request.parameter_cell import read_notebook
from lib.tables import TABLES

BETAS = {"AAA": [1.2, 0.4, -0.3, 0.2, 0.1, 0.3, -0.2], "BBB": [0.7, -0.2, 0.5, 0.0, 0.6, 0.1, 0.4]}
CRASH = Scenario("crash", "Crash", "market", "severe", {FACTORS[0]: -0.3})
EXPOSURES = pd.DataFrame({"measure": ["nav", "gross"], "value": [20_000.0, 40_000.0]})
ROWS = (
    position("A", "AAA", 200),
    position("B", "BBB", -100),
    option("AAA201218P00100000", "AAA", 2, "P", 100.0),
)


@pytest.fixture(scope="module")
def market():
    factors = factor_table()
    prices = stocks(factors, BETAS).assign(price_basis="adjusted")
    return book_risk.Market(prices, yield_table(), factors, [CRASH])


def book(*rows):
    positions = pd.DataFrame(list(rows)).astype({"right": "str"}).assign(tags="", sector="Tech")
    greeks = greeks_of(rows).merge(positions[["position_id", "symbol", "underlying"]], on="position_id")
    return positions, greeks


def measure(market, *rows):
    return book_risk.measure_book(*book(*rows), EXPOSURES, market)


def test_every_table_is_what_its_schema_says(market):
    tables = measure(market, *ROWS)
    for name, table in tables.items():
        conform(table.copy(), TABLES[name])


def test_it_is_what_the_stages_would_write(market):
    tables, (positions, greeks) = measure(market, *ROWS), book(*ROWS)
    held, base = holdings(positions, greeks), base_of(EXPOSURES)
    model = factor_model(held, market.prices, market.factor_returns)
    own = betas.position_betas(held, market.prices, market.factor_returns)
    pd.testing.assert_frame_equal(tables["position_betas"], own)
    of_book = betas.portfolio_betas(own, model, **bases_of(EXPOSURES))
    pd.testing.assert_frame_equal(tables["portfolio_betas"], of_book)
    assert market.tenors == ("2Y", "10Y")
    terms = {"tenors": market.tenors}
    by_rate = rates.rate_betas(held, market.prices, market.factor_returns, market.yields, **terms)
    inputs = repricing_inputs(held, positions, greeks)
    moves = scenarios.scenario_pnl(inputs, own, by_rate, base=base, **terms)
    pd.testing.assert_frame_equal(tables["scenario_pnl"], moves)
    parts = factor_var.components(model, held)
    assert tables["var_components"]["value"].tolist() == parts["value"][: len(ROWS)].tolist()
    assert set(tables["var_components"]["method"]) == {"factor_var_95"}
    risk = tables["risk_metrics"].set_index("metric")["value"]
    assert tables["var_components"]["value"].sum() == pytest.approx(risk["factor_var_95"] * 20_000.0)


def test_equal_books_are_measured_equal(market):
    one, other = measure(market, *ROWS), measure(market, *ROWS)
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])


def test_twice_the_book_moves_twice_the_money(market):
    twice = (
        position("A", "AAA", 400),
        position("B", "BBB", -200),
        option(ROWS[2]["symbol"], "AAA", 4, "P", 100.0),
    )
    one, other = measure(market, *ROWS), measure(market, *twice)
    for table, column in (
        ("scenario_pnl", "pnl"),
        ("stress_pnl", "conditional_pnl"),
        ("var_components", "value"),
    ):
        assert other[table][column].to_numpy() == pytest.approx(
            2 * one[table][column].to_numpy(), nan_ok=True
        )


def test_an_underlying_alone_is_measured_as_if_it_were_the_book(market):
    positions, greeks = book(*ROWS)
    alone = book_risk.components_alone(positions, greeks, market, underlying="AAA")
    expected = measure(market, ROWS[0], ROWS[2])["var_components"]
    assert alone["value"].to_numpy() == pytest.approx(expected["value"].to_numpy())
    assert not len(book_risk.components_alone(positions, greeks, market, underlying=None))


def test_an_empty_book_has_tables_without_values(market):
    positions, greeks = book(*ROWS)
    tables = book_risk.measure_book(positions.iloc[:0], greeks.iloc[:0], EXPOSURES, market)
    assert np.isnan(tables["scenario_pnl"]["pnl"]).all()
    assert not len(tables["var_components"])


SETTINGS = book_risk.Settings(
    betas={"window": 120, "minimum": 40, "cap": 0.5, "decay": 0.9, "residual_level": 0.5, "portfolio": "x"},
    scenarios={
        "window": 90,
        "minimum_observations": 30,
        "rate_beta_cap": 1e-5,
        "market_moves": [-0.5],
        "rate_moves": [50.0],
    },
    stress={
        "rate_tenor": "2Y",
        "window": 80,
        "decay": 0.8,
        "minimum_observations": 30,
        "horizon_days": 5,
        "volatility_beta": 2.0,
    },
    correlations={
        "window": 40,
        "minimum": 10,
        "min_position_value": None,
        "min_weight": None,
        "view": "longs",
    },
    metrics={"minimum_history": 100, "risk_free": 0.05},
)


def test_settings_of_the_stages_reach_every_measure(market):
    """Each stage's settings change its own table, and those of the others where they stand on it."""
    plain, (positions, greeks) = measure(market, *ROWS), book(*ROWS)
    asked = measure(replace(market, settings=SETTINGS), *ROWS)
    for name, table in plain.items():
        assert not table.equals(asked[name]), name
    held = holdings(positions, greeks)
    own = betas.position_betas(held, market.prices, market.factor_returns, window=120, minimum=40, cap=0.5)
    pd.testing.assert_frame_equal(asked["position_betas"], own)
    assert asked["scenario_pnl"]["shock"].unique().tolist() == [-0.5, 50.0]


def test_the_beta_of_volatilities_reaches_the_stress_of_a_book(market):
    """The crash of 30 % multiplies volatilities by 1 + 0.3 b, and with b = 0 leaves them."""
    for beta in (0.0, 2.0):
        settings = book_risk.Settings(stress={"volatility_beta": beta})
        found = measure(replace(market, settings=settings), *ROWS)["stress_pnl"]["volatility_factor"]
        assert found.tolist() == pytest.approx([1.0 + 0.3 * beta])


def test_the_risk_of_a_day_is_that_of_the_tables_in_money(market):
    tables = measure(market, *ROWS)
    risk = tables["risk_metrics"].set_index(["metric", "window"])["value"]
    specific, factor, past = book_risk.day_risk(*book(*ROWS), EXPOSURES, market)
    assert factor == pytest.approx(risk["factor_var_95", "1y"] * 20_000.0)
    assert past == pytest.approx(risk["var_95", "1y"] * 20_000.0)
    whole = tables["portfolio_betas"].set_index(["method", "factor"])["variance_share"]
    assert specific == pytest.approx(factor / norm.ppf(0.95) * np.sqrt(whole["orthogonal", "specific"]))
    nothing = book_risk.day_risk(*book(position("N", "NNN", 1)), EXPOSURES, market)
    assert np.isnan(nothing[1:]).all()


def test_market_betas_of_funds_are_those_of_the_page_on_betas(market):
    found = book_risk.market_betas(["AAA", "BBB", "NONE"], market).set_index("symbol")
    rows = measure(market, *ROWS)["position_betas"].query("method == 'univariate' and factor == 'market'")
    rows = rows.drop_duplicates("symbol").set_index("symbol").loc[["AAA", "BBB"]]
    assert found.index.tolist() == ["AAA", "BBB"]
    assert found["beta"].tolist() == pytest.approx(rows["beta"].tolist())
    assert found["r_squared"].tolist() == pytest.approx(rows["r_squared"].tolist())
    assert book_risk.market_betas([], market).empty


@pytest.mark.parametrize("stage", ["betas", "scenarios", "stress", "correlations", "metrics"])
def test_every_setting_of_a_stage_that_is_taken_has_a_name_in_its_notebook(stage):
    path = Path(__file__).parents[2] / "notebooks" / "risk" / f"{stage}.ipynb"
    assert {*getattr(SETTINGS, stage)} <= {one.name for one in read_notebook(path).parameters}
