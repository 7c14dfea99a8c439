"""Runs a workbench and kills its process group at the n-th operation that changes the disk.

python sweep.py ROOT N
"""

from __future__ import annotations

import os
import signal
import sys
import threading

root, limit = sys.argv[1], int(sys.argv[2])
outputs = f"{root}/outputs"
count = 0
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


sys.path.insert(0, root)
os.chdir(root)
for name in ("rename", "replace", "link", "symlink", "mkdir", "unlink", "chmod", "rmdir"):
    setattr(os, name, counted(getattr(os, name)))

from lib.run import files  # noqa: E402

files.sync = counted(files.sync)
files.copy = counted(files.copy)

from lib.run.cli import main  # noqa: E402

sys.exit(main([]))
