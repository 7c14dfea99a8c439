"""Is the question that a run answers the one that was put before its answer was looked at?

The file that ``register`` wrote holds the question and the settings of every stage of the signal. What a run
was given is held against it; what differs is named, since an answer to a changed question is another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib import yaml_file

NONE, SAME, CHANGED = "not_registered", "as_registered", "changed_since"


@dataclass(frozen=True)
class Registration:
    """How the run's question relates to the registered one: ``NONE``, ``SAME`` or ``CHANGED``, and by what.

    ``tried_before`` are the trials that the ledger had when it was registered.
    """

    state: str
    changes: tuple[str, ...] = ()
    registered: str = ""
    tried_before: int = 0


def compare(
    path: Path | None, *, question: Mapping[str, Any], settings: Mapping[str, Mapping[str, Any]]
) -> Registration:
    """The registration in a file (None where there is none) against what the run has.

    ``question`` are the signal's fields, ``settings`` by stage what was set of it. A stage or a setting that
    only one side knows is no change: the workbench was another one then. Raises InputError for a file that
    is no registration.
    """
    if path is None:
        return Registration(NONE)
    shown = f"registered/{path.name}"
    content = yaml_file.document(yaml_file.read(path, shown)).data
    changes = [
        *_differences("", content.get("question") or {}, question),
        *(
            change
            for stage, then in (content.get("settings") or {}).items()
            for change in _differences(f"{stage}.", then, settings.get(stage, {}))
        ),
    ]
    return Registration(
        CHANGED if changes else SAME,
        tuple(changes),
        str(content.get("registered", "")),
        int(content.get("tried_before", 0)),
    )


def _differences(mark: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in (one for one in then if one in now):
        if then[name] != now[name]:
            yield f"{mark}{name} {_said(then[name])} → {_said(now[name])}"


def _said(value: Any) -> str:
    return "none" if value is None else str(value)
