"""The core of the look-ahead audit on a toy stage: every leak is found and named, honest variants pass."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from toy import selection

from lib.run.audit.alterations import CUT, HELD_BACK, NOISE, Alteration, altered
from lib.run.audit.look_ahead import Audit, audit

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
