"""Whole runs of a clone whose funds come from the fake AMFI or from a folder: funds/data alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

FAST = {"calls_per_second": 50, "attempts": 3, "deadline": 60, "timeout": 3, "refresh_hours": 0}


@dataclass
class Ran:
    """One call of ``run_all.py``."""

    code: int
    events: list[dict]
    err: str

    @cached_property
    def folder(self) -> Path:
        """The run's folder."""
        return Path(self.events[-1]["report"]).parent

    def table(self, name: str) -> pd.DataFrame:
        """A table of the run; ``raw_*`` from its inputs."""
        place = f"inputs/funds/{name}" if name.startswith("raw_") else f"tables/{name}"
        return pd.read_parquet(self.folder / f"{place}.parquet")

    def page(self) -> str:
        """The page of funds/data as it would be read."""
        return (self.folder / "pages/funds/data.html").read_text()

    @property
    def executed(self) -> list[str]:
        """Tasks whose notebook was executed."""
        return [one["task"] for one in self.events if one.get("event") == "stage" and "seconds" in one]


def run(bench, folder: Path, fund_data: dict, as_of: str, *arguments: str, command: str = "run") -> Ran:
    """Run ``funds/data`` on a section ``fund_data``, with outputs below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    params = folder / "funds.yaml"
    given = {
        "name": "funds",
        "as_of": as_of,
        "exchange": "XNSE",
        "fund_data": fund_data,
        "run_stages": ["funds/data"],
    }
    params.write_text(json.dumps(given))
    outputs = ("--outputs", str(folder / "outputs"))
    code, events, err = bench.run(command, str(params), *outputs, *arguments, timeout=600)
    return Ran(code, events, err)
