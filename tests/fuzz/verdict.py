"""Carry an input out and say what is wrong with how the command took it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from forked_command import Done, ForkedCommand

from fuzz.world import Input

SECONDS = 5.0
LONGEST = 2500
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def carry_out(command: ForkedCommand, one: Input, folder: Path) -> tuple[Done, list[str]]:
    """How the command ended on the input, laid out in ``folder``, and every fault of that."""
    one.lay_out(folder)
    try:
        before = _listing(folder)
        more = () if "--outputs" in one.arguments else ("--outputs", "out")
        done = command(*one.arguments, *more, cwd=folder)
        changed = sorted(before ^ _listing(folder))
    finally:
        _remove(folder)
    return done, [*faults(done, one.codes), *(f"{path} was made, changed or removed" for path, *_ in changed)]


def faults(done: Done, codes: tuple[int, ...]) -> list[str]:
    """What is wrong with how a call ended, where ``codes`` are the exit codes that are right."""
    found = []
    said = done.out + done.err
    if "Traceback" in said or "took longer" in said:
        found.append(
            f"a traceback: {done.err.strip().splitlines()[-1][:300] if done.err.strip() else said[-300:]}"
        )
    elif done.code not in codes:
        found.append(f"exit code {done.code}, not {' or '.join(map(str, codes))}: {done.err[:300]}")
    if done.processor > SECONDS:
        found.append(f"{done.processor:.1f} s of processor time")
    if done.wall > 30 and done.processor < SECONDS:
        found.append(f"hung for {done.wall:.0f} s")
    if unseen := UNSEEN.search(said):
        found.append(f"{unseen[0]!r} in {said[max(0, unseen.start() - 60) : unseen.end() + 20]!r}")
    if "Traceback" not in said and (longest := max(map(len, said.split("\n")))) > LONGEST:
        found.append(f"a message of {longest:,} characters")
    if done.code == 2 and not done.err.startswith("error: "):
        found.append(f"no message: {done.err[:200]!r}")
    return found


def _listing(folder: Path) -> set[tuple]:
    """Every path, its kind, size and time of change, links as links."""
    found = set()
    for root, folders, names in os.walk(folder):
        for path in (Path(root) / name for name in (*folders, *names)):
            status = path.lstat()
            found.add((str(path.relative_to(folder)), status.st_mode, status.st_size, status.st_mtime_ns))
    return found


def _remove(folder: Path) -> None:
    """Remove a folder, shut ones within it too."""
    for root, folders, _ in os.walk(folder):
        for path in (Path(root) / name for name in folders):
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder)
