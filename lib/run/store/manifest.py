"""What a run says of itself: every stage, table, history and input, and apart from these its moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.run.planning.code_digests import file_digest
from lib.run.planning.plan import Plan
from lib.run_folder import history_path, notebook_path, page_path, raw_path, table_path

if TYPE_CHECKING:
    from lib.run.engine import Result


def make_manifest(plan: Plan, results: dict[str, Result], run: str, state: str, moments: dict) -> dict:
    """The manifest (``docs/formats.md``) without the digests of the run's files."""
    request = plan.request
    return {
        "schema": 1,
        "run": run,
        "name": request.name,
        "as_of": request.as_of,
        "fingerprint": plan.fingerprint,
        "state": state,
        "portfolios": [
            {k: v for k, v in one.items() if k not in ("positions", "trades")} for one in request.portfolios
        ],
        "request": request.as_dict(),
        "only": list(dict.fromkeys(step.task.row.name for step in plan.steps.values())),
        "stages": [_stage(plan, task, result) for task, result in results.items()],
        "tables": {**_slices(plan), **_tables(plan, results)},
        "states": grown_states(plan, results),
        "state_inputs": {name: _history_path(name) if path else None for name, path in plan.states.items()},
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
                    "portfolio": step.task.portfolio,
                    "as_of": plan.request.as_of,
                    "path": table_path(table, "portfolio", step.task.portfolio),
                    "sha256": result.record["tables"][table]["sha256"],
                }
            )
    return grown


def _stage(plan: Plan, task: str, result: Result) -> dict:
    step, record = plan.steps[task], result.record or {}
    row, portfolio = step.task.row, step.task.portfolio
    return {
        "stage": row.name,
        "portfolio": portfolio,
        "question": row.question,
        "title": step.task.notebook.title,
        "state": result.state,
        "key": step.key,
        "page": page_path(row.name, portfolio) if result.page else None,
        "notebook": notebook_path(row.name, portfolio) if result.page else None,
        "verdict": record.get("verdict", ""),
        "key_figures": record.get("key_figures", []),
        "checks": record.get("checks", []),
        "failure": record.get("failure"),
        "blocked_by": list(result.blocked_by),
    }


def _slices(plan: Plan) -> dict[str, dict]:
    return {
        name: {
            "path": raw_path(name),
            "stage": "prepare",
            **{field: one[field] for field in ("sha256", "rows", "origins")},
        }
        for name, one in plan.raw.items()
    }


def _tables(plan: Plan, results: dict[str, Result]) -> dict[str, dict]:
    found = {}
    for task, result in results.items():
        row, portfolio = plan.steps[task].task.row, plan.steps[task].task.portfolio
        for table, one in (result.record or {}).get("tables", {}).items():
            if table != "key_figures":
                found[f"{table}@{portfolio}" if portfolio else table] = {
                    "path": table_path(table, "portfolio", portfolio),
                    "stage": row.name,
                    **{field: one[field] for field in ("sha256", "rows", "origins")},
                }
    return found


def _history_path(name: str) -> str:
    table, _, portfolio = name.partition("@")
    return history_path(table, "portfolio", portfolio)


def _files(plan: Plan) -> dict[str, str]:
    return {
        f"{task}:{name}": f"inputs/files/{file_digest(path)[:16]}/{path.name}"
        for task, step in plan.steps.items()
        for name, path in step.task.files.items()
    }
