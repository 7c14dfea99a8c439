"""Writing that survives a kill at any moment: whole files and folders appear by one rename, synced first."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any


def sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Flush every file and folder below, then the folder itself."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(parent, name))
        sync(Path(parent))


def write_whole(path: Path, content: bytes) -> None:
    """Replace or make a file so that readers see the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
    sync(path.parent)


def dump(value: Any) -> bytes:
    """JSON that is the same for the same value."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def read_json(path: Path, default: Any = None) -> Any:
    """The JSON in a file, or the default when it is absent or not JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return default


def link(source: Path, target: Path) -> None:
    """A hard link, or a copy where links are not possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        copy(source, target)


def copy(source: Path, target: Path) -> None:
    """A writable copy of the content."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def protect(folder: Path) -> None:
    """Make every file below read-only; folders stay writable."""
    for parent, _, names in os.walk(folder):
        for name in names:
            Path(parent, name).chmod(0o444)


def remove(folder: Path) -> None:
    """Remove a folder: renamed out of sight first, so that no half of it is ever seen."""
    if not folder.exists():
        return
    aside = folder.with_name(f".{folder.name}.removed.{os.getpid()}")
    folder.rename(aside)
    shutil.rmtree(aside)
