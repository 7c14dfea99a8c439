"""What must be known or fetched before planning: input checks and raw tables, by the rows' hooks.

All hooks of a run are called by name in one child process, and their results are kept, each by the digest of
what went in: the hook's code, its settings, the content of its files, the lock. A provider that fetches says
with its answer how long that stands (``validity``); it is asked again afterwards, and no other hook with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from lib import user_files
from lib.contracts import Prepare, Stage
from lib.errors import Faults, InputError, input_error
from lib.run.kernels.normalise import scrubber
from lib.run.planning.code_digests import Sources, digest_of, file_digest
from lib.run.request.params import Request
from lib.run.request.settings import Source
from lib.run.request.tasks import Task
from lib.run.store.cache import Known
from lib.tables import TABLES

PROCESS = re.compile(r"\bprocess \d+")
PERFORM = "lib.run.planning.hook_calls:perform"


@dataclass(frozen=True)
class Circumstances:
    """What a fetch may use besides what is asked: the time, a folder for each section, no network.

    ``refresh`` asks a live source anew for what it answered before; with ``look`` nothing will be carried
    out, so that no source is asked; ``refused`` says that there are faults already. ``stored(table, sha256)``
    is where a raw table is kept; ``histories`` are by id those that the tasks go on from.
    """

    now: datetime
    stores: Mapping[str, Path]
    stored: Callable[[str, str], Path]
    histories: Mapping[str, Path | None] = field(default_factory=dict)
    offline: bool = False
    refresh: bool = False
    look: bool = False
    refused: bool = False

    @property
    def private(self) -> list[str]:
        """The folders of this machine that no text of a run may name."""
        return [str(folder) for one in self.stores.values() for folder in (one, one.parent)]


@dataclass(frozen=True)
class Prepared:
    """Raw tables (``sha256 rows origins parquet``, and ``path`` when just made) and checks by task.

    ``fresh`` is to be remembered. ``events`` are section and fact of what was fetched in this very call.
    ``fetches`` says by section what the fetch was like that its tables come from, where the provider says it.
    ``warnings`` are what a person should know and that stops nothing, ``unasked`` the sections whose live
    source was not asked.
    """

    slices: dict[str, dict] = field(default_factory=dict)
    checks: dict[str, dict] = field(default_factory=dict)
    fresh: Known = field(default_factory=Known)
    events: list[tuple[str, dict]] = field(default_factory=list)
    fetches: dict[str, dict] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[InputError]:
        """What the checks noted that stops nothing, such as rows that are left out."""
        return [input_error(one) for check in self.checks.values() for one in check.get("notes", ())]


def prepare(
    request: Request,
    rows: Sequence[Stage],
    tasks: Sequence[Task],
    root: Path,
    sources: Sources,
    lock: str,
    known: Known,
    around: Circumstances,
    call: Callable[[str, dict], dict],
    faults: Faults,
) -> Prepared:
    """Check the inputs of the tasks and get the raw tables of the rows, each hook only if it must be asked.

    ``call(function, payload)`` runs the hooks in one child; it adds the folder ``out``, where new tables are
    left. What a hook refuses is noted in ``faults``; what is returned then is not to be used.
    """
    checks: dict[str, dict] = {}
    for task in tasks:
        if task.row.validate and task.settings.whole:
            with faults.noted():
                checks[task.id] = _check(task, request, root, sources, lock, around.histories)
    digests = {task: one["digest"] for task, one in checks.items()}
    done = {task: known.checks[digest] for task, digest in digests.items() if digest in known.checks}
    missing = {task: one for task, one in checks.items() if task not in done}
    symbols = request.symbols()
    hooks = [(row, row.prepare) for row in rows if row.prepare]
    asked: dict[str, dict] = {}
    for row, hook in hooks:
        with faults.noted():
            asked[hook.section] = _fetch(row, hook, request, root, sources, lock, around)
    fetched = {k: one for k, one in known.fetched.items() if not (around.refresh and one["validity"])}
    stored = _stored(asked, None if missing else symbols_of(done, symbols), fetched)
    answer: dict[str, dict] = {"checks": {}, "fetches": {}}
    foretelling = [one for one in tasks if one.row.foretell and one.settings.whole] if _sound(tasks) else []
    refused = around.refused or bool(faults)
    if missing or len(stored) < len(asked) or (foretelling and (around.look or refused)):
        payload = {
            "checks": missing,
            "done": done,
            "symbols": symbols,
            "fetches": {section: one for section, one in asked.items() if section not in stored},
            "known": {key: _kept(one, around) for key, one in fetched.items()},
            "stored": {section: _kept(one, around) for section, one in stored.items()},
            "foretold": {task.id: _foretelling(task, request, tasks, around) for task in foretelling},
            "look": around.look,
            "refused": refused,
        }
        with faults.noted():
            answer = call(PERFORM, payload)
    prepared = Prepared(checks={**done, **answer["checks"]})
    if refused or faults:
        faults.remark(prepared.notes)
        return prepared
    prepared.fresh.checks.update({digests[task]: result for task, result in answer["checks"].items()})
    for _, hook in hooks:
        told = answer["fetches"].get(hook.section)
        if told and told["slices"] is not None:
            _add_new(prepared, hook, told, around)
        else:
            former = known.fetched[told["key"]] if told else stored[hook.section]
            _add(prepared, hook, former, reused=True)
    return prepared


def _sound(tasks: Sequence[Task]) -> bool:
    """Whether the symbols that the tasks ask for are those that are meant."""
    return all(task.settings.sound for task in tasks if task.row.validate or task.row.foretell)


def _kept(fetched: dict, around: Circumstances) -> dict[str, str]:
    """Table → where a former fetch left it."""
    return {name: str(around.stored(name, one["sha256"])) for name, one in fetched["slices"].items()}


def _rests_on(task: Task, by_id: Mapping[str, Task]) -> tuple[set[str], set[str]]:
    """The tasks that a task needs, through others too, and the raw tables that it or one of them reads."""
    needed = {maker for maker in task.inputs.values() if maker and maker in by_id}
    found = [_rests_on(by_id[maker], by_id) for maker in needed]
    raw = {name for name, maker in task.inputs.items() if maker is None}
    return needed.union(*(one for one, _ in found)), raw.union(*(one for _, one in found))


def _foretelling(task: Task, request: Request, tasks: Sequence[Task], around: Circumstances) -> dict:
    """What a ``foretell`` hook is asked, all but the tables."""
    assert task.row.foretell
    needs, reads = _rests_on(task, {one.id: one for one in tasks})
    asked = {
        "as_of": request.as_of,
        "exchange": request.exchange,
        "stage": task.row.name,
        "task": task.id,
        "settings": task.parameters,
        "files": _files(task),
        "histories": _histories(task, around.histories),
        "params_file": request.shown,
    }
    return {
        "target": task.row.foretell,
        "needs": sorted(needs),
        "reads": sorted(reads),
        "request": asked,
    }


def _stored(asked: dict[str, dict], symbols: list[str] | None, fetched: dict[str, dict]) -> dict[str, dict]:
    """By section what a former fetch gave that still stands; ``symbols`` is None while they are not known."""
    keys = {
        section: prepare_key(one, symbols or [])
        for section, one in asked.items()
        if symbols is not None or not one["symbols"]
    }
    return {section: fetched[key] for section, key in keys.items() if key in fetched}


def _of_no_machine(value: Any, scrub: Callable[[str], str]) -> Any:
    """Plain JSON without the folders of this machine and the numbers of its processes."""
    if isinstance(value, dict):
        return {name: _of_no_machine(one, scrub) for name, one in value.items()}
    if isinstance(value, list):
        return [_of_no_machine(one, scrub) for one in value]
    return PROCESS.sub("another process", scrub(value)) if isinstance(value, str) else value


def _add_new(prepared: Prepared, hook: Prepare, answer: dict, around: Circumstances) -> None:
    """Add what a hook has just given, to be remembered unless a live source was not asked for it.

    What is kept of it, and so stands in the manifest, tells nothing of this machine.
    """
    offline = around.offline or around.look
    told = answer["told"]
    validity, events, moment = told.get("validity"), told.get("events") or [], told.get("moment") or {}
    says = validity or events or moment
    facts = {**moment, "offline": offline, "events": events} if says else None
    facts = _of_no_machine(facts, scrubber(around.private))
    lasting = {name: {k: v for k, v in one.items() if k != "path"} for name, one in answer["slices"].items()}
    warnings = told.get("warnings") or []
    made = {"slices": lasting, "validity": validity, "facts": facts, "warnings": warnings}
    if not (validity and offline):
        prepared.fresh.fetched[answer["key"]] = made
    elif not moment.get("requests"):
        prepared.unasked.append(hook.section)
    prepared.events.extend((hook.section, event) for event in events)
    _add(prepared, hook, {**made, "slices": answer["slices"]}, reused=False)


def _add(prepared: Prepared, hook: Prepare, fetched: dict, *, reused: bool) -> None:
    for name, one in fetched["slices"].items():
        prepared.slices[name] = {**one, "parquet": hook.path(name)}
    prepared.warnings.extend(str(input_error(one)) for one in fetched.get("warnings") or [])
    if reused and fetched["validity"]:
        until = fetched["validity"].get("until")
        detail = f"the last answer stands{f' until {until}' if until else ''}; --refresh asks anew"
        prepared.events.append((hook.section, {"event": "sync", "state": "reused", "detail": detail}))
    if fetched["facts"]:
        prepared.fetches[hook.section] = {**fetched["facts"], "reused": reused}


def prepare_key(asked: dict, symbols: list[str]) -> str:
    """Digest of a fetch: what the hook and its settings are, and of which symbols it was told."""
    return digest_of([asked["base"], symbols if asked["symbols"] else []])


def symbols_of(checks: dict[str, dict], more: list[str]) -> list[str]:
    """Every symbol that the checks name, and more, which are those of the subjects' fields."""
    named = {symbol for one in checks.values() for symbol in one.get("symbols", ())}
    return sorted(named | set(more))


