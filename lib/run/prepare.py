"""What must be known or fetched before planning: input checks and the market slice, by the rows' hooks.

All hooks of a run are called by name in one child process, and their results are kept by the digest of
what went in: the hook's code, its settings, the content of its files, the lock.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.contracts import Stage
from lib.run.params import Request
from lib.run.sources import Sources, digest_of, file_digest
from lib.run.tasks import Task


@dataclass(frozen=True)
class Prepared:
    """Market slice by table (``sha256 rows origins``, and ``path`` when just made), checks by task."""

    slices: dict[str, dict]
    checks: dict[str, dict]
    fresh: dict[str, Any]


def prepare(
    request: Request,
    tasks: list[Task],
    root: Path,
    sources: Sources,
    lock: str,
    known: dict,
    call: Any,
) -> Prepared:
    """Run the hooks whose result is not in ``known`` (digest → result) through ``call`` in one child.

    ``call(function, payload)`` adds the folder ``out``, where new slice tables are left (their ``path``).
    Raises InputError when a hook refuses its input.
    """
    checks = {task.id: _check(task, request, root, sources, lock) for task in tasks if task.row.validate}
    fetcher = next((task.row for task in tasks if task.row.prepare), None)
    base = _fetch_digest(fetcher, request, root, sources, lock) if fetcher else None
    done = {task: known[one["digest"]] for task, one in checks.items() if one["digest"] in known}
    missing = {task: one for task, one in checks.items() if task not in done}
    benchmarks = sorted({p["benchmark"] for p in request.portfolios if p["benchmark"]})
    slices = known.get(prepare_key(base, _symbols(done, benchmarks))) if base and not missing else None
    if not missing and (slices or not base):
        return Prepared(slices or {}, done, {})
    payload = {
        "checks": {
            task: {"target": one["target"], "request": one["request"]} for task, one in missing.items()
        },
        "done": done,
        "benchmarks": benchmarks,
        "fetch": _fetch_payload(fetcher, request, base) if fetcher and base else None,
        "known": [key for key, value in known.items() if "raw_prices" in value],
    }
    answer = call("lib.run.prepare:perform", payload)
    fresh = {missing[task]["digest"]: result for task, result in answer["checks"].items()}
    slices = answer["slices"] or known.get(answer["key"]) or {}
    if base:
        fresh[answer["key"]] = {
            name: {field: value for field, value in one.items() if field != "path"}
            for name, one in slices.items()
        }
    return Prepared(slices, {**done, **answer["checks"]}, fresh)


def perform(payload: dict) -> dict:
    """In the child: check the inputs, gather the symbols, fetch the slice unless it is known."""
    checks = {task: _function(one["target"])(one["request"]) for task, one in payload["checks"].items()}
    fetch = payload["fetch"]
    if not fetch:
        return {"checks": checks, "key": None, "slices": None}
    symbols = _symbols({**payload["done"], **checks}, payload["benchmarks"])
    key = prepare_key(fetch["base"], symbols)
    if key in payload["known"]:
        return {"checks": checks, "key": key, "slices": None}
    frames = _function(fetch["target"])({**fetch["request"], "symbols": symbols})
    return {"checks": checks, "key": key, "slices": _write(frames, Path(payload["out"]))}


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
            {name: file_digest(path) for name, path in task.files.items()},
            lock,
        ]
    )
    return {"target": task.row.validate, "request": {**asked, "files": files}, "digest": digest}


def _fetch_digest(row: Stage, request: Request, root: Path, sources: Sources, lock: str) -> str:
    assert row.prepare
    modules = sources.of_modules([row.prepare.split(":")[0]])
    folder = _data_folder(request)
    data = (
        {path.name: file_digest(path) for path in sorted(folder.iterdir()) if path.is_file()}
        if folder
        else {}
    )
    return digest_of(
        [row.prepare, modules, resource_digests(row, root), request.as_of, request.data, data, lock]
    )


def resource_digests(row: Stage, root: Path) -> dict[str, str]:
    """sha256 of the files that a row names under ``resources``; a folder means its files."""
    found: dict[str, str] = {}
    for name in row.resources:
        place = root / name
        paths = sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else [place]
        found |= {path.relative_to(root).as_posix(): file_digest(path) for path in paths}
    return found


def _fetch_payload(row: Stage, request: Request, base: str) -> dict:
    data = dict(request.data)
    if "path" in data:
        data |= {"path": str((request.folder / data["path"]).resolve()), "path_shown": data["path"]}
    return {
        "target": row.prepare,
        "base": base,
        "request": {"as_of": request.as_of, "data": data, "params_file": request.shown},
    }


def _data_folder(request: Request) -> Path | None:
    if "path" not in request.data:
        return None
    folder = request.folder / request.data["path"]
    return folder if folder.is_dir() else None


def _symbols(checks: dict[str, dict], benchmarks: list[str]) -> list[str]:
    return sorted({symbol for one in checks.values() for symbol in one["symbols"]} | set(benchmarks))


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
