"""Which day ``as_of: latest`` means: asked of the hook that a pipeline row names, and believed until it says.

The answer is kept for the runs to come, so that one with nothing to do starts no process for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from lib.contracts import Stage
from lib.errors import InputError, StageError
from lib.run.planning.code_digests import Sources, digest_of
from lib.run.request.params import LATEST, Request
from lib.run.request.settings import is_day
from lib.run.store.cache import before

MEND = "give a date as YYYY-MM-DD"


def resolve(
    request: Request,
    pipeline: Iterable[Stage],
    sources: Sources,
    lock: str,
    known: dict[str, dict],
    now: datetime,
    call: Callable[[str, dict], dict],
) -> tuple[Request, dict[str, dict]]:
    """The request with a date, and what to remember (digest → ``{as_of, until}``).

    ``known`` are answers that still hold, ``call(function, payload)`` asks in a process of its own. Raises
    InputError when no row of the pipeline names a hook.
    """
    if request.as_of != LATEST:
        return request, {}
    target = next((row.latest for row in pipeline if row.latest), None)
    if target is None:
        raise _unknown(request)
    modules = sources.of_modules([target.split(":")[0]])
    key = digest_of([target, modules, request.exchange, lock])
    if key in known:
        return replace(request, as_of=known[key]["as_of"]), {}
    answer = call(target, {"exchange": request.exchange, "now": now.isoformat()})
    _check(target, answer, now)
    return replace(request, as_of=answer["as_of"]), {key: {name: answer[name] for name in ("as_of", "until")}}


def _unknown(request: Request) -> InputError:
    found = f"`{LATEST}`, and no row of lib/pipeline.py says which session that is"
    written = request.document.data.get("as_of") if request.document else None
    if written == LATEST:
        return request.refuse(found, MEND, "as_of")
    return InputError(found, mend=MEND, file="command line", field="--as-of")


def _check(target: str, answer: dict, now: datetime) -> None:
    try:
        before(now, answer["until"])
        good = is_day(answer["as_of"])
    except (KeyError, TypeError, ValueError):
        good = False
    if not good:
        raise StageError(f"{target} answered {answer!r}; it must give a date `as_of` and a time `until`")
