"""A notebook carried out on the tables of a generated world, without a run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pandas as pd

from lib import exhibits
from lib.contracts import conform, empty
from lib.run.request.parameter_cell import read_notebook
from lib.tables import TABLES
from lib.tables.signals import OF_A_UNIVERSE

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class OpenedStage:
    """What a notebook asks of its stage; what it shows, writes and concludes is kept."""

    tables: dict[str, pd.DataFrame]
    written: dict[str, pd.DataFrame] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    readings: dict[str, str] = field(default_factory=dict)
    checks: list = field(default_factory=list)
    result: tuple = ()
    verdict: str = ""
    key_figures: list = field(default_factory=list)
    faults: list = field(default_factory=list)

    def read(self, name):
        return self.tables.get(OF_A_UNIVERSE.get(name, name), empty(TABLES[name]))

    def settings(self, name):
        notebook = read_notebook(ROOT / "notebooks" / f"{name}.ipynb")
        return {one.name: one.default for one in notebook.parameters}

    def write(self, *, origins=None, **tables):
        self.written |= {name: conform(frame, TABLES[name]) for name, frame in tables.items()}

    def note_result(self, *, dates, returns):
        self.result = (list(dates), list(returns))

    def show_table(self, frame, title, reading="", source="", when=True, **style):
        if not when:
            return
        declared = TABLES[source].columns if source else ()
        shown = exhibits.table_exhibit(frame, title=title, reading=reading, declared=declared, **style)
        self._keep(shown, title, reading)

    def show_figure(self, figure, title, reading, alt="", source="", when=True, **style):
        if not when:
            return
        shown = exhibits.figure_exhibit(figure, title=title, reading=reading, alt=alt, **style)
        self._keep(shown, title, reading)

    def show_checks(self, checks):
        self.checks = list(checks)

    def conclude(self, verdict, key_figures, faults=()):
        self.verdict, self.key_figures, self.faults = verdict, list(key_figures), list(faults)

    def _keep(self, shown, title, reading):
        self.pages.append(shown.html)
        self.readings[title] = reading


def carry_out(name: str, tables: dict[str, pd.DataFrame], **settings) -> OpenedStage:
    """Execute the code cells of ``notebooks/<name>.ipynb`` with the given settings on ``tables``."""
    stage = OpenedStage(tables)
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())["cells"]
    space: dict = {}
    with patch("lib.run.stage.open_stage", lambda *_, **__: stage):
        for cell in cells:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), cell["id"], "exec"), space)
                if "parameters" in cell["metadata"].get("tags", []):
                    space |= settings
    return stage
