"""Three days one after another, a day run again, and two clones with the same history."""

from __future__ import annotations

import json
import os

import pandas as pd

from lib.published import sealed

DAYS = ("2022-12-27", "2022-12-28", "2022-12-29")


def test_days_grow_a_history_and_a_day_run_again_changes_nothing(toy):
    runs = {}
    for day in DAYS:
        code, events, err = toy.run("--as-of", day)
        assert code == 0, err
        runs[day] = events[-1]["run"]
    history = pd.read_parquet(toy.outputs / f"state/toy/days/portfolio=one/{DAYS[-1]}.parquet")
    assert [f"{day:%Y-%m-%d}" for day in history["date"]] == list(DAYS)
    before = {path: path.read_bytes() for path in toy.outputs.glob("state/**/*.parquet")}
    code, events, _ = toy.run("--as-of", DAYS[1])
    assert events == [{**events[0], "run": runs[DAYS[1]], "status": "unchanged"}]
    assert {path: path.read_bytes() for path in toy.outputs.glob("state/**/*.parquet")} == before
    assert (toy.outputs / "latest").resolve().name == runs[DAYS[2]]

    toy.edit("lib/toy/sums.py", '"""Sum of the values."""', '"""The sum of all values."""')
    assert toy.plan("--as-of", DAYS[1])["toy/total@one"] == "run module lib.toy.sums changed"
    told = toy.plan("--as-of", "2022-12-30")
    assert told["toy/total@one"] == (
        f"run no run of 2022-12-30 yet; against {DAYS[2]}: module lib.toy.sums changed"
    )
    assert told["toy/source"] == f"run no run of 2022-12-30 yet; against {DAYS[2]}: nothing else changed"
    toy.edit("lib/toy/sums.py", '"""The sum of all values."""', '"""Sum of the values."""')

    toy.edit("params/one.csv", "AAA,3", "AAA,6")
    code, events, _ = toy.run("--as-of", DAYS[1])
    assert code == 0
    warnings = [event["message"] for event in events if event["event"] == "warning"]
    assert any(DAYS[2] in text and "older" in text for text in warnings)
    assert (toy.outputs / "latest").resolve().name == runs[DAYS[2]]
    later = toy.manifest(events[-1]["run"])["moments"]["later_states"]
    assert {(one["subject"], one["as_of"]) for one in later} == {("one", DAYS[2])}
    kept = pd.read_parquet(toy.outputs / f"state/toy/days/portfolio=one/{DAYS[2]}.parquet")
    pd.testing.assert_frame_equal(kept, history)


def test_a_corrected_mistake_is_in_no_history_and_the_next_day_starts_from_what_is_right(ran):
    """Also where the clock has gone back since, and where the run that is restored was killed half-way."""
    right = ran.manifest()
    history = ran.outputs / "state/toy/days/portfolio=one/2022-12-28.parquet"
    sound = history.read_bytes()
    ran.edit("params/one.csv", "AAA,3", "AAA,4")
    assert ran.run()[0] == 0
    mistake = (ran.outputs / "latest").resolve()
    assert history.read_bytes() != sound
    says = json.loads((mistake / "manifest.json").read_text())
    says["moments"]["finished"] = "2999-01-01T00:00:00+00:00"
    (mistake / "manifest.json").write_text(json.dumps(sealed(says)))

    ran.edit("params/one.csv", "AAA,4", "AAA,3")
    code, events, err = ran.run()
    assert (code, events[-1]["status"]) == (0, "unchanged"), err
    assert (ran.outputs / "latest").resolve().name == right["run"]
    assert history.read_bytes() == sound

    history.write_bytes((mistake / "tables/portfolio=one/days.parquet").read_bytes())
    (ran.outputs / "latest").unlink()
    code, events, err = ran.run("--as-of", DAYS[2])
    assert code == 0, err
    days = pd.read_parquet(ran.outputs / "latest/tables/portfolio=one/days.parquet")
    assert days["value"].iloc[0] == pd.read_parquet(history)["value"].iloc[0]
    assert history.read_bytes() == sound


def test_latest_that_is_gone_or_leads_nowhere_is_set_by_a_run_that_changes_nothing(ran):
    latest = ran.outputs / "latest"
    for target in (None, "runs/nothing"):
        latest.unlink()
        if target:
            latest.symlink_to(target)
        assert ran.run()[1][-1]["status"] == "unchanged"
        assert latest.resolve().name == ran.manifest()["run"]


def test_a_history_that_is_lost_comes_back_from_the_runs_that_list_it(ran):
    place = next(ran.outputs.glob("state/toy/days/portfolio=one/*.parquet"))
    content = place.read_bytes()
    place.unlink()
    assert ran.run()[1][-1]["status"] == "unchanged"
    assert place.read_bytes() == content


def test_two_clones_in_other_surroundings_give_the_same_id_and_bytes(finished_toy, tmp_path):
    here = finished_toy
    there = here.copy(tmp_path / "another place with spaces" / "bench", outputs=False)
    surroundings = {
        "TZ": "Asia/Tokyo",
        "LC_ALL": "de_DE.UTF-8",
        "LANG": "de_DE.UTF-8",
        "PYTHONHASHSEED": "99",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "MPLBACKEND": "svg",
        "MPLCONFIGDIR": str(tmp_path),
        "SOURCE_DATE_EPOCH": "1000000000",
        "PYTHONWARNINGS": "error",
        "COLUMNS": "40",
    }
    code, _, err = there.run("--jobs", "1", env=surroundings)
    assert code == 0, err
    first, second = here.manifest(), there.manifest()
    assert second["run"] == first["run"]
    assert second["files"] == first["files"]
    same, there_too = (
        {name: value for name, value in one.items() if name not in ("moments", "seal")}
        for one in (first, second)
    )
    assert same == there_too
    assert str(tmp_path) not in json.dumps(there_too)
    for path in (there.outputs / "latest").resolve().rglob("*"):
        if path.is_file() and path.suffix in (".html", ".ipynb", ".json"):
            assert os.fspath(there.root) not in path.read_text()
