from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scenario_worlds import (
    DAYS,
    FACTORS,
    betas_table,
    book_of,
    factor_table,
    long,
    option,
    position,
    rates_table,
    stocks,
    yield_table,
)

from lib import stress_order
from lib.book import names_of
from lib.contracts import conform
from lib.pricing import black_scholes
from lib.risk.betas import position_betas
from lib.risk.factor_model import factor_frame, market_loadings
from lib.risk.factor_state import factor_state
from lib.risk.pages import stress as page
from lib.risk.pages import stress_notes as notes
from lib.risk.rates import rate_betas
from lib.risk.scenario_files import RATE, Scenario, ScenarioSet, read_scenarios
from lib.risk.stress import Stress, stress
from lib.risk.stress_cases import stress_cases
from lib.stats.covariance import ewma_covariance
from lib.tables import TABLES

STANDARD = read_scenarios([Path(__file__).resolve().parents[2] / "params" / "scenarios" / "standard.yaml"])
NAV = (20_000.0, "nav", 20_000.0)
BETAS = {"A": [1.2, 0.4, -0.3, 0.2, 0.1, 0.3, -0.2], "B": [0.7, -0.2, 0.5, 0.0, 0.6, 0.1, 0.4]}
STATED = {"none": {}, "one": {"volatility_factor": 1.0}, "half": {"volatility_factor": 0.5}}
RATES = {"A": -3e-4, "B": 2e-4}


def scenario(name="s", *, window=None, **shocks):
    options = {key: shocks.pop(key) for key in ("volatility_factor", "style_shocks") if key in shocks}
    return Scenario(name, name, "custom", "mild", shocks, window, **options)


@pytest.fixture(scope="module")
def state():
    return factor_state(factor_table(), yield_table())


def run(state, scenarios, *rows, base=NAV, betas=BETAS, rates=RATES, without=(), **options):
    rows = rows or (position("A", "A", 100), position("B", "B", -50))
    held, book = book_of(*rows, without=without)
    known = betas_table(held, betas, capped=options.pop("capped", ()))
    tables = stress(book, known, rates_table(held, rates), state, scenarios, base=base, **options)
    for name, table in (("pnl", tables.pnl), ("positions", tables.positions), ("factors", tables.factors)):
        conform(table, TABLES[f"stress_{name}"])
    return tables


def first(state, one, *rows, **options):
    return run(state, [one], *rows, **options).pnl.iloc[0]


def dollars(factor):
    """Money of 100 A and -50 B on a variable of the basis."""
    if factor == "rates":
        return 10_000 * RATES["A"] - 5_000 * RATES["B"]
    place = FACTORS.index(factor)
    return 10_000 * BETAS["A"][place] - 5_000 * BETAS["B"][place]


def test_the_eighteen_scenarios_differ_and_none_is_zero(state):
    pnl = run(state, STANDARD.scenarios).pnl
    written = pnl[pnl["category"] != "replay"]
    assert len(written) == 18
    assert (written[["direct_pnl", "conditional_pnl"]].abs() > 1).all(axis=None)
    assert written["conditional_pnl"].round(2).nunique() == 18


def test_rate_scenarios_use_rate_betas_in_basis_points(state):
    """Without a rate factor five of the eighteen would be 0."""
    row = first(state, scenario(**{RATE: 0.01}))
    assert row["direct_pnl"] == pytest.approx(100 * dollars("rates"))
    assert first(state, scenario(**{RATE: 0.0025}))["direct_pnl"] == pytest.approx(25 * dollars("rates"))


def test_the_market_alone_has_no_correlation_effect(state):
    for shock in (-0.35, 0.10):
        row = first(state, scenario(market=shock), position("A", "A", 100), option("c", "A", -3, "C", 105.0))
        assert row["correlation_effect"] == pytest.approx(0.0, abs=1e-8)
    assert first(state, scenario(market=-0.35))["direct_pnl"] == pytest.approx(-0.35 * dollars("market"))


def test_a_market_shock_is_not_counted_again_in_a_style(state):
    """A style that does just what the market takes it along to do adds nothing."""
    along = state.loadings[1] * -0.10
    both = first(state, scenario(market=-0.10, value=along))
    assert both["direct_pnl"] == pytest.approx(-0.10 * dollars("market"))
    same = first(state, scenario(market=-0.10, value=-0.10))
    wanted = -0.10 * dollars("market") + (-0.10 - along) * dollars("value")
    assert same["direct_pnl"] == pytest.approx(wanted)
    assert same["direct_pnl"] != pytest.approx(-0.10 * (dollars("market") + dollars("value")), rel=1e-3)


