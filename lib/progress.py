"""How far a hook is, told from its process to the run's: one appends lines to a file, the other reads.

Standard library only, since the run's own process reads it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

PAUSE = 0.5
"""Seconds between two looks at the file."""


def tell(file: str, done: int, total: int) -> None:
    """Append that so many of so many are done; nothing where nobody listens (no ``file``)."""
    if file:
        with Path(file).open("a") as stream:
            stream.write(json.dumps([done, total]) + "\n")


class Listener:
    """Hears what is told in a file while its ``with`` lasts, in a thread of its own."""

    def __init__(self, file: Path, heard: Callable[[int, int], None]):
        self.file, self.heard = file, heard
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._listen, name="progress", daemon=True)

    def __enter__(self) -> Listener:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.touch()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()
        self.file.unlink(missing_ok=True)

    def _listen(self) -> None:
        with self.file.open() as stream:
            last = ""
            while not self.ended.wait(PAUSE):
                lines = [line for line in stream.readlines() if line.endswith("\n")]
                if lines and lines[-1] != last:
                    last = lines[-1]
                    self.heard(*json.loads(last))
