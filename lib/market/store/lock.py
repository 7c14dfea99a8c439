"""One writer at a time, by a lock that the system drops with the process that holds it.

The lock file says who holds it, for messages only. A process that is forked while the lock is held closes
its copy at once, so that a child which outlives a killed writer does not keep the others out.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.errors import LockHeld, StoreError

LOCK = ".lock"
PAUSE = 0.1
_held: set[int] = set()


@contextmanager
def exclusive(folder: Path, *, wait: float, told: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock of the folder, which is made if need be; LockHeld after ``wait`` seconds.

    ``told`` gets one message, when the lock is held by another and there is time to wait.
    """
    handle = _opened(folder)
    _held.add(handle)
    try:
        _acquire(handle, folder, wait, told)
        _sign(handle, folder)
        yield
        os.ftruncate(handle, 0)
    finally:
        if handle in _held:
            _held.discard(handle)
            os.close(handle)


def _opened(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as fault:
        raise StoreError(f"{folder} cannot be written: {fault.strerror}") from None


def _acquire(handle: int, folder: Path, wait: float, told: Callable[[str], None] | None) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left = deadline - time.monotonic()
        except OSError as fault:
            raise StoreError(f"{folder} cannot be locked: {fault.strerror}") from None
        held = f"the price store {folder} is being written by {_holder(handle)}"
        if left <= 0:
            raise LockHeld(f"{held}; try again when it has ended") from None
        if told is not None:
            told(f"{held}; waiting up to {wait:,.0f} s")
            told = None
        time.sleep(min(PAUSE, left))


def _sign(handle: int, folder: Path) -> None:
    """Say who holds the lock."""
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    who = {"process": os.getpid(), "host": socket.gethostname(), "since": since}
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(who).encode(), 0)
    except OSError as fault:
        raise StoreError(f"{folder} cannot be written: {fault.strerror}") from None


def _holder(handle: int) -> str:
    try:
        who = json.loads(os.pread(handle, 4096, 0))
        return f"process {who['process']} on {who['host']} since {who['since']}"
    except (ValueError, KeyError):
        return "another process that has just begun"


def _forget() -> None:
    """In a forked child: its copies of the handles must not hold the locks of its parent."""
    for handle in _held:
        os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_forget)
