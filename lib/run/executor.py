"""One notebook: what is asked, what comes back, and papermill in between.

Papermill loads the notebook, writes the parameters into it and hands it to the engine in
``lib.run.cells``, which runs the cells on a kernel. What papermill says of the result is not trusted: a
failure is what the engine saw.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lib.run.provision import Starter

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
"""Nothing here needs it, and it would add seconds to the import of nbformat."""


DATA_REASONS = {
    "DataError": "data",
    "QualityError": "quality",
    "SourceLimited": "limited",
    "SourceUnreachable": "transport",
}
"""Classes of ``lib.errors`` whose name says why a stage failed: class to reason."""


@dataclass(frozen=True)
class Job:
    """A notebook to be executed.

    ``notebook`` is a source file with a cell tagged ``parameters``; ``parameters`` are plain JSON values for
    names of that cell; ``environment`` are variables for this kernel only; ``cwd`` is its working directory;
    ``seed`` sets the global generators; ``timeout`` limits the cells in seconds of wall clock, all together;
    ``on_cell`` is told how many code cells are done, and how many there are.
    """

    notebook: Path
    parameters: dict
    environment: dict[str, str]
    cwd: Path
    seed: int
    timeout: float | None = None
    on_cell: Callable[[int, int], None] | None = None


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not run to its end.

    ``reason``: ``error`` (a cell raised), one of ``DATA_REASONS`` (a cell raised one of our errors about the
    data), ``timeout``, ``kernel`` (it died), ``unfinished`` (it was left before its end without an error).
    ``cell`` counts the cells of the executed notebook from 0.
    """

    reason: str
    message: str
    cell: int | None = None
    cell_id: str | None = None
    ename: str | None = None
    evalue: str | None = None
    traceback: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """The executed notebook as far as it came, normalised; the failure if any; ``lib`` modules loaded."""

    notebook: dict
    failure: Failure | None
    modules: list[str]


def run(job: Job, starter: Starter, folder: Path, environment: dict[str, str]) -> Outcome:
    """Execute ``job`` in a kernel from ``starter``; a fault of the notebook is in the outcome, not raised.

    ``folder`` is the run's private folder, ``environment`` the fixed one. Blocks; any thread may call it.
    Raises whatever ``starter`` raises.
    """
    from lib.run.cells import Session, drive

    request = {
        "folder": str(folder),
        "environment": {**environment, **job.environment},
        "cwd": str(job.cwd),
        "seed": job.seed,
    }
    return drive(Session(job, starter, request))
