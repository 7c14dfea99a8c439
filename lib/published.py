"""Which runs an outputs folder has: what each says of itself under a seal, and which one is the newest.

The newest run is the one with the last as-of date, and of one date the one that was published last: each
takes the next number, so that no clock decides. A run is complete when every stage ended well and nothing of
what its params name was left out; only such a one is ``latest``. A run whose manifest is gone, cannot be read
or is not what its seal says is damaged: it is named, and nothing is taken from it.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib import disk
from lib.pipeline import PIPELINE

MANIFEST = "manifest.json"
LATEST = "latest"
SCHEMA = 3
UNSEALED = (1, 2)
ONLY_KIND_OF_SCHEMA_1 = "portfolio"
NEEDED = ("run", "name", "as_of", "state", "subjects", "stages", "tables", "states", "inputs", "files")
RUN_VARIABLE = "WORKBENCH_RUN"
"""Names the folder of the run that notebooks opened by hand read from, in place of the newest."""


@dataclass(frozen=True)
class Runs:
    """The runs of an outputs folder, each as its folder and manifest, newest first.

    ``damaged`` are the folders of those whose manifest cannot be believed, and why.
    """

    readable: tuple[tuple[Path, dict], ...]
    damaged: tuple[tuple[Path, str], ...]

    @property
    def complete(self) -> list[tuple[Path, dict]]:
        """Those of which one may be ``latest``."""
        return [(folder, manifest) for folder, manifest in self.readable if is_complete(manifest)]

    @property
    def next_number(self) -> int:
        """The number that the next run to be published gets."""
        return 1 + max((manifest["moments"]["published"] for _, manifest in self.readable), default=0)

    def none_complete(self) -> str:
        """Why there is no complete run, in a few words."""
        if self.damaged:
            return f"no complete run: {self.damaged[0][0].name} is damaged ({self.damaged[0][1]})"
        return "no complete run: those there are failed or are of a part" if self.readable else "no run yet"


def runs_of(outputs: Path) -> Runs:
    """Every published run."""
    readable, damaged = [], []
    folders = (path for path in (outputs / "runs").glob("[!.]*") if path.is_dir())
    for folder in sorted(folders):
        manifest, fault = examined(folder)
        if manifest is None:
            damaged.append((folder, fault))
        else:
            readable.append((folder, manifest))
    newest_first = sorted(readable, key=lambda pair: order(pair[1]), reverse=True)
    return Runs(tuple(newest_first), tuple(damaged))


def order(manifest: dict) -> tuple:
    """What runs are sorted by; the time counts among those only that were made before runs had numbers."""
    moments = manifest["moments"]
    return manifest["as_of"], moments["published"], moments["finished"], manifest["run"]


def is_complete(manifest: dict) -> bool:
    """Whether every stage ended well, and nothing of what the params name was left out."""
    return manifest["state"] == "done" and not manifest["part"]


def runs_by_hand(outputs: Path) -> Runs:
    """The runs that a notebook opened by hand may read; only the one that ``WORKBENCH_RUN`` names, if set.

    Raises LookupError when that one is no run, or damaged, and when ``latest`` is: an older run would answer.
    """
    if not (wanted := os.environ.get(RUN_VARIABLE)):
        found = runs_of(outputs)
        named = (outputs / LATEST).resolve()
        for folder, fault in found.damaged:
            if folder.resolve() == named:
                mend = "`python3 run_all.py` makes it anew"
                raise LookupError(f"the newest run {folder.name} is damaged ({fault}); {mend}")
        return Runs(tuple(found.complete), found.damaged)
    manifest, fault = examined(Path(wanted))
    if manifest is None:
        raise LookupError(f"{RUN_VARIABLE} names {wanted}, which is no run: {fault}")
    return Runs(((Path(wanted), manifest),), ())


def read_manifest(folder: Path) -> dict | None:
    """What a run says of itself, in today's form; None where it is no run, or damaged."""
    return examined(folder)[0]


def examined(folder: Path) -> tuple[dict | None, str]:
    """A run's manifest, or None and what is wrong with it."""
    path = folder / MANIFEST
    if not path.is_file():
        return None, f"there is no {MANIFEST}" if folder.is_dir() else "there is no such folder"
    manifest = disk.read_json(path)
    if not isinstance(manifest, dict):
        return None, f"{MANIFEST} is not readable JSON"
    if "seal" not in manifest and manifest.get("schema") in UNSEALED:
        found = _renewed(manifest)
        return found, "" if found else f"{MANIFEST} lacks what an older run says of itself"
    if manifest.get("seal") != seal(manifest):
        return None, f"{MANIFEST} is not what its seal says"
    if manifest.get("schema") != SCHEMA:
        return None, f"{MANIFEST} has schema {manifest.get('schema')}, made by another version"
    return manifest, ""


def sealed(manifest: dict) -> dict:
    """The manifest with the seal that fits it."""
    return {**manifest, "seal": seal(manifest)}


def seal(manifest: dict) -> str:
    """Digest of a manifest without its seal."""
    content = {name: value for name, value in manifest.items() if name != "seal"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _renewed(manifest: dict) -> dict | None:
    """A manifest from before there were seals, in today's form; None where it is not whole."""
    try:
        if manifest["schema"] == 1:
            _name_kinds(manifest)
        moments = {**manifest["moments"], "published": 0}
        order({**manifest, "moments": moments})
        missing = [name for name in NEEDED if name not in manifest]
        return None if missing else {"part": None, "stopped": None, **manifest, "moments": moments}
    except (AttributeError, KeyError, TypeError):
        return None


def _name_kinds(manifest: dict[str, Any]) -> None:
    """Name the kind of every subject, from when portfolios were the only ones."""
    kind = ONLY_KIND_OF_SCHEMA_1
    later = manifest["moments"].get("later_states") or []
    for one in (*manifest["stages"], *manifest["states"], *later):
        one["subject"] = one.pop("portfolio")
        one["kind"] = kind if one["subject"] else None
    for one in manifest["stages"]:
        row = PIPELINE.find(one["stage"])
        one |= {"front": row.front if row else "", "parameters": {}, "repeats": {}}
    manifest["subjects"] = {kind: manifest.pop("portfolios")}
