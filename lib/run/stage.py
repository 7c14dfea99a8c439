"""The one line that opens a stage, for a run and by hand alike.

In a run the engine names the inputs in a context file (``WORKBENCH_CONTEXT``). By hand, in any working
directory and with no environment set, the newest run that has the asked subject and date gives the inputs,
and results go to ``outputs/scratch/``. This module imports nothing else of ``lib.run``, so that work on the
engine invalidates no result; what it has by hand it asks ``lib.by_hand``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib import exhibits, ledger, ledgers, table_file
from lib.by_hand import context_by_hand, settings_by_hand
from lib.checks import Check
from lib.contracts import KeyFigure, MadeUp, conform, empty
from lib.errors import ContractError, StageError
from lib.ledger_tables import table_of
from lib.named_files import read_from_params
from lib.pipeline import PIPELINE
from lib.tables import KEY_FIGURES, TABLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[2]
CONTEXT_VARIABLE = "WORKBENCH_CONTEXT"
OWN = ""
CHANGED = "a run reads the file as it was when it began: `python3 run_all.py` reads it anew"


def open_stage(name: str, *, as_of: str, **subject: str) -> Stage:
    """Open stage ``name`` ("chapter/stage") for a date (ISO) and, where it runs for each, a subject's id.

    The subject is named like its kind, as in ``portfolio=portfolio``. Raises StageError when the stage is
    unknown or of another kind, no run has its inputs, or ``lib`` belongs to another clone.
    """
    row = PIPELINE.stage(name)
    own = _subject_of(row, subject)
    _refuse_foreign_lib()
    if given := os.environ.get(CONTEXT_VARIABLE):
        return Stage(row, json.loads(Path(given).read_text()))
    context = context_by_hand(row, as_of, own, ROOT / "outputs")
    print(context["note"])
    own_settings = settings_by_hand(ROOT / "notebooks" / f"{name}.ipynb", sys._getframe(1).f_globals)
    return Stage(row, {**context, "settings": {**context["settings"], name: own_settings}})


@dataclass
class Stage:
    """An opened stage: read inputs, show exhibits, check identities, write tables, conclude."""

    row: Any
    context: dict
    checks: list[Check] = field(default_factory=list)
    written: dict[str, dict] = field(default_factory=dict)
    exported: list[str] = field(default_factory=list)
    trial: dict[str, list] | None = None

    def read(self, table: str) -> pd.DataFrame:
        """One of the tables that the stage's row lists under ``reads``.

        Where each subject of another kind has one, the rows of all, in the order of the run; the first column
        is named like the kind and holds the subject's id.
        """
        if table not in self.row.reads:
            raise StageError(f"{self.row.name} does not read {table}; add it to its row in lib/pipeline.py")
        if table in ledgers.FOLDER_OF:
            path = self.context["states"][ledgers.FOLDER_OF[table]]
            return table_of(table, path, self.context["digests"][path] if path else "")
        entries = self._by_owner(self.context["tables"], table)
        return self._together(table, {owner: (one["path"], one["sha256"]) for owner, one in entries.items()})

    def state(self, table: str) -> pd.DataFrame:
        """The newest history of ``table`` dated before the as-of date; no rows when there is none."""
        if table not in self.row.states:
            raise StageError(f"{self.row.name} has no state {table}; add it to its row in lib/pipeline.py")
        return self._together_dated(table)

    def history(self, table: str) -> pd.DataFrame:
        """The newest history before the as-of date that another stage wrote; as ``read`` and ``state``."""
        if table not in self.row.histories:
            raise StageError(
                f"{self.row.name} reads no history {table}; add it to its row in lib/pipeline.py"
            )
        return self._together_dated(table)

    def settings(self, of: str) -> dict[str, Any]:
        """The settings ``repeated`` of a stage that the row ``repeats``, as the run gives them to it."""
        if of not in self.row.repeats:
            raise StageError(f"{self.row.name} does not repeat {of}; add it to its row in lib/pipeline.py")
        found = self.context["repeats"][of]
        return {name: found[name] for name in self.row.repeated or found}

    def file(self, setting: str, value: str | None = None, *, of: str = "") -> Path:
        """The content of the file that a setting ending in ``_file`` names, whose ``value`` the notebook has.

        That of the run, or by hand from ``params/`` where the notebook says another than the run did. ``of``
        names a repeated stage, whose setting is the run's. Raises StageError where there is no such file.
        """
        return self._named(setting, value, of, [f"{of}:{setting}" if of else setting])[0]

    def files(self, setting: str, value: list[str] | None = None, *, of: str = "") -> list[Path]:
        """The contents of the files that a setting ending in ``_files`` names, in order; as ``file``."""
        name = f"{of}:{setting}" if of else setting
        count = sum(key.startswith(f"{name}[") for key in self.context["files"])
        return self._named(setting, value, of, [f"{name}[{n}]" for n in range(count)])

    def _named(self, setting: str, value: str | list[str] | None, of: str, keys: list[str]) -> list[Path]:
        if value is None and not of:
            raise StageError(
                f"{setting} names no file: give its value, as in stage.file({setting!r}, {setting})"
            )
        by_run = self.context.get("named", {})
        if self.context.get("note") and not of and by_run.get(setting) != value:
            had = f"{setting} = {by_run.get(setting)!r}"
            print(f"{setting} is not that of the run ({had}), so that it is read from params/: {value!r}.")
            return read_from_params(setting, value or "", ROOT / "params", had)
        return [self._whole(self.context["files"][key]) for key in keys]

    def origins(self, *tables: str) -> list[str]:
        """Union of the origins that went into the given input tables."""
        entries = [one for table in tables for one in self._by_owner(self.context["tables"], table).values()]
        return sorted({origin for one in entries for origin in one["origins"]})

    def show_table(
        self,
        frame: pd.DataFrame,
        title: str,
        reading: str = "",
        source: str = "",
        when: bool = True,
        **style: Any,
    ):
        """A table exhibit, formatted and labelled as the table ``source`` declares its columns.

        Nothing is shown unless ``when``: a book without options has no table of them. ``style`` says what
        differs, as in ``lib.exhibits.table_exhibit``; columns of a page's own frame are declared by
        ``columns``.
        """
        if not when:
            return None
        declared = TABLES[source].columns if source else ()
        return exhibits.table_exhibit(
            frame, title=title, reading=reading, source=self._source(source), declared=declared, **style
        )

    def show_screener(self, frame: pd.DataFrame, title: str, reading: str, source: str = "", **style: Any):
        """A table to be searched, filtered and sorted, as ``lib.exhibits.screener_exhibit``."""
        declared = TABLES[source].columns if source else ()
        return exhibits.screener_exhibit(
            frame, title=title, reading=reading, source=self._source(source), declared=declared, **style
        )

    def show_figure(
        self,
        figure: Figure,
        title: str,
        reading: str,
        alt: str = "",
        source: str = "",
        when: bool = True,
        **style: Any,
    ):
        """A figure exhibit; ``alt`` says what a reader should take from it where the reading does not.

        Nothing is shown unless ``when``.
        """
        if not when:
            return None
        return exhibits.figure_exhibit(
            figure, title=title, reading=reading, alt=alt, source=self._source(source), **style
        )

    def show_checks(self, checks: Iterable[Check]):
        """The checks of this result as a table; a failed one marks the stage on the run's page."""
        self.checks = list(checks)
        frame = pd.DataFrame([asdict(one) for one in self.checks], columns=["name", "passed", "detail"])
        frame["passed"] = frame["passed"].map({True: "passed", False: "FAILED"}).astype("str")
        failed = int((frame["passed"] == "FAILED").sum())
        reading = f"{failed} of {len(frame)} failed." if failed else f"All {len(frame)} hold."
        labels = {"name": "Check", "passed": "Result", "detail": "Detail"}
        return exhibits.table_exhibit(frame, title="Checks of this result", reading=reading, labels=labels)

    def write(self, *, origins: Iterable[str] | None = None, **tables: pd.DataFrame) -> None:
        """Write declared tables, each checked against its schema; ContractError names what is wrong.

        A table without a column of origins has those of all inputs; ``origins`` are given for one that rests
        on a part of their rows.
        """
        for name, frame in tables.items():
            if name not in (*self.row.writes, "key_figures"):
                raise ContractError(f"{self.row.name} does not write {name}; its row lists {self.row.writes}")
            checked = conform(frame, TABLES[name])
            if checked.empty and not TABLES[name].may_be_empty:
                raise ContractError(f"table {name} has no rows; lib/tables says that it must have some")
            table_file.write(checked, self.output / "tables" / f"{name}.parquet")
            self._note_trial()
            given = None if origins is None else sorted(set(origins))
            own = sorted(checked["origin"].dropna().unique()) if "origin" in checked else given
            self.written[name] = {"rows": len(checked), "columns": list(checked.columns), "own_origins": own}

    def note_result(self, *, dates: Iterable[Any], returns: Iterable[float]) -> None:
        """What this specification earned, period by period; the ledger of trials keeps it."""
        if not self.row.trial:
            raise StageError(f"{self.row.name} is no trial; say trial=True in its row in lib/pipeline.py")
        self.trial = ledger.result_of(dates, returns)
        self._note_trial()

    def _note_trial(self) -> None:
        """By hand, keep the specification as soon as there is something to see; in a run the engine does."""
        if self.row.trial and self.context.get("note"):
            book = ledger.Ledger(Path(self.context["outputs"]), self.row.per or "", self.context["subject"])
            settings, name = {**self.context["settings"], **self.context["repeats"]}, self.row.name
            files, known = self.context["files"], self.context["digests"]
            digests = {key: known[path] for key, path in files.items() if ":" not in key and path in known}
            settings = {**settings, name: ledger.with_contents(settings[name], digests)}
            tried = ledger.trial_of(self.row, settings)
            book.note(tried, by="hand", result=self.trial)

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

    def export_all(self, files: Mapping[str, str]) -> None:
        """Keep several text files, content by name, as ``export``."""
        for name, content in files.items():
            self.export(name, content)

    def conclude(self, verdict: str, key_figures: Sequence[KeyFigure], faults: Iterable[str] = ()) -> None:
        """Finish the stage: one sentence built from the numbers, and the figures to be seen first.

        ``faults`` are sentences on what is wrong with the data, such as rejected rows: they stand before the
        verdict, and on the run's page before the figures of the subject. One that says no more than that data
        are generated is a ``lib.contracts.MadeUp``.
        """
        if missing := [name for name in self.row.writes if name not in self.written]:
            raise ContractError(f"{self.row.name} declares {', '.join(missing)} and did not write it")
        names = KEY_FIGURES.column_names
        frame = pd.DataFrame([asdict(one) for one in key_figures], columns=names).assign(
            subject=self.context["subject"]
        )
        frame["value"] = frame["value"].astype("float64")
        self.write(key_figures=frame)
        record = {
            "faults": (told := list(faults)),
            "made_up": [one for one in told if isinstance(one, MadeUp)],
            "verdict": " ".join([*told, verdict]),
            "key_figures": json.loads(frame.drop(columns="subject").to_json(orient="records")),
            "checks": [asdict(one) for one in self.checks],
            "tables": self.written,
            "exports": self.exported,
            "trial": self.trial,
        }
        (self.output / "conclusion.json").write_text(json.dumps(record, sort_keys=True, indent=1))

    @property
    def output(self) -> Path:
        """Where this stage writes: the engine's work folder, or ``outputs/scratch/`` by hand."""
        return Path(self.context["output"])

    def _by_owner(self, entries: dict[str, Any], table: str) -> dict[str, Any]:
        """What the context has under a table: one entry, or one of each subject in the order of the run."""
        if table in self.context.get("subjects", {}):
            return {owner: entries[f"{table}@{owner}"] for owner in self.context["subjects"][table]}
        return {OWN: entries[table]} if table in entries else {}

    def _whole(self, path: str) -> Path:
        """The path of an input file that is still what the run was planned with."""
        table_file.whole(path, self.context["digests"][path], mend=CHANGED)
        return Path(path)

    def _together_dated(self, table: str) -> pd.DataFrame:
        """The histories of a table before the as-of date, as ``_together``; no rows where there is none."""
        paths = self._by_owner(self.context["states"], table) or {OWN: None}
        digests = self.context["digests"]
        return self._together(
            table, {owner: (path, digests[path]) if path else None for owner, path in paths.items()}
        )

    def _together(self, table: str, files: dict[str, tuple[str, str] | None]) -> pd.DataFrame:
        """The table in a file (path, sha256) by its owner; those of several subjects below one another.

        The first column then holds the ids of the owners.
        """
        frames = {
            owner: table_file.read(*file) if file else empty(TABLES[table]) for owner, file in files.items()
        }
        if OWN in frames:
            return frames[OWN]
        kind = PIPELINE.owner(f"{table}@{next(iter(frames))}")[1]
        for owner, frame in frames.items():
            frame.insert(0, kind, pd.Series(owner, index=frame.index, dtype="str"))
        return pd.concat(list(frames.values()), ignore_index=True)

    def _source(self, table: str) -> exhibits.Source | None:
        if not table or table in ledgers.FOLDER_OF:
            return None
        if table in self.written:
            rows, origins = self.written[table]["rows"], self.written[table]["own_origins"]
            return exhibits.source_of(
                table, rows, origins or self.origins(*self.row.reads), self.row.name, self.context
            )
        entries = self._by_owner(self.context["tables"], table)
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