def test_shocks_over_the_market_are_told_from_absolute_ones(state):
    over = first(state, scenario(market=-0.45, quality=0.20, style_shocks="over_market"))
    assert over["direct_pnl"] == pytest.approx(-0.45 * dollars("market") + 0.20 * dollars("quality"))
    absolute = first(state, scenario(market=-0.45, quality=0.20))
    beyond = 0.20 + 0.45 * state.loadings[FACTORS.index("quality")]
    assert absolute["direct_pnl"] == pytest.approx(-0.45 * dollars("market") + beyond * dollars("quality"))


def test_conditional_stress_equals_the_closed_form(state):
    one = scenario(value=0.20, growth=-0.10)
    named = [1, 2]
    moves = state.covariance[:, named] @ np.linalg.solve(
        state.covariance[np.ix_(named, named)], [0.20, -0.10]
    )
    beyond = moves - state.loadings * moves[0]
    money = np.array([dollars(name) for name in state.names])
    row = first(state, one)
    assert row["conditional_pnl"] == pytest.approx(money[0] * moves[0] + money[1:] @ beyond[1:], rel=1e-9)
    assert row["direct_pnl"] == pytest.approx(0.20 * dollars("value") - 0.10 * dollars("growth"))
    assert row["correlation_effect"] == pytest.approx(row["conditional_pnl"] - row["direct_pnl"])
    given = np.array([0.20, -0.10])
    size = np.sqrt(given @ np.linalg.solve(state.covariance[np.ix_(named, named)], given))
    assert row["sigmas"] == pytest.approx(size, rel=1e-9)
    month = first(state, one, horizon_days=21)
    assert month["sigmas"] == pytest.approx(size / np.sqrt(21), rel=1e-9)


def test_named_shocks_stay_as_they_were_stated(state):
    tables = run(state, STANDARD.scenarios)
    moved = tables.factors.set_index(["scenario", "factor"])["shock"]
    for one in STANDARD.scenarios:
        for name, shock in one.shocks.items():
            key, unit = ("rates", 1e4) if name == RATE else (name, 1.0)
            assert moved[one.id, key] == pytest.approx(shock * unit, rel=1e-12)


def test_positions_and_factors_add_up(state):
    rows = [position("A", "A", 100), position("B", "B", -50), option("c", "A", -3, "C", 105.0)]
    rows += [option("p", "B", 4, "P", 95.0), position("M", "M", 1, kind="manual")]
    tables = run(state, STANDARD.scenarios, *rows)
    known = tables.pnl.dropna(subset="direct_pnl").set_index("scenario")
    for column in ("direct_pnl", "conditional_pnl"):
        for table in (tables.positions, tables.factors):
            sums = table.groupby("scenario")[column].sum()
            np.testing.assert_allclose(sums[known.index], known[column], rtol=1e-9, atol=1e-8)
    rest = tables.factors[tables.factors["factor"] == "revaluation"]
    assert (rest["conditional_pnl"].dropna().abs() > 1).all()
    manual = tables.positions[tables.positions["position_id"] == "M"]
    assert manual[["direct_pnl", "conditional_pnl"]].isna().all(axis=None)


def test_a_stock_book_leaves_nothing_to_revaluation(state):
    factors = run(state, STANDARD.scenarios).factors
    rest = factors[factors["factor"] == "revaluation"].dropna(subset="conditional_pnl")
    assert rest[["direct_pnl", "conditional_pnl"]].abs().max(axis=None) < 1e-8


def test_options_are_revalued_with_the_volatility_of_the_scenario(state):
    calls = (option("c", "A", 10, "C", 105.0),)
    calm = first(state, scenario(market=-0.15), *calls, volatility_beta=0.0)
    wild = first(state, scenario(market=-0.15, volatility_factor=1.5), *calls)
    assert wild["direct_pnl"] > calm["direct_pnl"] + 100
    assert wild["correlation_effect"] == pytest.approx(0.0, abs=1e-8)
    assert calm["direct_pnl"] >= -calls[0]["exposure"]


