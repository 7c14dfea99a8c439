"""Writing that survives a kill at any moment: whole files and folders appear by one rename, synced first.

Runs, results and the price store all write through here. Standard library only.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any


def sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
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


def write_whole(
    path: Path, content: bytes | memoryview, *, synced: bool = True, mode: int | None = None
) -> None:
    """Replace or make a file so that readers see the old one or the new one, never a part.

    Not ``synced``, it is not forced to the disk: the caller forces file and folder before it relies on them.
    With a ``mode``, the file has these rights before a byte is in it.
    What a write that fails has begun is removed; a killed one leaves ``.<name>.<process>`` beside.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            if mode is not None:
                os.fchmod(stream.fileno(), mode)
            stream.write(content)
            if synced:
                stream.flush()
                os.fsync(stream.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    if synced:
        sync(path.parent)


def is_full(fault: OSError) -> bool:
    """Whether a refusal is for want of room, which is no fault of who named the place."""
    return fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def refusal(fault: OSError) -> str:
    """In one sentence what the system refused, where, and what to do."""
    where = f"{fault.filename}: " if fault.filename else ""
    mend = "free some space and run again" if is_full(fault) else "look at its owner, rights and place"
    return f"{where}{fault.strerror or fault}; {mend}"


def dump(value: Any) -> bytes:
    """JSON that is the same for the same value."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def read_json(path: Path, default: Any = None) -> Any:
    """The JSON in a file, or the default when it is absent or not JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return default


def link(source: Path, target: Path) -> None:
    """A hard link, or a copy where links are not possible.

    Raises FileExistsError for a target that is there: a copy over a link would change what it is linked to.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        raise
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
