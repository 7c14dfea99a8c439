"""The graph behind the pipeline: is it whole, and how does it read on paper?

Edges are table names: a stage needs whichever stage writes what it reads. ``raw_*`` tables come from
prepare hooks, and ``key_figures`` is written by every stage; neither makes an edge. Standard library only,
since a run that has nothing to do imports this too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from lib import ledgers
from lib.contracts import RUN_SETTINGS, Stage, Table
from lib.errors import GraphError
from lib.stages import Pipeline
from lib.subjects import KINDS, TYPES, Kind
from lib.tables import TABLES

RAW = "raw_"
EVERY_STAGE_WRITES = "key_figures"
WIDTHS = (20, 46, 40)
TAKEN = ("files", "states", "runs", "store", "state", "scratch", "latest", *ledgers.FOLDER_OF.values())
"""Folders of the outputs or of a run's inputs that are the engine's."""


def check_graph(
    pipeline: Pipeline,
    root: Path,
    tables: Mapping[str, Table] = TABLES,
    kinds: Mapping[str, Kind] = KINDS,
) -> None:
    """Raise GraphError with every fault of the graph, one a line; ``root`` is the repository."""
    faults = [
        *_wrong_kinds(kinds, pipeline),
        *_repeated_stages(pipeline),
        *_unknown_names(pipeline, tables, kinds),
        *_wrong_writers(pipeline),
        *_wrong_reads(pipeline, tables),
        *_wrong_histories(pipeline, tables),
        *_wrong_repeats(pipeline),
        *_wrong_fronts(pipeline),
        *_wrong_hooks(pipeline),
        *_missing_notebooks(pipeline, root),
    ]
    if faults:
        raise GraphError("\n".join(faults))
    pipeline.order()


def print_pipeline(pipeline: Pipeline) -> str:
    """The pipeline as a text table, ``stage | reads | writes``, in reading order."""
    rule = "  ".join("-" * width for width in WIDTHS)
    lines = [_line("stage", "reads", "writes"), rule]
    per = None
    for stage in pipeline:
        if stage.per != per:
            lines.append(border(stage.per))
            per = stage.per
        lines += _row(stage)
    return "\n".join(lines)


def border(per: str | None) -> str:
    """The line over the stages that run for each subject of a kind, or again once for the whole run."""
    return f"-- once per {per.replace('_', ' ')} --" if per else "-- once --"


def _repeated_stages(pipeline: Pipeline) -> Iterator[str]:
    for name in sorted({name for name in pipeline.names if pipeline.names.count(name) > 1}):
        yield f"stage {name} has two rows in lib/pipeline.py; keep one"


def _wrong_kinds(kinds: Mapping[str, Kind], pipeline: Pipeline) -> Iterator[str]:
    sections = [kind.section for kind in kinds.values()]
    sections += {row.prepare.section for row in pipeline if row.prepare}
    for section in sorted({name for name in sections if sections.count(name) > 1}):
        yield f"the section {section} is of two kinds of subject, or of a kind and of a prepare hook"
    for name, kind in kinds.items():
        settings = [name, f"{name}_name", *(field.setting for field in kind.fields)]
        for one in sorted({one for one in settings if settings.count(one) > 1 or one in RUN_SETTINGS}):
            yield f"the kind {name} gives the setting {one} twice, or to the whole run"
        for field in kind.fields:
            if field.name in ("id", "name"):
                yield f"the kind {name} declares {field.name}, which every subject has"
            if field.type not in TYPES:
                yield f"the kind {name} declares {field.name} as {field.type}: one of {', '.join(TYPES)}"


def _unknown_names(pipeline: Pipeline, tables: Collection[str], kinds: Collection[str]) -> Iterator[str]:
    for stage in pipeline:
        made = stage.prepare.makes if stage.prepare else ()
        for table in dict.fromkeys((*made, *stage.reads, *stage.writes, *stage.states, *stage.histories)):
            if table not in tables:
                yield f"{stage.name} names the table {table}, which lib/tables does not declare"
        if stage.per is not None and stage.per not in kinds:
            yield f"{stage.name} runs for each {stage.per}, which lib/subjects.py does not declare"


def _wrong_writers(pipeline: Pipeline) -> Iterator[str]:
    writer: dict[str, str] = {}
    for stage in pipeline:
        if stage.trial and not stage.per:
            yield f"{stage.name} is a trial, and runs for no subject whose ledger could keep it"
        for table in stage.writes:
            if folder := ledgers.FOLDER_OF.get(table):
                yield f"{stage.name} writes {table}, which is made of the ledger of {folder}"
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


def _wrong_reads(pipeline: Pipeline, tables: Mapping[str, Table]) -> Iterator[str]:
    for stage in pipeline:
        for table in stage.reads:
            if table.startswith(RAW):
                if pipeline.hook(table) is None:
                    yield f"{stage.name} reads {table}, which no prepare hook makes"
                continue
            if table in ledgers.FOLDER_OF:
                if fault := ledgers.fault(stage, table, pipeline):
                    yield fault
                continue
            if (writer := pipeline.writer(table)) is None:
                yield f"{stage.name} reads {table}, which no stage writes"
            else:
                yield from _wrong_owners(stage, table, writer, tables)


def _wrong_owners(stage: Stage, table: str, writer: Stage, tables: Mapping[str, Table]) -> Iterator[str]:
    """A stage of one kind has no subject of another; a stage of the whole run reads those of all."""
    if writer.per in (None, stage.per):
        return
    if stage.per:
        yield f"{stage.name} runs for each {stage.per} and reads {table}, of which each {writer.per} has one"
    elif table in tables and writer.per in tables[table].column_names:
        yield f"{stage.name} reads {table} of every {writer.per}, and the table has a column {writer.per}"


def _wrong_histories(pipeline: Pipeline, tables: Mapping[str, Table]) -> Iterator[str]:
    continued = {table for stage in pipeline for table in stage.states}
    for stage in pipeline:
        for table in stage.histories:
            writer = pipeline.writer(table)
            if writer is None or table not in continued:
                yield f"{stage.name} reads the history {table}, which no stage continues as a state"
            elif writer is stage:
                yield f"{stage.name} continues {table} itself; take it off its histories"
            else:
                yield from _wrong_owners(stage, table, writer, tables)


def _wrong_repeats(pipeline: Pipeline) -> Iterator[str]:
    for stage in pipeline:
        for name in stage.repeats:
            repeated = pipeline.find(name)
            if repeated is None or repeated is stage:
                yield f"{stage.name} repeats {name}, which is no other stage"
            elif repeated.per not in (None, stage.per):
                yield f"{stage.name} repeats {name}, which has settings for each {repeated.per}"


def _wrong_fronts(pipeline: Pipeline) -> Iterator[str]:
    leading: dict[str, str] = {}
    for stage in pipeline:
        if stage.front not in ("", "subject" if stage.per else "data"):
            yield f"{stage.name} has front={stage.front!r}; `subject` where it runs for each, else `data`"
        elif stage.front == "subject" and stage.per:
            if stage.per in leading:
                yield f"two stages lead the part of each {stage.per}: {leading[stage.per]} and {stage.name}"
            leading.setdefault(stage.per, stage.name)


def _wrong_hooks(pipeline: Pipeline) -> Iterator[str]:
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
