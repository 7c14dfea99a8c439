"""One at a time in a folder, by a lock that the system drops with the process that holds it.

The file ``.lock`` says who holds it, for messages only. A process that is forked while the lock is held
closes its copy at once, so that a child which outlives a killed holder does not keep the others out. Standard
library only.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from lib.errors import LockHeld

NAME = ".lock"
PAUSE = 0.1
_held: set[int] = set()


class Lock:
    """Held from construction to ``release``, or to the end of a ``with``; the folder is made if need be.

    ``held`` begins the message for those who find it held, such as "the store is being written by"; who holds
    it follows, with the ``purpose`` that the holder gave. ``told`` gets that message once where there is time
    to ``wait`` (seconds). Raises LockHeld after that, and OSError when the folder refuses or `.lock`
    is a link.
    """

    def __init__(
        self,
        folder: Path,
        *,
        held: str,
        purpose: str = "",
        wait: float = 0.0,
        told: Callable[[str], None] | None = None,
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self.handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        _held.add(self.handle)
        try:
            _acquire(self.handle, held, wait, told)
            _sign(self.handle, purpose)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let the next one in."""
        if self.handle in _held:
            _held.discard(self.handle)
            os.close(self.handle)

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _acquire(handle: int, held: str, wait: float, told: Callable[[str], None] | None) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left = deadline - time.monotonic()
        found = f"{held} {_holder(handle)}"
        if left <= 0:
            raise LockHeld(f"{found}; try again when it has ended") from None
        if told is not None:
            told(f"{found}; waiting up to {wait:,.0f} s")
            told = None
        time.sleep(min(PAUSE, left))


def _sign(handle: int, purpose: str) -> None:
    """Say who holds the lock."""
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    who = {"process": os.getpid(), "host": socket.gethostname(), "since": since, "purpose": purpose}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(who).encode(), 0)


def _holder(handle: int) -> str:
    try:
        who = json.loads(os.pread(handle, 4096, 0))
        purpose = f" ({who['purpose']})" if who["purpose"] else ""
        return f"process {who['process']} on {who['host']} since {who['since']}{purpose}"
    except (ValueError, KeyError):
        return "a process that has just begun"


def _forget() -> None:
    """In a forked child: its copies of the handles must not hold the locks of its parent."""
    for handle in _held:
        os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_forget)