def test_an_option_is_discounted_at_the_yield_moved_by_what_the_scenario_names(state):
    """One point up, the share where it was: only the rate of the option's price moves, by 0.01."""
    still, calls = {"A": [0.0] * 7}, option("c", "A", 10, "C", 105.0)
    terms = {"betas": still, "rates": {"A": 0.0}}
    row = first(state, scenario(**{RATE: 0.01}), calls, volatility_beta=0.0, **terms)
    after = black_scholes.price(spot=100.0, strike=105.0, years=0.5, rate=0.03, volatility=0.3, right="C")
    assert row["direct_pnl"] == pytest.approx(1000 * float(after) - calls["exposure"], rel=1e-9)
    assert row["conditional_pnl"] == pytest.approx(row["direct_pnl"], rel=1e-9)
    fall = first(state, scenario(market=-0.1), calls, volatility_beta=0.0, **terms)
    assert fall["direct_pnl"] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("market", [-0.35, -0.10, 0.25])
def test_volatilities_follow_the_market_by_the_stated_beta(state, market):
    """4.3 % more volatility for each per cent of a fall, the Black-Scholes price of it by hand."""
    rows = (option("c", "A", 10, "C", 105.0), option("p", "A", -10, "P", 95.0))
    row = first(state, scenario(market=market), *rows)
    volatility = 0.3 * (1.0 - 4.3 * market if market < 0 else 1.0 / (1.0 + 4.3 * market))
    money = 0.0
    for right, strike, quantity in (("C", 105.0, 10), ("P", 95.0, -10)):
        terms = {"strike": strike, "years": 0.5, "rate": 0.02, "right": right}
        after = black_scholes.price(spot=100.0 * (1.0 + 1.2 * market), volatility=volatility, **terms)
        money += 100.0 * quantity * float(after - black_scholes.price(spot=100.0, volatility=0.3, **terms))
    assert row["direct_pnl"] == pytest.approx(money, rel=1e-9)
    assert row["volatility_factor"] == pytest.approx(volatility / 0.3)
    assert row["correlation_effect"] == pytest.approx(0.0, abs=1e-8)


def test_a_stated_factor_a_beta_of_zero_and_the_cap_hold_against_the_market(state):
    put = option("p", "A", 10, "P", 95.0)
    one = {name: scenario(name, market=-0.2, **more) for name, more in STATED.items()}
    found = run(state, list(one.values()), put).pnl.set_index("scenario")["volatility_factor"]
    assert found["one"] == 1.0 and found["half"] == 0.5 and found["none"] == pytest.approx(1.86)
    still = first(state, one["none"], put, volatility_beta=0.0)
    assert still["direct_pnl"] == pytest.approx(first(state, one["one"], put)["direct_pnl"])
    cap, wild = (first(state, one["none"], put, volatility_beta=beta) for beta in (20.0, 2000.0))
    assert wild["direct_pnl"] == pytest.approx(cap["direct_pnl"]) and cap["volatility_factor"] == 5.0


def test_a_named_factor_moves_volatilities_only_as_far_as_it_takes_the_market_along(state):
    row = first(state, scenario(value=-0.20), option("p", "A", 10, "P", 95.0))
    moves = state.covariance[0, 1] / state.covariance[1, 1] * -0.20
    assert moves < -0.05
    assert row["volatility_factor"] == pytest.approx(1.0 - 4.3 * moves)


def test_the_page_says_what_volatilities_do_what_expires_and_what_is_by_hand(state):
    held, book = book_of(option("p", "A", 10, "P", 95.0), position("M", "M", 20, kind="manual"))
    said = notes.volatility_sentence(book, STANDARD.scenarios, 4.3)
    assert "rise by 4.3% of themselves" in said and "multiplied by 2.5" in said
    assert "Volatility spike keeps its own" in said
    assert "by choice" in notes.volatility_sentence(book, STANDARD.scenarios, 0.0)
    expired = notes.expired_sentence(book, STANDARD.scenarios)
    assert "Dotcom crash 2000" in expired and "Covid" not in expired and "1 of 1 option" in expired
    told = notes.by_hand_sentence(held, NAV)
    assert told == " Holdings valued by hand, 10.0% of net asset value, are taken to lose nothing."
    stocks_only = book_of(position("A", "A", 1))
    assert notes.by_hand_sentence(stocks_only[0], NAV) == ""
    assert notes.volatility_sentence(stocks_only[1], (), 4.3) == ""
    assert notes.expired_sentence(stocks_only[1], STANDARD.scenarios) == ""


