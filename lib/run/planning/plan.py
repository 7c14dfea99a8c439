"""What a run would execute and why: keys, stored results, and the part of a key that changed."""

from __future__ import annotations

import platform
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.run.planning.code_digests import Sources, digest_of, file_digest
from lib.run.planning.earlier import Earlier, Former
from lib.run.planning.prepare import resource_digests
from lib.run.request.params import Request
from lib.run.request.tasks import Task
from lib.run.store.results import Store
from lib.run_folder import table_path
from lib.tables import KEY_FIGURES, TABLES

STATIC = (
    "notebook",
    "modules",
    "resources",
    "schemas",
    "row",
    "parameters",
    "repeats",
    "subjects",
    "files",
    "states",
    "environment",
)


@dataclass
class Step:
    """A task with what is known of it before execution."""

    task: Task
    parts: dict[str, Any]
    inputs: dict[str, dict] | None = None
    key: str | None = None
    record: dict | None = None
    reasons: list[str] = field(default_factory=list)

    @property
    def action(self) -> str:
        """``have``, ``run`` or ``may run`` (only if what it reads comes out different)."""
        if self.record:
            return "have"
        return "run" if self.reasons else "may run"


@dataclass
class Plan:
    """The steps of a run in order, and what identifies it.

    ``part`` says what a run of a part leaves out of what its params name; None where it leaves out nothing.
    """

    request: Request
    steps: dict[str, Step]
    raw: dict[str, dict]
    states: dict[str, Path | None]
    environment: dict[str, str]
    fingerprint: str
    part: dict | None = None

    @property
    def run_id(self) -> str:
        """``<params name>-<as-of>-<first 8 of the fingerprint>``."""
        return f"{self.request.name}-{self.request.as_of}-{self.fingerprint[:8]}"


def environment(root: Path) -> dict[str, str]:
    """What results depend on besides code and data: the lock, Python's minor version, the platform."""
    return {
        "lock": file_digest(root / "requirements.lock"),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "platform": f"{sysconfig.get_platform()}-{platform.python_implementation().lower()}",
    }


def make_plan(
    request: Request,
    tasks: list[Task],
    raw: dict[str, dict],
    states: dict[str, Path | None],
    *,
    root: Path,
    store: Store,
    sources: Sources,
    template: str,
    force: bool = False,
    part: dict | None = None,
) -> Plan:
    """Keys as far as known, and stored results."""
    about = environment(root)
    digests = {name: file_digest(path) if path else None for name, path in states.items()}
    steps: dict[str, Step] = {}
    for task in tasks:
        parts = static_parts(task, root, sources, digests, about)
        step = steps[task.id] = Step(task, parts)
        resolve(step, steps, raw, store, force=force)
    fingerprint = digest_of(
        {
            "request": request.as_dict(),
            "tasks": {task: step_identity(step) for task, step in steps.items()},
            "raw": {name: one["sha256"] for name, one in raw.items()},
            "template": template,
            **({"part": part} if part else {}),
        }
    )
    return Plan(request, steps, raw, states, {**about, "template": template}, fingerprint, part)


def explain(plan: Plan, earlier: Earlier) -> None:
    """Say of every step without a stored result why it runs."""
    for step in plan.steps.values():
        if not step.record:
            former, failed = earlier.of(step.task), earlier.failed_in(step.task, step.key)
            step.reasons = [f"it failed in {failed}"] if failed else reasons(step, former, plan.request.as_of)


def step_identity(step: Step) -> dict:
    """The parts that are known before execution."""
    return {name: step.parts[name] for name in STATIC}


