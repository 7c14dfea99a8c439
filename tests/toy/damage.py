"""Damages files of a toy workbench's outputs one after another and tries every command on each.

``python damage.py CASES`` in the workbench's folder, with the workbench's interpreter: CASES is a JSON list
of ``[file, damage]``. Every command runs in a fork of this process. Prints a JSON list, an entry a case: what
each command came to in a few words, and under ``wrong`` what must not be.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

ROOT = Path.cwd()
sys.path.insert(0, str(ROOT))
OUTPUTS = ROOT / "outputs"
DAY = "2022-12-28"


def flip(content: bytes) -> bytes:
    """One bit in the middle is another."""
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes] | None] = {
    "flipped": flip,
    "truncated": lambda content: content[: len(content) * 2 // 3],
    "emptied": lambda content: b"",
    "deleted": None,
}


def spoil(path: Path, damage: str) -> None:
    """Do it in place, as a disk would: under every name of the file, and with its time as it was."""
    change, found = DAMAGES[damage], path.stat()
    if change is None:
        path.unlink()
        return
    content = change(path.read_bytes())
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(found.st_mode)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def forked(work: Callable[[], int]) -> tuple[int, str, str]:
    """Exit code, standard output and error of work in a fork; 70 and the traceback where it raised."""
    with tempfile.TemporaryDirectory() as place:
        child = os.fork()
        if child == 0:
            for number, name in ((1, "out"), (2, "err")):
                os.dup2(os.open(Path(place, name), os.O_WRONLY | os.O_CREAT), number)
            code = 70
            with contextlib.suppress(SystemExit):
                try:
                    code = work()
                except BaseException:
                    traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out, err = (Path(place, name).read_text(errors="replace") for name in ("out", "err"))
        return code, out, err


def command(*arguments: str) -> tuple[int, str, str]:
    """A command of the workbench."""
    from lib.run.cli import main

    return forked(lambda: main([*arguments]))


def by_hand() -> tuple[int, str, str]:
    """Everything that a notebook can read by hand, as digests; 1 with a message where it refuses."""

    def work() -> int:
        from lib.errors import WorkbenchError
        from lib.pipeline import PIPELINE
        from lib.run.browse import latest_run
        from lib.run.stage import open_stage

        os.environ.pop("WORKBENCH_CONTEXT", None)
        refused = 0
        for row in PIPELINE:
            for subject in ({"portfolio": "one"}, {"portfolio": "two"}) if row.per else ({},):
                try:
                    with contextlib.redirect_stdout(None):
                        stage = open_stage(row.name, as_of=DAY, **subject)
                    frames = {name: stage.read(name) for name in row.reads}
                    frames |= {name: stage.state(name) for name in row.states}
                    for name, frame in frames.items():
                        print(f"{row.name}{[*subject.values()]}.{name}: {_digest(frame)}")
                    if row.name == "toy/book":
                        print(subject, stage.file("positions_file").read_text())
                except WorkbenchError as fault:
                    refused = 1
                    print(f"{type(fault).__name__}: {fault}", file=sys.stderr)
        try:
            run = latest_run(OUTPUTS)
            for one in run.tables.itertuples():
                try:
                    print(f"{one.table}@{one.subject}: {_digest(run.table(one.table, one.subject or None))}")
                except WorkbenchError as fault:
                    refused = 1
                    print(f"{type(fault).__name__}: {fault}", file=sys.stderr)
        except LookupError as fault:
            refused = 1
            print(f"LookupError: {fault}", file=sys.stderr)
        return refused

    return forked(work)


def _digest(frame: object) -> str:
    return hashlib.sha256(frame.to_csv().encode()).hexdigest()[:16]  # type: ignore[attr-defined]


def numbers() -> dict[str, str]:
    """Every table and page of the last run by its content; nothing where there is no last run."""
    run = OUTPUTS / "latest"
    names = [path for part in ("tables", "inputs", "pages") for path in (run / part).rglob("*.*")]
    return {path.relative_to(run).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in names}


class Bench:
    """The outputs as they are when nothing is damaged, and what every command says to them."""

    def __init__(self) -> None:
        self.whole = ROOT / "whole"
        subprocess.run(["cp", "-a", OUTPUTS, self.whole], check=True)
        self.read, self.numbers = by_hand()[1].splitlines(), numbers()

    def restore(self) -> None:
        """Undo everything."""
        shutil.rmtree(OUTPUTS)
        subprocess.run(["cp", "-a", self.whole, OUTPUTS], check=True)

    def tried(self, name: str, damage: str) -> dict:
        """What every command came to after one damage."""
        self.restore()
        spoil(OUTPUTS / name, damage)
        case: dict = {"file": name, "damage": damage, "wrong": []}
        code, out, err = by_hand()
        self._note(case, "by hand", code, err)
        if strange := [line for line in out.splitlines() if line not in self.read]:
            case["wrong"].append(f"by hand read {strange[0]}")
        code, out, err = command("runs")
        self._note(case, "runs", code, err + out)
        if f"/toy-{DAY}" in name:
            sound = numbers() == self.numbers and not name.endswith((".ipynb", ".html", ".json"))
            code, out, err = command("verify")
            self._note(case, "verify", code, err + out)
            if code == 0 and not sound:
                case["wrong"].append("verify found nothing")
        code, out, err = command("run")
        self._note(case, "run", code, err + out)
        if code == 0 and numbers() != self.numbers:
            case["wrong"].append("run left other content in latest")
        code, out, err = command("run")
        self._note(case, "run again", code, err + out)
        if code or numbers() != self.numbers:
            case["wrong"].append(f"run again: exit {code}, content {numbers() == self.numbers}")
        code, out, err = command("clean", "--keep", "1", "--yes")
        self._note(case, "clean", code, err + out)
        if code or numbers() != self.numbers:
            case["wrong"].append(f"clean: exit {code}, content {numbers() == self.numbers}")
        return case

    def _note(self, case: dict, what: str, code: int, said: str) -> None:
        case[what] = f"exit {code}" + (": named" if "damaged" in said or "lost" in said else "")
        if "Traceback" in said or code not in (0, 1, 2):
            case["wrong"].append(f"{what}: exit {code}: {said[-1500:]}")


if __name__ == "__main__":
    bench = Bench()
    print(json.dumps([bench.tried(*case) for case in json.loads(sys.argv[1])]))
