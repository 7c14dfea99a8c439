"""The one line that opens a stage, for a run and by hand alike.

In a run the engine names the inputs in a context file (``WORKBENCH_CONTEXT``). By hand, in any working
directory and with no environment set, the newest run that has the asked subject and date gives the inputs,
and results go to ``outputs/scratch/``. This module imports nothing else of ``lib.run``, so that work on the
engine invalidates no result; which runs there are it asks ``lib.published``.
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
from lib.published import runs_by_hand
from lib.tables import KEY_FIGURES, TABLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[2]
CONTEXT_VARIABLE = "WORKBENCH_CONTEXT"
OWN = ""
FIRST = "run `python3 run_all.py` first: a stage reads its inputs from a run"


def open_stage(name: str, *, as_of: str, **subject: str) -> Stage:
    """Open stage ``name`` ("chapter/stage") for a date (ISO) and, where it runs for each, a subject's id.

    The subject is named like its kind, as in ``portfolio=portfolio``. Raises StageError when the stage is
    unknown or of another kind, no run has its inputs, or ``lib`` belongs to another clone.
    """
    row = PIPELINE.stage(name)
    own = _subject_of(row, subject)
    _refuse_foreign_lib()
    if given := os.environ.get(CONTEXT_VARIABLE):
        context = json.loads(Path(given).read_text())
    else:
        context = _context_by_hand(row, as_of, own)
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
        """One of the tables that the stage's row lists under ``reads``.

        Where each subject of another kind has one, the rows of all, in the order of the run; the first column
        is named like the kind and holds the subject's id.
        """
        if table not in self.row.reads:
            raise StageError(f"{self.row.name} does not read {table}; add it to its row in lib/pipeline.py")
        entries = _by_owner(self.context["tables"], table)
        return self._together(table, {owner: one["path"] for owner, one in entries.items()})

    def state(self, table: str) -> pd.DataFrame:
        """The newest history of ``table`` dated before the as-of date; no rows when there is none."""
        if table not in self.row.states:
            raise StageError(f"{self.row.name} has no state {table}; add it to its row in lib/pipeline.py")
        return self._together(table, _by_owner(self.context["states"], table) or {OWN: None})

    def history(self, table: str) -> pd.DataFrame:
        """The newest history before the as-of date that another stage wrote; as ``read`` and ``state``."""
        if table not in self.row.histories:
            raise StageError(
                f"{self.row.name} reads no history {table}; add it to its row in lib/pipeline.py"
            )
        return self._together(table, _by_owner(self.context["states"], table) or {OWN: None})

    def settings(self, of: str) -> dict[str, Any]:
        """The settings of a stage that the row ``repeats``, as the run gives them to that stage."""
        if of not in self.row.repeats:
            raise StageError(f"{self.row.name} does not repeat {of}; add it to its row in lib/pipeline.py")
        return self.context["repeats"][of]

    def file(self, setting: str, *, of: str = "") -> Path:
        """The content of the file that a setting ending in ``_file`` names; ``of`` a repeated stage."""
        return Path(self.context["files"][f"{of}:{setting}" if of else setting])

    def files(self, setting: str, *, of: str = "") -> list[Path]:
        """The contents of the files that a setting ending in ``_files`` names, in order; ``of`` as above."""
        name = f"{of}:{setting}" if of else setting
        count = sum(key.startswith(f"{name}[") for key in self.context["files"])
        return [Path(self.context["files"][f"{name}[{n}]"]) for n in range(count)]

    def origins(self, *tables: str) -> list[str]:
        """Union of the origins that went into the given input tables."""
        entries = [one for table in tables for one in _by_owner(self.context["tables"], table).values()]
        return sorted({origin for one in entries for origin in one["origins"]})

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
            if checked.empty and not TABLES[name].may_be_empty:
                raise ContractError(f"table {name} has no rows; lib/tables says that it must have some")
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
        frame = pd.DataFrame(rows, columns=names).assign(subject=self.context["subject"])
        frame["value"] = frame["value"].astype("float64")
        self.write(key_figures=frame)
        record = {
            "verdict": verdict,
            "key_figures": json.loads(frame.drop(columns="subject").to_json(orient="records")),
            "checks": [asdict(one) for one in self.checks],
            "tables": self.written,
            "exports": self.exported,
        }
        (self.output / "conclusion.json").write_text(json.dumps(record, sort_keys=True, indent=1))

    @property
    def output(self) -> Path:
        """Where this stage writes: the engine's work folder, or ``outputs/scratch/`` by hand."""
        return Path(self.context["output"])

    def _together(self, table: str, paths: dict[str, str | None]) -> pd.DataFrame:
        """The table at a path by its owner; those of several subjects below one another, led by their ids."""
        frames = {
            owner: pd.read_parquet(path) if path else empty(TABLES[table]) for owner, path in paths.items()
        }
        if OWN in frames:
            return frames[OWN]
        kind = PIPELINE.owner(f"{table}@{next(iter(frames))}")[1]
        for owner, frame in frames.items():
            frame.insert(0, kind, pd.Series(owner, index=frame.index, dtype="str"))
        return pd.concat(list(frames.values()), ignore_index=True)

    def _source(self, table: str) -> exhibits.Source | None:
        if not table:
            return None
        if table in self.written:
            rows, origins = self.written[table]["rows"], self.written[table]["own_origins"]
            return exhibits.source_of(
                table, rows, origins or self.origins(*self.row.reads), self.row.name, self.context
            )
        entries = _by_owner(self.context["tables"], table)
        if not entries:
            raise StageError(f"{self.row.name} neither reads nor has written {table}, so it cannot cite it")
        rows, stage = sum(one["rows"] for one in entries.values()), next(iter(entries.values()))["stage"]
        return exhibits.source_of(table, rows, self.origins(table), stage, self.context)


