"""The core of the look-ahead audit on a toy stage: every leak is found and named, honest variants pass."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from toy import selection

from lib.run.audit import power
from lib.run.audit.alterations import CUT, HELD_BACK, HORIZON, NOISE, Alteration, altered
from lib.run.audit.comparison import compare
from lib.run.audit.look_ahead import Audit, Known, audit

CAUSE = {
    "today's category": ("attributes", "category"),
    "today's expense ratio": ("facts", "expense"),
    "selection at the trade's own NAV": ("navs", ""),
    "a macro value before its release": ("economy", "economy"),
    "holdings before disclosure": ("holdings", ""),
    "peers that include later funds": ("funds", "peers"),
    "survivors only": ("events", ""),
    "a centred rolling window": ("navs", ""),
    "a full-sample normalisation": ("navs", "score"),
    "a backward fill": ("navs", ""),
    "a rank over all dates": ("navs", "rank"),
    "a same-day benchmark": ("levels", "excess"),
    "a restated NAV": ("navs", ""),
    "a shift by minus one": ("navs", ""),
    "a Saturday's value on Friday": ("navs", ""),
    "the successor's history under the old fund": ("events", ""),
}


@pytest.fixture(scope="module")
def world() -> dict[str, pd.DataFrame]:
    return selection.world(1)


def audited(world: dict[str, pd.DataFrame], choice: selection.Choice, moments: int) -> Audit:
    def run(tables, as_of):
        return selection.select(tables, choice, as_of or selection.END)

    return audit(run, world, selection.SCHEMAS, moments=moments, to_first=True)


@pytest.mark.parametrize("leak", selection.LEAKS)
def test_every_leak_is_found_with_its_input_and_column(world, leak):
    found = audited(world, selection.LEAKS[leak], 12)
    assert not found.passed
    first, (table, column) = found.leaks[0], CAUSE[leak]
    assert table in first.cause
    assert first.first is not None and first.first.date <= first.alteration.moment
    assert column in ("", first.first.column)


@pytest.mark.parametrize("variant", selection.VARIANTS)
def test_no_honest_variant_raises_an_alarm(world, variant):
    found = audited(world, selection.VARIANTS[variant], 5)
    assert found.passed
    assert {trial.alteration.kind for trial in found.conclusive} == {CUT, NOISE, HELD_BACK}
    assert (found.undated, found.unclocked) == (("summary",), ("houses",))


@pytest.mark.parametrize("kind", [CUT, NOISE, HELD_BACK])
def test_an_alteration_leaves_what_was_known_and_the_schemas(world, kind):
    day = np.datetime64("2021-06-30")
    made = altered(world, selection.SCHEMAS, Alteration(kind, day))
    assert made.rows["navs" if kind != HELD_BACK else "holdings"] > 0
    for name in selection.INPUTS:
        schema = selection.SCHEMAS[name]
        if not schema.known_at:
            continue
        before, after = (
            one[name][pd.to_datetime(one[name][schema.known_at]).dt.date <= day.astype(object)]
            for one in (world, made.tables)
        )
        pd.testing.assert_frame_equal(before.reset_index(drop=True), after.reset_index(drop=True))
        assert list(made.tables[name].dtypes) == list(world[name].dtypes)


def test_the_bound_of_the_power_is_the_exact_one_and_no_more_is_claimed_than_was_measured():
    for found, planted in ((0, 16), (43, 48), (185, 192), (192, 192)):
        exact = binomtest(found, planted, alternative="greater").proportion_ci(0.95, method="exact")
        assert power.at_least(found, planted) == pytest.approx(exact.low, abs=1e-12)
    assert power.power_of(2) is None
    assert power.power_of(9) == power.power_of(8)
    assert power.power_of(99).alterations == max(power.FOUND)


def test_noise_ends_with_a_cut_and_leaves_what_lies_before_it_its_keys(world):
    day = np.datetime64("2021-03-31")
    navs, made = world["navs"], altered(world, selection.SCHEMAS, Alteration(NOISE, day)).tables["navs"]
    left = navs[navs["known_at"] <= pd.Timestamp(day + HORIZON)]
    keys = ["fund_id", "date", "known_at"]
    pd.testing.assert_frame_equal(made[keys], left[keys].reset_index(drop=True))
    later = made["known_at"] > pd.Timestamp(day)
    assert (made["nav"] != left["nav"].reset_index(drop=True))[later].mean() > 0.9


def test_what_differs_by_rounding_is_counted_and_is_no_difference(world):
    results = selection.select(world, selection.Choice())
    path = results["path"].assign(excess=lambda one: one["excess"] + 1e-15)
    found = compare(results, {**results, "path": path}, selection.SCHEMAS)
    assert not found.differences
    assert found.rounded > 100
    path = results["path"].assign(excess=lambda one: one["excess"] + 1e-9)
    assert compare(results, {**results, "path": path}, selection.SCHEMAS).differences[0].column == "excess"


def test_an_audit_takes_as_many_days_as_its_time_allows_and_one_of_each_kind_in_any_case(world):
    def run(tables, as_of):
        return selection.select(tables, selection.Choice(), as_of or selection.END)

    results = run(world, None)
    short = audit(run, world, selection.SCHEMAS, known=Known(results, 1e-6))
    assert [one.alteration.kind for one in short.trials] == [CUT, NOISE, HELD_BACK]
    long = audit(run, world, selection.SCHEMAS, known=Known(results, 1e6, share=1e-9))
    assert len(long.trials) == 13
