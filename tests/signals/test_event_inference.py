"""Which tests are said to hold, by how events fall on days and what they do to the variance."""

import numpy as np
import pytest

from lib.signals.event_inference import NEEDS, Circumstances, trust, trust_difference
from lib.signals.events import Grouping
from tests.signals.event_worlds import listed, studied
from tests.signals.worlds import world

WORLD = world(firms=60, days=900, effect=0.0, failures=0)
DAY = WORLD.sessions[500]


def about(*, sharing=0.0, raised=False, events=100):
    """Circumstances of so many events."""
    return Circumstances(events, 1 if sharing else events, sharing, 0.1, 2.0 if raised else 1.0, raised)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (about(), set(NEEDS)),
        (about(raised=True), set(NEEDS) - {"patell", "portfolio", "corrado", "placebo"}),
        (about(sharing=99.0), {"portfolio", "corrado", "placebo"}),
        (about(sharing=99.0, raised=True), set()),
        (about(events=6), {"sign", "generalised_sign", "wilcoxon", "placebo"}),
    ],
)
def test_a_test_holds_where_its_assumptions_do(case, expected):
    assert {name for name in NEEDS if trust(name, case)[0] == "yes"} == expected


def test_kolari_and_pynnonen_stay_on_a_condition_where_all_share_a_raised_day():
    assert trust("kolari_pynnonen", about(sharing=99.0, raised=True)) == ("conditional", "as_before")
    assert trust("cross_sectional", about(sharing=99.0)) == ("no", "shared_days")
    assert trust("patell", about(raised=True)) == ("no", "raised_variance")


def test_differences_on_one_day_rest_on_the_portfolio_and_on_other_dates():
    one_day = about(sharing=99.0)
    assert trust_difference("portfolio", one_day, missing=False) == ("yes", None)
    assert trust_difference("placebo", one_day, missing=False) == ("yes", None)
    assert trust_difference("welch", one_day, missing=False) == ("conditional", "firms_alike")
    assert trust_difference("welch", about(), missing=False) == ("yes", None)
    assert trust_difference("portfolio", about(raised=True), missing=False) == ("no", "raised_variance")
    assert trust_difference("slope", about(), missing=True) == ("no", "few_values")


def moved(how):
    """The study of one day for all firms, with returns of the window changed."""
    rows = WORLD.tables["signal_returns"].copy()
    inside = rows["date"].isin(WORLD.sessions[499:506])
    rows.loc[inside, "return"] = how(rows.loc[inside])
    event = listed([("crash", None, f"{DAY:%Y-%m-%d} 15:00")])
    return studied({**WORLD.tables, "signal_returns": rows}, event, grouping=Grouping())


def test_more_spread_in_the_window_is_noticed_and_an_effect_of_the_signal_is_not_taken_for_it():
    calm = moved(lambda rows: rows["return"])
    assert not calm.about.raised and 0.5 < calm.about.variance_ratio < 1.5
    draw = np.random.default_rng(2)
    wild = moved(lambda rows: rows["return"] + 0.03 * draw.standard_normal(len(rows)))
    assert wild.about.raised and wild.about.variance_ratio > 3.0
    group = calm.tables["event_car"].set_index("entity")["group"]
    told = moved(lambda rows: rows["return"] - 0.01 * rows["entity"].map(group))
    assert not told.about.raised
    assert told.tables["event_differences"].set_index("test").loc["portfolio", "p"] < 1e-6
