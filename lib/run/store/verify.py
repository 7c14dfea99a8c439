"""Repeat a run from its own inputs into a fresh place and compare every byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lib import ledgers
from lib.errors import InputError, WorkbenchError
from lib.ledger import REGISTRATION, Ledger
from lib.published import MANIFEST, examined, runs_of
from lib.run.events import Events
from lib.run.planning.code_digests import file_digest
from lib.run.planning.plan import environment
from lib.run.request.tasks import task_id
from lib.run.session import ROOT, Given, Options, carry_out
from lib.run.store import runs

NUMBERS = 1e-9


class Quiet(Events):
    """Says nothing: only the comparison is of interest."""

    def line(self, **fields: object) -> None:
        """Swallow an event of the repeated run."""


def verify(run: Path, options: Options, *, anyway: bool = False) -> int:
    """Print what differs; 0 when nothing does, 1 when bytes differ, 2 when code or place are others."""
    if not run.is_dir():
        raise InputError(f"no run at {run}", mend="`python3 run_all.py runs` lists the runs")
    try:
        return _verify(run, options, anyway)
    except FileNotFoundError:
        if (run / MANIFEST).exists():
            raise
        raise WorkbenchError(f"{run.name} was removed while it was verified") from None


def newest(outputs: Path) -> Path:
    """The newest complete run, or the damaged one that ``latest`` still points to. InputError for none."""
    found = runs_of(outputs)
    named = (outputs / "latest").resolve()
    for folder, _ in found.damaged:
        if folder.resolve() == named:
            return folder
    if not found.complete:
        raise InputError(found.none_complete(), mend="`python3 run_all.py` makes one")
    return found.complete[0][0]


def _verify(run: Path, options: Options, anyway: bool) -> int:
    manifest, fault = examined(run)
    if manifest is None:
        return _report(f"{run.name} is damaged; the next run of this id makes it anew", [fault], 1)
    if manifest["state"] != "done":
        raise InputError(f"{run.name} is not complete", mend="only a complete run can be verified")
    if damaged := [*damage(run, manifest), *tampered(run, options.outputs, manifest)]:
        return _report(f"{run.name} is not as it was published", damaged, 1)
    others = list(_other_place(manifest))
    if others and not anyway:
        return _report(
            f"{run.name} cannot be repeated here byte for byte (--anyway compares numbers)", others, 2
        )
    with tempfile.TemporaryDirectory(prefix="workbench-verify-") as place:
        request, given_files = runs.request_of(run, manifest)
        raw = {
            name: {**one, "path": run / one["path"], "parquet": one["path"]}
            for name, one in manifest["tables"].items()
            if name.startswith("raw_")
        }
        states = {name: run / path if path else None for name, path in manifest["state_inputs"].items()}
        given = Given(request, tuple(manifest["only"]), manifest["part"], given_files, raw, states)
        code, again = carry_out(replace(options, outputs=Path(place)), Quiet(), given)
        if again is None or code:
            raise WorkbenchError(f"{run.name} could not be repeated: a stage failed this time")
        if anyway:
            return _report(f"{run.name}: numbers compared", list(_numbers(run, again, manifest)), 1)
        return _compare(run, again, manifest)


def damage(run: Path, manifest: dict) -> Iterator[str]:
    """Files of a run that are missing, added or not what the manifest says."""
    there = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()} - {MANIFEST}
    for name in sorted({*there, *manifest["files"]}):
        if name not in there:
            yield f"{name}: missing"
        elif name not in manifest["files"]:
            if not name.startswith("notebooks/") or ".ipynb_checkpoints" not in name:
                yield f"{name}: not part of the run"
        elif file_digest(run / name) != manifest["files"][name]:
            yield f"{name}: other bytes than were published"


def tampered(run: Path, outputs: Path, manifest: dict) -> Iterator[str]:
    """Ledgers that are not what they were, and questions that are not the registered ones."""
    yield from ledgers.faults(outputs, manifest)
    for name, head in manifest["moments"].get("trials", {}).items():
        kind, _, subject = name.partition("=")
        book = Ledger(outputs, kind, subject)
        yield from book.faults(head)
        known = {one["sha256"] for one in book.registrations()}
        for path in _registrations(run, manifest, subject):
            if file_digest(path) not in known:
                yield f"{path.relative_to(run).as_posix()}: is not what was registered"


def _registrations(run: Path, manifest: dict, subject: str) -> set[Path]:
    """The registered questions of a subject that a run was given."""
    files = manifest["inputs"]["files"].items()
    mark = f"@{subject}:{REGISTRATION}_file"
    return {run / path for name, path in files if name.endswith(mark)}


def _other_place(manifest: dict) -> Iterator[str]:
    from lib.run.pages.writing import page_digest

    here = {**environment(ROOT), "template": page_digest()}
    for name, value in manifest["environment"].items():
        if here[name] != value:
            yield f"another {name}: {value[:16]} then, {here[name][:16]} now"


def _compare(run: Path, again: Path, manifest: dict) -> int:
    now, fault = examined(again)
    if now is None:
        raise WorkbenchError(f"{again.name} could not be read again: {fault}")
    if now["fingerprint"] != manifest["fingerprint"]:
        changed = [
            f"{task_id(one['stage'], one['subject'])}: its code is another"
            for one, then in zip(now["stages"], manifest["stages"], strict=True)
            if one["key"] != then["key"]
        ]
        return _report(f"{run.name} was made by other code", changed or ["code of the run"], 2)
    names = sorted({*manifest["files"], *now["files"]})
    different = [name for name in names if manifest["files"].get(name) != now["files"].get(name)]
    return _report(f"{run.name}: {len(names)} files compared", [f"{name}: differs" for name in different], 1)


def _numbers(run: Path, again: Path, manifest: dict) -> Iterator[str]:
    from pandas.testing import assert_frame_equal

    from lib import table_file

    made = (examined(again)[0] or manifest)["tables"]
    for name, one in manifest["tables"].items():
        then = table_file.read(run / one["path"], one["sha256"])
        now = table_file.read(again / one["path"], made.get(name, one)["sha256"])
        try:
            assert_frame_equal(then, now, rtol=NUMBERS, atol=0, check_exact=False)
        except AssertionError as fault:
            yield f"{name}: {' '.join(str(fault).split())[:200]}"


def _report(head: str, different: list[str], code: int) -> int:
    print(head + (":" if different else ", all equal"))
    for line in different:
        print(f"  {line}")
    return code if different else 0
