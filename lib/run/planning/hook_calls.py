"""The child's side of preparing a run: calls the hooks by name, and lays down the tables of the slice.

Runs in a process of its own, so that the run itself never imports a chapter.
"""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.errors import StageError
from lib.run.kernels.call import without_passwords
from lib.run.planning.code_digests import file_digest
from lib.run.planning.prepare import prepare_key, symbols_of
from lib.run.store.cache import before

FACTS = ("validity", "events", "moment")
"""What a prepare hook may return beside the tables: how long they stand, what happened, what it was like."""


def perform(payload: dict) -> dict:
    """Check the inputs, gather the symbols, fetch the slice unless it is known.

    ``payload`` is made by ``lib.run.planning.prepare``. Returns the checks by task and, where a slice was
    fetched, its ``key``, its tables under ``slices``, and under ``told`` what the hook said beside them.
    """
    checks = {task: _function(one["target"])(one["request"]) for task, one in payload["checks"].items()}
    fetch = payload["fetch"]
    if not fetch:
        return {"checks": checks, "key": None, "slices": None}
    symbols = symbols_of({**payload["done"], **checks}, payload["benchmarks"])
    key = prepare_key(fetch["base"], symbols)
    if key in payload["known"]:
        return {"checks": checks, "key": key, "slices": None}
    answer = _function(fetch["target"])({**fetch["request"], "symbols": symbols})
    told = json.loads(without_passwords(json.dumps({name: answer[name] for name in FACTS if name in answer})))
    _check_facts(fetch["target"], told)
    frames = {name: frame for name, frame in answer.items() if name not in FACTS}
    return {"checks": checks, "key": key, "slices": _write(frames, Path(payload["out"])), "told": told}


def _check_facts(target: str, told: dict) -> None:
    """Raise StageError when what a hook says beside its tables has another form than the contract's."""
    try:
        validity = told.get("validity") or {"until": None}
        before(datetime.now(UTC), validity["until"])
        good = all(Path(path).is_absolute() for path in validity.get("watch", {}))
        good &= all(isinstance(event, dict) for event in told.get("events") or [])
    except (KeyError, TypeError, ValueError):
        good = False
    if not good:
        raise StageError(f"{target} answered {told!r}, which lib/run/store/cache.py cannot use")


def _function(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _write(frames: dict, out: Path) -> dict[str, dict]:
    from lib.contracts import conform
    from lib.tables import TABLES

    out.mkdir(parents=True, exist_ok=True)
    slices = {}
    for name, frame in frames.items():
        checked = conform(frame, TABLES[name])
        path = out / f"{name}.parquet"
        checked.to_parquet(path, index=False, compression="zstd", write_page_checksum=True)
        origins = sorted(checked["origin"].unique()) if "origin" in checked else []
        digest = file_digest(path)
        slices[name] = {"sha256": digest, "rows": len(checked), "origins": origins, "path": str(path)}
    return slices
