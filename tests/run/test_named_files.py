"""A setting that names a file, changed by hand in a notebook, is read as the cell says or refused."""

import subprocess
import sys

import pytest

OPEN = """
from lib.run.stage import open_stage
stage = open_stage("toy/book", as_of="2022-12-28", portfolio="one")
"""


@pytest.fixture(scope="module")
def bench(finished_toy, tmp_path_factory):
    made = finished_toy.copy(tmp_path_factory.mktemp("named") / "bench")
    (made.root / "params/mine.csv").write_text("symbol,quantity\nBBB,1\n")
    (made.root / "params/folder").mkdir()
    (made.root / "params/dangling.csv").symlink_to("nowhere.csv")
    for name in ("b.yaml", "a.yml", "notes.txt", ".hidden.yaml"):
        (made.root / "params/folder" / name).write_text("x")
    made.edit("params/one.csv", "AAA,3", "AAA,9")
    return made


def by_hand(bench, code):
    return subprocess.run(
        [sys.executable, "-c", OPEN + code],
        env={"PYTHONPATH": str(bench.root), "PATH": "/usr/bin:/bin"},
        cwd=bench.root / "notebooks/toy",
        capture_output=True,
        text=True,
    )


def test_the_value_of_the_run_gives_the_file_as_the_run_had_it(bench):
    done = by_hand(bench, "print(stage.file('positions_file', 'one.csv').read_text())")
    assert "AAA,3" in done.stdout, done.stderr
    assert "params/" not in done.stdout


def test_another_value_is_read_from_params_and_that_is_said(bench):
    done = by_hand(bench, "print(stage.file('positions_file', 'mine.csv').read_text())")
    assert "BBB,1" in done.stdout, done.stderr
    assert (
        "positions_file is not that of the run (positions_file = 'one.csv'), so that it is read from "
        "params/: 'mine.csv'." in done.stdout
    )


def test_a_setting_that_the_run_had_not_is_read_from_params(bench):
    done = by_hand(bench, "print(stage.file('trades_file', 'mine.csv').read_text())")
    assert "BBB,1" in done.stdout, done.stderr
    assert "trades_file = None" in done.stdout


def test_of_a_list_each_file_is_read_and_the_yaml_files_of_a_folder(bench):
    done = by_hand(
        bench, "print([one.name for one in stage.files('scenario_files', ['folder', 'mine.csv'])])"
    )
    assert done.stdout.splitlines()[-1] == "['a.yml', 'b.yaml', 'mine.csv']", done.stderr


REFUSED = {
    "stage.file('positions_file', 'gone.csv')": "names params/gone.csv: no such file; name a file in params/",
    "stage.file('positions_file', 'folder')": "names params/folder: it is a folder, not a plain file",
    "stage.file('positions_file', 'dangling.csv')": "a link that leads nowhere",
    "stage.files('scenario_files', ['gone'])": "names params/gone: no such file",
    "stage.file('positions_file', None)": "positions_file names no file: give its value",
    "stage.file('positions_file')": "as in stage.file('positions_file', positions_file)",
}


def test_what_cannot_be_read_is_refused_with_a_sentence(bench):
    calls = f"for call in {list(REFUSED)!r}:\n    try:\n        eval(call)\n"
    calls += "    except Exception as fault:\n        print('refused', type(fault).__name__, fault)\n"
    done = by_hand(bench, calls)
    said = [line for line in done.stdout.splitlines() if line.startswith("refused")]
    assert len(said) == len(REFUSED), done.stderr
    for line, words in zip(said, REFUSED.values(), strict=True):
        assert line.startswith("refused StageError ")
        assert words in line
