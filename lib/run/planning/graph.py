"""The graph behind the pipeline: is it whole, in which order does it run, how does it read on paper?

Edges are table names: a stage needs whichever stage writes what it reads. ``raw_*`` tables come from
prepare hooks, and ``key_figures`` is written by every stage; neither makes an edge. Standard library only,
since a run that has nothing to do imports this too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from pathlib import Path

from lib.contracts import Stage
from lib.errors import GraphError
from lib.tables import TABLES

RAW = "raw_"
EVERY_STAGE_WRITES = "key_figures"
BORDER = "-- once per portfolio --"
WIDTHS = (20, 46, 40)
TAKEN = ("files", "states", "runs", "store", "state", "scratch", "latest")
"""Folders of the outputs or of a run's inputs that are the engine's."""


def check_graph(pipeline: Sequence[Stage], root: Path, tables: Collection[str] = TABLES) -> None:
    """Raise GraphError with every fault of the graph, one a line; ``root`` is the repository."""
    faults = [
        *_repeated_stages(pipeline),
        *_unknown_tables(pipeline, tables),
        *_wrong_writers(pipeline),
        *_wrong_reads(pipeline),
        *_wrong_hooks(pipeline),
        *_missing_notebooks(pipeline, root),
    ]
    if faults:
        raise GraphError("\n".join(faults))
    ordered(pipeline)


def needs(pipeline: Sequence[Stage]) -> dict[str, tuple[str, ...]]:
    """Stage name to the names of the stages whose tables it reads, in pipeline order."""
    writer = _writers(pipeline)
    rank = {stage.name: place for place, stage in enumerate(pipeline)}
    found = {}
    for stage in pipeline:
        names = {writer[table] for table in stage.reads if table in writer}
        found[stage.name] = tuple(sorted(names, key=rank.__getitem__))
    return found


def hooks_of(pipeline: Sequence[Stage], rows: Sequence[Stage]) -> tuple[Stage, ...]:
    """The rows of the pipeline whose prepare hooks make what some of ``rows`` read, in pipeline order."""
    read = {table for row in rows for table in row.reads}
    return tuple(stage for stage in pipeline if stage.prepare and not read.isdisjoint(stage.prepare.makes))


def ordered(pipeline: Sequence[Stage]) -> tuple[Stage, ...]:
    """Stages such that each comes after what it needs, else in reading order; GraphError on a cycle."""
    rank = {stage.name: place for place, stage in enumerate(pipeline)}
    sorter = TopologicalSorter(needs(pipeline))
    try:
        sorter.prepare()
    except CycleError as fault:
        raise GraphError(f"a cycle: {' -> '.join(fault.args[1])}; lib/pipeline.py lists the edges") from None
    order: list[Stage] = []
    waiting: list[int] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heappush(waiting, rank[name])
        stage = pipeline[heappop(waiting)]
        order.append(stage)
        sorter.done(stage.name)
    return tuple(order)


def print_pipeline(pipeline: Sequence[Stage]) -> str:
    """The pipeline as a text table, ``stage | reads | writes``, in reading order."""
    rule = "  ".join("-" * width for width in WIDTHS)
    lines = [_line("stage", "reads", "writes"), rule]
    bordered = False
    for stage in pipeline:
        if stage.per_portfolio and not bordered:
            lines.append(BORDER)
            bordered = True
        lines += _row(stage)
    return "\n".join(lines)


def _writers(pipeline: Sequence[Stage]) -> dict[str, str]:
    return {table: stage.name for stage in pipeline for table in stage.writes}


def _repeated_stages(pipeline: Sequence[Stage]) -> Iterator[str]:
    names = [stage.name for stage in pipeline]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"stage {name} has two rows in lib/pipeline.py; keep one"


def _unknown_tables(pipeline: Sequence[Stage], tables: Collection[str]) -> Iterator[str]:
    for stage in pipeline:
        made = stage.prepare.makes if stage.prepare else ()
        for table in dict.fromkeys((*made, *stage.reads, *stage.writes, *stage.states)):
            if table not in tables:
                yield f"{stage.name} names the table {table}, which lib/tables does not declare"


def _wrong_writers(pipeline: Sequence[Stage]) -> Iterator[str]:
    writer: dict[str, str] = {}
    for stage in pipeline:
        for table in stage.writes:
            if table == EVERY_STAGE_WRITES:
                yield f"{stage.name} lists {table}, which every stage writes unasked; take it off its row"
            elif table.startswith(RAW):
                yield f"{stage.name} writes {table}, but {RAW}* tables come from prepare hooks"
            elif table in writer:
                yield f"two writers of the table {table}: {writer[table]} and {stage.name}"
            writer.setdefault(table, stage.name)
        for table in stage.states:
            if table not in stage.writes:
                yield f"{stage.name} continues the state {table} and does not write it"


def _wrong_reads(pipeline: Sequence[Stage]) -> Iterator[str]:
    writer, stages = _writers(pipeline), {stage.name: stage for stage in pipeline}
    made = {table for stage in pipeline if stage.prepare for table in stage.prepare.makes}
    for stage in pipeline:
        for table in stage.reads:
            if table.startswith(RAW):
                if table not in made:
                    yield f"{stage.name} reads {table}, which no prepare hook makes"
                continue
            if table not in writer:
                yield f"{stage.name} reads {table}, which no stage writes"
            elif stages[writer[table]].per_portfolio and not stage.per_portfolio:
                yield f"{stage.name} runs once and reads {table}, which {writer[table]} writes per portfolio"


def _wrong_hooks(pipeline: Sequence[Stage]) -> Iterator[str]:
    """What two rows may not share: a raw table, a section of the params, a folder, the hook ``latest``."""
    owner: dict[str, str] = {}
    for stage in pipeline:
        hook = stage.prepare
        named = [f"the section {hook.section}", f"the folder {hook.folder}"] if hook else []
        named += [f"the table {table}" for table in hook.makes] if hook else []
        named += ["the hook `latest`"] if stage.latest else []
        for name in named:
            if owner.setdefault(name, stage.name) != stage.name:
                yield f"two rows have {name}: {owner[name]} and {stage.name}"
        if hook and hook.folder in TAKEN:
            yield f"{stage.name} gives its hook the folder {hook.folder}, which is the engine's"
        for table in hook.makes if hook else ():
            if not table.startswith(RAW):
                yield f"the prepare hook of {stage.name} makes {table}; its tables begin with {RAW}"


def _missing_notebooks(pipeline: Sequence[Stage], root: Path) -> Iterator[str]:
    for stage in pipeline:
        if not (Path(root) / "notebooks" / f"{stage.name}.ipynb").is_file():
            yield f"{stage.name} has no notebook: notebooks/{stage.name}.ipynb is missing"


def _row(stage: Stage) -> list[str]:
    """The lines of one stage, long lists continued below themselves."""
    reads, writes = _wrapped(stage.reads, WIDTHS[1]), _wrapped(stage.writes, WIDTHS[2])
    height = max(len(reads), len(writes))
    reads += [""] * (height - len(reads))
    writes += [""] * (height - len(writes))
    names = [stage.name] + [""] * (height - 1)
    return [_line(*cells) for cells in zip(names, reads, writes, strict=True)]


def _wrapped(tables: Sequence[str], width: int) -> list[str]:
    lines = [""]
    for table in tables:
        longer = f"{lines[-1]} {table}".strip()
        if len(longer) > width and lines[-1]:
            lines.append(table)
        else:
            lines[-1] = longer
    return lines


def _line(*cells: str) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
