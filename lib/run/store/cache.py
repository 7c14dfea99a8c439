"""What a run remembers for the next one, in ``outputs/cache.json``: never needed, only faster.

Kept are the imports of sources and results of hooks. What a ``prepare`` hook gave is remembered with its
validity: until when it stands, and which files must be as they were when it was made.
The file carries a seal over its content and its form; one that does not fit its seal, down to the last bit,
is not believed and is made anew. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib import disk
from lib.run.planning.code_digests import digest_of, file_digest

NAME = "cache.json"
FORM = 2
"""Rises when the content comes to mean something else."""


@dataclass
class Known:
    """Results of hooks by the digest of what went in.

    ``checks`` are those of ``validate``; ``latest`` those of ``latest``, each ``{as_of, until}``; ``fetched``
    those of all ``prepare`` hooks, each ``{slices, validity, facts}``: the tables (``sha256 rows origins``),
    how long they stand (None: for ever), what the fetch was like.
    """

    checks: dict[str, dict] = field(default_factory=dict)
    fetched: dict[str, dict] = field(default_factory=dict)
    latest: dict[str, dict] = field(default_factory=dict)

    def updated(self, fresh: Known) -> Known:
        """These results and newer ones."""
        return Known(
            {**self.checks, **fresh.checks},
            {**self.fetched, **fresh.fetched},
            {**self.latest, **fresh.latest},
        )


class Cache:
    """The file of one outputs folder, read at construction; ``now`` is the time of this call."""

    def __init__(self, outputs: Path, now: datetime):
        self.path, self.now = outputs / NAME, now
        self.content = _believed(self.path)

    def part(self, name: str) -> dict:
        """``imports`` as the last run left it."""
        return self.content.get(name, {})

    def known(self, sound: Callable[[str, str], bool]) -> Known:
        """Results that still stand; ``sound(table, sha256)`` says whether a table is stored and whole."""
        digests: dict[str, str] = {}
        hooks = self.content.get("hooks", {})
        fetched = {
            key: one
            for key, one in hooks.get("fetched", {}).items()
            if stands(one["validity"], self.now, digests)
            and all(sound(table, part["sha256"]) for table, part in one["slices"].items())
        }
        latest = {key: one for key, one in hooks.get("latest", {}).items() if before(self.now, one["until"])}
        return Known(hooks.get("checks", {}), fetched, latest)

    def save(self, *, imports: dict, known: Known) -> None:
        """Write the file anew if anything in it is another."""
        lasting = {key: one for key, one in known.fetched.items() if stands(one["validity"], self.now)}
        hooks = {"checks": known.checks, "fetched": lasting, "latest": known.latest}
        content = json.loads(json.dumps({"imports": imports, "hooks": hooks}))
        if content != self.content:
            disk.write_whole(self.path, json.dumps({"seal": _seal(content), "content": content}).encode())


def _believed(path: Path) -> dict[str, Any]:
    """What the file holds where its seal fits; nothing otherwise."""
    found = disk.read_json(path)
    sealed = isinstance(found, dict) and found.get("seal") == _seal(found.get("content"))
    return found["content"] if sealed else {}


def _seal(content: Any) -> str:
    """Digest of a content together with the form that it is in."""
    return digest_of([NAME, FORM, content])


def stands(validity: dict | None, now: datetime, digests: dict[str, str] | None = None) -> bool:
    """Whether a result with this validity may be used now; ``digests`` remembers those of watched files.

    ``validity`` is ``{until, watch}``: a time as ISO text (UTC unless it says otherwise) or None, and
    absolute paths with the sha256 of their content, empty where there was no file. None stands for ever.
    """
    if validity is None:
        return True
    known = {} if digests is None else digests
    return before(now, validity.get("until")) and all(
        known.setdefault(path, digest_or_empty(Path(path))) == digest
        for path, digest in validity.get("watch", {}).items()
    )


def before(now: datetime, until: str | None) -> bool:
    """Whether a time as ISO text is still to come; None always is."""
    if until is None:
        return True
    moment = datetime.fromisoformat(until)
    return now < (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def digest_or_empty(path: Path) -> str:
    """sha256 of a file's content, or an empty text when there is none."""
    try:
        return file_digest(path)
    except FileNotFoundError:
        return ""
