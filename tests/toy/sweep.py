"""Runs a workbench again and again, each time with a fault at the n-th operation that changes the disk.

python sweep.py ROOT    reads ``killed n`` or ``full n`` from standard input, a line each

Killed is the process group, or else the disk has no more room from then on. Answers with a JSON object:
``reached`` (whether there was an n-th operation), the wait ``status``, ``said`` on standard error.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
import threading

root = sys.argv[1]
outputs = f"{root}/outputs"
NEED_ROOM = ("mkdir", "link", "symlink", "sync", "copy")
count = 0
limit = 0
fault = "killed"
guard = threading.Lock()


def _path_of(arguments):
    return next((os.fspath(one) for one in reversed(arguments) if isinstance(one, str | os.PathLike)), None)


def counted(function):
    """The function, with the fault before it when its turn has come."""

    def wrapper(*arguments, **more):
        global count
        if any(outputs in os.fspath(a) for a in arguments if isinstance(a, (str, os.PathLike))):
            with guard:
                count += 1
                if count == limit:
                    strike()
                if count >= limit and fault == "full" and function.__name__ in NEED_ROOM:
                    raise OSError(errno.ENOSPC, "No space left on device", _path_of(arguments))
        return function(*arguments, **more)

    return wrapper


def strike() -> None:
    """Let the fault happen."""
    os.write(reached, b"!")
    if fault == "killed":
        os.killpg(0, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def child(errors: int) -> None:
    """One run in a process group of its own; ends the process."""
    os.setsid()
    os.dup2(errors, 2)
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
    fault, number = line.split()
    count, limit = 0, int(number)
    ends = {"reached": os.pipe(), "said": os.pipe()}
    reached = ends["reached"][1]
    pid = os.fork()
    if not pid:
        child(ends["said"][1])
    answer = {}
    for name, (read, write) in ends.items():
        os.close(write)
        with open(read) as stream:
            answer[name] = stream.read()
    print(json.dumps({**answer, "status": os.waitpid(pid, 0)[1]}), flush=True)
