"""The child's side of preparing a run: calls the hooks by name, and lays down the tables that they make.

Runs in a process of its own, so that the run itself never imports a chapter.
"""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.errors import Faults, StageError, input_error
from lib.run.kernels.call import without_passwords
from lib.run.planning.code_digests import file_digest
from lib.run.planning.prepare import prepare_key, symbols_of
from lib.run.store.cache import before

FACTS = ("validity", "events", "moment", "warnings")
"""What a prepare hook may return beside the tables: how long they stand, what happened, what it was like, and
what a person should know that stops nothing (each as ``InputError.as_dict`` gives it)."""


def perform(payload: dict) -> dict:
    """Check the inputs, gather the symbols, fetch what is not known.

    ``payload`` is made by ``lib.run.planning.prepare``. Returns the ``checks`` by task, and under ``fetches``
    by section the ``key`` and, unless that is known, the tables under ``slices`` and under ``told`` what the
    hook said beside them. Raises InputError with everything that the hooks refuse; a source that fetches
    and keeps is not asked once there is something, but what lies on the disk is read for its faults.
    """
    faults, checks, fetches = Faults(), {}, {}
    for task, one in payload["checks"].items():
        with faults.noted():
            checks[task] = _checked(one["target"], one["request"])
            faults.remark(map(input_error, checks[task].get("notes", ())))
    symbols = symbols_of({**payload["done"], **checks}, payload["symbols"])
    tables = {name: path for kept in payload["stored"].values() for name, path in kept.items()}
    for section, asked in payload["fetches"].items():
        if asked["keeps"] and (faults or payload["refused"]):
            continue
        key = prepare_key(asked, symbols)
        found: dict = {"slices": None}
        if key in payload["known"]:
            tables |= payload["known"][key]
        else:
            quiet = {"offline": True, "look": True} if faults else {}
            request = {**asked["request"], **quiet, "progress": payload.get("progress", "")}
            with faults.noted():
                found = _fetched(asked, request, symbols, Path(payload["out"]))
                tables |= _foretellable(found, payload, bool(faults))
        fetches[section] = {"key": key, **found}
    if payload["look"] or payload["refused"] or faults:
        stopped = {task for task in payload["checks"] if task not in checks}
        for task, one in payload["foretold"].items():
            if stopped.isdisjoint((task, *one["needs"])):
                stopped.add(task)
                with faults.noted():
                    _foretell(one, tables)
                    stopped.remove(task)
    faults.refuse()
    return {"checks": checks, "fetches": fetches}


def _foretellable(found: dict, payload: dict, faulty: bool) -> dict[str, str]:
    """Where new tables are; none of a live source that was not asked, since it may still give more."""
    unasked = found["told"].get("validity") and (payload["look"] or payload["refused"] or faulty)
    return {} if unasked else {name: one["path"] for name, one in found["slices"].items()}


def _foretell(asked: dict, paths: dict[str, str]) -> None:
    """Ask whether a stage would stop for what was fetched, where that is there. Raises InputError."""
    import pandas as pd

    if all(name in paths for name in asked["reads"]):
        tables = {name: pd.read_parquet(paths[name]) for name in asked["reads"]}
        _function(asked["target"])({**asked["request"], "tables": tables})


def _checked(target: str, request: dict) -> dict:
    """The facts that a ``validate`` hook gives; ``symbols`` among them are texts, of which hooks are told."""
    facts = _function(target)(request)
    symbols = facts.get("symbols", [])
    if not (isinstance(symbols, list) and all(isinstance(one, str) for one in symbols)):
        raise StageError(f"{target} answered the symbols {symbols!r}; give a list of texts, or none")
    return facts


def _fetched(asked: dict, request: dict, symbols: list[str], out: Path) -> dict:
    target, more = asked["target"], {"symbols": symbols} if asked["symbols"] else {}
    answer = _function(target)({**request, **more})
    told = json.loads(without_passwords(json.dumps({name: answer[name] for name in FACTS if name in answer})))
    _check_facts(target, told)
    frames = {name: frame for name, frame in answer.items() if name not in FACTS}
    if set(frames) != set(asked["makes"]):
        made, wanted = (", ".join(sorted(names)) or "nothing" for names in (frames, asked["makes"]))
        raise StageError(f"{target} made {made}; its row in lib/pipeline.py says {wanted}")
    return {"slices": _write(frames, out), "told": told}


def _check_facts(target: str, told: dict) -> None:
    """Raise StageError when what a hook says beside its tables has another form than the contract's."""
    try:
        validity = told.get("validity") or {"until": None}
        before(datetime.now(UTC), validity["until"])
        good = all(Path(path).is_absolute() for path in validity.get("watch", {}))
        good &= all(isinstance(event, dict) for event in told.get("events") or [])
        good &= all(str(input_error(one)) != "" for one in told.get("warnings") or [])
    except (KeyError, TypeError, ValueError):
        good = False
    if not good:
        raise StageError(f"{target} answered {told!r}, which lib/run/store/cache.py cannot use")


def _function(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _write(frames: dict, out: Path) -> dict[str, dict]:
    from lib import table_file
    from lib.contracts import conform
    from lib.tables import TABLES

    out.mkdir(parents=True, exist_ok=True)
    slices = {}
    for name, frame in frames.items():
        checked = conform(frame, TABLES[name])
        path = out / f"{name}.parquet"
        table_file.write(checked, path)
        origins = sorted(checked["origin"].unique()) if "origin" in checked else []
        digest = file_digest(path)
        slices[name] = {"sha256": digest, "rows": len(checked), "origins": origins, "path": str(path)}
    return slices
