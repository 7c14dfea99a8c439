"""The one line that opens a stage, for a run and by hand alike.

In a run the engine names the inputs in a context file (``WORKBENCH_CONTEXT``). By hand, in any working
directory and with no environment set, the newest run that has the asked portfolio and date gives the
inputs, and results go to ``outputs/scratch/``. This module imports nothing else of ``lib.run``, so that
work on the engine invalidates no result; where a run's things are it asks ``lib.run_folder``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib import exhibits
from lib.checks import Check
from lib.contracts import KeyFigure, conform, empty
from lib.errors import ContractError, StageError
from lib.pipeline import PIPELINE
from lib.run_folder import runs_by_hand
from lib.tables import KEY_FIGURES, TABLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[2]
CONTEXT_VARIABLE = "WORKBENCH_CONTEXT"
FIRST = "run `python3 run_all.py` first: a stage reads its inputs from a run"


def open_stage(name: str, *, as_of: str, portfolio: str | None = None) -> Stage:
    """Open stage ``name`` ("chapter/stage") for a date (ISO) and, where it is one a portfolio, its id.

    Raises StageError when the stage is unknown, no run has its inputs, or ``lib`` belongs to another clone.
    """
    row = next((row for row in PIPELINE if row.name == name), None)
    if row is None:
        raise StageError(f"no stage {name}; lib/pipeline.py lists {', '.join(row.name for row in PIPELINE)}")
    _refuse_foreign_lib()
    if given := os.environ.get(CONTEXT_VARIABLE):
        context = json.loads(Path(given).read_text())
    else:
        context = _context_by_hand(row, as_of, portfolio)
        print(context["note"])
    return Stage(row, context)


@dataclass
class Stage:
    """An opened stage: read inputs, show exhibits, check identities, write tables, conclude."""

    row: Any
    context: dict
    checks: list[Check] = field(default_factory=list)
    written: dict[str, dict] = field(default_factory=dict)
    exported: list[str] = field(default_factory=list)

    def read(self, table: str) -> pd.DataFrame:
        """One of the tables that the stage's row lists under ``reads``."""
        if table not in self.row.reads:
            raise StageError(f"{self.row.name} does not read {table}; add it to its row in lib/pipeline.py")
        return pd.read_parquet(self.context["tables"][table]["path"])

    def state(self, table: str) -> pd.DataFrame:
        """The newest history of ``table`` dated before the as-of date; no rows when there is none."""
        if table not in self.row.states:
            raise StageError(f"{self.row.name} has no state {table}; add it to its row in lib/pipeline.py")
        path = self.context["states"].get(table)
        return pd.read_parquet(path) if path else empty(TABLES[table])

    def file(self, setting: str) -> Path:
        """The content of the file that a setting ending in ``_file`` names."""
        return Path(self.context["files"][setting])

    def files(self, setting: str) -> list[Path]:
        """The contents of the files that a setting ending in ``_files`` names, in their order."""
        found = {key: path for key, path in self.context["files"].items() if key.startswith(f"{setting}[")}
        return [Path(found[f"{setting}[{n}]"]) for n in range(len(found))]

    def origins(self, *tables: str) -> list[str]:
        """Union of the origins that went into the given input tables."""
        return sorted({origin for table in tables for origin in self.context["tables"][table]["origins"]})

    def show_table(self, frame: pd.DataFrame, title: str, reading: str = "", source: str = "", **style: Any):
        """A table exhibit, formatted and labelled as the table ``source`` declares its columns.

        ``style`` says what differs, as in ``lib.exhibits.table_exhibit``; columns of a page's own frame are
        declared by ``columns``.
        """
        declared = TABLES[source].columns if source else ()
        return exhibits.table_exhibit(
            frame, title=title, reading=reading, source=self._source(source), declared=declared, **style
        )

    def show_figure(
        self, figure: Figure, title: str, reading: str, alt: str = "", source: str = "", **style: Any
    ):
        """A figure exhibit; ``alt`` says what a reader should take from it where the reading does not."""
        return exhibits.figure_exhibit(
            figure, title=title, reading=reading, alt=alt, source=self._source(source), **style
        )

    def check(self, name: str, passed: bool, detail: str) -> None:
        """Note whether an identity holds of this very result, with the numbers."""
        self.checks.append(Check(name, bool(passed), detail))

    def show_checks(self, checks: Iterable[Check] = ()):
        """The checks of this result as a table; a failed one marks the stage on the run's page."""
        self.checks += checks
        frame = pd.DataFrame([asdict(one) for one in self.checks], columns=["name", "passed", "detail"])
        frame["passed"] = frame["passed"].map({True: "passed", False: "FAILED"}).astype("str")
        failed = int((frame["passed"] == "FAILED").sum())
        reading = f"{failed} of {len(frame)} failed." if failed else f"All {len(frame)} hold."
        labels = {"name": "Check", "passed": "Result", "detail": "Detail"}
        return exhibits.table_exhibit(frame, title="Checks of this result", reading=reading, labels=labels)

    def write(self, **tables: pd.DataFrame) -> None:
        """Write declared tables, each checked against its schema; ContractError names what is wrong."""
        for name, frame in tables.items():
            if name not in (*self.row.writes, "key_figures"):
                raise ContractError(f"{self.row.name} does not write {name}; its row lists {self.row.writes}")
            checked = conform(frame, TABLES[name])
            path = self.output / "tables" / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            checked.to_parquet(path, index=False, compression="zstd", write_page_checksum=True)
            own = sorted(checked["origin"].dropna().unique()) if "origin" in checked else None
            self.written[name] = {"rows": len(checked), "columns": list(checked.columns), "own_origins": own}

    def export(self, name: str, content: str) -> None:
        """Keep a text file for people and other programs; a run shows it under ``exports/``."""
        if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[a-z]+)+", name):
            raise StageError(
                f"{name!r} is no name of an export; write letters, digits, - and _, and an ending"
            )
        path = self.output / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
        self.exported.append(name)

    def conclude(self, verdict: str, key_figures: Sequence[KeyFigure]) -> None:
        """Finish the stage: one sentence built from the numbers, and the figures to be seen first."""
        if missing := [name for name in self.row.writes if name not in self.written]:
            raise ContractError(f"{self.row.name} declares {', '.join(missing)} and did not write it")
        names = KEY_FIGURES.column_names
        rows = [one if isinstance(one, dict) else asdict(one) for one in key_figures]
        frame = pd.DataFrame(rows, columns=names).assign(portfolio=self.context["portfolio"])
        frame["value"] = frame["value"].astype("float64")
        self.write(key_figures=frame)
        record = {
            "verdict": verdict,
            "key_figures": json.loads(frame.drop(columns="portfolio").to_json(orient="records")),
            "checks": [asdict(one) for one in self.checks],
            "tables": self.written,
            "exports": self.exported,
        }
        (self.output / "conclusion.json").write_text(json.dumps(record, sort_keys=True, indent=1))

    @property
    def output(self) -> Path:
        """Where this stage writes: the engine's work folder, or ``outputs/scratch/`` by hand."""
        return Path(self.context["output"])

    def _source(self, table: str) -> exhibits.Source | None:
        if not table:
            return None
        if table in self.written:
            rows, origins = self.written[table]["rows"], self.written[table]["own_origins"]
            return exhibits.source_of(
                table, rows, origins or self.origins(*self.row.reads), self.row.name, self.context
            )
        entry = self.context["tables"].get(table)
        if entry is None:
            raise StageError(f"{self.row.name} neither reads nor has written {table}, so it cannot cite it")
        return exhibits.source_of(table, entry["rows"], entry["origins"], entry["stage"], self.context)


