"""One run at a time in an outputs folder, by a lock that the system drops with the process."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from pathlib import Path

from lib.errors import LockHeld


class Lock:
    """Held from construction to ``release``; the file says who holds it, for messages only."""

    def __init__(self, outputs: Path, purpose: str):
        outputs.mkdir(parents=True, exist_ok=True)
        self.path = outputs / ".lock"
        self.handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(self.handle)
            os.close(self.handle)
            raise LockHeld(
                f"{outputs} is held by another run ({holder}); try again when it has ended"
            ) from None
        started = time.strftime("%Y-%m-%d %H:%M:%S")
        text = json.dumps(
            {"pid": os.getpid(), "host": socket.gethostname(), "since": started, "run": purpose}
        )
        os.ftruncate(self.handle, 0)
        os.pwrite(self.handle, text.encode(), 0)

    def release(self) -> None:
        """Let the next run in."""
        os.close(self.handle)


def _holder(handle: int) -> str:
    try:
        who = json.loads(os.pread(handle, 4096, 0))
        return f"{who['run']}, process {who['pid']} on {who['host']} since {who['since']}"
    except (ValueError, KeyError):
        return "it has just begun"
