"""A question is put before its answer is looked at: hypothesis, tests and pass bar, frozen in a file.

``<folder of the params>/registered/<id>.yaml`` holds the subject's fields and the settings of every stage of
its kind. Its digest goes into the subject's ledger and, with the file, into every later run; ``verify`` names
a file that is not the registered one. The file is written by no other command, and never over another.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml

from lib import disk
from lib.contracts import RUN_SETTINGS
from lib.errors import InputError, printable
from lib.ledger import REGISTRATION, Ledger
from lib.nearest import nearest
from lib.run.planning.code_digests import file_digest
from lib.run.request.params import Request
from lib.run.request.tasks import Task
from lib.run.session import Options, Session
from lib.subjects import KINDS

HEAD = (
    "# A question that was put before its answer was looked at, written by `run_all.py register`.\n"
    "# A run says whether it answers this question or another one; `verify` finds an edit of this file.\n"
)


def register(subject: str, options: Options) -> int:
    """Freeze the question of a subject, say where and how much was tried before. Raises InputError."""
    session = Session(options)
    session.faults.refuse()
    kind = _kind_of(subject, session.request)
    field = next(one for one in KINDS[kind].fields if one.name == REGISTRATION)
    path = session.request.folder / field.found_at.format(id=subject)
    if path.exists():
        mend = "a question is put once: give another id to another one, or keep this"
        raise InputError("is registered already", file=printable(str(path)), mend=mend)
    book = Ledger(session.outputs, kind, subject)
    tried = len(book.trials())
    disk.write_whole(path, _text(kind, subject, session, tried).encode())
    book.register(file_digest(path))
    before = f"{tried} specifications of it were tried before" if tried else "nothing of it was tried before"
    print(f"{printable(str(path))} is registered; {before}")
    return 0


def _kind_of(subject: str, request: Request) -> str:
    """The kind of a subject that can be registered."""
    able = [kind.name for kind in KINDS.values() if any(one.name == REGISTRATION for one in kind.fields)]
    known = {one["id"]: kind for kind in able for one in request.subjects.get(kind, ())}
    if subject not in known:
        words = " or ".join(KINDS[kind].singular for kind in able)
        mend = nearest(subject, list(known)) or (f"there are {', '.join(known)}" if known else "add one")
        raise InputError(f"no {words} {subject!r}", file=request.shown, mend=mend)
    return known[subject]


def _text(kind: str, subject: str, session: Session, tried: int) -> str:
    one = next(one for one in session.request.subjects[kind] if one["id"] == subject)
    left_out = ("id", "name", REGISTRATION)
    content = {
        kind: subject,
        "registered": datetime.now(UTC).isoformat(timespec="seconds"),
        "tried_before": tried,
        "question": {name: value for name, value in one.items() if name not in left_out},
        "settings": {task.row.name: _settings(task) for task in session.tasks if task.subject == subject},
    }
    return HEAD + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def _settings(task: Task) -> dict[str, Any]:
    """What can be set of a stage, but what the whole run or the subject sets."""
    given = {*RUN_SETTINGS, *KINDS[task.row.per or ""].settings}
    return {name: value for name, value in task.parameters.items() if name not in given}
