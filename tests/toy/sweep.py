"""Runs a workbench again and again, killing its process group at the n-th operation that changes the disk.

python sweep.py ROOT    reads n from standard input, answers "killed" or "finished"
"""

from __future__ import annotations

import os
import signal
import sys
import threading

root = sys.argv[1]
outputs = f"{root}/outputs"
count = 0
limit = 0
guard = threading.Lock()


def counted(function):
    """The function, with a kill before it when its turn has come."""

    def wrapper(*arguments, **more):
        global count
        if any(outputs in os.fspath(a) for a in arguments if isinstance(a, (str, os.PathLike))):
            with guard:
                count += 1
                if count == limit:
                    os.killpg(0, signal.SIGKILL)
        return function(*arguments, **more)

    return wrapper


def child() -> None:
    """One run in a process group of its own; ends the process."""
    os.setsid()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    for name in ("rename", "replace", "link", "symlink", "mkdir", "unlink", "chmod", "rmdir"):
        setattr(os, name, counted(getattr(os, name)))
    disk.sync = counted(disk.sync)
    disk.copy = counted(disk.copy)
    os._exit(cli.main([]))


sys.path.insert(0, root)
os.chdir(root)

import jinja2  # noqa: E402, F401

from lib import disk  # noqa: E402
from lib.run import cli, engine  # noqa: E402, F401
from lib.run.pages import writing  # noqa: E402, F401

for line in sys.stdin:
    count, limit = 0, int(line)
    pid = os.fork()
    if not pid:
        child()
    status = os.waitpid(pid, 0)[1]
    answer = {0: "finished", signal.SIGKILL: "killed"}.get(status, f"status {status}")
    print(answer, flush=True)
