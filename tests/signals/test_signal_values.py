"""What becomes of the values of a signal: each lost row has a cause, nothing is used before it was known."""

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.errors import QualityError
from lib.signals import values as study
from lib.signals.cube import cube
from lib.signals.pages import values as page
from lib.tables import TABLES
from tests.signals.worlds import EXCHANGE, world

WORLD = world(firms=30, days=500, components=2)
TABLES_OF = WORLD.tables


def market(as_of="2049-01-01"):
    return cube(
        TABLES_OF["signal_returns"],
        TABLES_OF["signal_memberships"],
        TABLES_OF["signal_delistings"],
        universe="world",
        as_of=as_of,
    )


def given():
    rows = TABLES_OF["signal_values"].drop(columns=["symbol", "session"])
    return rows.assign(predicts_from=pd.NaT)


def usable(rows, as_of="2049-01-01"):
    return study.usable(rows, market(as_of), TABLES_OF["signal_entities"], exchange=EXCHANGE)


def test_every_row_has_one_cause_and_the_tables_keep_their_contract():
    rows = given()
    spoiled = pd.concat(
        [
            rows,
            rows.iloc[:3],
            rows.iloc[3:5].assign(entity=["stranger-a", "stranger-b"]),
            rows.iloc[5:9].assign(value=np.nan, component="part_9"),
            rows.iloc[9:10].assign(known_at=pd.Timestamp("2048-01-04T20:00Z"), component="part_8"),
        ],
        ignore_index=True,
    )
    found = usable(spoiled)
    counts = found.losses.set_index("cause")["rows"]
    assert (counts["GIVEN_TWICE"], counts["ANOTHER_UNIVERSE"], counts["VALUE_ABSENT"]) == (3, 2, 4)
    assert counts["AFTER_LAST_SESSION"] == 1
    assert counts.sum() == len(spoiled) == found.received
    gone = TABLES_OF["signal_delistings"].set_index("entity")["date"]
    session = TABLES_OF["signal_values"]["session"]
    late = session >= TABLES_OF["signal_values"]["entity"].map(gone)
    assert counts["NOT_A_MEMBER"] == late.sum() > 0
    for name, frame in {
        "signal_values": found.kept,
        "signal_losses": found.losses,
        "signal_coverage": study.coverage(found.kept, market(), max_age=200),
    }.items():
        conform(frame, TABLES[name])
    assert all(one.passed for one in page.checks(found))
    assert found.lost == pytest.approx(9 / len(spoiled))


def test_a_file_that_loses_too_much_stops_and_says_why():
    rows = given().assign(entity=lambda one: one["entity"].where(one.index % 2 == 0, "stranger"))
    found = usable(rows.drop_duplicates(["entity", "known_at", "component"]))
    with pytest.raises(QualityError, match=r"rows are lost \(firm of another universe"):
        study.require(found, most=0.01)
    strangers = given().assign(entity=lambda one: "x-" + one["entity"])
    with pytest.raises(QualityError, match="no value can be used: firm of another universe"):
        study.require(usable(strangers), most=1.0)
    with pytest.raises(QualityError, match="has no value"):
        study.require(usable(given().iloc[:0]), most=1.0)


def test_coverage_counts_members_with_a_young_value_and_their_age():
    found = usable(given())
    table = study.coverage(found.kept, market(), max_age=20).set_index("date")
    own = market()
    last = table.index[-1]
    at = own.sessions.get_loc(last)
    total = found.kept[found.kept["component"] == "total"]
    newest = total[total["session"] <= last].groupby("entity")["session"].max()
    age = (last - newest).dt.days
    members = own.entities[own.member[at]]
    young = age[(age <= 20) & age.index.isin(members)]
    assert table.loc[last, "members"] == len(members)
    assert table.loc[last, "covered"] == len(young)
    assert table.loc[last, "median_age"] == (
        young.median() if len(young) else pytest.approx(np.nan, nan_ok=True)
    )


def test_what_is_known_later_changes_nothing_of_what_was_usable():
    cut = WORLD.sessions[300]
    whole = usable(given()).kept
    part = usable(given()[given()["known_at"] <= cut.tz_localize("UTC")], as_of=f"{cut:%Y-%m-%d}").kept
    then = whole[whole["session"] < cut].reset_index(drop=True)
    pd.testing.assert_frame_equal(part[part["session"] < cut].reset_index(drop=True), then)


def test_order_of_rows_does_not_matter():
    mixed = given().sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(usable(mixed).kept, usable(given()).kept)


def test_totals_that_are_no_weighted_sum_are_counted():
    rows = usable(given()).kept
    wide = rows.pivot_table("value", ["entity", "known_at"], "component")
    made = (0.5 * wide["part_0"] + 0.5 * wide["part_1"]).rename("value").reset_index()
    fitting = pd.concat([rows[rows["component"] != "total"], made.assign(component="total")])
    weights = {"part_0": 0.5, "part_1": 0.5}
    assert study.weighted_total_gaps(fitting, weights, tolerance=1e-9) == 0
    fitting.loc[fitting["component"] == "total", "value"] += np.where(np.arange(len(made)) < 7, 1.0, 0.0)
    assert study.weighted_total_gaps(fitting, weights, tolerance=0.01) == 7
    assert study.weighted_total_gaps(fitting, {}, tolerance=0.01) == 0


def test_an_overdue_signal_is_told_first():
    table = study.coverage(usable(given()).kept, market(), max_age=400)
    said = page.faults(usable(given()), table, rhythm_days=1.0, gaps=0, origins=["generated"])
    assert said[0].startswith("The values are generated")
    assert any("overdue" in one for one in said)
