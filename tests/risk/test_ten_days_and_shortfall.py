"""Losses over ten days, and the parts of the expected shortfall, against figures worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from risk_worlds import DAYS, greeks, holdings, market, priced, totals

from lib.contracts import conform
from lib.pricing.black_scholes import price
from lib.risk.benchmark import relative_metrics
from lib.risk.historical_simulation import simulate
from lib.risk.metrics import look_up, risk_metrics
from lib.risk.pages import measures, risk_parts
from lib.risk.pages import ten_days as page
from lib.risk.shortfall_parts import profits_by_position, shortfall_components
from lib.risk.ten_days import OVERLAPPING, ROOT_TIME, ten_day_metrics
from lib.tables import TABLES

LONG = (("AAA", "stock", 300.0), ("BBB", "etf", -100.0))
WITH_OPTIONS = (*LONG, ("CALL", "option", 500.0, "AAA"), ("CALL", "option", -200.0, "AAA"))
COLUMNS = ["metric", "window", "method", "value", "unit", "observations", "flag"]
NO_FACTOR = pd.DataFrame(columns=COLUMNS).astype({"value": "float64", "observations": "int64"})


def opened(*rows, prices=None, cash=100.0, **terms):
    positions = holdings(*rows)
    prices = market() if prices is None else prices
    return simulate(
        positions, greeks(positions, **terms), totals(positions, cash), prices, minimum_history=20
    )


def figures(past, factor=NO_FACTOR):
    none = relative_metrics(past.compounding, None, risk_free=0.0, total_return=False, symbol=None)
    own = ten_day_metrics(past, factor)
    return risk_metrics(past.returns, compounding=past.compounding, relative=none, ten_days=own)


def closes(symbol, prices=None):
    prices = market() if prices is None else prices
    return prices[prices["symbol"] == symbol].set_index("date")["adj_close"]


def test_a_stretch_is_the_return_over_ten_sessions_on_todays_exposure():
    past = opened(*LONG)
    own, other = closes("AAA"), closes("BBB")
    expected = (300 * (own / own.shift(10) - 1) - 100 * (other / other.shift(10) - 1)).iloc[10:] / 300
    assert past.ten_days.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)
    assert past.ten_days.index.equals(expected.index) and len(past.ten_days) == len(DAYS) - 10


def test_ten_day_figures_are_quantiles_of_the_stretches_and_the_root_of_ten_times_one_day():
    past = opened(*LONG)
    table = conform(figures(past), TABLES["risk_metrics"])
    worst = past.ten_days.tail(1260)
    cut = np.quantile(worst, 0.05)
    assert look_up(table, "var_95_10d", "5y", OVERLAPPING) == pytest.approx(-cut)
    assert look_up(table, "cvar_95_10d", "5y", OVERLAPPING) == pytest.approx(-worst[worst <= cut].mean())
    one = look_up(table, "var_99", "3y")
    assert look_up(table, "var_99_10d", "3y", ROOT_TIME) == pytest.approx(one * np.sqrt(10))
    assert look_up(table, "var_95_10d", "5y") == look_up(table, "var_95_10d", "5y", OVERLAPPING)
    assert all(check.passed for check in page.checks(table))


def test_of_independent_normal_days_both_ways_agree_and_of_trending_ones_they_do_not():
    """AR(1) with rho has a ten-day variance of known ratio to ten times that of a day (Lo 2002)."""
    generator = np.random.default_rng(4)
    days = pd.bdate_range("1950-01-02", periods=60_000)
    noise = generator.normal(0, 1e-3, len(days))
    trend = np.zeros(len(days))
    rho = 0.3
    for place in range(1, len(days)):
        trend[place] = rho * trend[place - 1] + noise[place]
    expected = np.sqrt(1 + 2 * sum((1 - lag / 10) * rho**lag for lag in range(1, 10)))
    for moves, ratio in ((noise, 1.0), (trend, expected)):
        prices = priced(pd.DataFrame({"AAA": moves}, index=days))
        table = figures(opened(("AAA", "stock", 100.0), prices=prices, cash=0.0))
        actual, scaled = (look_up(table, "var_95_10d", "all", one) for one in (OVERLAPPING, ROOT_TIME))
        assert actual / scaled == pytest.approx(ratio, rel=0.05)


def test_options_are_repriced_over_the_stretch_and_ten_days_older():
    past = opened(("CALL", "option", 500.0, "AAA"))
    own = closes("AAA")
    spot = 100 * (own / own.shift(10)).iloc[10:].to_numpy()
    terms = {"strike": 100.0, "rate": 0.0, "volatility": 0.3, "right": "C"}
    now = price(spot=100.0, years=0.1, **terms)
    expected = 100 * (price(spot=spot, years=0.1 - 10 / 252, **terms) - now) / past.amount
    assert past.ten_days.to_numpy() == pytest.approx(expected, rel=1e-9)
    unaged = 100 * (price(spot=spot, years=0.1, **terms) - now) / past.amount
    assert (past.ten_days.to_numpy() < unaged).all()


def test_an_option_that_expires_within_the_ten_days_is_worth_what_exercise_brings():
    past = opened(("CALL", "option", 500.0, "AAA"), years=5 / 252)
    own = closes("AAA")
    spot = 100 * (own / own.shift(10)).iloc[10:].to_numpy()
    now = price(spot=100.0, strike=100.0, years=5 / 252, rate=0.0, volatility=0.3, right="C")
    expected = 100 * (np.maximum(spot - 100.0, 0.0) - now) / past.amount
    assert past.ten_days.to_numpy() == pytest.approx(expected, abs=1e-12)


def test_a_tail_of_few_stretches_that_do_not_overlap_is_thin():
    table = figures(opened(*LONG)).set_index(["metric", "window", "method"])["flag"]
    assert table[("var_95_10d", "1y", OVERLAPPING)] == "thin_tail"
    assert table[("var_95_10d", "3y", OVERLAPPING)] == "thin_tail"
    assert table[("var_95_10d", "5y", OVERLAPPING)] == table[("var_95_10d", "1y", ROOT_TIME)] == ""
    assert table[("var_99_10d", "5y", OVERLAPPING)] == "thin_tail"
    young = market(days=DAYS[:300])
    short = figures(opened(*LONG, prices=young)).set_index(["metric", "window", "method"])["flag"]
    assert short[("var_95_10d", "5y", OVERLAPPING)] == "short_history"


def test_the_factor_value_at_risk_of_ten_days_is_that_of_one_times_the_root():
    row = ["factor_var_95", "1y", "orthogonal_ewma", 0.02, "fraction", 252, ""]
    table = figures(opened(*LONG), pd.DataFrame([row], columns=NO_FACTOR.columns))
    assert look_up(table, "factor_var_95_10d", "1y") == pytest.approx(0.02 * 10**0.5)


def test_the_page_tells_both_ways_and_which_is_used():
    past = opened(*LONG)
    table = figures(past)
    told = page.sentence(past, table, "USD")
    assert told.startswith("One stretch of 10 days in twenty of 5 years")
    assert "1,260 of them are worth 126 apart" in told and "within a tenth of it" in told
    apart = table.assign(value=table["value"].where(table["method"] != ROOT_TIME, table["value"] * 1.3))
    assert "more by over a tenth" in page.sentence(past, apart, "USD")
    assert not page.checks(apart)[1].passed
    shown = measures.by_window(table, measures.TEN_DAYS)
    assert shown.loc[0, "5y"] == look_up(table, "var_95_10d", "5y", OVERLAPPING)
    assert shown.loc[1, "5y"] == look_up(table, "var_95_10d", "5y", ROOT_TIME)
    nothing = opened(("HOUSE", "manual", 9.0))
    assert page.sentence(nothing, figures(nothing), "USD").startswith("There are too few returns")


def test_profits_of_positions_add_up_to_that_of_the_book_on_every_day():
    past = opened(*WITH_OPTIONS)
    own = profits_by_position(past, past.returns.index)
    assert list(own) == ["AAA-0", "BBB-1", "CALL-2", "CALL-3"]
    assert own.sum(axis=1).to_numpy() == pytest.approx(past.returns.to_numpy() * past.amount, abs=1e-9)
    assert own["CALL-2"].to_numpy() == pytest.approx(-own["CALL-3"].to_numpy())
    move = closes("AAA").pct_change().iloc[1:].to_numpy()
    assert own["AAA-0"].to_numpy() == pytest.approx(300 * move)


def test_the_parts_of_the_shortfall_are_mean_losses_on_the_books_tail_days_and_add_up():
    past = opened(*WITH_OPTIONS, ("HOUSE", "manual", 50.0))
    table = conform(shortfall_components(past), TABLES["shortfall_components"])
    metrics = figures(past)
    year = past.returns.tail(252)
    tail = year.index[year <= np.quantile(year, 0.05)]
    assert len(tail) == 13
    part = table[(table["metric"] == "cvar_95") & (table["window"] == "1y")].set_index("position_id")
    move = closes("AAA").pct_change()[tail]
    assert part.loc["AAA-0", "value"] == pytest.approx(-300 * move.mean(), rel=1e-12)
    assert np.isnan(part.loc["HOUSE-4", "value"])
    assert part["share"].sum() == pytest.approx(1.0)
    for (metric, window), rows in table.groupby(["metric", "window"]):
        whole = look_up(metrics, metric, window) * past.amount
        assert rows["value"].sum() == pytest.approx(whole, rel=1e-12), (metric, window)
    assert risk_parts.shortfalls_add_up(past, metrics, table).passed
    wrong = table.assign(value=table["value"].where(table["position_id"] != "BBB-1", 0.0))
    assert not risk_parts.shortfalls_add_up(past, metrics, wrong).passed


def test_the_parts_are_the_slopes_of_the_shortfall_in_the_size_of_each_position():
    """Euler: a little more of a position changes the shortfall by its part, the tail days held."""
    past, step = opened(*LONG), 1e-4
    table = shortfall_components(past).set_index(["metric", "window", "position_id"])["value"]
    for place, (name, kind, money) in enumerate(LONG):
        rows = list(LONG)
        rows[place] = (name, kind, money * (1 + step))
        more, less = opened(*rows, cash=100.0), past
        change = look_up(figures(more), "cvar_95", "all") * more.amount
        change -= look_up(figures(less), "cvar_95", "all") * less.amount
        assert table[("cvar_95", "all", f"{name}-{place}")] == pytest.approx(change / step, rel=2e-3)


def test_a_window_longer_than_the_history_has_no_parts_and_the_page_says_so():
    past = opened(*LONG, prices=market(days=DAYS[:200]))
    table = shortfall_components(past)
    known = table.dropna(subset="value")
    assert set(known["window"]) == {"all"}
    assert risk_parts.shortfalls_add_up(past, figures(past), table).passed
    shown = risk_parts.shortfall_parts(table, holdings(*LONG))
    assert shown.empty and "none" in risk_parts.shortfall_sentence(shown, "USD")


def test_the_sentence_names_what_lost_most_and_what_gained():
    positions = holdings(*LONG)
    shown = risk_parts.shortfall_parts(shortfall_components(opened(*LONG)), positions)
    told = risk_parts.shortfall_sentence(shown, "USD")
    assert told.startswith("On the worst twentieth of last year's days AAA and BBB lost 100.0% of")
    assert "1 position gained USD" in told


@pytest.mark.parametrize("rows", [(), (("HOUSE", "manual", 9.0),), (("AAA", "stock", -100.0),)])
def test_books_with_nothing_covered_or_short_only_have_their_tables_and_passing_checks(rows):
    past = opened(*rows, cash=0.0)
    table = conform(shortfall_components(past), TABLES["shortfall_components"])
    metrics = conform(figures(past), TABLES["risk_metrics"])
    assert risk_parts.shortfalls_add_up(past, metrics, table).passed
    assert all(check.passed for check in page.checks(metrics))
    assert page.sentence(past, metrics, "USD").endswith(".")
