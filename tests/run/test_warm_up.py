"""The warm-up audit on measures whose memory is known, and the inputs that it makes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.contracts import Column, Table
from lib.run.audit.alterations import from_day
from lib.run.audit.look_ahead import Known, Stopped
from lib.run.audit.warm_up import changes, warm_up

DAYS = pd.date_range("2020-01-01", periods=1000, freq="D").astype("datetime64[us]")
SCHEMAS = {
    one.name: one
    for one in (
        Table(
            "prices",
            "Prices.",
            (Column("date", "date", "day"), Column("symbol", "str", "id"), Column("close", "float", "price")),
            ("symbol", "date"),
            known_at="date",
        ),
        Table(
            "means",
            "Means.",
            (Column("date", "date", "day"), Column("symbol", "str", "id"), Column("mean", "float", "mean")),
            ("date", "symbol"),
            dated="date",
        ),
    )
}


@pytest.fixture(scope="module")
def tables():
    wide = pd.DataFrame(np.random.default_rng(2).normal(10, 1, (len(DAYS), 2)), DAYS, ["A", "B"])
    long = wide.rename_axis("date").reset_index().melt("date", var_name="symbol", value_name="close")
    return {"prices": long}


def stage(measure):
    def run(tables, as_of):
        wide = tables["prices"].pivot(index="date", columns="symbol", values="close")  # noqa: PD010
        made = (
            measure(wide).rename_axis("date").reset_index().melt("date", var_name="symbol", value_name="mean")
        )
        return {"means": made[["date", "symbol", "mean"]]}

    return run


def audited(measure, tables):
    run = stage(measure)
    return warm_up(run, tables, SCHEMAS, Known(run(tables, None), 1.0))


def test_a_window_needs_its_own_length_and_no_more(tables):
    found = audited(lambda wide: wide.rolling(200).mean().round(9), tables)
    assert [one.days for one in found.lengths] == [484, 242, 121, 60]
    assert found.since == np.datetime64("2022-08-26")
    assert found.enough == 242
    assert found.first.days == 121
    change = found.first.changes[0]
    assert (change.table, change.column, change.of) == ("means", "mean", 64)
    assert change.values == 64  # noqa: PD011


def test_a_measure_that_never_forgets_changes_with_any_less_history(tables):
    found = audited(lambda wide: wide.expanding().mean(), tables)
    assert found.enough is None
    assert found.first.days == 484
    assert all(one.changes[0].largest > 0.01 for one in found.lengths)


def test_a_measure_of_the_day_needs_no_history(tables):
    found = audited(lambda wide: wide * 2, tables)
    assert (found.first, found.enough) == (None, 60)


def test_a_stage_without_a_result_on_little_history_is_told(tables):
    def measure(wide):
        if len(wide) < 200:
            raise Stopped("too short")
        return wide

    found = audited(measure, tables)
    assert found.enough == 242
    assert [one.stopped for one in found.lengths] == ["", "", "too short", "too short"]


def test_of_each_entity_the_row_last_known_before_the_day_stays(tables):
    start = np.datetime64("2021-06-01")
    made = from_day(tables, SCHEMAS, start).tables["prices"]
    before = made[made["date"] < pd.Timestamp(start)]
    assert before["date"].tolist() == [pd.Timestamp("2021-05-31")] * 2
    assert set(before["symbol"]) == {"A", "B"}
    assert len(made) - 2 == (tables["prices"]["date"] >= pd.Timestamp(start)).sum()


def test_rows_that_only_one_history_has_count_in_every_column():
    old = pd.DataFrame({"date": DAYS[:3], "symbol": "A", "mean": [1.0, 2.0, np.nan]})
    new = old.iloc[1:].assign(mean=[2.5, np.nan])
    found = changes(old, new, SCHEMAS["means"], since=np.datetime64("2020-01-01"))
    told = [(one.column, one.values, one.of, one.largest) for one in found]  # noqa: PD011
    assert told == [("mean", 2, 3, 0.5)]