def _check(
    task: Task,
    request: Request,
    root: Path,
    sources: Sources,
    lock: str,
    histories: Mapping[str, Path | None],
) -> dict:
    assert task.row.validate
    own = {one["id"]: one for one in request.subjects[task.row.per]} if task.row.per else {}
    asked = {
        "as_of": request.as_of,
        "stage": task.row.name,
        "settings": task.parameters,
        **({task.row.per: own[task.subject]} if task.row.per and task.subject else {}),
    }
    files, named, older = _files(task), task.settings.files, _histories(task, histories)
    digest = digest_of(
        [
            task.row.validate,
            sources.of_modules([task.row.validate.split(":")[0]]),
            asked,
            {name: user_files.digest(path, files[name]["name"]) for name, path in named.items()},
            {name: file_digest(Path(path)) if path else None for name, path in older.items()},
            lock,
        ]
    )
    return {
        "target": task.row.validate,
        "request": {**asked, "files": files, "histories": older},
        "digest": digest,
    }


def _files(task: Task) -> dict[str, dict[str, str]]:
    """What a hook is told of the files that the settings of a task name."""
    return {
        name: {"path": str(path), "name": shown_name(task, name, path)}
        for name, path in task.settings.files.items()
    }


def _histories(task: Task, known: Mapping[str, Path | None]) -> dict[str, str | None]:
    """What a hook is told of the histories of a task: where each is, or that there is none."""
    found = {name: known[task.histories[name]] for name in dated(task)}
    return {name: str(path) if path else None for name, path in found.items()}


