"""Where things are inside a run's folder. Standard library only: a run with nothing to do asks for these."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = Path(__file__).parents[1] / "pages" / "templates"


def page_name(stage: str, portfolio: str | None) -> str:
    """Where a stage's page is in a run: ``pages/portfolio/positions.individual.html``."""
    return f"pages/{stage}.{portfolio}.html" if portfolio else f"pages/{stage}.html"


def notebook_name(stage: str, portfolio: str | None) -> str:
    """Where a stage's executed notebook is in a run: ``notebooks/portfolio/positions.individual.ipynb``."""
    return f"notebooks/{stage}.{portfolio}.ipynb" if portfolio else f"notebooks/{stage}.ipynb"


def table_path(table: str, portfolio: str | None) -> str:
    """Where a table is in a run: ``tables/portfolio=individual/positions.parquet``."""
    return f"tables/portfolio={portfolio}/{table}.parquet" if portfolio else f"tables/{table}.parquet"
