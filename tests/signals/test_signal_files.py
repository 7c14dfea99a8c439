"""The file of a signal: what is read, and one clear message for each fault."""

import pandas as pd
import pytest

from lib.errors import InputError
from lib.signals.files import read_values, validate

HEAD = "entity,known_at,value\n"
GOOD = (
    "a,2020-01-31T21:00:00Z,1.5\n"
    "b,2020-01-31 16:30:00-05:00,2.5\n"
    "a,2020-02-28T21:00:00+00:00,1\n"
    "b,2020-02-28T21:00Z,3\n"
)


@pytest.fixture
def write(tmp_path):
    def make(text):
        path = tmp_path / "mine.csv"
        path.write_text(text)
        return path

    return make


def test_moments_are_read_with_their_zone_and_kept_in_utc(write):
    found = read_values(write(HEAD + GOOD), "mine.csv")
    known = found.rows["known_at"]
    assert str(known.dtype) == "datetime64[us, UTC]"
    assert [f"{one:%d %H:%M}" for one in known] == ["31 21:00", "31 21:30", "28 21:00", "28 21:00"]
    assert (found.rows["component"] == "total").all() and found.repeated == 0


def test_parquet_gives_what_csv_gives(write, tmp_path):
    rows = read_values(write(HEAD + GOOD), "mine.csv").rows
    path = tmp_path / "mine.parquet"
    rows[["entity", "known_at", "value"]].to_parquet(path)
    pd.testing.assert_frame_equal(read_values(path, "mine.parquet").rows, rows)


def test_the_shipped_file_is_one():
    found = read_values("params/signals/own.csv", "own.csv")
    assert (len(found.rows), found.rows["entity"].nunique()) == (4, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + GOOD + "c,2020-03-31T16:00:00,1\n", r"mine.csv:6: known_at: .* a moment without a zone"),
        (HEAD + GOOD + "c,2020-03-31,1\n", r"mine.csv:6: known_at: .* a moment without a zone"),
        (HEAD + GOOD + "c,yesterday,1\n", r"mine.csv:6: known_at: .* no moment"),
        (HEAD + GOOD + "c,2020-03-31T16:00:00Z,one\n", r"mine.csv:6: value: .* not a number"),
        (HEAD + GOOD + "c,2020-03-31T16:00:00Z,inf\n", r"mine.csv:6: value: .*not finite"),
        (HEAD + GOOD + ",2020-03-31T16:00:00Z,1\n", r"mine.csv:6: entity: .*empty"),
        (HEAD + GOOD + "a,2020-01-31T21:00:00Z,9\n", r"stands here and in line 2 with other values"),
        (HEAD + "a,2020-01-31T21:00:00Z,1\na,2020-02-28T21:00:00Z,2\n", r"one firm"),
        (HEAD + "a,2020-01-31T21:00:00Z,1\nb,2020-01-31T21:00:00Z,2\n", r"one moment"),
        (
            HEAD + GOOD.replace("1.5", "1").replace("2.5", "1").replace(",3", ",1"),
            r"the same value",
        ),
        ("entity,known,value\n" + GOOD, r"known_at"),
        (HEAD, r"no rows below the header"),
        (
            "entity,known_at,value,predicts_from\n"
            "a,2020-01-31T21:00:00Z,1,2020-01-30\nb,2020-02-28T21:00:00Z,2,2020-03-02\n",
            r"mine.csv:2: predicts_from: .*before the value was known",
        ),
        (
            "entity,known_at,value,component\na,2020-01-31T21:00:00Z,1,part\nb,2020-02-28T21:00:00Z,2,part\n",
            r"no row of the component total",
        ),
    ],
)
def test_each_fault_has_one_clear_message(write, text, said):
    with pytest.raises(InputError, match=said) as fault:
        read_values(write(text), "mine.csv")
    assert "mine.csv" in str(fault.value)


def test_a_row_that_stands_twice_alike_is_kept_once(write):
    found = read_values(write(HEAD + GOOD + "a,2020-01-31T21:00:00Z,1.5\n"), "mine.csv")
    assert (len(found.rows), found.repeated) == (4, 1)


def test_a_hypothesis_is_higher_or_lower(write):
    with pytest.raises(InputError, match="higher or lower"):
        validate({"signal": {"hypothesis": "up"}, "files": {}})
    file = {"path": str(write(HEAD + GOOD)), "name": "mine.csv"}
    found = validate({"signal": {"hypothesis": "higher"}, "files": {"values_file": file}})
    assert found == {"values": 4, "firms": 2}
