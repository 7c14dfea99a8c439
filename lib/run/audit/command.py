"""``audit STAGE``: the audit of a stage of a finished run, on the terminal, as JSON, and as a page.

Nothing of the run is changed. What is altered lies in a folder that is gone at the end; the page is kept
under ``audits`` in the outputs, one for each run, stage and subject.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib import disk
from lib.errors import InputError, printable
from lib.run.audit import look_ahead, report, warm_up
from lib.run.audit.executions import Executions
from lib.run.audit.target import Target, targets
from lib.run.events import Events
from lib.run.kernels.processes import Children
from lib.run.pages import writing
from lib.run.session import ROOT, Options
from lib.run.store import outputs_folder
from lib.run_folder import audit_path, folder_of, page_path
from lib.tables import TABLES


@dataclass(frozen=True)
class Asked:
    """How many days are audited at the most, whether the warm-up is too, and whether JSON is printed."""

    moments: int | None = None
    warm_up: bool = False
    json: bool = False


def audit(stage: str, run: str | None, options: Options, asked: Asked) -> int:
    """Audit a stage for its subjects; 0 when nothing looks ahead, 1 when something does or nothing is shown.

    Raises InputError for what cannot be audited, StageError where the stage does not run on its own inputs.
    """
    outputs_folder.refuse_foreign(options.outputs)
    found = targets(options.outputs, stage, run, _named(options.subjects, stage))
    good = True
    with ExitStack() as stack:
        children = Children(stack, options.cold)
        aside = tempfile.TemporaryDirectory(prefix="workbench-audit-", ignore_cleanup_errors=True)
        work = Path(stack.enter_context(aside))
        for number, target in enumerate(found):
            told = _audited(target, children, work / str(number), options, asked)
            page = _write_page(told, target, options.outputs)
            _tell(told, page, asked)
            good = good and told["result"] == report.PASSED
    return 0 if good else 1


def _named(subjects: Sequence[str], stage: str) -> list[str]:
    """The subjects that options name; those that the stage's own ``@`` names are not among them."""
    if "@" in stage and subjects:
        raise InputError(f"{stage} and {subjects[0]}", mend="name subjects once")
    return list(subjects)


def _audited(
    target: Target, children: Children, work: Path, options: Options, asked: Asked
) -> dict[str, Any]:
    kernels = children.kernels()
    tables = target.tables()
    notebook = ROOT / "notebooks" / f"{target.row.name}.ipynb"
    run = Executions(target, tables, notebook, kernels, work, options.timeout)
    run.warm()
    known = run.as_it_is()
    jobs = min(options.jobs, os.cpu_count() or 1)
    found = look_ahead.audit(run, tables, TABLES, known=known, moments=asked.moments, jobs=jobs)
    warm = warm_up.warm_up(run, tables, TABLES, known, jobs=jobs) if asked.warm_up else None
    told = report.facts(target, found, tables, TABLES)
    told["repeated"] = run.repeated(known.results)
    return told | {"warm_up": report.of_warm_up(warm) if asked.warm_up else None}


def _write_page(told: dict[str, Any], target: Target, outputs: Path) -> Path:
    path = outputs / audit_path(target.run.name, target.row.name, target.subject)
    up = os.path.relpath(folder_of(outputs, target.run.name), path.parent)
    page = writing.audit_page(told, f"{up}/", page_path(target.row.name, target.subject))
    disk.write_whole(path, page.encode())
    return path


def _tell(told: dict[str, Any], page: Path, asked: Asked) -> None:
    if asked.json:
        Events().line(event="audit", **told, page=str(page))
        return
    for line in report.lines(told):
        print(printable(line, 2000))
    print(f"  page: {page}", flush=True)