def test_books_of_options_of_shorts_and_of_one_position(state):
    options = run(state, STANDARD.scenarios, option("c", "A", -5, "C", 105.0), option("p", "A", 5, "P", 95.0))
    assert options.pnl["conditional_pnl"].notna().sum() >= 18
    long_option = options.positions[options.positions["position_id"] == "p"]["conditional_pnl"]
    assert long_option.min() >= -option("p", "A", 5, "P", 95.0)["exposure"]
    short = first(state, scenario(market=0.10), position("A", "A", -100), base=(10_000.0, "gross", -9_000.0))
    assert (short["direct_pnl"], short["pnl_fraction"]) == (pytest.approx(-1200.0), pytest.approx(-0.12))
    assert "base_gross" in short["flags"]
    assert first(state, scenario(market=0.10), position("A", "A", 1))["direct_pnl"] == pytest.approx(12.0)


def test_both_sides_of_a_hedge_see_one_price_and_a_stock_loses_at_most_its_value(state):
    """A put struck at 100 pays 100 when the share is worth nothing: no more may be lost on the share."""
    rows = (position("A", "A", 100), position("B", "B", -50), option("p", "A", 1, "P", 100.0))
    tables = run(state, [scenario(market=-0.9, volatility_factor=1.0)], *rows)
    by_position = tables.positions.set_index("position_id")
    assert by_position.loc["A", "direct_pnl"] == pytest.approx(-10_000.0)
    assert by_position.loc["A", "direct_unbounded"] == pytest.approx(-10_800.0)
    assert by_position.loc["B", "direct_pnl"] == by_position.loc["B", "direct_unbounded"]
    put = rows[2]["exposure"]
    paid = 10_000.0 * np.exp(-0.02 * 0.5) - put
    assert by_position.loc["p", "direct_pnl"] == pytest.approx(paid, rel=1e-9)
    row = tables.pnl.iloc[0]
    assert "below_zero" in row["flags"].split(",")
    assert row["direct_unbounded"] - row["direct_pnl"] == pytest.approx(-800.0)
    assert row["conditional_unbounded"] - row["conditional_pnl"] == pytest.approx(-800.0)
    bound = tables.factors.set_index("factor").loc["bound_at_zero", "direct_pnl"]
    assert bound == pytest.approx(800.0)
    assert "at most all of its value" in page.verdict(tables.pnl, "USD")
    calm = first(state, scenario(market=-0.5), *rows)
    assert calm["direct_unbounded"] == calm["direct_pnl"] and "below_zero" not in calm["flags"]
    assert "at most all" not in page.bound_sentence(calm)


def test_percentages_are_of_net_asset_value_and_nothing_is_clipped(state):
    """Not of |net| called gross, and not cut at -99 %."""
    row = first(state, scenario(market=-0.45), position("A", "A", 1000), base=(30_000.0, "nav", 30_000.0))
    assert row["conditional_pnl"] == pytest.approx(-54_000.0)
    assert row["pnl_fraction"] == pytest.approx(-1.8)
    assert "exceeds_nav" in row["flags"].split(",")
    assert "exceeds_nav" not in first(state, scenario(market=0.45), position("A", "A", 1000))["flags"]


def test_what_is_left_out_is_named(state):
    rows = [position("A", "A", 100), position("M", "M", 1, kind="manual"), option("x", "A", 1, "C", 100.0)]
    rows += [position("Y", "Y", 5), position("U", "U", 5, price=np.nan)]
    row = first(state, scenario(market=0.10), *rows, without=("x",))
    assert row["direct_pnl"] == pytest.approx(1200.0)
    assert row["flags"] == "manual_left_out,unpriced_left_out,no_greeks_left_out,no_beta_left_out"
    nothing = first(state, scenario(market=0.10), option("x", "A", 1, "C", 100.0), without=("x",))
    assert np.isnan(nothing["conditional_pnl"]) and np.isnan(nothing["pnl_fraction"])
    assert "nothing_covered" in nothing["flags"]


