"""The pipeline as an object: which stage is this, who writes a table, what does a stage need, who needs it?

Edges are table names: a stage needs whichever stage writes what it reads. Standard library only, since an
exhibit, an opened stage and a run that has nothing to do ask it alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from lib.contracts import Prepare, Stage
from lib.errors import GraphError, StageError


class Pipeline:
    """The rows of a pipeline in reading order, and every look-up over them.

    It may be wrong (a name twice, two writers): ``lib.run.planning.graph`` checks it. Until then the first
    row counts.
    """

    def __init__(self, *rows: Stage):
        self._rows = rows
        self._by_name = {row.name: row for row in reversed(rows)}
        self._writers = {table: row for row in reversed(rows) for table in row.writes}

    def __iter__(self) -> Iterator[Stage]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the stages in reading order."""
        return tuple(row.name for row in self._rows)

    @property
    def chapters(self) -> tuple[str, ...]:
        """The chapters in reading order."""
        return tuple(dict.fromkeys(row.chapter for row in self._rows))

    def find(self, name: str) -> Stage | None:
        """The row of a stage; None where there is none (an older run may have had it)."""
        return self._by_name.get(name)

    def stage(self, name: str) -> Stage:
        """The row of a stage. Raises StageError with the names there are."""
        if (row := self.find(name)) is None:
            raise StageError(f"no stage {name}; lib/pipeline.py lists {', '.join(self.names)}")
        return row

    def writer(self, table: str) -> Stage | None:
        """The stage that writes a table; None for an input of the run."""
        return self._writers.get(table)

    def hook(self, table: str) -> Prepare | None:
        """The prepare hook that makes a raw table; None for a table of a stage."""
        return next((row.prepare for row in self._rows if row.prepare and table in row.prepare.makes), None)

    def hooks_for(self, rows: Iterable[Stage]) -> tuple[Stage, ...]:
        """The rows whose prepare hooks make what some of ``rows`` read, in reading order."""
        read = {table for row in rows for table in row.reads}
        return tuple(row for row in self._rows if row.prepare and not read.isdisjoint(row.prepare.makes))

    def owner(self, name: str) -> tuple[str, str | None, str | None]:
        """``table@subject``, as manifests name a table of a subject, as table, kind and subject's id.

        What no stage writes names its kind itself, ``trials:signal@momentum``.
        """
        table, _, subject = name.partition("@")
        table, _, kind = table.partition(":")
        writer = self.writer(table)
        return table, kind or (writer.per if writer and subject else None), subject or None

    def readers(self, table: str) -> tuple[Stage, ...]:
        """The stages that read a table, in reading order."""
        return tuple(row for row in self._rows if table in row.reads)

    def needs(self, name: str) -> tuple[str, ...]:
        """The stages whose tables a stage reads, in reading order."""
        row = self._by_name[name]
        needed = {writer.name for table in row.reads if (writer := self.writer(table))}
        return tuple(other for other in self.names if other in needed)

    def with_needs(self, names: Iterable[str]) -> tuple[Stage, ...]:
        """These stages and all that they need, directly or through others, in reading order."""
        wanted = set(names)
        waiting = list(wanted)
        while waiting:
            more = set(self.needs(waiting.pop())) - wanted
            wanted |= more
            waiting += more
        return tuple(row for row in self._rows if row.name in wanted)

    def dependents(self, name: str) -> tuple[str, ...]:
        """The stages that need a table of a stage, directly or through others, in reading order."""
        found = {name}
        while more := {row.name for row in self._rows if found & set(self.needs(row.name))} - found:
            found |= more
        return tuple(other for other in self.names if other in found and other != name)

    def part(self, kinds: Collection[str], sections: Collection[str] | None = None) -> Pipeline:
        """The rows of a run that has subjects of these kinds only.

        Stages of another kind are left out, and so is what reads a table or a history of theirs. Where
        ``sections`` names those that the params have, a stage that gets its raw tables from another one is
        left out too, with all that needs it, if it serves stages of subjects that the run has none of.
        """
        kept = Pipeline(*self._of_kinds(kinds))
        of_subjects = {row.name for row in kept if row.per}
        unasked: set[str] = set()
        for row in kept:
            needing = set(kept.dependents(row.name))
            absent = sections is not None and row.prepare and row.prepare.section not in sections
            if absent and self.dependents(row.name) and not needing & of_subjects:
                unasked |= {row.name, *needing}
        return Pipeline(*(row for row in kept if row.name not in unasked))

    def _of_kinds(self, kinds: Collection[str]) -> list[Stage]:
        kept: list[Stage] = list(self._rows)
        count = -1
        while count != len(kept):
            count = len(kept)
            there = [row.name for row in kept if row.per is None or row.per in kinds]
            kept = [row for row in kept if row.name in there and self._sources(row) <= {*there, row.name}]
        return kept

    def _sources(self, row: Stage) -> set[str]:
        """The stages whose tables, of today or of the day before, a row reads."""
        return {writer.name for name in (*row.reads, *row.histories) if (writer := self.writer(name))}

    def order(self) -> tuple[Stage, ...]:
        """The rows such that each comes after what it needs, else in reading order; GraphError on a cycle."""
        rank = {name: place for place, name in enumerate(self.names)}
        sorter = TopologicalSorter({name: self.needs(name) for name in self.names})
        try:
            sorter.prepare()
        except CycleError as fault:
            raise GraphError(
                f"a cycle: {' -> '.join(fault.args[1])}; lib/pipeline.py lists the edges"
            ) from None
        order: list[Stage] = []
        waiting: list[int] = []
        while sorter.is_active():
            for name in sorter.get_ready():
                heappush(waiting, rank[name])
            row = self._rows[heappop(waiting)]
            order.append(row)
            sorter.done(row.name)
        return tuple(order)
