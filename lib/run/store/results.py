"""Where results live by key: immutable folders, published by one rename, checked again when touched.

``store/<chapter>/<stage>/<key>/`` holds ``stage.ipynb``, ``stage.json``, ``tables/``, ``exports/`` and, added
later, ``pages/``; ``store/raw/<table>/<sha256>.parquet`` holds the market slices. The name of a page holds
the digest of its content, since a record is closed before its pages are made. Every file is hashed once in a
call, also when its size and time are what they were: a bit that a disk loses changes neither.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from lib import disk
from lib.errors import StoreError
from lib.run.planning.code_digests import digest_of, file_digest

RECORD = "stage.json"
NOTEBOOK = "stage.ipynb"


class Store:
    """The results under one outputs folder."""

    def __init__(self, outputs: Path):
        self.outputs = outputs
        self.folder = outputs / "store"
        self._hashed: dict[tuple[int, ...], str] = {}
        self.damaged: list[str] = []

    def entry(self, stage: str, key: str) -> Path:
        """The folder of a result."""
        return self.folder / stage / key

    def load(self, stage: str, key: str) -> dict | None:
        """The record of a sound result, or None; a damaged one is noted in ``damaged`` and not used."""
        entry = self.entry(stage, key)
        record = disk.read_json(entry / RECORD)
        if _is_sealed(record, stage, key):
            expected = {NOTEBOOK: record["notebook"]}
            expected |= {f"tables/{name}.parquet": one["sha256"] for name, one in record["tables"].items()}
            expected |= {f"exports/{name}": digest for name, digest in record["exports"].items()}
            bad = [name for name, digest in expected.items() if self.digest(entry / name) != digest]
        else:
            bad = [RECORD] if entry.exists() else []
        self.damaged += [self._shown(entry / name) for name in bad]
        return record if record and not bad else None

    def digest(self, path: Path) -> str | None:
        """sha256 of a file, hashed once in a call under whatever name; None when it cannot be read."""
        try:
            found = path.stat()
            mark = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
            if mark not in self._hashed:
                self._hashed[mark] = file_digest(path)
            return self._hashed[mark]
        except OSError:
            return None

    def publish(self, record: dict, work: Path) -> None:
        """Put a finished work folder at its place. StoreError when another result has the same key."""
        entry = self.entry(record["stage"], record["key"])
        (work / RECORD).write_bytes(disk.dump(record))
        entry.parent.mkdir(parents=True, exist_ok=True)
        beside = entry.with_name(f".{entry.name}.{os.getpid()}")
        shutil.rmtree(beside, ignore_errors=True)
        shutil.move(work, beside)
        disk.protect(beside)
        disk.sync_tree(beside)
        if entry.exists():
            if (earlier := self.load(record["stage"], record["key"])) is not None:
                shutil.rmtree(beside)
                _refuse_difference(earlier, record)
                return
            disk.remove(entry)
        beside.rename(entry)
        disk.sync(entry.parent)

    def raw(self, table: str, digest: str) -> Path:
        """The place of a market slice's table."""
        return self.folder / "raw" / table / f"{digest}.parquet"

    def publish_raw(self, table: str, digest: str, source: Path) -> None:
        """Keep a slice's table by the digest of its content; a damaged one is replaced."""
        place = self.raw(table, digest)
        if self.digest(place) == digest:
            return
        disk.write_whole(place, source.read_bytes())
        place.chmod(0o444)

    def page(self, folder: Path, template: str) -> Path | None:
        """The sound page of a result for one template; one that is damaged is noted, removed and not used."""
        for path in sorted((folder / "pages").glob(f"{template}.*.html")):
            if path.name == f"{template}.{self.digest(path)}.html":
                return path
            self.damaged.append(self._shown(path))
            path.unlink()
        return None

    def publish_page(self, page: Path, template: str) -> Path:
        """Put a page beside the result in whose folder of pages it was made; its place."""
        page.chmod(0o444)
        disk.sync(page)
        place = page.with_name(f"{template}.{file_digest(page)}.html")
        page.replace(place)
        disk.sync(place.parent)
        return place

    def sweep(self) -> None:
        """Remove what a killed run left beside the entries."""
        for left in [*self.folder.glob("*/*/.*"), *self.folder.glob("*/*/*/pages/.*.html")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.outputs).as_posix()


def _is_sealed(record: Any, stage: str, key: str) -> bool:
    """Whether a record is whole and of this very result."""
    if not isinstance(record, dict) or record.get("seal") != seal(record):
        return False
    return (record.get("stage"), record.get("key")) == (stage, key)


def seal(record: dict) -> str:
    """Digest of a record without its seal."""
    return digest_of({name: value for name, value in record.items() if name != "seal"})


def _refuse_difference(earlier: dict, record: dict) -> None:
    def digests(one: dict) -> dict[str, str]:
        tables = {name: table["sha256"] for name, table in one["tables"].items()}
        return {**tables, "the notebook": one["notebook"]}

    then, now = digests(earlier), digests(record)
    if changed := [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]:
        raise StoreError(
            f"not reproducible: {record['stage']} gave other {', '.join(changed)}, inputs being equal"
        )