def dated(task: Task) -> list[str]:
    """The histories of a task that hang on nothing but the day, by what it calls them; no ledger is one."""
    of_tables = (*task.row.states, *task.row.histories)
    return [name for name in task.histories if name.partition("@")[0] in of_tables]


def shown_name(task: Task, name: str, path: Path) -> str:
    """A file as the params name it; one of a folder, or of several, with the folder that they name."""
    written = task.parameters.get(name.partition("[")[0])
    if isinstance(written, str):
        return written
    for one in written or ():
        if Path(one).name == path.name:
            return one
    folders = [one for one in written or () if Path(one).name == path.parent.name]
    return f"{folders[0].rstrip('/')}/{path.name}" if folders else path.name


def _fetch(
    row: Stage,
    hook: Prepare,
    request: Request,
    root: Path,
    sources: Sources,
    lock: str,
    around: Circumstances,
) -> dict:
    """What a hook is asked (all but the symbols), and the digest of what its answer depends on."""
    source, store = request.sources[hook.section], str(around.stores[hook.section])
    paths = {name: request.folder / written for name, written in source.of_kind("path").items()}
    told = {
        "as_of": request.as_of,
        "exchange": request.exchange,
        "section": hook.section,
        "settings": _settings(source, paths),
        "params_file": request.shown,
        "now": around.now.isoformat(),
        "store": store,
        "offline": around.offline or around.look or around.refused,
        "look": around.look or around.refused,
        "refresh": around.refresh,
    }
    modules = sources.of_modules([name.split(":")[0] for name in (hook.hook, hook.providers)])
    schemas = {name: TABLES[name].digest() for name in hook.makes}
    policy = {**source.policy, "store": store} if source.policy else {}
    contents = {name: _contents(path, request, hook.section, name) for name, path in paths.items()}
    asked = [hook.hook, hook.section, request.as_of, request.exchange, source.settings, policy, contents]
    base = digest_of([asked, modules, schemas, resource_digests(row, root), lock])
    return {
        "target": hook.hook,
        "makes": list(hook.makes),
        "symbols": hook.symbols,
        "keeps": source.keeps,
        "base": base,
        "request": told,
    }


def _settings(source: Source, paths: dict[str, Path]) -> dict[str, Any]:
    """Every setting as the provider gets it: paths whole, and as they were written in ``<name>_shown``."""
    kept = {name: value for name, value in source.policy.items() if source.declared[name].kind != "store"}
    whole = {name: str(path.absolute()) for name, path in paths.items()}
    return {
        **source.settings,
        **kept,
        **whole,
        **{f"{name}_shown": source.settings[name] for name in paths},
    }


def _contents(path: Path, request: Request, section: str, name: str) -> dict[str, str]:
    """sha256 of a file, or of the files of a folder, by name. Raises InputError for a folder that is shut."""
    written = request.sources[section].settings[name]
    try:
        return user_files.contents(path, written)
    except InputError as fault:
        raise request.refuse(f"{written}: {fault.found}", fault.mend, section, name) from None


def resource_digests(row: Stage, root: Path) -> dict[str, str]:
    """sha256 of the files that a row names under ``resources``; a folder means its files."""
    found: dict[str, str] = {}
    for name in row.resources:
        place = root / name
        paths = sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else [place]
        found |= {path.relative_to(root).as_posix(): file_digest(path) for path in paths}
    return found
