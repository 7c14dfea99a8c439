"""An extension of the kernels that ``lab`` starts: an edit in ``lib`` is seen by the next cell.

Before a cell runs, every loaded module of ``lib`` whose file has changed is looked for. If there is one, all
of ``lib`` is forgotten, so that the next import reads it anew as a whole: patching functions in place, as
``autoreload`` of IPython does, would leave constants, classes and tables of other modules at the old text.
Names that the notebook has imported are bound to the new objects. Objects that were made before stay as they
are, which is said, with the advice to run all cells. Runs start kernels of their own and never load this.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import time
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

PACKAGE = "lib"
UNKNOWN = (-1, -1)
"""Stamp of a file that was written while the cell ran that imported it."""


class ReadAnew:
    """What the loaded files of ``lib`` looked like, and the notebook's names."""

    def __init__(self, names: dict[str, Any]):
        self.names = names
        self.stamps: dict[str, tuple[int, int]] = {}
        self.started = 0
        self.due = False
        self.note_loaded()

    def before_cell(self, *_: object) -> None:
        """Forget ``lib`` if a file of it has changed since it was loaded, bind the names anew, and say so."""
        changed = [path for path, stamp in self.stamps.items() if _stamp(path) != stamp]
        if changed:
            print(f"Read anew, since it has changed: {_shown(changed)}.")
            print("What was computed before is of the old text: *Run All Cells*, or restart the kernel.")
        if changed or self.due:
            self._forget(changed)
            self._bind()
        self.started = time.time_ns()

    def note_loaded(self, *_: object) -> None:
        """Remember the files of the modules that are loaded by now."""
        for module in _modules().values():
            path = getattr(module, "__file__", None)
            if path and path not in self.stamps:
                stamp = _stamp(path)
                self.stamps[path] = UNKNOWN if self.started and stamp[0] >= self.started else stamp

    def _forget(self, changed: list[str]) -> None:
        for path in changed:
            with contextlib.suppress(OSError, NotImplementedError):
                Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)
        for name in _modules():
            del sys.modules[name]
        self.stamps.clear()
        importlib.invalidate_caches()

    def _bind(self) -> None:
        """Let the imported names mean the new modules, functions and classes; later if that fails now."""
        self.started = time.time_ns()
        try:
            new = {name: _renewed(value) for name, value in list(self.names.items()) if _imported(value)}
        except Exception as fault:
            print(f"It cannot be imported, so names mean the old text: {type(fault).__name__}: {fault}.")
            self.due = True
        else:
            self.names.update(new)
            self.due = False
        self.note_loaded()


def load_ipython_extension(shell: Any) -> None:
    """Called by the kernel that names this module as an extension."""
    watch = ReadAnew(shell.user_ns)
    shell.events.register("pre_run_cell", watch.before_cell)
    shell.events.register("post_run_cell", watch.note_loaded)


def _imported(value: object) -> bool:
    if isinstance(value, ModuleType):
        return _is_ours(value.__name__)
    return isinstance(value, FunctionType | type) and _is_ours(value.__module__)


def _renewed(value: Any) -> Any:
    """The module, function or class of the same name as it is now; the old one where it is gone."""
    if isinstance(value, ModuleType):
        return importlib.import_module(value.__name__)
    return getattr(importlib.import_module(value.__module__), value.__name__, value)


def _shown(paths: list[str]) -> str:
    root = Path(__file__).resolve().parents[3]
    return ", ".join(sorted(str(Path(path).resolve().relative_to(root)) for path in paths))


def _is_ours(name: str) -> bool:
    return name == PACKAGE or name.startswith(f"{PACKAGE}.")


def _modules() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if _is_ours(name)}


def _stamp(path: str) -> tuple[int, int]:
    """Time of change and size of a file; zeros when it is gone."""
    try:
        found = Path(path).stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
