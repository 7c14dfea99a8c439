"""Kill the run anywhere: no half-written result is ever visible, no process survives, the next run finishes.

`sweep.py` beside the toy counts the operations that change the disk and kills the process group at the
n-th, so that every step of publication is hit; other kills come at random moments of a whole run.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib.run.planning.code_digests import file_digest

SEED = int(os.environ.get("CRASH_SEED", "20221228"))


def complete(outputs: Path) -> list[Path]:
    """Every visible run, each checked to be whole."""
    runs = [path for path in (outputs / "runs").glob("*") if not path.name.startswith(".")]
    for run in runs:
        manifest = json.loads((run / "manifest.json").read_text())
        for name, digest in manifest["files"].items():
            assert file_digest(run / name) == digest, f"{run.name}/{name}"
    for record in outputs.glob("store/*/*/[!.]*/stage.json"):
        stage = json.loads(record.read_text())
        for name, table in stage["tables"].items():
            assert file_digest(record.parent / "tables" / f"{name}.parquet") == table["sha256"]
    latest = outputs / "latest"
    assert not latest.is_symlink() or (latest / "manifest.json").exists()
    return runs


def survivors(root: Path) -> list[str]:
    """Command lines of processes that belong to the workbench."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(root).encode() in text and int(entry.name) != os.getpid():
                found.append((entry / "cmdline").read_text().replace("\0", " "))
    return found


class Killer:
    """Runs the workbench again and again, each time with a kill at a given operation on the disk."""

    def __init__(self, root: Path):
        command = [sys.executable, str(Path(__file__).parents[1] / "toy" / "sweep.py"), str(root)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, text=True, bufsize=1)

    def killed_at(self, n: int) -> bool:
        """Whether the n-th operation was reached; if not, the run ended well."""
        answer = self._ask("killed", n)
        assert answer["status"] in (0, signal.SIGKILL), answer
        return answer["status"] == signal.SIGKILL

    def said_when_full_at(self, n: int) -> tuple[int, str] | None:
        """Exit code and message where the disk is full from the n-th operation on; None if there is none."""
        answer = self._ask("full", n)
        return (os.waitstatus_to_exitcode(answer["status"]), answer["said"]) if answer["reached"] else None

    def _ask(self, fault: str, n: int) -> dict:
        self.process.stdin.write(f"{fault} {n}\n")
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=10)


@pytest.fixture
def killer(ran):
    one = Killer(ran.root)
    yield one
    one.close()


def test_a_kill_at_every_step_of_publication_leaves_nothing_half_written(ran, killer):
    for name in ("runs", "state"):
        shutil.rmtree(ran.outputs / name)
    for name in ("latest", "index.html"):
        (ran.outputs / name).unlink()
    steps = 1
    while killer.killed_at(steps):
        complete(ran.outputs)
        steps += 1
        if steps % 3 == 0:
            shutil.rmtree(ran.outputs / "runs", ignore_errors=True)
            shutil.rmtree(ran.outputs / "state", ignore_errors=True)
    assert steps > 30
    assert len(complete(ran.outputs)) == 1
    assert (ran.outputs / "latest" / "index.html").exists()
    assert (ran.outputs / "index.html").exists()
    assert len(list(ran.outputs.glob("state/toy/days/*/2022-12-28.parquet"))) == 2
    assert ran.run()[1][-1]["status"] == "unchanged"


def test_a_disk_that_fills_up_at_any_step_is_said_in_one_sentence_and_costs_nothing(ran, killer):
    steps, sentences = 1, 0
    while True:
        for name in ("runs", "state"):
            shutil.rmtree(ran.outputs / name, ignore_errors=True)
        (ran.outputs / "latest").unlink(missing_ok=True)
        if (said := killer.said_when_full_at(steps)) is None:
            break
        code, message = said
        complete(ran.outputs)
        if code:
            assert (code, message.count("\n")) == (1, 1), message
            assert message.startswith("error: ")
            assert "free some space and run again" in message
        sentences += bool(code)
        steps += 7
    assert sentences > 8
    last = ran.run()[1][-1]
    assert last["status"] in ("done", "unchanged") and last.get("executed", 0) == 0
    assert len(complete(ran.outputs)) == 1


def test_a_kill_at_any_moment_of_a_run_is_taken_up_from(toy):
    moments = random.Random(SEED)
    for _ in range(5):
        process = toy.start()
        time.sleep(moments.uniform(0.3, 9.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        complete(toy.outputs)
        time.sleep(2)
        assert not survivors(toy.root)
    code, events, err = toy.run()
    assert code == 0, err
    assert events[-1]["status"] in ("done", "unchanged")
    assert len(complete(toy.outputs)) == 1
    leftovers = [p for p in toy.outputs.rglob("*") if p.name.startswith(".") and p.name != ".lock"]
    assert not leftovers


@pytest.mark.parametrize("step", [1, 4, 8, 12])
def test_a_kill_while_a_result_is_stored_leaves_it_whole_or_absent(ran, killer, step):
    ran.edit("notebooks/toy/alone.ipynb", "# The alone", "# All alone")
    assert killer.killed_at(step)
    complete(ran.outputs)
    assert ran.run()[0] == 0
    assert len(complete(ran.outputs)) == 2
