"""The graph behind the pipeline: is it whole, and how does it read on paper?

Edges are table names: a stage needs whichever stage writes what it reads. ``raw_*`` tables come from the
prepare hook, and ``key_figures`` is written by every stage; neither makes an edge. Standard library only,
since a run that has nothing to do imports this too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from lib.contracts import Stage
from lib.errors import GraphError
from lib.stages import Pipeline
from lib.tables import TABLES

RAW = "raw_"
EVERY_STAGE_WRITES = "key_figures"
BORDER = "-- once per portfolio --"
WIDTHS = (20, 46, 40)


def check_graph(pipeline: Pipeline, root: Path, tables: Collection[str] = TABLES) -> None:
    """Raise GraphError with every fault of the graph, one a line; ``root`` is the repository."""
    faults = [
        *_repeated_stages(pipeline),
        *_unknown_tables(pipeline, tables),
        *_wrong_writers(pipeline),
        *_wrong_reads(pipeline),
        *_missing_notebooks(pipeline, root),
    ]
    if faults:
        raise GraphError("\n".join(faults))
    pipeline.order()


def print_pipeline(pipeline: Pipeline) -> str:
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


def _repeated_stages(pipeline: Pipeline) -> Iterator[str]:
    for name in sorted({name for name in pipeline.names if pipeline.names.count(name) > 1}):
        yield f"stage {name} has two rows in lib/pipeline.py; keep one"


def _unknown_tables(pipeline: Pipeline, tables: Collection[str]) -> Iterator[str]:
    for stage in pipeline:
        for table in dict.fromkeys((*stage.reads, *stage.writes, *stage.states)):
            if table not in tables:
                yield f"{stage.name} names the table {table}, which lib/tables does not declare"


def _wrong_writers(pipeline: Pipeline) -> Iterator[str]:
    writer: dict[str, str] = {}
    for stage in pipeline:
        for table in stage.writes:
            if table == EVERY_STAGE_WRITES:
                yield f"{stage.name} lists {table}, which every stage writes unasked; take it off its row"
            elif table.startswith(RAW):
                yield f"{stage.name} writes {table}, but {RAW}* tables come from the prepare hook"
            elif table in writer:
                yield f"two writers of the table {table}: {writer[table]} and {stage.name}"
            writer.setdefault(table, stage.name)
        for table in stage.states:
            if table not in stage.writes:
                yield f"{stage.name} continues the state {table} and does not write it"


def _wrong_reads(pipeline: Pipeline) -> Iterator[str]:
    for stage in pipeline:
        for table in stage.reads:
            if table.startswith(RAW):
                continue
            if (writer := pipeline.writer(table)) is None:
                yield f"{stage.name} reads {table}, which no stage writes"
            elif writer.per_portfolio and not stage.per_portfolio:
                yield f"{stage.name} runs once and reads {table}, which {writer.name} writes per portfolio"


def _missing_notebooks(pipeline: Pipeline, root: Path) -> Iterator[str]:
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
