"""The one way to open a file, or to list a folder, that a user names: plain and of a reasonable size.

What is no plain file (a pipe, a socket, a device, a folder, a link that leads nowhere or in a circle) is
refused at once, without waiting for it; the size is asked before a byte is read. Every refusal is one
InputError with the file's name as the user wrote it.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lib.errors import InputError

MEGABYTE = 1024**2
LARGEST = 200_000_000
"""Bytes of the largest file that any part of the workbench reads."""
MOST_NAMES = 10_000
"""Entries of a folder; more are not looked at."""
PIECE = 1 << 20
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
FAULTS = {
    errno.ELOOP: "it is a link that leads in a circle",
    errno.EACCES: "it may not be read",
    errno.EPERM: "it may not be read",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOTDIR: "a part of its path is no folder",
}
PLAIN = "give the path of a plain file"
FOLDER = "give the path of a folder that can be listed"


@dataclass(frozen=True)
class UserFile:
    """The whole content of a file and its sha256."""

    content: bytes
    sha256: str


def read(path: Path | str, shown: str, *, most: int = 10 * MEGABYTE, mend: str = PLAIN) -> UserFile:
    """The content of the plain file at ``path``, which messages call ``shown``.

    ``most`` is the largest size in bytes; ``mend`` is what the message about a missing file
    advises. Raises InputError.
    """
    handle = _opened(path, shown, mend)
    with os.fdopen(handle, "rb") as stream:
        _check_size(os.fstat(handle).st_size, shown, most)
        try:
            content = stream.read(most + 1)
        except OSError as fault:
            raise _refused(fault, shown, mend) from None
    _check_size(len(content), shown, most)
    return UserFile(content, hashlib.sha256(content).hexdigest())


def digest(path: Path | str, shown: str, *, most: int = 10 * MEGABYTE, mend: str = PLAIN) -> str:
    """sha256 of the plain file at ``path``, read in pieces; refusals as in ``read``."""
    handle = _opened(path, shown, mend)
    with os.fdopen(handle, "rb") as stream:
        _check_size(os.fstat(handle).st_size, shown, most)
        try:
            return _hashed(stream, shown, most)
        except OSError as fault:
            raise _refused(fault, shown, mend) from None


def check(path: Path | str, shown: str, *, most: int = 10 * MEGABYTE, mend: str = PLAIN) -> None:
    """Refuse what ``read`` would refuse, without reading it."""
    handle = _opened(path, shown, mend)
    try:
        _check_size(os.fstat(handle).st_size, shown, most)
    finally:
        os.close(handle)


def is_folder(path: Path | str) -> bool:
    """Whether there is a folder at ``path``; no for what cannot be asked."""
    try:
        return stat.S_ISDIR(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return False


def check_folder(path: Path | str, shown: str) -> None:
    """Refuse a path at which something else than a folder stands, or none can be. Raises InputError."""
    try:
        mode = Path(path).stat().st_mode if path else stat.S_IFREG
    except FileNotFoundError as fault:
        if Path(path).is_symlink():
            raise _refused(fault, shown, FOLDER, path) from None
        return
    except (OSError, ValueError) as fault:
        raise _refused(fault, shown, FOLDER, path) from None
    if not stat.S_ISDIR(mode):
        raise InputError("it is no folder", file=shown, mend=FOLDER)


def listed(folder: Path | str, shown: str, *, mend: str = FOLDER) -> list[Path]:
    """The paths in a folder, which messages call ``shown``, in order of their names. Raises InputError."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in itertools.islice(entries, MOST_NAMES + 1)]
    except (OSError, ValueError) as fault:
        raise _refused(fault, shown, mend, folder) from None
    if len(names) > MOST_NAMES:
        raise InputError(
            f"a folder of more than {MOST_NAMES:,} files", file=shown, mend="keep in it what is meant alone"
        )
    return [Path(folder) / name for name in sorted(names)]


def contents(path: Path | str, shown: str) -> dict[str, str]:
    """By name, the sha256 of a file, or of each file that a folder holds; nothing where there is neither.

    A file that nobody could read stands there by what is wrong with it, so that an unused one does no harm.
    Raises InputError for a folder that cannot be listed.
    """
    path = Path(path)
    if is_folder(path):
        return {one.name: _digest_or_fault(one) for one in listed(path, shown) if not is_folder(one)}
    return {path.name: _digest_or_fault(path)} if os.path.lexists(path) else {}


def _digest_or_fault(path: Path) -> str:
    try:
        return digest(path, path.name, most=LARGEST)
    except InputError as fault:
        return fault.found


def _hashed(stream: BinaryIO, shown: str, most: int) -> str:
    """sha256 of what the stream gives, which may be more than the file's size foretold."""
    found, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        size += len(piece)
        _check_size(size, shown, most)
        found.update(piece)
    return found.hexdigest()


def _opened(path: Path | str, shown: str, mend: str) -> int:
    """A descriptor of the plain file, opened without waiting for a writer at the other end of a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as fault:
        raise _refused(fault, shown, mend, path) from None
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return handle
    os.close(handle)
    raise InputError(f"it is {_kind(mode)}, not a plain file", file=shown, mend=PLAIN)


def _kind(mode: int) -> str:
    return next((words for is_kind, words in KINDS if is_kind(mode)), "something else")


def _refused(fault: OSError | ValueError, shown: str, mend: str, path: Path | str = "") -> InputError:
    if not isinstance(fault, OSError):
        return InputError("no path of a file can look like this", file=shown, mend=PLAIN)
    if fault.errno == errno.ENOENT:
        dangling = path != "" and Path(path).is_symlink()
        found = "it is a link that leads nowhere" if dangling else "no such file"
        return InputError(found, file=shown, mend=mend)
    if fault.errno == errno.ENXIO and path != "":
        return InputError(
            f"it is {_kind(Path(path).stat().st_mode)}, not a plain file", file=shown, mend=PLAIN
        )
    found = FAULTS.get(fault.errno or 0, f"it cannot be read ({fault.strerror})")
    return InputError(found, file=shown, mend=PLAIN)


def _check_size(size: int, shown: str, most: int) -> None:
    if size > most:
        found = f"{size / MEGABYTE:,.1f} MB (FILE_TOO_LARGE)"
        raise InputError(found, file=shown, mend=f"keep the file within {most / MEGABYTE:,.0f} MB")
