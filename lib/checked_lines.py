"""Files of lines that are only ever added to, each line with its own digest and that of the line before.

So a line that was changed, removed or put in between is found. A writer holds the file against all others; a
last line that a killed writer left without its end is cut off by the next one, and nothing else ever is.
Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.errors import StoreError

START = "0" * 64
"""What the first line has for the line before it."""


class Appending:
    """The file held against other writers, and what is added to its end.

    ``count`` are the lines that it has, ``last`` is the digest of the last one.
    """

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self) -> Appending:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.handle = self._held()
        content = self.path.read_bytes()
        if not content.endswith(b"\n"):
            os.ftruncate(self.handle, content.rfind(b"\n") + 1)
        whole = lines(self.path)
        self.count, self.last = len(whole), digest(whole[-1]) if whole else START
        return self

    def _held(self) -> int:
        """The file with its lock: that which has the name once the lock is there."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        while True:
            handle = os.open(self.path, flags, 0o644)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if self.path.exists():
                there, held = self.path.stat(), os.fstat(handle)
                if (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino):
                    return handle
            os.close(handle)

    def __exit__(self, *_: object) -> None:
        os.fsync(self.handle)
        os.close(self.handle)

    def add(self, fact: Mapping[str, Any]) -> None:
        """One line, which is on the disk when the file is let go."""
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        line = {**fact, "moment": moment, "before": self.last}
        text = json.dumps({**line, "seal": _seal(line)}, sort_keys=True)
        written = os.write(self.handle, f"{text}\n".encode())
        if written != len(text.encode()) + 1:
            raise StoreError(f"{self.path} took only a part of a line; free some space")
        self.count, self.last = self.count + 1, digest(text.encode())


def lines(path: Path) -> list[bytes]:
    """Whole lines; one that a killed writer left without its end is none."""
    return path.read_bytes().split(b"\n")[:-1] if path.is_file() else []


def read(text: bytes) -> dict[str, Any] | None:
    """A line that is as it was written, else None."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    if not isinstance(line, dict) or json.dumps(line, sort_keys=True).encode() != text:
        return None
    seal = line.pop("seal", None)
    return line if seal == _seal(line) else None


def sound(path: Path) -> Iterator[dict[str, Any]]:
    """Every line that is as it was written."""
    return (line for text in lines(path) if (line := read(text)) is not None)


def faults(path: Path, name: str) -> Iterator[str]:
    """What was done to the file, called ``name``, by other hands."""
    before = START
    for number, text in enumerate(lines(path), start=1):
        line = read(text)
        if line is None:
            yield f"{name}: line {number} is not as it was written"
        elif line["before"] != before:
            yield f"{name}: a line before line {number} was changed, removed or put in"
        before = digest(text)


def digest(text: bytes) -> str:
    """SHA-256 of a line."""
    return hashlib.sha256(text).hexdigest()


def _seal(line: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()
