"""The file of a signal: the template, every refusal with line and mend, what is counted and not refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.errors import InputError
from lib.signals import files

TEMPLATE = Path(__file__).resolve().parents[2] / "params" / "signals" / "template" / "values.csv"
HEADER = "entity,known_at,value\n"
SOUND = (
    HEADER + "a,2020-01-31T21:00:00Z,1.0\nb,2020-01-31T21:00:00Z,2.0\n"
    "a,2020-02-28T21:00:00Z,1.5\nb,2020-02-28T21:00:00Z,2.5\n"
)


def given(tmp_path, text, as_of="2022-12-28"):
    path = tmp_path / "values.csv"
    path.write_text(text)
    return files.read_values(path, "my/values.csv", as_of)


def refusal(tmp_path, text, as_of="2022-12-28"):
    with pytest.raises(InputError) as caught:
        given(tmp_path, text, as_of)
    return str(caught.value)


def test_the_template_is_read_whole_and_moments_of_any_zone_become_utc():
    found = files.read_values(TEMPLATE, "values.csv", "2023-06-30")
    assert (found.rows, len(found.frame), len(found.lost)) == (6, 6, 0)
    assert set(found.frame["known_at"].dt.strftime("%H:%M")) == {"21:30"}
    assert str(found.frame["known_at"].dtype) == "datetime64[us, UTC]"


def test_parquet_with_zoned_moments_gives_the_same_as_csv(tmp_path):
    frame = pd.read_csv(TEMPLATE)
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
    frame.to_parquet(tmp_path / "values.parquet")
    left = files.read_values(tmp_path / "values.parquet", "values.parquet", "2023-06-30")
    right = files.read_values(TEMPLATE, "values.csv", "2023-06-30")
    pd.testing.assert_frame_equal(left.frame, right.frame)


def test_parquet_with_naive_moments_is_refused(tmp_path):
    frame = pd.read_csv(TEMPLATE)
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True).dt.tz_localize(None)
    frame.to_parquet(tmp_path / "values.parquet")
    with pytest.raises(InputError, match="a moment without a zone; write the zone too"):
        files.read_values(tmp_path / "values.parquet", "values.parquet", "2023-06-30")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("entity,known_at", "entity,knwon_at", "my/values.csv:1: known_at: no such column in the header"),
        ("entity,known_at", "entity,knwon_at", "is `knwon_at` meant? Rename it"),
        ("a,2020-02-28T21:00:00Z", "a,2020-02-28T21:00:00", "my/values.csv:4: known_at"),
        ("a,2020-02-28T21:00:00Z", "a,2020-02-28T21:00:00", "is a moment without a zone; write the zone"),
        ("a,2020-02-28T21:00:00Z", "a,2020-02-28", "is a moment without a zone"),
        (
            "a,2020-02-28T21:00:00Z",
            "a,28.2.2020 21:00",
            "my/values.csv:4: known_at: “28.2.2020 21:00” is not",
        ),
        ("a,2020-02-28T21:00:00Z", "a,2020-02-30T21:00:00Z", "is not a moment"),
        ("Z,1.5", "Z,high", "my/values.csv:4: value: “high” is not a number"),
        ("Z,1.5", "Z,inf", "my/values.csv:4: value: infinite"),
        ("a,2020-02-28", ",2020-02-28", "my/values.csv:4: entity: empty"),
    ],
)
def test_a_fault_of_a_cell_is_named_with_its_line_and_the_mend(tmp_path, old, new, said):
    assert old in SOUND
    assert said in refusal(tmp_path, SOUND.replace(old, new, 1))


def test_a_row_that_stands_twice_alike_is_kept_once_and_counted(tmp_path):
    found = given(tmp_path, SOUND + "b,2020-02-28T21:00:00Z,2.5\n")
    assert (found.rows, len(found.frame)) == (5, 4)
    assert found.lost["cause"].tolist() == ["ROW_TWICE"]


def test_the_same_moment_in_two_zones_with_other_values_contradicts_itself(tmp_path):
    told = refusal(tmp_path, SOUND + "b,2020-02-28T16:00:00-05:00,2.6\n")
    assert "my/values.csv:6: entity,known_at,component: b 2020-02-28" in told
    assert "line 5 with other values; keep the right one" in told


def test_values_known_after_the_as_of_date_are_left_out_and_counted(tmp_path):
    found = given(tmp_path, SOUND + "a,2020-03-01T00:00:00Z,9\nb,2020-02-29T23:59:59Z,8\n", "2020-02-29")
    assert found.lost["cause"].tolist() == ["KNOWN_LATER"]
    assert found.frame["value"].max() == 8.0
    assert "all 4 values are known after the as-of date" in refusal(tmp_path, SOUND, "2019-01-01")


def test_a_value_known_after_the_return_that_it_foretells_is_an_error(tmp_path):
    rows = [line.split(",") for line in SOUND.splitlines()[1:]]
    dated = [[*row, "2020-02-01" if "01-31" in row[1] else "2020-02-29"] for row in rows]
    head = "entity,known_at,value,predicts_from\n"
    assert len(given(tmp_path, head + "\n".join(map(",".join, dated))).frame) == 4
    dated[2][3] = "2020-02-28"
    told = refusal(tmp_path, head + "\n".join(map(",".join, dated)))
    assert "my/values.csv:4: known_at: known after the return that it foretells began" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        (HEADER, "no rows below the header"),
        (HEADER + "a,2020-01-31T21:00:00Z,1\na,2020-02-28T21:00:00Z,2\n", "all values are of one firm, a"),
        (HEADER + "a,2020-01-31T21:00:00Z,1\nb,2020-01-31T21:00:00Z,2\n", "all values are of one moment"),
        (
            HEADER + "a,2020-01-31T21:00:00Z,1\nb,2020-02-28T21:00:00Z,1\n",
            "the signal is constant: all 2 values are 1",
        ),
    ],
)
def test_a_file_that_no_test_can_use_is_refused(tmp_path, text, said):
    assert said in refusal(tmp_path, text)


def test_a_signal_without_its_own_component_is_refused(tmp_path):
    lines = SOUND.splitlines()
    text = "\n".join([lines[0] + ",component", *(line + ",part" for line in lines[1:])])
    assert "no value of the component `total`" in refusal(tmp_path, text)


def test_the_hook_counts_rows_and_says_why_others_are_left_out(tmp_path):
    path = tmp_path / "values.csv"
    path.write_text(SOUND + "b,2020-02-28T21:00:00Z,2.5\na,2030-03-01T00:00:00Z,9\n")
    request = {"as_of": "2022-12-28", "files": {"values_file": {"path": str(path), "name": "v.csv"}}}
    found = files.validate(request)
    assert (found["rows"], found["accepted"], len(found["notes"])) == (6, 4, 2)
    assert files.validate({"as_of": "2022-12-28", "files": {}})["accepted"] == 0
