"""Dates without an event: where they may lie, what they measure, and how often they reject a true null."""

import numpy as np
import pandas as pd
import pytest

from lib.signals.event_placebos import ENOUGH, place_among, placebo_dates
from lib.signals.event_windows import EventRules
from lib.signals.events import Yardstick
from tests.signals.event_worlds import listed, studied
from tests.signals.worlds import world

RULES = EventRules()


def test_windows_of_placebo_dates_overlap_neither_each_other_nor_an_event():
    taken = np.array([300, 303, 700])
    at = placebo_dates(1200, taken, rules=RULES, most=500, seed=3)
    assert len(at) > 130 and (np.diff(at) >= 7).all()
    assert (np.abs(at[:, None] - taken) >= 7).all()
    assert at.min() >= 120 and at.max() + 5 < 1200


def test_the_seed_decides_the_dates_and_a_limit_draws_among_them():
    first, again, other = (
        placebo_dates(1200, np.array([500]), rules=RULES, most=60, seed=seed) for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert len(first) == 60 and (np.diff(first) > 7).any()


def test_a_placebo_date_is_measured_as_an_event_of_that_day_would_be():
    own = world(firms=40, days=700, effect=0.0)
    event = listed([("crash", None, f"{own.sessions[500]:%Y-%m-%d} 15:00")])
    table = studied(own.tables, event, yardstick=Yardstick(99, 60)).tables["event_placebos"]
    for row in (5, 41):
        day = table["session"].iloc[row]
        same = studied(own.tables, listed([("calm", None, f"{day:%Y-%m-%d} 15:00")]))
        real = same.tables["event_placebos"].iloc[0]
        for name in ("n", "mean_car", "difference"):
            assert real[name] == pytest.approx(table[name].iloc[row], abs=1e-15)


def test_a_list_of_several_dates_draws_as_many():
    own = world(firms=40, days=700, effect=0.0)
    days = [300, 340, 420, 500]
    event = listed([(f"e{at}", None, f"{own.sessions[at]:%Y-%m-%d} 15:00") for at in days])
    table = studied(own.tables, event).tables["event_placebos"]
    assert len(table) == 1000 and table["session"].isna().all()
    one = studied(own.tables, event.iloc[:1]).tables["event_placebos"]
    assert 0.4 < table["mean_car"].iloc[1:].std() / one["mean_car"].iloc[1:].std() < 0.6


def test_fewer_dates_than_are_enough_give_no_probability():
    own = world(firms=20, days=400, effect=0.0)
    event = listed([("crash", None, f"{own.sessions[200]:%Y-%m-%d} 15:00")])
    found = studied(own.tables, event)
    assert 0 < found.placebo_dates < ENOUGH
    row = found.tables["event_tests"].query("test == 'placebo'").iloc[0]
    assert np.isnan(row["p"]) and row["reason"] == "few_placebos"


def test_the_place_among_draws_rejects_a_true_null_in_one_of_twenty():
    draw = np.random.default_rng(1)
    p = [
        place_among(pd.DataFrame({"mean_car": draw.standard_normal(100)}), "mean_car", 99)[1]
        for _ in range(2000)
    ]
    assert 0.04 <= np.mean(np.array(p) <= 0.05) <= 0.06


def test_the_real_result_counts_among_the_draws():
    table = pd.DataFrame({"mean_car": [9.0, *np.linspace(-1.0, 1.0, 99)]})
    assert place_among(table, "mean_car", 99)[1] == 1.0 / 100.0
    assert np.isnan(place_among(table, "mean_car", 49)[1])
