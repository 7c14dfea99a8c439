"""Notebooks as a person opens them, in a plain kernel, and surroundings that must change no byte of a run."""

from __future__ import annotations

import subprocess
import sys

SURROUNDINGS = {
    "TZ": "America/New_York",
    "LC_ALL": "tr_TR.UTF-8",
    "PYTHONHASHSEED": "12345",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
    "MKL_NUM_THREADS": "2",
}
EXECUTE = """
import sys
from pathlib import Path
sys.modules["rfc3987_syntax"] = None
import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
cells = []
for path in map(Path, sys.argv[1:]):
    cells.append(new_code_cell(f"import os; os.chdir({str(path.parent)!r})"))
    cells += [one for one in nbformat.read(path, as_version=4).cells if one.cell_type == "code"]
    cells.append(new_code_cell(f"print('<done {path.stem}>'); get_ipython().reset(new_session=False)"))
notebook = new_notebook(cells=cells)
place = {"metadata": {"path": str(Path(sys.argv[1]).parent)}}
NotebookClient(notebook, timeout=120, kernel_name="python3", resources=place).execute()
print("".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", [])))
"""


def by_hand(bench, environment, *notebooks) -> subprocess.CompletedProcess:
    """Execute notebooks one after the other in a plain kernel, each from its folder with nothing left over.

    The clone's path stands in for its .pth.
    """
    command = [sys.executable, "-c", EXECUTE, *map(str, notebooks)]
    variables = {**environment, "PYTHONPATH": str(bench.root)}
    return subprocess.run(command, env=variables, capture_output=True, text=True, cwd="/")