def _refuse_foreign_lib() -> None:
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "run_all.py").is_file() and (folder / "lib" / "pipeline.py").is_file():
            if folder.resolve() != ROOT:
                raise StageError(
                    f"this notebook lies in the clone {folder.name!r}, but `lib` comes from another one; "
                    "start JupyterLab with `python3 run_all.py lab` in this clone"
                )
            return


def _context_by_hand(row: Any, as_of: str, portfolio: str | None) -> dict:
    """Inputs of the newest run that has the asked portfolio and date, as the engine would name them."""
    run, manifest, note = _choose_run(as_of, portfolio if row.per_portfolio else None)
    portfolio = portfolio if row.per_portfolio else None
    tables = {}
    for name in row.reads:
        entry = manifest["tables"].get(f"{name}@{portfolio}") or manifest["tables"].get(name)
        if entry is None:
            raise StageError(f"run {run.name} has no table {name}, which {row.name} reads; {FIRST}")
        tables[name] = {**entry, "path": str(run / entry["path"])}
    states = {name: manifest["state_inputs"].get(f"{name}@{portfolio}") for name in row.states}
    mark = f"{row.name}@{portfolio}:" if portfolio else f"{row.name}:"
    files = {
        key.removeprefix(mark): str(run / path)
        for key, path in manifest["inputs"]["files"].items()
        if key.startswith(mark)
    }
    output = ROOT / "outputs" / "scratch" / row.name / (portfolio or "")
    output.mkdir(parents=True, exist_ok=True)
    return {
        "stage": row.name,
        "portfolio": portfolio,
        "as_of": as_of,
        "tables": tables,
        "states": {name: str(run / path) if path else None for name, path in states.items()},
        "files": files,
        "output": str(output),
        "note": note,
    }


def _choose_run(as_of: str, portfolio: str | None) -> tuple[Path, dict, str]:
    try:
        runs = runs_by_hand(ROOT / "outputs")
    except LookupError as fault:
        raise StageError(f"{fault}; {FIRST}") from None
    if not runs:
        raise StageError(f"no run yet; {FIRST}")
    if portfolio is not None:
        runs = [pair for pair in runs if portfolio in [one["id"] for one in pair[1]["portfolios"]]]
        if not runs:
            raise StageError(f"no run has portfolio {portfolio!r}; {FIRST}")
    for folder, manifest in runs:
        if manifest["as_of"] == as_of:
            return folder, manifest, f"Inputs from run {folder.name}."
    folder, manifest = runs[0]
    return (
        folder,
        manifest,
        f"No run is dated {as_of}; inputs from run {folder.name}, dated {manifest['as_of']}.",
    )
