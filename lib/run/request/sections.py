"""The sections of the params that a run needs: is each there, and where does its hook keep things?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lib.contracts import Prepare, Stage
from lib.errors import Faults
from lib.run.request.params import Request


def note_missing(request: Request, hooks: Sequence[Prepare], rows: Sequence[Stage], faults: Faults) -> None:
    """Note where the params lack the section of a hook whose tables one of the rows reads."""
    written = request.document.data if request.document else {}
    for hook in hooks:
        if hook.section not in request.sources and written.get(hook.section) is None:
            reader, table = next(
                (row.name, table) for row in rows for table in row.reads if table in hook.makes
            )
            mend = f"add `{hook.section}:`, from which {reader} gets {table}"
            faults.add(request.refuse("missing", mend, hook.section))


def store_folder(request: Request, hook: Prepare, outputs: Path, *, make: bool) -> Path:
    """The folder that a hook keeps from run to run, in the outputs unless its section names another.

    Raises InputError when the one that is named cannot be made.
    """
    named = request.sources[hook.section].of_kind("store")
    if not named:
        return (outputs / hook.folder).resolve()
    name, written = next(iter(named.items()))
    try:
        folder = (request.folder / Path(written).expanduser()).resolve()
        if make:
            folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError, ValueError) as fault:
        found = f"the folder {written} cannot be made ({getattr(fault, 'strerror', None) or fault})"
        raise request.refuse(found, "name one that can be written", hook.section, name) from None
    return folder
