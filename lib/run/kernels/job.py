"""One notebook to be executed: what is asked, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

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
    ``on_cell`` is told how many code cells are done, and how many there are; ``begin`` makes the places that
    the notebook writes to anew, and is called before each attempt. ``private`` are folders of which no text
    of the outcome tells more than what is below them.
    """

    notebook: Path
    parameters: dict
    environment: dict[str, str]
    cwd: Path
    seed: int
    timeout: float | None = None
    on_cell: Callable[[int, int], None] | None = None
    begin: Callable[[], None] = lambda: None
    private: tuple[str, ...] = ()


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