def test_a_capped_beta_is_flagged_where_its_factor_moves(state):
    capped = {"capped": ("value",)}
    assert "capped_beta" not in first(state, scenario(market=0.1), rates=RATES, **capped)["flags"]
    assert "capped_beta" in first(state, scenario(value=0.1), **capped)["flags"]


def test_without_yields_rate_scenarios_say_so_and_the_others_run():
    bare = factor_state(factor_table(), yield_table().iloc[:0])
    assert bare.names == FACTORS
    pnl = run(bare, STANDARD.scenarios).pnl.set_index("scenario")
    assert pnl.loc["rates_up_25bp", "flags"] == "no_yields"
    assert np.isnan(pnl.loc["rates_up_25bp", "direct_pnl"])
    assert pnl.loc["market_down_10", "direct_pnl"] == pytest.approx(-0.10 * dollars("market"))


def test_a_factor_that_has_no_returns_is_named():
    factors = factor_table()
    some = factor_state(factors[factors["factor"] != "size"], yield_table())
    pnl = run(some, STANDARD.scenarios).pnl.set_index("scenario")
    assert pnl.loc["small_cap_outperformance_10", "flags"] == "no_factor_size"
    assert np.isnan(pnl.loc["small_cap_outperformance_10", "conditional_pnl"])
    assert np.isfinite(pnl.loc["value_rotation_20", "conditional_pnl"])


def test_twin_factors_are_flagged_and_solved_by_pseudo_inverse():
    wide = factor_frame(factor_table())
    wide["growth"] = wide["value"]
    twins = factor_state(long(wide), yield_table())
    row = first(twins, scenario(value=0.10, growth=0.10))
    assert "pinv" in row["flags"]
    assert np.isfinite(row["conditional_pnl"])
    assert "pinv" not in first(twins, scenario(value=0.10))["flags"]


def test_a_replay_takes_the_real_moves_of_the_window():
    factors, yields = factor_table(), yield_table()
    live = factor_state(factors, yields)
    start, end = "2020-02-19", "2020-03-23"
    tables = run(live, [scenario("old", window=(start, end), market=-0.1)])
    row = tables.pnl.set_index("scenario").loc["old_replay"]
    past = factor_frame(factors).loc["2020-02-20":"2020-03-23"]
    moves = (1 + past).prod() - 1
    ten = yields[yields["tenor"] == "10Y"].set_index("date")["rate"]
    change = (ten["2020-03-23"] - ten["2020-02-19"]) * 1e4
    raw = np.append(moves.to_numpy(), change)
    beyond = np.append(raw[0], (raw - live.loadings * raw[0])[1:])
    wanted = beyond @ np.array([dollars(name) for name in live.names])
    assert row["conditional_pnl"] == pytest.approx(wanted, rel=1e-9)
    assert row["correlation_effect"] == pytest.approx(0.0, abs=1e-8)
    assert (row["category"], row["flags"]) == ("replay", "")
    assert tables.pnl["scenario"].tolist() == ["old", "old_replay"]


@pytest.mark.parametrize(
    "window", [("2008-09-15", "2009-03-15"), ("2018-12-20", "2019-02-01"), ("2020-12-01", "2021-01-15")]
)
def test_a_window_that_the_data_do_not_cover_is_null_with_its_reason(state, window):
    row = first(state, scenario("old", window=window))
    assert row["flags"] == "window_not_covered"
    assert np.isnan(row[["direct_pnl", "conditional_pnl", "pnl_fraction", "sigmas"]].astype("float64")).all()


def test_a_window_counts_the_sessions_of_the_exchange_that_is_given(state):
    """10 March 2020 was Holi: Mumbai was closed, New York was not."""
    one = [scenario("old", window=("2020-03-06", "2020-03-13"))]
    new_york = stress_cases(one, state).table["horizon_days"].iloc[0]
    mumbai = stress_cases(one, state, exchange="XNSE").table["horizon_days"].iloc[0]
    assert (new_york, mumbai) == (5, 4)
    there = run(state, one, exchange="XNSE").pnl["conditional_pnl"].iloc[0]
    assert there != run(state, one).pnl["conditional_pnl"].iloc[0]


