"""A run as it lies on the disk: where its things are, which runs there are, and which is the newest.

The engine, its pages, the exhibits and a notebook that is opened by hand all ask here. Standard library only,
since a run that has nothing to do asks too.
"""

from __future__ import annotations

import os
from pathlib import Path

from lib import disk
from lib.pipeline import PIPELINE

MANIFEST = "manifest.json"
SCHEMA = 2
ONLY_KIND_OF_SCHEMA_1 = "portfolio"
RUN_VARIABLE = "WORKBENCH_RUN"
"""Names the folder of the run that notebooks opened by hand read from, in place of the newest."""
UP = "../../"
"""The way from a page or a notebook of a run to the run's folder."""


def subject_folder(kind: str | None, subject: str | None) -> str:
    """The folder of one subject's tables, ``portfolio=individual/``; empty for what belongs to the run."""
    return f"{kind}={subject}/" if subject else ""


def table_path(table: str, kind: str | None, subject: str | None) -> str:
    """Where a table is in a run: ``tables/portfolio=individual/positions.parquet``."""
    return f"tables/{subject_folder(kind, subject)}{table}.parquet"


def history_path(table: str, kind: str | None, subject: str | None) -> str:
    """Where the history that a run continued is in it: ``inputs/states/snapshots/portfolio=a.parquet``."""
    owner = subject_folder(kind, subject).rstrip("/")
    return f"inputs/states/{table}/{owner}.parquet" if owner else f"inputs/states/{table}.parquet"


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


def read_manifest(folder: Path) -> dict | None:
    """What a run says of itself, in today's form; None where its manifest is absent or not JSON."""
    manifest = disk.read_json(folder / MANIFEST)
    return _renewed(manifest) if manifest and manifest.get("schema") == 1 else manifest


def manifests(outputs: Path, *, failed: bool = False) -> list[tuple[Path, dict]]:
    """Every published run and its manifest, newest first; complete ones only unless ``failed``."""
    folders = (path.parent for path in (outputs / "runs").glob(f"*/{MANIFEST}"))
    found = [(folder, manifest) for folder in folders if (manifest := read_manifest(folder))]
    found = [pair for pair in found if failed or pair[1]["state"] == "done"]
    return sorted(found, key=lambda pair: (pair[1]["moments"]["finished"], pair[0].name), reverse=True)


def runs_by_hand(outputs: Path) -> list[tuple[Path, dict]]:
    """The complete runs, newest first; only the one that ``WORKBENCH_RUN`` names where that is set.

    Raises LookupError when that one is no run.
    """
    if not (wanted := os.environ.get(RUN_VARIABLE)):
        return manifests(outputs)
    folder = Path(wanted)
    if (manifest := read_manifest(folder)) is None:
        raise LookupError(f"{RUN_VARIABLE} names {wanted}, which is no run")
    return [(folder, manifest)]


def _renewed(manifest: dict) -> dict:
    """A manifest from when portfolios were the only subjects, in today's form."""
    kind = ONLY_KIND_OF_SCHEMA_1
    later = manifest["moments"].get("later_states") or []
    for one in (*manifest["stages"], *manifest["states"], *later):
        one["subject"] = one.pop("portfolio")
        one["kind"] = kind if one["subject"] else None
    for one in manifest["stages"]:
        row = PIPELINE.find(one["stage"])
        one |= {"front": row.front if row else "", "parameters": {}, "repeats": {}}
    manifest["subjects"] = {kind: manifest.pop("portfolios")}
    return {**manifest, "schema": SCHEMA}


def _of_stage(stage: str, subject: str | None) -> str:
    return f"{stage}.{subject}" if subject else stage
