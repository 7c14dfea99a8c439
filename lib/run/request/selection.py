"""Which rows of the pipeline a request asks for: those named, and what they need, where it has subjects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lib.contracts import Stage
from lib.errors import Faults, InputError
from lib.run.request.params import Request, nearest
from lib.stages import Pipeline
from lib.subjects import KINDS


def select(
    pipeline: Pipeline, request: Request, only: Sequence[str] = (), faults: Faults | None = None
) -> list[Stage]:
    """The rows that were asked for and what they need, in pipeline order.

    Stages of a kind that the request has no subject of are not part of the run, and neither is what reads
    their tables. Raises InputError where nothing is left of what was asked for, or notes it in ``faults`` and
    takes the rest.
    """
    noted = Faults() if faults is None else faults
    named = [hook.section for row in pipeline if (hook := row.prepare) and row.name in only]
    written = request.document.data if request.document else {}
    part = pipeline.part(request.subjects, {*written, *request.sources, *named})
    wanted: set[str] = set()
    for asked in only or request.run_stages:
        found = [row for row in pipeline if asked in ("all", row.chapter, row.name)]
        there = [row.name for row in found if part.find(row.name)]
        if not there:
            words, mend = _why_not(pipeline, request, asked, found)
            option = InputError(words, field="--only", mend=mend)
            noted.add(option if only else request.refuse(words, mend, "run_stages"))
        wanted.update(there)
    if faults is None:
        noted.refuse()
    return list(part.with_needs(wanted or set(part.names)))


def left_out(pipeline: Pipeline, written: Request, request: Request, rows: Iterable[Stage]) -> dict | None:
    """The ``stages``, and ``subjects`` by kind, of the params that the run leaves out; None for none."""
    taken = {row.name for row in rows}
    stages = [row.name for row in select(pipeline, written, faults=Faults()) if row.name not in taken]
    subjects = {
        kind: ids
        for kind, found in written.subjects.items()
        if (ids := [one["id"] for one in found if one not in request.subjects.get(kind, ())])
    }
    return {"stages": stages, "subjects": subjects} if stages or subjects else None


def _why_not(pipeline: Pipeline, request: Request, asked: str, found: list[Stage]) -> tuple[str, str]:
    """Why nothing of what was asked for is part of the run, and the mend."""
    if not found:
        known = [*pipeline.names, *pipeline.chapters]
        return f"no stage {asked!r}", nearest(asked, known) or f"stages: {', '.join(pipeline.names)}"
    needed = pipeline.with_needs(row.name for row in found)
    older = [pipeline.writer(table) for row in needed for table in row.histories]
    kinds = [row.per for row in (*needed, *older) if row and row.per and row.per not in request.subjects]
    kind = KINDS[kinds[0]]
    mend = f"add the section `{kind.section}:`, or leave the stage out"
    return f"{asked} needs {kind.plural}, and {request.shown} has none", mend