def test_a_style_without_data_leaves_its_scenarios_null_with_its_name_and_no_other():
    factors = factor_table()
    lacking = factor_state(factors[factors["factor"] != "quality"], yield_table())
    betas = {name: [*row[:4], *row[5:]] for name, row in BETAS.items()}
    held, book = book_of(position("A", "A", 100), position("B", "B", -50))
    names = [name for name in FACTORS if name != "quality"]
    known = betas_table(held, betas, names=names)
    pnl = stress(book, known, rates_table(held, RATES), lacking, STANDARD.scenarios, base=NAV).pnl
    named = {one.id for one in STANDARD.scenarios if "quality" in one.shocks}
    lost = pnl[pnl["flags"].str.contains("no_factor_quality")]
    assert set(lost["scenario"]) == named and len(named) == 5
    assert lost[["direct_pnl", "conditional_pnl", "sigmas"]].isna().all(axis=None)
    rest = pnl[~pnl["scenario"].isin(named) & (pnl["category"] != "replay")]
    assert rest["conditional_pnl"].notna().all()
    assert "no data for quality" in set(page.written(pnl)["reason"])
    assert "5 of 18 scenarios could not be computed." in page.verdict(pnl, "USD")


def test_with_too_few_days_of_factors_every_scenario_is_null_and_says_why():
    days = DAYS[-40:]
    short = factor_state(factor_table(days=days), yield_table(days=days))
    assert short.short and not factor_state(factor_table(days=DAYS[-60:]), yield_table()).short
    tables = run(short, STANDARD.scenarios)
    assert set(tables.pnl["flags"]) == {"short_factor_history"}
    assert tables.pnl[["direct_pnl", "conditional_pnl", "sigmas"]].isna().all(axis=None)
    texts = [one.sentence for one in page.key_figures(tables.pnl, "USD")]
    assert set(texts[:4]) == {"No scenario could be computed: too few days of factors."}
    shares = page.factor_shares(tables.pnl, tables.factors)
    assert shares.isna().all(axis=None) and shares.size == 1
    assert page.factors_sentence(shares).endswith(".")


def test_a_scenario_of_hundreds_of_sigmas_is_called_a_story_and_a_crash_is_not(state):
    tables = run(state, [scenario("crash", market=-0.35), scenario("apart", market=-0.45, quality=0.6)])
    pnl = tables.pnl.set_index("scenario")
    assert pnl.loc["crash", "sigmas"] < 100 < pnl.loc["apart", "sigmas"]
    assert "far_outside" in pnl.loc["apart", "flags"] and "far_outside" not in pnl.loc["crash", "flags"]
    text = page.size_sentence(tables.pnl)
    assert "apart asks for more than 100" in text and "story" in text
    calm = tables.pnl[tables.pnl["scenario"] == "crash"]
    assert "story" not in page.size_sentence(calm)
    assert "not a forecast" in page.verdict(tables.pnl.iloc[1:], "USD")
    assert "not a forecast" not in page.verdict(calm, "USD")


def test_a_hole_in_the_market_is_no_cover():
    factors = factor_table()
    holed = factors[(factors["date"] != "2020-03-03") | (factors["factor"] != "market")]
    one = factor_state(holed, yield_table())
    row = first(one, scenario("old", window=("2020-02-19", "2020-03-23")))
    assert row["flags"] == "window_not_covered"


def test_the_state_is_the_covariance_of_the_basis_turned_back(state):
    wide = factor_frame(factor_table()).tail(252)
    styles = wide - np.outer(wide["market"], market_loadings(wide))
    basis = ewma_covariance(styles, decay=0.94)
    turn = np.eye(7)
    turn[:, 0] -= state.loadings[:7]
    found = turn @ state.covariance[:7, :7] @ turn.T
    np.testing.assert_allclose(found[1:, 1:], basis[1:, 1:], rtol=1e-9, atol=1e-16)
    assert found[0, 0] == pytest.approx(basis[0, 0])
    np.testing.assert_allclose(found[0, 1:], 0.0, atol=1e-18)
    raw = ewma_covariance(wide, decay=0.94)
    assert np.sqrt(np.diag(state.covariance)[:7]) == pytest.approx(np.sqrt(np.diag(raw)), rel=0.1)
    assert state.observations == 252
    assert state.effective_observations == pytest.approx(32.3, abs=0.1)


