"""Where the things of a run are on the disk.

The engine, its pages, the exhibits and a notebook that is opened by hand all ask here; which runs there are
says ``lib.published``. Standard library only, since a run that has nothing to do asks too.
"""

from __future__ import annotations

from pathlib import Path

LEDGER = "trials"
ACCOUNTS = "accounts"
UP = "../../"
"""The way from a page or a notebook of a run to the run's folder."""


def subject_folder(kind: str | None, subject: str | None) -> str:
    """The folder of one subject's tables, ``portfolio=individual/``; empty for what belongs to the run."""
    return f"{kind}={subject}/" if subject else ""


def table_path(table: str, kind: str | None, subject: str | None) -> str:
    """Where a table is in a run: ``tables/portfolio=individual/positions.parquet``."""
    return f"tables/{subject_folder(kind, subject)}{table}.parquet"


def history_path(table: str, kind: str | None, subject: str | None) -> str:
    """Where the history that a run continued is in it: ``inputs/states/snapshots/portfolio=a.parquet``.

    What it was told of a ledger is a text, a line each.
    """
    told = table in (LEDGER, ACCOUNTS)
    owner, ending = subject_folder(kind, subject).rstrip("/"), "jsonl" if told else "parquet"
    return f"inputs/states/{table}/{owner}.{ending}" if owner else f"inputs/states/{table}.{ending}"


def page_path(stage: str, subject: str | None) -> str:
    """Where a stage's page is in a run: ``pages/portfolio/positions.individual.html``."""
    return f"pages/{_of_stage(stage, subject)}.html"


def table_mark(table: str) -> str:
    """The anchor under which a table is shown on the page of the stage that writes it."""
    return f"table-{table.replace('_', '-')}"


def notebook_path(stage: str, subject: str | None) -> str:
    """Where a stage's executed notebook is in a run: ``notebooks/portfolio/positions.individual.ipynb``."""
    return f"notebooks/{_of_stage(stage, subject)}.ipynb"


def folder_of(outputs: Path, run: str) -> Path:
    """Where a run is shown."""
    return outputs / "runs" / run


def audit_path(run: str, stage: str, subject: str | None) -> str:
    """Where the page of an audit is in the outputs: ``audits/<run>/funds/scores.model-funds.html``."""
    return f"audits/{run}/{_of_stage(stage, subject)}.html"


def _of_stage(stage: str, subject: str | None) -> str:
    return f"{stage}.{subject}" if subject else stage
