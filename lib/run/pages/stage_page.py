"""The page of one stage: verdict and key figures first, then the notebook, then where it all came from.

The page of a result holds nothing of a particular run, so that every run with this result shares it; that of
a failed stage names its run in the commands to give next. Links lead two folders up to the run's root.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lib.contracts import RUN_SETTINGS
from lib.pipeline import PIPELINE
from lib.run.pages import failures, html_shell, notebook_html
from lib.run_folder import UP, page_path, table_mark, table_path
from lib.subjects import KINDS


def stage_page(notebook: Path, record: Path, again: dict[str, str] | None = None) -> tuple[str, int]:
    """HTML of the page, and how many of its pictures have no description of their own.

    ``again`` says of a failed stage what was asked (``run``, ``params``, ``as_of``), to be asked again.
    """
    known = json.loads(record.read_text(encoding="utf-8"))
    cells = notebook_html.read_notebook(notebook)
    failure = known.get("failure")
    body = notebook_html.body_of(cells, broken=failure.get("cell_id") if failure else None)
    page = html_shell.page(
        "stage.html.j2",
        title=_tab(known),
        up=UP,
        body=html_shell.markup(body),
        sections=notebook_html.headings_of(cells),
        top=_top(known),
        neighbour=_neighbour(known),
        failure=failures.explained(failure, known["stage"], known["subject"], again) if failure else None,
        dependents=PIPELINE.dependents(known["stage"]),
        provenance=_provenance(known, body),
    )
    return page, body.count(notebook_html.NOT_DESCRIBED)


def _neighbour(record: dict) -> str:
    """What the script needs to lead to the same page of another subject; nothing where there is none."""
    own = (record["stage"].split("/")[1], record["subject"], record["kind"])
    return "\n".join(own) if record["subject"] else ""


def _tab(record: dict) -> str:
    return " \u00b7 ".join(part for part in (record["title"], record["subject"], record["as_of"]) if part)


def _top(record: dict) -> dict[str, Any]:
    """What is read without scrolling."""
    settings = {name: one["value"] for name, one in record["parameters"].items()}
    failed = [check for check in record.get("checks") or [] if not check["passed"]]
    return {
        "chapter": record["stage"].split("/")[0],
        "stage": record["stage"],
        "subject": _owner(record["subject"], settings.get(f"{record['kind']}_name")),
        "as_of": record["as_of"],
        "title": record["title"],
        "question": "" if record["title"].endswith("?") else record["question"],
        "faults": record.get("faults") or [],
        "verdict": record.get("verdict") or "",
        "figures": html_shell.figures(record.get("key_figures") or [], settings.get("currency") or ""),
        "failed": failed,
        "checks": len(record.get("checks") or []),
        "changed": [
            one for one in _parameters(record) if one["changed"] and one["name"] not in _given(record)
        ],
    }


def _owner(subject: str | None, name: str | None) -> str | None:
    """Whose page it is: always the id, by which a run knows it, after the name where the stage is told it."""
    return f"{name} ({subject})" if name and subject and name != subject else subject


def _given(record: dict) -> set[str]:
    """Parameters that come from the run or from the subject, which no stage is set apart by."""
    return {*RUN_SETTINGS, *(KINDS[record["kind"]].settings if record["kind"] in KINDS else ())}


def _parameters(record: dict) -> list[dict]:
    return [
        {
            "name": name,
            "value": _literal(one["value"]),
            "default": _literal(one.get("default")),
            "changed": one["value"] != one.get("default"),
            "limits": one.get("limits") or "",
            "help": one.get("help") or "",
        }
        for name, one in record["parameters"].items()
    ]


def _literal(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return value or "\u201c\u201d"
    return json.dumps(value, ensure_ascii=False)


def _provenance(record: dict, body: str) -> dict[str, Any]:
    """The folded part: parameters, tables that went in and came out, code and versions.

    A table that no exhibit of ``body`` shows has its anchor here.
    """
    return {
        "parameters": _parameters(record),
        "repeats": [
            {"stage": stage, "name": name, "value": _literal(value)}
            for stage, settings in (record.get("repeats") or {}).items()
            for name, value in settings.items()
            if name not in _given(record)
        ],
        "inputs": [_input(name, one, record) for name, one in record.get("inputs", {}).items()],
        "outputs": [
            {
                "table": name,
                **one,
                "mark": "" if f'id="{table_mark(name)}"' in body else table_mark(name),
                "parquet": UP + table_path(name, record["kind"], record["subject"]),
            }
            for name, one in (record.get("tables") or {}).items()
            if name != "key_figures"
        ],
        "versions": record.get("versions") or {},
        "modules": record.get("modules") or [],
        "key": record.get("key") or "",
        "notebook": record.get("notebook") or "",
    }


def _input(name: str, one: dict, record: dict) -> dict[str, Any]:
    """A table that went in; where those of every subject did, each is a row of its own."""
    table, kind, subject = PIPELINE.owner(name)
    writer = PIPELINE.writer(table)
    if writer and writer.per == record["kind"]:
        subject = record["subject"]
    return {
        "table": table,
        "subject": subject if kind else "",
        "rows": one["rows"],
        "origins": [origin for origin in one["origins"] if origin != "real"],
        "digest": one["sha256"][:12],
        "parquet": UP + one["parquet"],
        "stage": writer.name if writer else None,
        "page": f"{UP}{page_path(writer.name, subject)}#{table_mark(table)}" if writer else None,
    }
