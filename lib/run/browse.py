"""The tables of a run, read by hand: in a notebook that is no stage, or in a console.

A run is a folder under ``outputs/runs/``; its ``manifest.json`` says which tables it has
(``docs/formats.md``). Nothing here writes into a run; ``to_scratch`` writes beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib import table_file
from lib.published import runs_by_hand

OUTPUTS = Path(__file__).resolve().parents[2] / "outputs"


@dataclass(frozen=True)
class Run:
    """One finished run: its folder and what its manifest says."""

    folder: Path
    manifest: dict

    @property
    def name(self) -> str:
        """Id of the run, which is the name of its folder."""
        return self.folder.name

    @property
    def as_of(self) -> str:
        """Last day of prices used, ISO."""
        return self.manifest["as_of"]

    @property
    def subjects(self) -> dict[str, list[str]]:
        """Ids of its subjects by kind (``portfolio``), in the order of the params file."""
        return {kind: [one["id"] for one in found] for kind, found in self.manifest["subjects"].items()}

    @property
    def tables(self) -> pd.DataFrame:
        """What can be read: table, subject (empty for the whole run), rows, origins, stage."""
        rows = [
            (*key.partition("@")[::2], entry["rows"], ", ".join(entry["origins"]), entry["stage"])
            for key, entry in self.manifest["tables"].items()
        ]
        return pd.DataFrame(rows, columns=["table", "subject", "rows", "origins", "stage"])

    def table(self, name: str, subject: str | None = None) -> pd.DataFrame:
        """One table; ``subject`` (a portfolio's id, say) is needed where several have their own.

        Raises LookupError, naming what there is, and StoreError when the file is damaged.
        """
        known = self.manifest["tables"]
        owners = [key.partition("@")[2] for key in known if key.partition("@")[0] == name]
        if subject is None and len(owners) == 1:
            subject = owners[0]
        entry = known.get(f"{name}@{subject}" if subject else name)
        if entry is None:
            raise LookupError(self._not_there(name, subject, owners))
        return table_file.read(self.folder / entry["path"], entry["sha256"])

    def _not_there(self, name: str, subject: str | None, owners: list[str]) -> str:
        if not owners:
            names = sorted({key.partition("@")[0] for key in self.manifest["tables"]})
            return f"run {self.name} has no table {name}; it has {', '.join(names)}"
        if owners == [""]:
            return f"table {name} belongs to the whole run: leave {subject} out"
        asked = f"{subject} has no table {name}" if subject else f"several have a table {name}"
        return f"{asked}; name one of {', '.join(owners)}"


def latest_run(outputs: Path = OUTPUTS) -> Run:
    """The newest complete run (``lib.published``), or the one that ``WORKBENCH_RUN`` names.

    Raises LookupError when there is none.
    """
    runs = runs_by_hand(outputs)
    if not runs.readable:
        raise LookupError(f"{runs.none_complete()}; `python3 run_all.py` makes one")
    return Run(*runs.readable[0])


def to_scratch(frame: pd.DataFrame, name: str, *, outputs: Path = OUTPUTS) -> str:
    """Keep a table of one's own as ``outputs/scratch/by-hand/<name>.parquet``; says where it is.

    Raises ValueError for a name that is no plain file name.
    """
    if not name or Path(name).name != name or name.startswith("."):
        raise ValueError(f"{name!r} is no plain file name")
    folder = outputs / "scratch" / "by-hand"
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / f"{name}.parquet")
    return f"outputs/scratch/by-hand/{name}.parquet, {len(frame)} rows"
