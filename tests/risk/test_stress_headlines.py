"""What may be called the worst and the best: plausible scenarios on observed data, by one rule everywhere."""

from dataclasses import replace

import numpy as np
import pytest
from scenario_worlds import (
    FACTORS,
    betas_table,
    book_of,
    factor_table,
    option,
    position,
    rates_table,
    yield_table,
)

from lib import stress_order
from lib.market.calendar import sessions
from lib.risk.factor_state import factor_state
from lib.risk.pages import stress as page
from lib.risk.scenario_files import RATE, Scenario
from lib.risk.stress import stress

BETAS = {"A": [1.2, 0.4, -0.3, 0.2, 0.1, 0.3, -0.2]}
NAV = (20_000.0, "nav", 20_000.0)


def scenario(name, **shocks):
    return Scenario(name, name, "custom", "mild", shocks, None)


def run(scenarios, *rows, origin="real", factors=None, generated=False):
    held, book = book_of(*(rows or (position("A", "A", 100),)))
    book = replace(book, generated=generated)
    state = factor_state(factor_table(), yield_table().assign(origin=origin))
    rates = rates_table(held, {"A": -3e-3})
    return stress(book, betas_table(held, BETAS), rates, state, scenarios, base=NAV).pnl.set_index("scenario")


THREE = [scenario("fall", market=-0.1), scenario("rise", market=0.05), scenario("rates", **{RATE: 0.02})]


def test_a_shock_to_generated_yields_is_flagged_and_is_never_the_worst():
    real, made = run(THREE), run(THREE, origin="generated")
    assert stress_order.worst(real)["name"] == "rates"
    assert "generated_data" in made.loc["rates", "flags"]
    assert stress_order.worst(made)["name"] == "fall"
    assert "rates rests on generated yields or volatilities: never the worst or the best." in page.verdict(
        made.reset_index(), "USD"
    )
    told = page.key_figures(made.reset_index(), "USD")
    assert [one.name for one in told[:3:2]] == ["worst_stress", "best_stress"]
    assert told[0].value == pytest.approx(-0.06) and told[2].value == pytest.approx(0.03)


def test_profits_that_come_mostly_from_generated_volatilities_are_flagged():
    """Calls and puts hedged to no delta: all that is left of a fall is what revaluation does."""
    straddle = [option("c", "A", 10, "C", 100.0), option("p", "A", 10, "P", 100.0)]
    delta = book_of(*straddle)[1].delta_exposure.sum() / 100.0
    rows = [*straddle, position("A", "A", -delta)]
    one = [scenario("fall", market=-0.2)]
    assert "generated_data" in run(one, *rows, generated=True).loc["fall", "flags"]
    assert "generated_data" not in run(one, *rows).loc["fall", "flags"]
    assert "generated_data" not in run(one, generated=True).loc["fall", "flags"]


def test_a_yield_of_minus_four_percent_is_flagged():
    level = yield_table().query("tenor == '10Y'")["rate"].iloc[-1]
    pnl = run([scenario("deep", **{RATE: -0.04 - level}), scenario("low", **{RATE: -0.005 - level})])
    assert "implausible_yield" in pnl.loc["deep", "flags"]
    assert "implausible_yield" not in pnl.loc["low", "flags"]


def test_both_readings_are_told_where_they_differ_by_more_than_a_tenth():
    both = run([scenario("value", value=-0.05)]).reset_index()
    assert abs(both["correlation_effect"].iloc[0]) > 0.1 * both["conditional_pnl"].abs().max()
    assert "at their conditional mean; the shocks as named alone come to" in page.verdict(both, "USD")
    alone = run([scenario("fall", market=-0.1)]).reset_index()
    assert "named alone" not in page.verdict(alone, "USD")


def test_a_story_is_ranked_apart_and_told_beside_the_worst():
    pnl = run([scenario("crash", market=-0.35), scenario("apart", market=-0.45, quality=0.6)]).reset_index()
    assert stress_order.worst(pnl)["name"] == "crash"
    text = page.verdict(pnl, "USD")
    assert text.startswith("The worst of the plausible scenarios, replays included, crash, would cost")
    assert "Ranked apart as far outside what factors ever did: apart," in text
    only = pnl[pnl["scenario"] == "apart"]
    assert "it is a story, not a forecast" in page.verdict(only, "USD")
    assert len(FACTORS) == 7 and np.isfinite(pnl["conditional_pnl"]).all()


def test_a_replay_of_more_than_a_year_is_ranked_apart_and_told():
    """252 sessions still count as a year; a longer window is no shock that a book could stand through."""
    days = sessions("2019-01-02", "2020-12-31")
    year, longer = days[-253], days[-254]
    past = [
        replace(THREE[0], id=name, name=name, shocks={}, window=(str(start.date()), str(days[-1].date())))
        for name, start in (("year", year), ("longer", longer))
    ]
    pnl = run([*THREE[:2], *past])
    flags = pnl["flags"]
    assert "long_window" in flags["longer_replay"] and "long_window" not in flags["year_replay"]
    big = pnl.assign(conditional_pnl=pnl["conditional_pnl"].where(pnl.index != "longer_replay", -9_999.0))
    assert stress_order.worst(big)["name"] != "longer, replayed"
    text = page.verdict(big.reset_index(), "USD")
    assert "no book stands still: longer, replayed (USD\u00a0\u22129,999), all at once." in text
    assert "longer" not in page.key_figures(big.reset_index(), "USD")[0].sentence
