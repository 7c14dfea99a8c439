"""Sorts of the sample: the planted effect is found in its size, chance is not, few stocks prove nothing."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.signals import providers
from lib.signals.cube import session_of
from lib.signals.pages import deciles
from lib.signals.sort_study import Choice, Inputs, sort_study
from lib.tables import TABLES

AS_OF = "2022-12-28"
PLANTED = -0.0035
"""Return a month for one standard deviation of opacity across banks, as the README of the sample says."""


@cache
def raw():
    return providers.prepare({"as_of": AS_OF, "settings": {"provider": "sample"}})


def part(name):
    return raw()[f"raw_{name}"][TABLES[name].column_names]


@cache
def sorted_sample(signal, universe, hypothesis):
    sessions = pd.DatetimeIndex(np.sort(part("signal_returns")["date"].unique()))
    rows = raw()["raw_signal_values"]
    rows = rows.loc[rows["signal"] == signal]
    rows = rows.assign(
        session=session_of(rows["known_at"], sessions, exchange="XNYS"), symbol=rows["entity"]
    ).dropna(subset="session")
    values = conform(rows[TABLES["signal_values"].column_names], TABLES["signal_values"])
    names = ("returns", "memberships", "delistings", "entities", "facts")
    inputs = Inputs(values, *(part(f"signal_{name}") for name in names))
    choice = Choice(draws=200, horizons=(21,), longest_delay=0)
    return sort_study(inputs, choice, as_of=AS_OF, universe=universe, hypothesis=hypothesis, exchange="XNYS")


def test_the_planted_effect_is_inside_the_reported_interval():
    found = sorted_sample("bank-opacity", "banks", "lower")
    groups = found.tables["signal_groups"]
    by_date = groups.groupby("date")["value"]
    scores = (groups["value"] - by_date.transform("mean")) / by_date.transform("std", ddof=0)
    gap = (scores * groups["position"]).groupby(groups["date"]).sum().mean()
    row = found.row("long_short")
    assert row["low"] < PLANTED * gap < row["high"]
    assert row["t"] > 3 and gap == pytest.approx(-3.5, abs=0.6)


def test_the_signal_without_effect_is_not_called_significant():
    found = sorted_sample("bank-noise", "banks", "higher")
    assert found.row("long_short")["p"] > 0.05 and found.row("long_short", "value")["p"] > 0.05
    assert "not to be told from nothing" in deciles.verdict(found)
    assert deciles.faults(found)[0].startswith("The data are generated")


@pytest.mark.parametrize("signal", ["momentum", "low-volatility", "reversal"])
def test_the_real_signals_are_said_to_prove_nothing(signal):
    found = sorted_sample(signal, "us-stocks", "higher")
    said = deciles.faults(found)
    assert "prove nothing" in said[0] and "hindsight" in said[0]
    assert abs(found.row("long_short")["t"]) < 3
