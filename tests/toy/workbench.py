"""Makes a toy workbench: this repository's engine with the toy's pipeline, tables, hooks and notebooks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TOY = Path(__file__).resolve().parent

PARAMS = """\
name: toy
as_of: 2022-12-28
seed: 7
data: {provider: sample}
portfolios:
  - {id: one, name: First, positions: one.csv, cash: 5}
  - {id: two, name: Second, positions: two.csv}
"""

OPEN = "from lib.run.stage import open_stage\n"
DAY = 'as_of: str = "2022-12-28"  # day\n'
WHO = 'portfolio: str = "one"  # id\n'
SUMS = "from lib.toy import sums\n"
CHECKS = "import pandas as pd\nfrom lib import checks\n"
FIGURE = "from lib.contracts import KeyFigure\n"
NOTEBOOKS = {
    "source": (
        DAY,
        'stage = open_stage("toy/source", as_of=as_of)',
        'stage.write(prices=stage.read("raw_prices"))',
        'stage.conclude("There are prices.", [])',
    ),
    "book": (
        f'{DAY}{WHO}positions_file: str = "one.csv"  # book\nfactor: float = 1.0  # multiplies quantities',
        f'{CHECKS}{SUMS}stage = open_stage("toy/book", as_of=as_of, portfolio=portfolio)',
        'book = pd.read_csv(stage.file("positions_file", positions_file))\n'
        'book["quantity"] = book["quantity"] * factor\n'
        'positions = sums.value(book, stage.read("prices"))',
        "stage.write(positions=positions)\n"
        'stage.show_checks([checks.holds("not empty", len(positions) > 0, f"{len(positions)} positions")])\n'
        'stage.conclude("Something is held.", [])',
    ),
    "total": (
        f"{DAY}{WHO}",
        f'{FIGURE}{SUMS}stage = open_stage("toy/total", as_of=as_of, portfolio=portfolio)',
        'totals = sums.total(stage.read("positions"))\n'
        'stage.show_table(totals, "The total", "It is what it is.")',
        'value = float(totals["value"].iloc[0])\n'
        "stage.write(totals=totals)\n"
        'figure = KeyFigure("value", value, "money", "higher", "It.")\n'
        'stage.conclude("It is worth something.", [figure])',
    ),
    "history": (
        f"{DAY}{WHO}",
        f'{SUMS}stage = open_stage("toy/history", as_of=as_of, portfolio=portfolio)',
        'days = sums.extend(stage.state("days"), stage.read("totals"), as_of)',
        'stage.write(days=days)\nstage.conclude(f"{len(days)} days.", [])',
    ),
    "alone": (
        f"{DAY}seed: int = 7  # of random numbers",
        'import numpy as np\nimport pandas as pd\nstage = open_stage("toy/alone", as_of=as_of)',
        'notes = pd.DataFrame({"symbol": ["x"], "value": [np.random.default_rng(seed).normal()]})',
        'stage.write(notes=notes)\nstage.conclude("A note.", [])',
    ),
}


@dataclass(frozen=True)
class Workbench:
    """A toy workbench in a folder of its own."""

    root: Path

    @property
    def outputs(self) -> Path:
        """Where its results are."""
        return self.root / "outputs"

    def copy(self, root: Path, *, outputs: bool = True) -> Workbench:
        """The same workbench in another folder, with or without its outputs."""
        ignore = None if outputs else shutil.ignore_patterns("outputs", "__pycache__")
        shutil.copytree(self.root, root, symlinks=True, ignore=ignore)
        return Workbench(root)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text in one of its files."""
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def plan(self, *arguments: str) -> dict[str, str]:
        """Task → action and reason, as `plan` prints them."""
        code, events, err = self.run("plan", *arguments)
        assert code == 0, (err, [one for one in events if "message" in one])
        lines = [event["text"] for event in events[:-1]]
        return {line[9:].split()[0]: " ".join([line[:8].strip(), *line[9:].split()[1:]]) for line in lines}

    def start(self, *arguments: str, env: dict | None = None, **more) -> subprocess.Popen:
        """Start ``run_all.py`` in a process group of its own."""
        variables = {**os.environ, **(env or {})}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.Popen(
            [sys.executable, "run_all.py", *arguments],
            cwd=self.root,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **more,
        )

    def run(
        self, *arguments: str, env: dict | None = None, timeout: float = 600
    ) -> tuple[int, list[dict], str]:
        """Exit code, the events printed as JSON lines (other lines as ``{"text": …}``), standard error.

        The time of an event is left out, since no two runs share it.
        """
        process = self.start(*arguments, env=env)
        out, err = process.communicate(timeout=timeout)
        return process.returncode, [_event(line) for line in out.splitlines()], err

    def executed(self, *arguments: str) -> dict[str, str]:
        """Run and give each task's state; a task that was not executed is ``reused``."""
        code, events, err = self.run(*arguments)
        assert code == 0, (err, [one for one in events if one.get("message")])
        return {event["task"]: event["state"] for event in events if event.get("event") == "stage"}

    def manifest(self, run: str = "latest") -> dict:
        """The manifest of a run."""
        folder = self.outputs / "latest" if run == "latest" else self.outputs / "runs" / run
        return json.loads((folder / "manifest.json").read_text())

    def cell(self, stage: str, index: int, source: str) -> None:
        """Replace one code cell's source (0 is the parameter cell)."""
        cells = list(NOTEBOOKS[stage])
        cells[index] = source
        write_notebook(self.root, stage, tuple(cells))


