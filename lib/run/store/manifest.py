"""What a run says of itself: every stage, table, history and input, and apart from these its moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.pipeline import PIPELINE
from lib.published import SCHEMA
from lib.run.planning.code_digests import file_digest
from lib.run.planning.plan import Plan
from lib.run.request.tasks import task_id
from lib.run_folder import history_path, notebook_path, page_path, table_path
from lib.subjects import KINDS

if TYPE_CHECKING:
    from lib.run.engine import Result


def make_manifest(plan: Plan, results: dict[str, Result], run: str, state: str, moments: dict) -> dict:
    """The manifest (``docs/formats.md``) without the digests of the run's files and the seal."""
    request = plan.request
    return {
        "schema": SCHEMA,
        "run": run,
        "name": request.name,
        "as_of": request.as_of,
        "fingerprint": plan.fingerprint,
        "state": state,
        "part": plan.part,
        "subjects": {
            kind: [KINDS[kind].without_files(one) for one in found]
            for kind, found in request.subjects.items()
        },
        "request": request.as_dict(),
        "only": list(dict.fromkeys(step.task.row.name for step in plan.steps.values())),
        "stages": [_stage(plan, task, result) for task, result in results.items()],
        "tables": {**_slices(plan), **_tables(plan, results)},
        "states": [] if plan.part else grown_states(plan, results),
        "state_inputs": {
            name: history_path(*PIPELINE.owner(name)) if path else None for name, path in plan.states.items()
        },
        "inputs": {"params": "inputs/params.yaml", "files": _files(plan)},
        "environment": plan.environment,
        "moments": moments,
    }


def grown_states(plan: Plan, results: dict[str, Result]) -> list[dict]:
    """The histories that the finished stages of a run continue."""
    grown = []
    for task, result in results.items():
        step = plan.steps[task]
        if result.state not in ("done", "failed checks") or not result.record:
            continue
        for table in step.task.row.states:
            grown.append(
                {
                    "table": table,
                    "kind": step.task.row.per,
                    "subject": step.task.subject,
                    "as_of": plan.request.as_of,
                    "path": table_path(table, step.task.row.per, step.task.subject),
                    "sha256": result.record["tables"][table]["sha256"],
                }
            )
    return grown


def _stage(plan: Plan, task: str, result: Result) -> dict:
    step, record = plan.steps[task], result.record or {}
    row, subject = step.task.row, step.task.subject
    return {
        "stage": row.name,
        "kind": row.per,
        "subject": subject,
        "front": row.front,
        "question": row.question,
        "title": step.task.notebook.title,
        "state": result.state,
        "key": step.key,
        "page": page_path(row.name, subject) if result.page else None,
        "notebook": notebook_path(row.name, subject) if result.page else None,
        "parameters": step.task.parameters,
        "repeats": {stage: one.parameters for stage, one in step.task.repeats.items()},
        "faults": record.get("faults", []),
        "made_up": record.get("made_up", []),
        "verdict": record.get("verdict", ""),
        "key_figures": record.get("key_figures", []),
        "checks": record.get("checks", []),
        "failure": record.get("failure"),
        "blocked_by": list(result.blocked_by),
    }


def _slices(plan: Plan) -> dict[str, dict]:
    return {
        name: {
            "path": one["parquet"],
            "stage": "prepare",
            **{field: one[field] for field in ("sha256", "rows", "origins")},
        }
        for name, one in plan.raw.items()
    }


def _tables(plan: Plan, results: dict[str, Result]) -> dict[str, dict]:
    found = {}
    for task, result in results.items():
        row, subject = plan.steps[task].task.row, plan.steps[task].task.subject
        for table, one in (result.record or {}).get("tables", {}).items():
            if table != "key_figures":
                found[task_id(table, subject)] = {
                    "path": table_path(table, row.per, subject),
                    "stage": row.name,
                    **{field: one[field] for field in ("sha256", "rows", "origins")},
                }
    return found


def _files(plan: Plan) -> dict[str, str]:
    return {
        f"{task}:{name}": f"inputs/files/{file_digest(path)[:16]}/{path.name}"
        for task, step in plan.steps.items()
        for name, path in step.task.files.items()
    }