def static_parts(
    task: Task, root: Path, sources: Sources, states: dict[str, str | None], about: dict[str, str]
) -> dict[str, Any]:
    """Every part of a task's key but the content of its input tables."""
    row = task.row
    schemas = {name: TABLES[name].digest() for name in sorted({*row.reads, *row.writes}) if name in TABLES}
    return {
        "notebook": task.notebook.digest,
        "modules": sources.of_code(task.notebook.code),
        "resources": resource_digests(row, root),
        "schemas": {**schemas, KEY_FIGURES.name: KEY_FIGURES.digest()},
        "row": [
            *(row.name, row.question, row.reads, row.writes),
            *(row.per, row.states, row.histories, row.repeats),
        ],
        "parameters": task.parameters,
        "repeats": {stage: one.parameters for stage, one in task.repeats.items()},
        "subjects": task.subjects_read(),
        "files": {name: file_digest(path) for name, path in sorted(task.files.items())},
        "states": {name: states[history] for name, history in task.histories.items()},
        "environment": about,
    }


def resolve(
    step: Step, steps: dict[str, Step], raw: dict[str, dict], store: Store, *, force: bool = False
) -> None:
    """Fill in inputs, key and stored record as soon as everything that the step reads is known."""
    inputs = gather(step.task, steps, raw)
    if inputs is None:
        return
    step.inputs = inputs
    step.parts["inputs"] = {
        table: {"sha256": one["sha256"], "origins": one["origins"]} for table, one in inputs.items()
    }
    step.key = digest_of(step.parts)
    step.record = None if force else store.load(step.task.row.name, step.key)


def gather(task: Task, steps: dict[str, Step], raw: dict[str, dict]) -> dict[str, dict] | None:
    """The task's input tables by what it calls them, or None while one of them is not known."""
    found: dict[str, dict] = {}
    for name, maker in task.inputs.items():
        table = name.partition("@")[0]
        if table in raw:
            found[name] = {
                "sha256": raw[table]["sha256"],
                "rows": raw[table]["rows"],
                "origins": raw[table]["origins"],
                "stage": "prepare",
                "parquet": raw[table]["parquet"],
            }
            continue
        step = steps.get(maker) if maker else None
        if step is None or step.record is None:
            return None
        made = step.record["tables"][table]
        found[name] = {
            "sha256": made["sha256"],
            "rows": made["rows"],
            "origins": made["origins"],
            "stage": step.task.row.name,
            "parquet": table_path(table, step.task.row.per, step.task.subject),
        }
    return found


def reasons(step: Step, former: Former | None, as_of: str) -> list[str]:
    """Which parts of the key are not what they were; empty when only unmade inputs could differ.

    Against a run of another day, that is said too, and nothing of what follows from the day alone.
    """
    if former is None:
        return ["first time"]
    other_day = former.as_of != as_of
    names = STATIC if step.key is None or other_day else (*STATIC, "inputs")
    found: list[str] = []
    for name in names:
        now, then = step.parts.get(name), former.parts.get(name)
        if other_day and name == "parameters":
            now, then = ({**(one or {}), "as_of": as_of} for one in (now, then))
        if digest_of(now) != digest_of(then) and not (other_day and name == "states"):
            found += _differences(name, now, then)
    if other_day:
        change = found or ["nothing else changed"]
        return [f"no run of {as_of} yet; against {former.as_of}: {change[0]}", *change[1:]]
    return found or (["no stored result"] if step.key else [])


def _differences(name: str, now: Any, then: Any) -> list[str]:
    if name in ("notebook", "row"):
        return [{"notebook": "the notebook changed", "row": "its row in lib/pipeline.py changed"}[name]]
    now, then = now or {}, then or {}
    changed = [key for key in sorted({*now, *then}) if digest_of(now.get(key)) != digest_of(then.get(key))]
    if name == "parameters":
        return [f"parameter {key}: {then.get(key)!r} → {now.get(key)!r}" for key in changed]
    if name == "repeats":
        return [
            f"{stage}, which it repeats: {words}"
            for stage in changed
            for words in _differences("parameters", now.get(stage), then.get(stage))
        ]
    word = {
        "modules": "module",
        "subjects": "the list of subjects of",
        "resources": "resource",
        "schemas": "schema of",
        "files": "file",
        "states": "history of",
        "inputs": "input",
        "environment": "environment:",
    }[name]
    verb = {
        key: "is new" if key not in then else "is gone" if key not in now else "changed" for key in changed
    }
    return [f"{word} {key} {verb[key]}" for key in changed]