def make(root: Path) -> Workbench:
    """A fresh toy workbench at ``root``."""
    chapters = ("funds", "market", "portfolio", "risk", "review", "pricing", "signals", "stats", "tables")
    ignore = shutil.ignore_patterns("__pycache__", *chapters, "trading")
    shutil.copytree(REPOSITORY / "lib", root / "lib", ignore=ignore)
    for name in ("run_all.py", "requirements.lock", "requirements-test.lock", "pyproject.toml"):
        shutil.copyfile(REPOSITORY / name, root / name)
    for name in ("pipeline", "tables"):
        shutil.copyfile(TOY / f"{name}.py", root / "lib" / f"{name}.py")
    (root / "lib" / "toy").mkdir()
    for name in ("__init__", "hooks", "providers", "sums"):
        shutil.copyfile(TOY / f"{name}.py", root / "lib" / "toy" / f"{name}.py")
    _lighten(root / "lib/run/kernels/kernel_main.py")
    for stage, cells in NOTEBOOKS.items():
        write_notebook(root, stage, cells)
    params = root / "params"
    params.mkdir()
    (params / "sample.yaml").write_text(PARAMS)
    (params / "one.csv").write_text("symbol,quantity\nAAA,3\nBBB,4\n")
    (params / "two.csv").write_text("symbol,quantity\nAAA,7\n")
    return Workbench(root)


def _lighten(kernel_main: Path) -> None:
    """Leave out of what each run imports beforehand what no toy stage needs: half a second a run."""
    text = kernel_main.read_text()
    for name in ("statsmodels.api", "scipy.stats", "exchange_calendars", "ipykernel.debugger"):
        line = f'    "{name}",\n'
        assert line in text
        text = text.replace(line, "")
    kernel_main.write_text(text)


def write_notebook(root: Path, stage: str, cells: tuple[str, ...]) -> None:
    """A notebook of a title, the parameter cell and code cells."""

    def code(n: int, source: str) -> dict:
        tags = {"tags": ["parameters"]} if n == 0 else {}
        text = OPEN + source if n == 1 else source
        return {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": tags,
            "execution_count": None,
            "outputs": [],
            "source": text,
        }

    notebook = {
        "cells": [
            {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# The {stage}"},
            *(code(n, source) for n, source in enumerate(cells)),
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = root / "notebooks" / "toy" / f"{stage}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))


def _event(line: str) -> dict:
    try:
        event = json.loads(line)
    except ValueError:
        return {"text": line}
    if isinstance(event, dict):
        event.pop("at", None)
    return event