def test_known_truth_is_found_from_prices():
    """Generated market: stress from estimated betas against that of the true ones."""
    factors, yields = factor_table(), yield_table()
    raw = {"A": [0.5, 0.4, 0.0, 0.3, 0.0, 0.0, 0.0], "B": [1.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.2]}
    rates = {"A": -4e-4, "B": 2e-4}
    prices = stocks(factors, raw, yields, rates, noise=0.0005)
    held, book = book_of(position("A", "A", 100), position("B", "B", -50))
    live = factor_state(factors, yields)
    betas, by_rate = (
        position_betas(held, prices, factors),
        rate_betas(held, prices, factors, yields, tenors=("10Y",)),
    )
    scenarios = [
        scenario("m", market=-0.1),
        scenario("r", **{RATE: 0.01}),
        scenario("v", market=-0.1, value=-0.2),
    ]
    found = stress(book, betas, by_rate, live, scenarios, base=NAV).pnl.set_index("scenario")
    e, true = np.array([10_000.0, -5_000.0]), np.array([raw["A"], raw["B"]])
    money = e @ true
    along = live.loadings[:7] + np.eye(7)[0]
    tol = 60.0
    assert found.loc["m", "direct_pnl"] == pytest.approx(-0.1 * money @ along, abs=tol)
    assert found.loc["r", "direct_pnl"] == pytest.approx(100 * e @ [rates["A"], rates["B"]], abs=2 * tol)
    value = -0.2 + 0.1 * live.loadings[1]
    assert found.loc["v", "direct_pnl"] == pytest.approx(-0.1 * money @ along + value * money[1], abs=tol)


def test_words_and_identities_hold_for_every_kind_of_book(state):
    books = [
        [position("A", "A", 100)],
        [option("c", "A", 1, "C", 100.0), option("p", "B", -1, "P", 90.0)],
        [position("A", "A", -100)],
        [position("M", "M", 1, kind="manual")],
    ]
    for rows in books:
        tables = run(state, STANDARD.scenarios, *rows, betas={**BETAS, "M": BETAS["A"]})
        held, book = book_of(*rows)
        names = names_of(held)
        checks = page.checks(tables, state, STANDARD.scenarios, book)
        assert [check.name for check in checks if not check.passed] == []
        worst = stress_order.worst(tables.pnl)
        texts = [one.sentence for one in page.key_figures(tables.pnl, "USD")]
        texts += [page.contributors_sentence(page.contributors(tables.positions, worst, names), worst)]
        texts += [page.leaders_sentence(tables.pnl, tables.positions, names)]
        texts += [page.size_sentence(tables.pnl), page.categories_sentence(tables.pnl)]
        texts += [page.replays_sentence(tables.pnl, "USD"), page.verdict(tables.pnl, "USD")]
        texts += [page.state_sentence(ScenarioSet(STANDARD.scenarios, 2), state, "10Y")]
        assert not [
            text for text in texts if "nan" in text.lower().replace("finance", "").replace("financial", "")
        ]
        assert list(page.categories(tables.pnl)) == [column.name for column in page.CATEGORIES]
        assert len(page.leaders(tables.pnl, tables.positions, tables.factors, names)) in (0, 18)
        shares = page.factor_shares(tables.pnl, tables.factors)
        assert shares.isna().all(axis=None) or np.allclose(shares.abs().sum(axis=1), 1.0)
        assert page.factors_sentence(shares).endswith(".")
    assert len(DAYS) > 252


def test_the_checks_find_what_is_wrong(state):
    rows = [position("A", "A", 100), option("c", "A", 3, "C", 105.0)]
    tables, (_, book) = run(state, STANDARD.scenarios, *rows), book_of(*rows)
    broken = Stress(
        tables.pnl.assign(direct_pnl=tables.pnl["direct_pnl"] * 1.01),
        tables.positions.assign(conditional_pnl=tables.positions["conditional_pnl"] - 1e5),
        tables.factors.assign(shock=tables.factors["shock"] * 0.99),
    )
    broken.pnl.loc[0, ["conditional_pnl", "flags"]] = [np.nan, ""]
    assert not [check for check in page.checks(tables, state, STANDARD.scenarios, book) if not check.passed]
    assert not [check for check in page.checks(broken, state, STANDARD.scenarios, book) if check.passed]


def test_no_scenario_and_no_position(state):
    tables = run(state, [])
    assert len(tables.pnl) == len(tables.positions) == len(tables.factors) == 0
    held, book = book_of(position("A", "A", 100))
    empty = pd.DataFrame(columns=held.columns)
    assert len(empty) == 0 and len(book.places) == 0
