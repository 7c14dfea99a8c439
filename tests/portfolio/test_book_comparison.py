"""Two books side by side: every measure, its change, and what the trades take."""

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.portfolio.book_comparison import SECTIONS, book_measures, compare, look_up
from lib.portfolio.what_if import ChangedBook
from lib.tables import TABLES


def tables(nav=1000.0, scale=1.0):
    """Tables of a book, as small as they can be; ``scale`` multiplies what is no exposure."""
    money = {"nav": nav, "cash": 100.0, "gross": 2000.0, "long_count": 3.0, "manual_share": 0.1}
    tail = [
        ("var_95", "1y", "historical", 0.02),
        ("var_95", "3y", "historical", 0.9),
        ("var_99", "1y", "historical", 0.9),
        ("var_99", "3y", "historical", 0.04),
        ("parametric_var_95", "1y", "normal", 0.021),
        ("parametric_var_95", "1y", "cornish_fisher", 0.9),
        ("annual_volatility", "1y", "sample_sd", 0.18),
        ("factor_var_95", "1y", "orthogonal_ewma", 0.03),
        ("sharpe", "1y", "arithmetic", 0.9),
    ]
    return {
        "exposures": pd.DataFrame({"measure": list(money), "value": list(money.values())}),
        "portfolio_greeks": pd.DataFrame(
            {"greek": ["delta_dollars", "theta"], "value": [500.0 * scale, np.nan]}
        ),
        "portfolio_betas": pd.DataFrame(
            {
                "method": ["univariate", "orthogonal", "orthogonal", "orthogonal", "orthogonal"],
                "factor": ["market", "market", "value", "specific", "total"],
                "beta": [0.9, 0.5 * scale, -0.2 * scale, np.nan, np.nan],
            }
        ),
        "scenario_pnl": pd.DataFrame(
            {
                "scenario": ["market_up_5", "ir_up_100bp", "ir_up_100bp"],
                "tenor": pd.array([None, "2Y", "10Y"], dtype="str"),
                "pnl": [50.0 * scale, 1.0, 2.0],
            }
        ),
        "stress_pnl": pd.DataFrame(
            {"scenario": ["crash", "calm"], "conditional_pnl": [-300.0 * scale, 10.0], "flags": ""}
        ),
        "concentration": pd.DataFrame(
            {"measure": ["effective_positions", "compared"], "value": [4.5 * scale, 6.0]}
        ),
        "risk_metrics": pd.DataFrame(tail, columns=["metric", "window", "method", "value"]),
    }


def row(table, section, measure):
    return look_up(table, section, measure).to_dict()


def test_equal_books_have_no_change():
    base = book_measures(**tables())
    table = compare(base, base)
    assert (table["change"].dropna() == 0.0).all()
    assert table["change"].isna().equals(table["base"].isna())
    conform(table, TABLES["what_if"])


def test_every_measure_is_there_once_and_sections_come_in_order():
    table = compare(book_measures(**tables()), book_measures(**tables(scale=2.0)))
    assert list(dict.fromkeys(table["section"])) == list(SECTIONS)
    assert not table.duplicated(["section", "measure"]).any()
    assert row(table, "betas", "market_beta") == {"base": 0.5, "modified": 1.0, "change": 0.5}
    assert set(table.loc[table["section"] == "betas", "measure"]) == {"market_beta", "value_beta"}
    assert row(table, "stress", "worst_case") == {"base": -300.0, "modified": -600.0, "change": -300.0}
    assert row(table, "stress", "calm")["base"] == 10.0
    assert row(table, "scenarios", "ir_up_100bp 10Y")["modified"] == 2.0
    assert row(table, "greeks", "delta_dollars")["change"] == 500.0
    assert row(table, "correlations", "effective_positions")["modified"] == 9.0


def test_each_level_of_risk_is_read_in_its_window_and_first_method():
    base = book_measures(**tables()).query("section == 'risk'").set_index("measure")["value"]
    assert base["var_95_1y"] == 0.02
    assert base["var_99_3y"] == 0.04
    assert base["parametric_var_95_1y"] == 0.021
    assert base["factor_var_95"] == 0.03
    assert np.isnan(base["cvar_95_1y"])
    assert 0.9 not in set(base)


def test_units_are_those_of_the_measures():
    units = book_measures(**tables()).set_index("measure")["unit"]
    named = ["nav", "long_count", "gross_to_nav", "manual_share", "market_beta", "worst_case", "compared"]
    assert units[named].tolist() == ["money", "count", "ratio", "fraction", "ratio", "money", "count"]
    assert units["effective_positions"] == "ratio"


def test_gross_to_nav_is_missing_where_nav_is_not_positive():
    measures = book_measures(**tables(nav=-5.0)).set_index("measure")["value"]
    assert np.isnan(measures["gross_to_nav"])
    assert book_measures(**tables()).set_index("measure")["value"]["gross_to_nav"] == 2.0


def test_what_is_missing_on_one_side_has_no_change():
    there = tables()
    there["stress_pnl"] = pd.DataFrame({"scenario": ["crash"], "conditional_pnl": [-1.0], "flags": [""]})
    table = compare(book_measures(**tables()), book_measures(**there))
    assert np.isnan(row(table, "stress", "calm")["modified"])
    assert np.isnan(row(table, "stress", "calm")["change"])
    assert np.isnan(row(table, "greeks", "theta")["change"])


def test_what_the_trades_take_stands_with_the_exposures():
    base = book_measures(**tables())
    empty = pd.DataFrame()
    table = compare(base, base, ChangedBook(empty, 0.0, empty, cash_used=250.0, cost=1.5, traded=900.0))
    assert row(table, "exposures", "cash_used") == {"base": 0.0, "modified": 250.0, "change": 250.0}
    assert row(table, "exposures", "estimated_cost")["change"] == 1.5
    assert row(table, "exposures", "traded")["change"] == 900.0
    conform(table, TABLES["what_if"])


def test_an_empty_book_has_measures_that_are_missing():
    there = {name: frame.iloc[:0] for name, frame in tables().items() if name != "exposures"}
    table = book_measures(exposures=tables()["exposures"], **there)
    assert np.isnan(table.set_index("measure")["value"]["worst_case"])


def test_a_measure_that_is_not_there_is_missing_when_looked_up():
    table = compare(book_measures(**tables()), book_measures(**tables()))
    assert look_up(table, "risk", "no_such_measure").isna().all()
    assert row(table, "exposures", "nav")["base"] == pytest.approx(1000.0)
