"""Whole runs of a clone against a fake Yahoo: the shipped code, led there by environment variables alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd
from fake_yahoo import FakeYahoo, World
from toy.workbench import Workbench

from lib.market import calendar

SYMBOLS = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH", "III", "JJJ"]
STAGES = ["market/prices", "market/quality", "portfolio/positions", "portfolio/exposures"]
FAST = {"calls_per_second": 50, "attempts": 3, "deadline": 90, "timeout": 3}


def sessions(start: str = "2024-01-02") -> pd.DatetimeIndex:
    """Sessions from start to the last one that has closed."""
    now = pd.Timestamp.now("UTC").tz_localize(None)
    return calendar.sessions(start, calendar.last_closed_session(now))


def world(symbols=SYMBOLS, **more) -> World:
    """Generated series of the symbols since 2024."""
    return World.generated(symbols, sessions(), **{"yields": True, **more})


@dataclass
class Ran:
    """One call of ``run_all.py``."""

    code: int
    events: list[dict]
    err: str
    outputs: Path

    @cached_property
    def folder(self) -> Path:
        """The run's folder."""
        return Path(self.events[-1]["report"]).parent

    @cached_property
    def manifest(self) -> dict:
        """The run's manifest."""
        return json.loads((self.folder / "manifest.json").read_text())

    @property
    def executed(self) -> list[str]:
        """Tasks whose notebook was executed."""
        return [one["task"] for one in self.events if one.get("event") == "stage" and "seconds" in one]

    @property
    def requests(self) -> int:
        """Requests that the log counts."""
        return sum(one.get("requests", 0) for one in self.events if one.get("event") == "sync")

    def told(self, **parts) -> list[dict]:
        """Events of the sync with these parts."""
        found = [one for one in self.events if one.get("event") == "sync"]
        return [one for one in found if all(one.get(name) == value for name, value in parts.items())]

    def failure(self, stage: str) -> dict:
        """Why a stage failed."""
        return next(one for one in self.manifest["stages"] if one["stage"] == stage)["failure"]

    def table(self, name: str, portfolio: str | None = None) -> pd.DataFrame:
        """A table of the run; ``raw_*`` from its inputs."""
        place = f"inputs/market/{name}" if name.startswith("raw_") else f"tables/{name}"
        place = place if portfolio is None else f"tables/portfolio={portfolio}/{name}"
        return pd.read_parquet(self.folder / f"{place}.parquet")

    def text(self) -> str:
        """The page of prices as it would be read."""
        return (self.folder / "pages/market/prices.html").read_text()


@dataclass
class Live:
    """A workbench of its own outputs, its params in a folder, and the Yahoo that it asks."""

    bench: Workbench
    folder: Path
    yahoo: FakeYahoo
    outputs: Path = field(init=False)
    data: dict = field(default_factory=dict)

    def __post_init__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.outputs = self.folder / "outputs"
        self.hold("book", self.yahoo_symbols())

    def yahoo_symbols(self) -> list[str]:
        """The symbols of the world that are no index."""
        return [symbol for symbol in self.yahoo.world.series if not symbol.startswith("^")]

    def hold(self, name: str, symbols: list[str], rows: str = "") -> None:
        """A portfolio file of ten of each."""
        lines = "".join(f"{symbol},10,50,2024-06-03\n" for symbol in symbols)
        (self.folder / f"{name}.csv").write_text("ticker,quantity,entry_price,entry_date\n" + lines + rows)

    def params(
        self, *, as_of: str = "latest", stages=None, books=("book",), only=None, data: dict | None = None
    ) -> Path:
        """A params file; ``data`` goes beside the settings of the fixture."""
        given = {
            "name": "live",
            "as_of": as_of,
            "data": {"provider": "yahoo", "start": "2024-01-02", **FAST, **self.data, **(data or {})},
            "portfolios": [{"id": name, "positions": f"{name}.csv", "cash": 100} for name in books],
            "run_stages": only or STAGES,
            "stages": stages or {},
        }
        path = self.folder / "live.yaml"
        path.write_text(json.dumps(given))
        return path

    def run(self, *arguments: str, env: dict | None = None, command: str = "run", **params) -> Ran:
        """Carry the params out."""
        variables = {**self.yahoo.environment(), **(env or {})}
        path = str(self.params(**params))
        code, events, err = self.bench.run(
            command, path, "--outputs", str(self.outputs), *arguments, env=variables, timeout=600
        )
        return Ran(code, events, err, self.outputs)
