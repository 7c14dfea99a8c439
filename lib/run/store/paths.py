"""Where things are inside a run's folder. Standard library only: a run with nothing to do asks for these."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = Path(__file__).parents[1] / "pages" / "templates"


def page_name(stage: str, subject: str | None) -> str:
    """Where a stage's page is in a run: ``pages/<chapter>/<stage>.<subject>.html``."""
    return f"pages/{stage}.{subject}.html" if subject else f"pages/{stage}.html"


def notebook_name(stage: str, subject: str | None) -> str:
    """Where a stage's executed notebook is in a run: ``notebooks/<chapter>/<stage>.<subject>.ipynb``."""
    return f"notebooks/{stage}.{subject}.ipynb" if subject else f"notebooks/{stage}.ipynb"


def table_path(table: str, kind: str | None, subject: str | None) -> str:
    """Where a table is in a run: ``tables/<kind>=<subject>/<table>.parquet``."""
    return f"tables/{kind}={subject}/{table}.parquet" if subject else f"tables/{table}.parquet"


def history_path(table: str, kind: str | None, subject: str | None) -> str:
    """Where a run keeps a history that it was given: ``inputs/states/<table>/<kind>=<subject>.parquet``."""
    return f"inputs/states/{table}/{kind}={subject}.parquet" if subject else f"inputs/states/{table}.parquet"
