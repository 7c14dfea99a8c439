"""Every kind of file under an outputs folder, damaged in every way: never a wrong number, never a traceback.

The suite tries one file of each kind with one damage; ``WORKBENCH_DAMAGE=all`` tries every file with every
damage and prints the table (an hour), ``WORKBENCH_DAMAGE=flipped`` one file of each kind with this damage.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from toy.damage import DAMAGES
from toy.workbench import TOY, Workbench

DAY = "2022-12-28"
KINDS = {
    "marker": r"WORKBENCH-OUTPUTS\.txt",
    "lock": r"\.lock",
    "page of runs": r"index\.html",
    "cache": r"cache\.json",
    "manifest": r"runs/.*/manifest\.json",
    "page of a run": r"runs/[^/]*/index\.html",
    "search or summary": r"runs/[^/]*/(search\.html|mail\.(html|txt))",
    "page": r"runs/.*/pages/.*",
    "notebook": r"runs/.*/notebooks/.*",
    "table": r"runs/.*/tables/.*",
    "market table": r"runs/.*/inputs/market/.*",
    "history read": r"runs/.*/inputs/states/.*",
    "params": r"runs/.*/inputs/params\.yaml",
    "input file": r"runs/.*/inputs/files/.*",
    "history": r"state/.*\.parquet",
    "digest of a history": r"state/.*\.sha256",
    "stored market table": r"store/raw/.*",
    "stored record": r"store/.*/stage\.json",
    "stored notebook": r"store/.*/stage\.ipynb",
    "stored table": r"store/.*/tables/.*",
    "stored page": r"store/.*/pages/.*",
}


def kind_of(name: str) -> str:
    return next(kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, name))


def files_of(bench: Workbench) -> dict[str, list[str]]:
    """The files of the outputs by kind; those of the last run only, and of the results that it used."""
    manifest = bench.manifest()
    used = [one["key"] for one in manifest["stages"]]
    used += [one["sha256"] for name, one in manifest["tables"].items() if name.startswith("raw_")]
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path in sorted(bench.outputs.rglob("*")):
        name = path.relative_to(bench.outputs).as_posix()
        kind = kind_of(name) if path.is_file() and not name.startswith("latest/") else ""
        if kind and (kind.startswith("stored") and not any(key in name for key in used)):
            continue
        if kind and (not name.startswith("runs/") or f"/{manifest['run']}/" in name):
            found[kind].append(name)
    return found


@pytest.fixture(scope="module")
def two_days(finished_toy, tmp_path_factory):
    """A toy workbench with a history: the day before was run, then the day itself."""
    bench = finished_toy.copy(tmp_path_factory.mktemp("damage") / "bench", outputs=False)
    for day in ("2022-12-27", DAY):
        code, _, err = bench.run("--as-of", day)
        assert code == 0, err
    return bench


def tried(bench: Workbench, cases: list[tuple[str, str]]) -> list[dict]:
    command = [sys.executable, str(Path(TOY, "damage.py")), json.dumps(cases)]
    done = subprocess.run(command, cwd=bench.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_damaged_files_give_no_wrong_number_and_no_traceback(two_days):
    found, damages = files_of(two_days), [*DAMAGES]
    assert all(found.values())
    asked = os.environ.get("WORKBENCH_DAMAGE", "")
    if asked == "all":
        cases = [(name, damage) for names in found.values() for name in names for damage in damages]
    elif asked:
        cases = [(names[0], asked) for names in found.values()]
    else:
        firsts = [names[len(names) // 2] for names in found.values()]
        cases = [(name, damages[n % len(damages)]) for n, name in enumerate(firsts)]
    outcomes = tried(two_days, cases)
    for one in outcomes:
        told = "; ".join(f"{what} {said}" for what, said in one.items() if what not in ("file", "wrong"))
        print(f"{kind_of(one['file'])}: {told}")
    wrong = [(one["file"], one["damage"], *one["wrong"]) for one in outcomes if one["wrong"]]
    assert not wrong, "\n".join(map(str, wrong))
