"""What must be known or fetched before planning: input checks and the market slice, by the rows' hooks.

All hooks of a run are called by name in one child process, and their results are kept by the digest of
what went in: the hook's code, its settings, the content of its files, the lock. A provider that fetches says
with its answer how long that stands (``validity``); it is asked again afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lib import user_files
from lib.contracts import Stage
from lib.errors import InputError
from lib.run.planning.code_digests import Sources, digest_of, file_digest
from lib.run.planning.graph import RAW
from lib.run.request.params import Request
from lib.run.request.tasks import Task
from lib.run.store.cache import Known
from lib.tables import TABLES

PERFORM = "lib.run.planning.hook_calls:perform"


@dataclass(frozen=True)
class Circumstances:
    """What a fetch may use besides what is asked: the time, the folder of the price store, no network."""

    now: datetime
    store: Path
    offline: bool = False


@dataclass(frozen=True)
class Prepared:
    """Market slice by table (``sha256 rows origins``, and ``path`` when just made), checks by task.

    ``fresh`` is to be remembered. ``events`` are those of a fetch of this very call; ``fetch`` says what the
    fetch was like that the slice comes from, None for a provider that does not say.
    """

    slices: dict[str, dict]
    checks: dict[str, dict]
    fresh: Known = field(default_factory=Known)
    events: tuple[dict, ...] = ()
    fetch: dict | None = None


def prepare(
    request: Request,
    tasks: list[Task],
    root: Path,
    sources: Sources,
    lock: str,
    known: Known,
    around: Circumstances,
    call: Callable[[str, dict], dict],
) -> Prepared:
    """Run the hooks whose result is not in ``known`` through ``call`` in one child.

    ``call(function, payload)`` adds the folder ``out``, where new slice tables are left (their ``path``).
    Raises InputError when a hook refuses its input.
    """
    checks = {task.id: _check(task, request, root, sources, lock) for task in tasks if task.row.validate}
    fetcher = next((task.row for task in tasks if task.row.prepare), None)
    base = _fetch_digest(fetcher, request, root, sources, lock, around) if fetcher else None
    done = {
        task: known.checks[one["digest"]] for task, one in checks.items() if one["digest"] in known.checks
    }
    missing = {task: one for task, one in checks.items() if task not in done}
    benchmarks = sorted({p["benchmark"] for p in request.portfolios if p["benchmark"]})
    if not missing:
        fetched = known.fetched.get(prepare_key(base, symbols_of(done, benchmarks)))
        if fetched or not base:
            return _prepared(fetched, done)
    payload = {
        "checks": {
            task: {"target": one["target"], "request": one["request"]} for task, one in missing.items()
        },
        "done": done,
        "benchmarks": benchmarks,
        "fetch": _fetch_payload(fetcher, request, base, around) if fetcher and base else None,
        "known": list(known.fetched),
    }
    answer = call(PERFORM, payload)
    checked = {missing[task]["digest"]: result for task, result in answer["checks"].items()}
    return _from_answer(answer, {**done, **answer["checks"]}, checked, known, around)


def _prepared(fetched: dict | None, checks: dict[str, dict], fresh: Known | None = None) -> Prepared:
    """From a slice that was fetched before."""
    slices, facts = (fetched["slices"], fetched["facts"]) if fetched else ({}, None)
    return Prepared(slices, checks, fresh or Known(), fetch={**facts, "reused": True} if facts else None)


def _from_answer(
    answer: dict, checks: dict[str, dict], checked: dict[str, dict], known: Known, around: Circumstances
) -> Prepared:
    if answer["slices"] is None:
        return _prepared(known.fetched.get(answer["key"]), checks, Known(checked))
    told, slices = answer["told"], answer["slices"]
    validity, events = told.get("validity"), told.get("events") or []
    says = validity or events or told.get("moment")
    facts = {**(told.get("moment") or {}), "offline": around.offline, "events": events} if says else None
    lasting = {name: {k: v for k, v in one.items() if k != "path"} for name, one in slices.items()}
    kept = {answer["key"]: {"slices": lasting, "validity": validity, "facts": facts}}
    if validity and around.offline:
        kept = {}
    return Prepared(
        slices, checks, Known(checked, kept), tuple(events), {**facts, "reused": False} if facts else None
    )


def prepare_key(base: str | None, symbols: list[str]) -> str:
    """Digest of a fetch: what the hook and its settings are, and which symbols were asked."""
    return digest_of([base, symbols])


def _check(task: Task, request: Request, root: Path, sources: Sources, lock: str) -> dict:
    assert task.row.validate
    portfolio = next((one for one in request.portfolios if one["id"] == task.portfolio), None)
    asked = {
        "as_of": request.as_of,
        "data": request.data,
        "stage": task.row.name,
        "portfolio": portfolio,
        "settings": task.parameters,
    }
    files = {
        name: {"path": str(path), "name": task.parameters.get(name, path.name)}
        for name, path in task.files.items()
    }
    digest = digest_of(
        [
            task.row.validate,
            sources.of_modules([task.row.validate.split(":")[0]]),
            asked,
            {name: user_files.digest(path, files[name]["name"]) for name, path in task.files.items()},
            lock,
        ]
    )
    return {"target": task.row.validate, "request": {**asked, "files": files}, "digest": digest}


def _fetch_digest(
    row: Stage, request: Request, root: Path, sources: Sources, lock: str, around: Circumstances
) -> str:
    assert row.prepare
    modules = sources.of_modules([row.prepare.split(":")[0]])
    data = _data_contents(request)
    schemas = {name: table.digest() for name, table in TABLES.items() if name.startswith(RAW)}
    policy = {**request.policy, "store": str(around.store)} if request.policy else {}
    asked = [request.as_of, request.exchange, request.data, policy]
    return digest_of([row.prepare, modules, schemas, resource_digests(row, root), asked, data, lock])


def resource_digests(row: Stage, root: Path) -> dict[str, str]:
    """sha256 of the files that a row names under ``resources``; a folder means its files."""
    found: dict[str, str] = {}
    for name in row.resources:
        place = root / name
        paths = sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else [place]
        found |= {path.relative_to(root).as_posix(): file_digest(path) for path in paths}
    return found


def _fetch_payload(row: Stage, request: Request, base: str, around: Circumstances) -> dict:
    data = {**request.data, **{name: value for name, value in request.policy.items() if name != "store"}}
    if "path" in data:
        data |= {"path": str((request.folder / data["path"]).absolute()), "path_shown": data["path"]}
    asked = {
        "as_of": request.as_of,
        "exchange": request.exchange,
        "data": data,
        "params_file": request.shown,
        "now": around.now.isoformat(),
        "store": str(around.store),
        "offline": around.offline,
    }
    return {"target": row.prepare, "base": base, "request": asked}


def _data_contents(request: Request) -> dict[str, str]:
    """Digests of the files in the folder that the params name, by name."""
    written = request.data.get("path")
    try:
        return user_files.contents(request.folder / written, written) if written else {}
    except InputError as fault:
        raise request.refuse(f"{written}: {fault.found}", fault.mend, "data", "path") from None


def symbols_of(checks: dict[str, dict], benchmarks: list[str]) -> list[str]:
    """Every symbol that the checks name, and the benchmarks."""
    return sorted({symbol for one in checks.values() for symbol in one["symbols"]} | set(benchmarks))
