"""A run of a part takes nothing over: not `latest`, not the histories, not a notebook, not what is kept."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PARTS = {
    "one stage": (["--only", "toy/source"], {"stages": 4, "subjects": {}}),
    "one portfolio": (["--portfolio", "one"], {"stages": 0, "subjects": {"portfolio": ["two"]}}),
}
BY_HAND = """
from lib.run.stage import open_stage
from lib.run.browse import latest_run
print(latest_run().name)
print(len(open_stage("toy/total", as_of="2022-12-28", portfolio="two").read("positions")))
"""


@pytest.mark.parametrize("case", PARTS)
def test_a_run_of_a_part_takes_nothing_over(ran, case):
    arguments, left_out = PARTS[case]
    whole = ran.manifest()["run"]
    histories = {path: path.read_bytes() for path in ran.outputs.glob("state/**/*.parquet")}
    code, events, err = ran.run(*arguments, "--set", "toy/book.factor=2")
    assert code == 0, err
    part = events[-1]["run"]
    marked = ran.manifest(part)["part"]
    assert (len(marked["stages"]), marked["subjects"]) == (left_out["stages"], left_out["subjects"])
    assert "A run of a part" in (ran.outputs / "runs" / part / "index.html").read_text()
    assert (ran.outputs / "latest").resolve().name == whole
    assert {path: path.read_bytes() for path in ran.outputs.glob("state/**/*.parquet")} == histories
    page = (ran.outputs / "index.html").read_text()
    assert f'newest complete run is <a href="runs/{whole}/' in page
    assert "1 of a part" in page
    variables = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    command = [sys.executable, "-c", BY_HAND]
    done = subprocess.run(command, cwd=ran.root, env=variables, capture_output=True, text=True)
    assert done.stdout.split()[0] == whole, done.stderr
    listed = {event["text"].split()[0]: event["text"].split()[1] for event in ran.run("runs")[1]}
    assert listed == {whole: "done", part: "part"}
    assert ran.run("clean", "--keep", "1", "--yes")[0] == 0
    assert (ran.outputs / "latest" / "manifest.json").is_file()
    assert ran.run("verify")[1][0]["text"].startswith(whole)
    assert ran.run("verify", part)[1][0]["text"].startswith(f"{part}: ")


def test_a_part_alone_is_told_from_no_run(toy):
    assert toy.run("--only", "toy/alone")[0] == 0
    assert not (toy.outputs / "latest").is_symlink()
    code, _, err = toy.run("verify")
    assert (code, err.count("\n")) == (2, 1)
    assert "of a part" in err
    toy.edit("params/sample.yaml", "seed: 7", "seed: 7\nrun_stages: [toy/alone]")
    assert toy.run()[0] == 0
    assert toy.manifest()["part"] is None
