"""What a table may hold by the types of its columns, and that a file gives back what was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from lib.contracts import DTYPES, Column, Table, conform, empty
from lib.errors import ContractError
from lib.exhibits.cells import Cells
from lib.run.pages.data_dictionary import TYPES

MOMENT, WHOLE = Column("at", "moment", "when", null=True), Column("n", "whole", "count", null=True)
NOON = datetime(2024, 7, 3, 12, 0, 0, 250_000, tzinfo=UTC)


def held(values, column: Column) -> pd.Series:
    return conform(pd.DataFrame({column.name: values}), Table("t", "A table.", (column,)))[column.name]


def refused(values, column: Column) -> str:
    with pytest.raises(ContractError) as fault:
        held(values, column)
    return str(fault.value)


@pytest.mark.parametrize(
    "values",
    [
        pd.to_datetime([NOON, None]),
        pd.Series([NOON, None], dtype="datetime64[ns, UTC]"),
        pd.to_datetime([NOON, None]).tz_convert(ZoneInfo("UTC")),
        pd.to_datetime([NOON.astimezone(timezone(timedelta(0))), None]),
    ],
)
def test_a_moment_is_a_time_in_utc(values):
    found = held(values, MOMENT)
    assert str(found.dtype) == "datetime64[us, UTC]"
    assert found[0] == NOON
    assert found.isna().tolist() == [False, True]


@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "Europe/London", "+01:00"])
def test_a_moment_without_a_zone_or_in_another_one_is_refused(zone):
    said = refused(pd.to_datetime([NOON]).tz_convert(zone), MOMENT)
    assert said.startswith("table t, column at: holds datetime64[us")
    assert said.endswith("moment is declared")


def test_text_and_numbers_are_no_moments():
    assert "holds str" in refused(["2024-07-03T12:00:00Z"], MOMENT)
    assert "holds int64" in refused([1_720_000_000], MOMENT)


def test_a_day_has_no_zone():
    assert "date is declared" in refused(pd.to_datetime([NOON]), Column("at", "date", "day", null=True))


@pytest.mark.parametrize(
    "values",
    [[3, None], [3.0, float("nan")], pd.array([3, None], dtype="Int64"), pd.array([3, None], "Int8")],
)
def test_a_whole_number_may_be_null(values):
    found = held(values, WHOLE)
    assert str(found.dtype) == "Int64"
    assert found[0] == 3
    assert found[1] is pd.NA


@pytest.mark.parametrize("values", [[1.5], [2.0**60], [float("inf")], ["1"], [True], [True, None]])
def test_what_is_no_whole_number_is_refused(values):
    assert "whole is declared" in refused(values, WHOLE)


def test_a_whole_number_that_must_be_there_or_lie_between_bounds_is_checked():
    assert "not_nullable" in refused([1, None], Column("n", "whole", "count"))
    column = Column("n", "whole", "count", null=True, low=0, high=9)
    assert held([0, 9, None], column).tolist() == [0, 9, pd.NA]
    assert "(-1)" in refused([-1, None], column)
    assert "(10)" in refused([10, None], column)


@pytest.mark.parametrize("kind", DTYPES)
def test_a_column_that_knows_nothing_has_its_type(kind):
    column = Column("x", kind, "anything", null=True)
    assert str(held([], column).dtype) == DTYPES[kind]
    if kind in ("int", "bool"):
        assert f"{kind} is declared" in refused([None, None], column)
    else:
        assert held([None, None], column).isna().all()
        assert str(held([None, None], column).dtype) == DTYPES[kind]


def test_every_type_survives_a_file_and_has_a_word_in_the_data_dictionary(tmp_path):
    table = Table("t", "A table.", tuple(Column(kind, kind, "anything", null=True) for kind in DTYPES))
    day = pd.Timestamp("2024-07-03")
    row = {"date": day, "moment": NOON, "str": "a", "float": 0.5, "int": 1, "whole": 2, "bool": True}
    frame = conform(pd.DataFrame([row]), table)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
    assert_frame_equal(empty(table), conform(empty(table), table))
    for one in (frame, empty(table)):
        one.to_parquet(tmp_path / "t.parquet", index=False, compression="zstd", write_page_checksum=True)
        assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), one)
    assert set(TYPES) == set(DTYPES)


def test_pages_show_moments_and_whole_numbers():
    moments, numbers = Cells(held([NOON, None], MOMENT), "date"), Cells(held([3, None], WHOLE), "count")
    assert ">3<" in numbers.html(0)
    assert "3 Jul 2024" in moments.html(0)
    assert all("n/a" in cells.html(1) for cells in (moments, numbers))
