"""What a kernel process does before and around the cells, forked from the zygote or started cold.

Both kinds run this same file after the same preloading, which is why they give the same bytes. It runs
outside the package (the zygote never imports ``lib``), so it imports the standard library only at its head.
As a program it is a cold kernel: ``python -P kernel_main.py LIFELINE FOLDER REQUEST``, the request as JSON.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import io
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
import types
from typing import Any

KERNEL_MODULES = (
    "numpy",
    "pandas",
    "pandas.plotting._matplotlib",
    "scipy.stats",
    "statsmodels.api",
    "pyarrow",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "pandera.pandas",
    "exchange_calendars",
    "matplotlib",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib_inline.backend_inline",
    "IPython",
    "IPython.extensions.storemagic",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
)
EXPORT_MODULES = ("nbformat", "nbconvert", "nbconvert.exporters.html")
BLOCKED = ("debugpy", "rfc3987_syntax")
"""Modules that cost seconds to import and that no stage needs; their importers do without them."""

PR_SET_PDEATHSIG = 1


def preload(*, export: bool) -> None:
    """Import the heavy libraries, and keep matplotlib to the fonts that it brings along."""
    for name in BLOCKED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name in (*KERNEL_MODULES, *(EXPORT_MODULES if export else ())):
        importlib.import_module(name)
    _bundled_fonts_only()
    _use_once()
    if any(name == "lib" or name.startswith("lib.") for name in sys.modules):
        raise RuntimeError("the zygote has imported lib, which must be read anew by each kernel")


def _bundled_fonts_only() -> None:
    import matplotlib
    from matplotlib import font_manager

    own = f"{matplotlib.get_data_path()}{os.sep}"
    manager: Any = font_manager.fontManager
    manager.ttflist = [font for font in manager.ttflist if font.fname.startswith(own)]
    manager.afmlist = [font for font in manager.afmlist if font.fname.startswith(own)]
    font_manager.findSystemFonts = lambda *args, **options: []


def _use_once() -> None:
    """Draw one figure and format one table: what loads on first use is then loaded for every kernel."""
    import pandas as pd
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([0, 1], label="a")
    for kind in ("png", "svg"):
        figure.savefig(io.BytesIO(), format=kind, bbox_inches="tight")
    frame = pd.DataFrame({"a": [0.5]})
    frame.style.set_uuid("a").to_html()
    frame.to_html()


def die_with(parent: int) -> None:
    """Let the kernel end this process when its parent ends (Linux); end at once if it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def watch(lifeline: int, folder: str) -> None:
    """End this process group, and the run's private folder, as soon as the run's end of the pipe closes."""

    def wait() -> None:
        while True:
            try:
                if not os.read(lifeline, 1):
                    break
            except InterruptedError:
                continue
            except OSError:
                break
        shutil.rmtree(folder, ignore_errors=True)
        kill_tree(os.getpid())

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def kill_tree(pid: int) -> None:
    """Kill a process that leads a group: first its descendants in other sessions, then the group."""
    import psutil

    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                process.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def set_environment(variables: dict[str, str]) -> None:
    """Replace all variables of this process and let the C library read the time zone again."""
    os.environ.clear()
    os.environ.update(variables)
    if hasattr(time, "tzset"):
        time.tzset()


def seed_generators(seed: int) -> None:
    """Seed the global generators, which forks of one process would otherwise share."""
    import numpy as np

    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002


def run_kernel(request: dict) -> None:
    """Serve one notebook, then end the process.

    ``request``: ``connection`` (file of jupyter_client), ``environment`` (all variables), ``cwd``, ``seed``.
    """
    set_environment(request["environment"])
    os.chdir(request["cwd"])
    seed_generators(request["seed"])
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.argv = ["kernel"]
    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance()
    app.initialize(
        [
            f"--IPKernelApp.connection_file={request['connection']}",
            "--IPKernelApp.parent_handle=1",
            "--HistoryManager.enabled=False",
            "--HistoryManager.hist_file=:memory:",
        ]
    )
    app.shell.run_line_magic("matplotlib", "inline")
    app.start()


def end_process(code: int) -> None:
    """Leave without the clean-up of the interpreter, which belongs to the process that was forked."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(code)


def main(lifeline: str, folder: str, request: str) -> None:
    """A cold kernel."""
    watch(int(lifeline), folder)
    preload(export=False)
    run_kernel(json.loads(request))
    end_process(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
