"""The folder provider of signals: the template, and refusals with file, line and mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from lib.errors import InputError
from lib.signals import providers
from lib.signals.folder.provider import FILES

TEMPLATE = Path(__file__).resolve().parents[2] / "params" / "signals" / "template"


@pytest.fixture
def folder(tmp_path):
    """A copy of the template."""
    return Path(shutil.copytree(TEMPLATE, tmp_path / "signals"))


def prepare(folder, as_of="2023-06-30", **more):
    path = {"provider": "folder", "path": str(folder), "path_shown": "my/signals", **more}
    now = "2026-11-28T06:00:00+00:00"
    return providers.prepare({"as_of": as_of, "exchange": "XNYS", "now": now, "settings": path})


def test_the_template_is_read_whole_and_has_a_file_for_each_table(folder):
    found = prepare(folder)
    log = found.pop("raw_signal_log")
    assert len(log) == 12
    assert {name: len(frame) for name, frame in found.items()} == {
        "raw_signal_entities": 2,
        "raw_signal_memberships": 2,
        "raw_signal_returns": 3,
        "raw_signal_delistings": 1,
        "raw_signal_facts": 1,
        "raw_signal_benchmarks": 2,
        "raw_factor_sets": 2,
        "raw_test_portfolios": 1,
        "raw_signal_events": 1,
        "raw_designs": 2,
        "raw_signal_texts": 1,
        "raw_signal_values": 6,
    }
    assert sorted(path.stem for path in folder.iterdir()) == sorted(FILES)


def test_only_what_was_known_up_to_the_as_of_date_is_given(folder):
    found = prepare(folder, "2023-02-14")
    assert found["raw_signal_facts"].empty
    assert found["raw_signal_delistings"].empty
    assert len(found["raw_signal_values"]) == 4


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("factors", "0.0104", "1.04", "my/signals/factors.csv:2: return: Mkt-RF of example"),
        ("factors", "0.0104", "1.04", "which is percent; write decimals"),
        ("facts", "12:00:00Z", "12:00:00", "my/signals/facts.csv:2: known_at"),
        ("returns", "-0.0040", "-1.4", "my/signals/returns.csv:3: return"),
        ("memberships", "true", "perhaps", "my/signals/memberships.csv:2: member: “perhaps” is not known"),
        ("delistings", "failed", "gone", "my/signals/delistings.csv:2: reason"),
        ("values", "0.42", "x", "my/signals/values.csv:2: value: “x” is not a number"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(folder, name, old, new, said):
    path = folder / f"{name}.csv"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        prepare(folder)
    assert said in str(caught.value)


def test_a_needed_file_that_is_missing_is_named(folder):
    (folder / "returns.csv").unlink()
    with pytest.raises(InputError, match=r"no returns.csv and no returns.parquet"):
        prepare(folder)


def test_a_file_in_the_layout_of_the_french_library_becomes_factors_in_decimals(folder):
    (folder / "ff3.csv").write_text("Made for a test.\n\n,Mkt-RF,SMB,RF\n202301, 6.65, 4.43, 0.35\n")
    found = prepare(folder, french=["ff3.csv"], french_set="mine")
    rows = found["raw_factor_sets"]
    mine = rows[rows["factor_set"] == "mine"].set_index("factor")
    assert mine.loc["Mkt-RF", "return"] == pytest.approx(0.0665)
    assert mine.loc["Mkt-RF", "date"] == pd.Timestamp("2023-01-31")
    assert set(mine["frequency"]) == {"monthly"}
    assert "warnings" not in found
