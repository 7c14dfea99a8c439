"""Bad ladder files: each fault with file, line, field and mend, by function and by the shipped command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from forked_command import ROOT, ForkedCommand

from lib.errors import InputError
from lib.funds.ladder import read_ladder, validate

GOOD = (ROOT / "params/ladders/india.yaml").read_text()
CPI = "  - {block: Inflation and rates, name: CPI, points: 6, better: lower, steps: [4, 5, 6, 7]}"
CASES = {
    "steps out of order": (
        CPI.replace("[4, 5, 6, 7]", "[4, 6, 5, 7]"),
        ("ladder[8].steps", "out of order", "write them rising"),
    ),
    "equal steps": (CPI.replace("[4, 5, 6, 7]", "[4, 5, 5, 7]"), ("ladder[8].steps", "out of order")),
    "the wrong direction": (CPI.replace("lower", "higher"), ("ladder[8].steps", "write them falling")),
    "three steps": (CPI.replace(", 7]", "]"), ("ladder[8].steps", "3 steps", "give four")),
    "an unknown direction": (CPI.replace("lower", "lowr"), ("ladder[8].better", "did you mean `lower`?")),
    "an unknown block": (
        CPI.replace("Inflation and rates", "Inflation and rate"),
        ("ladder[8].block", "unknown block", "did you mean `Inflation and rates`?"),
    ),
    "points that do not add up": (
        CPI.replace("points: 6", "points: 5"),
        ("the points of Inflation and rates add up to 19", "make them 20"),
    ),
    "an indicator twice": (f"{CPI}\n{CPI}", ("ladder[9]", "'CPI' is there twice")),
    "an unknown series": (
        CPI.replace("steps:", "series: CPY, steps:"),
        ("ladder[8].series", "unknown series", "did you mean `CPI`?"),
    ),
    "an unknown key": (CPI.replace("steps", "step"), ("ladder[8].step", "did you mean `steps`?")),
    "points below zero": (CPI.replace("points: 6", "points: -6"), ("ladder[8].points", "above 0")),
    "no number": (CPI.replace("4, 5", "4 %, 5"), ("ladder[8].steps[0]", "no number")),
}


def refused(path: Path, bands: str = "ladder") -> str:
    with pytest.raises(InputError) as caught:
        read_ladder(path, bands=bands, name="mine.yaml")
    return str(caught.value)


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_told_with_line_field_and_mend(tmp_path, case):
    written, words = CASES[case]
    assert CPI in GOOD
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace(CPI, written))
    told = refused(path)
    assert not [part for part in words if part not in told], told
    assert told.startswith("mine.yaml:")
    line = GOOD[: GOOD.index(CPI)].count("\n") + 1
    assert any(f"mine.yaml:{line + more}:" in told for more in (0, 1)) or "add up" in told


def test_all_faults_are_told_together(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace("better: lower, steps: [4, 5, 6, 7]", "better: lowr, steps: [4, 5, 6, 7]"))
    assert len(refused(path).splitlines()) == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("External: 20", "External: 25", ("blocks", "add up to 105")),
        ("bullish: 75", "bullish: 50", ("stance", "bullish is not above neutral")),
        ("stance: {", "stanse: {", ("stanse", "did you mean `stance`?")),
        (
            "Fed funds: {unit: percent, frequency: daily}",
            "Fed funds: {unit: percent, frequency: dayly}",
            ("`daily`",),
        ),
        ("when: [CPI <= 6]", "when: [CPY <= 6]", ("unknown series 'CPY'", "did you mean `CPI`?")),
        ("when: [CPI <= 6]", "when: [CPI about 6]", ("write a condition such as",)),
        ("{points: 3, when: [CPI <= 6]}", "{points: 30, when: [CPI <= 6]}", ("give points from 0 to 5",)),
    ],
)
def test_faults_of_the_other_parts_are_told(tmp_path, old, new, words):
    assert old in GOOD
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace(old, new))
    told = refused(path)
    assert not [part for part in words if part not in told], told


def test_a_ladder_without_the_older_banding_is_refused_where_that_is_asked(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.partition("\nlegacy:")[0] + "\n")
    assert len(read_ladder(path).indicators) == 21
    assert "no key `legacy`" in refused(path, "legacy")


def test_the_hook_says_what_the_file_holds():
    path = ROOT / "params/ladders/india.yaml"
    file = {"ladder_file": {"path": str(path), "name": "ladders/india.yaml"}}
    assert validate({"files": file, "settings": {"bands": "ladder"}}) == {"indicators": 21, "blocks": 6}


PARAMS = """\
name: mine
as_of: 2022-12-28
data: {provider: sample}
macro: {provider: sample}
run_stages: [funds/market_score]
funds:
  - {id: mine, ladder: mine.yaml}
"""


def test_the_shipped_command_refuses_a_bad_ladder_and_takes_a_good_one(tmp_path):
    (tmp_path / "params.yaml").write_text(PARAMS)
    shutil.copyfile(ROOT / "params/ladders/india.yaml", tmp_path / "mine.yaml")
    asked = ["validate", str(tmp_path / "params.yaml"), "--outputs", str(tmp_path / "outputs")]
    with ForkedCommand() as command:
        good = command(*asked, cwd=tmp_path)
        (tmp_path / "mine.yaml").write_text(GOOD.replace(CPI, CASES["steps out of order"][0]))
        bad = command(*asked, cwd=tmp_path)
    assert good.code == 0, good.err
    assert bad.code == 2
    line = GOOD[: GOOD.index(CPI)].count("\n") + 1
    assert f"mine.yaml:{line}: ladder[8].steps: steps out of order" in bad.err
    assert "Traceback" not in bad.err