def _refuse_foreign_lib() -> None:
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "run_all.py").is_file() and (folder / "lib" / "pipeline.py").is_file():
            if folder.resolve() != ROOT:
                raise StageError(
                    f"this notebook lies in the clone {folder.name!r}, but `lib` comes from another one; "
                    "start JupyterLab with `python3 run_all.py lab` in this clone"
                )
            return


def _subject_of(row: Any, given: dict[str, str]) -> str | None:
    """The id of the subject that a stage is opened for. Raises StageError for another keyword, or none."""
    for name in given:
        if name != row.per:
            rule = f"for each {row.per}, so give {row.per}=" if row.per else "once, for the whole run"
            raise StageError(f"{row.name} takes no {name}=: it runs {rule}")
    if row.per and not given.get(row.per):
        raise StageError(f"{row.name} runs for each {row.per}: open it with {row.per}=")
    return given.get(row.per)


def _by_owner(entries: dict[str, Any], table: str) -> dict[str, Any]:
    """What a context has under a table: of this stage's own subject, or of each subject by its id."""
    if table in entries:
        return {OWN: entries[table]}
    named = {name.partition("@"): one for name, one in entries.items()}
    return {owner: one for (name, _, owner), one in named.items() if name == table}


def _context_by_hand(row: Any, as_of: str, subject: str | None) -> dict:
    """Inputs of the newest run that has the asked subject and date, as the engine would name them."""
    run, manifest, note = _choose_run(as_of, row.per, subject)
    tables = {}
    for table in row.reads:
        for name, key in _names_by_hand(row, table, subject, manifest):
            entry = manifest["tables"].get(key)
            if entry is None:
                raise StageError(f"run {run.name} has no table {key}, which {row.name} reads; {FIRST}")
            tables[name] = {**entry, "path": str(run / entry["path"])}
    histories = {
        name: manifest["state_inputs"].get(key)
        for table in (*row.states, *row.histories)
        for name, key in _names_by_hand(row, table, subject, manifest)
    }
    output = ROOT / "outputs" / "scratch" / row.name / (subject or "")
    output.mkdir(parents=True, exist_ok=True)
    return {
        "stage": row.name,
        "subject": subject,
        "as_of": as_of,
        "tables": tables,
        "states": {name: str(run / path) if path else None for name, path in histories.items()},
        "repeats": {name: _settings_by_hand(row, name, subject, run, manifest) for name in row.repeats},
        "files": _files_by_hand(row, subject, run, manifest),
        "output": str(output),
        "note": note,
    }


def _names_by_hand(row: Any, table: str, subject: str | None, manifest: dict) -> list[tuple[str, str]]:
    """What the stage and the manifest call a table: of the run, of this subject, or of every one."""
    writer = PIPELINE.writer(table)
    if writer is None or writer.per is None:
        return [(table, table)]
    if writer.per == row.per:
        return [(table, f"{table}@{subject}")]
    every = [f"{table}@{one['id']}" for one in manifest["subjects"].get(writer.per, ())]
    return [(name, name) for name in every or [table]]


def _settings_by_hand(row: Any, of: str, subject: str | None, run: Path, manifest: dict) -> dict[str, Any]:
    """The settings of a repeated stage, as the run gave them to this stage or to that one."""
    entries = {(one["stage"], one["subject"]): one for one in manifest["stages"]}
    own = entries.get((row.name, subject), {}).get("repeats", {})
    other = entries.get((of, subject if PIPELINE.stage(of).per else None), {})
    found = own.get(of) or other.get("parameters")
    if not found:
        raise StageError(f"run {run.name} has no settings of {of}, which {row.name} repeats; {FIRST}")
    return found


def _files_by_hand(row: Any, subject: str | None, run: Path, manifest: dict) -> dict[str, str]:
    """The files of a stage's settings and, as ``stage:setting``, of those that it repeats."""

    def of(stage: str, owner: str | None) -> dict[str, str]:
        mark = f"{stage}@{owner}:" if owner else f"{stage}:"
        named = manifest["inputs"]["files"].items()
        return {key.removeprefix(mark): str(run / path) for key, path in named if key.startswith(mark)}

    repeated = {
        f"{name}:{setting}": path
        for name in row.repeats
        for setting, path in of(name, subject if PIPELINE.stage(name).per else None).items()
    }
    return {**repeated, **of(row.name, subject)}


def _choose_run(as_of: str, kind: str | None, subject: str | None) -> tuple[Path, dict, str]:
    try:
        found = runs_by_hand(ROOT / "outputs")
    except LookupError as fault:
        raise StageError(f"{fault}; {FIRST}") from None
    runs = list(found.readable)
    if not runs:
        raise StageError(f"{found.none_complete()}; {FIRST}")
    if kind is not None:
        runs = [pair for pair in runs if subject in [one["id"] for one in pair[1]["subjects"].get(kind, ())]]
        if not runs:
            raise StageError(f"no run has {kind} {subject!r}; {FIRST}")
    for folder, manifest in runs:
        if manifest["as_of"] == as_of:
            return folder, manifest, f"Inputs from run {folder.name}."
    folder, manifest = runs[0]
    return (
        folder,
        manifest,
        f"No run is dated {as_of}; inputs from run {folder.name}, dated {manifest['as_of']}.",
    )
