"""From rows to usable values: each planted loss is counted under its cause, thin cover is seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.errors import QualityError
from lib.signals import linking, signal_coverage
from lib.signals.cube import cube
from lib.signals.files import sorted_out
from tests.signals.worlds import EXCHANGE, world

AS_OF = "2012-06-29"


@pytest.fixture(scope="module")
def parts():
    """A small world, its arrays, and the rows of its signal as a file would give them."""
    tables = world(firms=12, days=700, failures=1).tables
    names = ("signal_returns", "signal_memberships", "signal_delistings")
    firms = cube(*(tables[name] for name in names), universe="world", as_of=AS_OF)
    rows = tables["signal_values"].drop(columns="session").assign(predicts_from=pd.NaT)
    rows["predicts_from"] = rows["predicts_from"].astype("datetime64[us]")
    return tables["signal_entities"], firms, rows[rows["known_at"] < "2012-06-01"].reset_index(drop=True)


def linked(parts, rows):
    entities, firms, _ = parts
    return linking.link(
        sorted_out(rows, "f.csv", AS_OF), entities, firms, universe="world", exchange=EXCHANGE
    )


def counts(found):
    return found.losses.set_index("cause")["rows"].to_dict()


def test_every_planted_loss_is_counted_once_under_its_cause(parts):
    rows = parts[2]
    before = counts(linked(parts, rows))
    first = rows[rows["entity"] == "firm-000"].reset_index(drop=True)
    strange = first.head(3).assign(entity="nobody", symbol=None).astype({"symbol": "str"})
    empty = first.head(2).assign(component="total", value=np.nan)
    empty["known_at"] += pd.Timedelta(minutes=1)
    alone = first.head(4).assign(component="part")
    alone["known_at"] += pd.Timedelta(minutes=2)
    late = first.head(1).assign(known_at=pd.Timestamp("2013-01-01", tz="UTC"))
    night = first.head(1).assign(known_at=pd.Timestamp("2012-06-29 23:00", tz="UTC"))
    planted = pd.concat([rows, strange, empty, alone, late, night, first.head(5)], ignore_index=True)
    after = counts(linked(parts, planted))
    more = {cause: after[cause] - before[cause] for cause in after}
    assert more == {
        "ROW_TWICE": 5,
        "KNOWN_LATER": 1,
        "VALUE_EMPTY": 2,
        "ENTITY_UNKNOWN": 3,
        "NO_SESSION_YET": 1,
        "NOT_MEMBER": 0,
        "PART_WITHOUT_TOTAL": 4,
        "VALUE_KEPT": 0,
    }
    assert sum(after.values()) == len(planted)


def test_values_of_a_firm_that_has_failed_are_no_member(parts):
    found = linked(parts, parts[2])
    gone = found.frame[found.frame["entity"] == "firm-011"]
    assert counts(found)["NOT_MEMBER"] > 0
    assert gone["session"].max() < found.frame["session"].max()


def test_a_row_is_linked_by_the_symbol_where_the_id_is_not_known(parts):
    rows = parts[2].copy()
    rows["entity"] = "id-" + rows["entity"]
    assert counts(linked(parts, rows)) == counts(linked(parts, parts[2]))


def test_the_order_of_rows_does_not_matter(parts):
    mixed = linked(parts, parts[2].sample(frac=1.0, random_state=3).reset_index(drop=True))
    pd.testing.assert_frame_equal(mixed.frame, linked(parts, parts[2]).frame)


def test_the_stage_stops_when_more_is_lost_than_allowed(parts):
    rows = parts[2].copy()
    half = rows.index % 2 == 0
    rows["entity"] = rows["entity"].mask(half, "nobody " + rows["entity"])
    rows["symbol"] = rows["entity"]
    losses = linked(parts, rows).losses
    linking.refuse_loss(losses, 0.9, "mine")
    with pytest.raises(QualityError, match=r"of the rows of mine are lost, more than the 30\.0% allowed"):
        linking.refuse_loss(losses, 0.3, "mine")


def test_coverage_falls_to_the_firms_that_have_a_young_value(parts):
    found = linked(parts, parts[2]).frame
    some = found[found["entity"].isin([f"firm-{i:03d}" for i in range(6)])]
    table = signal_coverage.coverage(some, parts[1], 31, 2.0, exchange=EXCHANGE)
    assert (table["covered"] == 6).all()
    assert table["coverage"].iloc[0] == 0.5
    assert table["median_age"].max() < 36


def test_a_signal_that_is_not_the_sum_of_its_parts_is_found():
    moment = pd.Timestamp("2020-01-31 21:00", tz="UTC")
    rows = [("a", "total", 1.0), ("a", "x", 2.0), ("b", "total", 1.5), ("b", "x", 2.0), ("c", "total", 9.0)]
    frame = pd.DataFrame(rows, columns=["entity", "component", "value"]).assign(known_at=moment)
    assert signal_coverage.mismatch(frame, {"x": 0.5}).tolist() == [0.0, 0.5]
    assert signal_coverage.mismatch(frame, {}).empty
