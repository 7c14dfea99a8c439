"""A small good world of every kind of file that a user hands in, to be spoilt one input at a time."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

PARAMS = """\
# a world for spoiling
name: fuzz
as_of: 2022-12-28
seed: 7
data: {provider: folder, path: data}
portfolios:
  - {id: one, name: "The one", positions: book.csv, trades: trades.csv, cash: 10000.5, benchmark: MKT}
run_stages: all
stages:
  market/factors: {factors: {market: MKT, value: "", growth: "", momentum: "", quality: "", size: "",
    low_volatility: ""}}
  portfolio/positions: {min_coverage: 0.3}
  risk/stress: {scenario_files: [scenarios], shock_cap: 0.9}
"""
SIGNAL = """\
signal_data: {provider: folder, path: signal_data}
signals:
  - {id: opacity, hypothesis: lower, universe: example, values: signal.csv, benchmark: Example index,
    factor_set: example, events: example-list, design: example-law}
"""
BOOK = """\
ticker,quantity,entry_price,entry_date,tags,price,price_date,exit_date,exit_price
AAA,10,9.5,2022-11-01,"core,income",,,,
BBB,-5.5,20,2022-11-02,,,,,
AAA230317C00010000,2,1.10,2022-12-01,hedge,,,,
CCC,7,3,2022-10-03,,3.5,2022-12-20,,
BBB,3,19,2022-10-03,,,,2022-12-01,21
"""
TRADES = """\
action,symbol,quantity,notional,weight,price,tags,purpose
SELL,AAA,4,,,,,take some profit
SET,CCC,,,0.10,,,no more than a tenth
BUY,DDD,10,,,5.5,"a,b",something new
CLOSE,AAA230317C00010000,,,,,,no option
"""
SCENARIOS = """\
scenarios:
  - id: fall
    name: A fall
    category: market
    severity: severe
    shocks: {market: -0.30, interest_rate: 0.01}
    volatility_factor: 1.5
  - id: crash-again
    window: {start: 2022-10-10, end: 2022-11-30}
    style_shocks: over_market
  - {id: off, shocks: {value: 0.1}, active: false}
"""
ACTIONS = "date,symbol,dividend,split\n2022-11-14,BBB,,2\n2022-11-30,AAA,0.15,\n"
INSTRUMENTS = """\
symbol,name,kind,sector,industry,currency,dividend_yield,origin
AAA,Example A,stock,Technology,Software,USD,0.012,generated
MKT,The market,index,,,USD,,generated
"""
IMPLIED = """\
date,symbol,expiry,strike,right,implied_vol,origin
2022-12-21,AAA,2023-03-17,10,C,0.3143,generated
2022-12-21,BBB,,,,0.4213,generated
"""
VALUES = """\
entity,known_at,value,component,predicts_from
alpha-bank,2022-11-30T21:30:00Z,0.42,total,2022-12-01
beta-bank,2022-11-30T21:30:00Z,0.17,total,2022-12-01
alpha-bank,2022-10-31T20:30:00Z,0.40,total,
beta-bank,2022-10-31T20:30:00Z,0.21,total,
"""
SIGNAL_DATA = Path(__file__).resolve().parents[2] / "params/signals/template"
"""Examples of all files of a folder of signals, which are a world of its own of that day."""
TABLES = ("prices", "yields", "implied_vols", "instruments", "actions")


def _prices() -> str:
    days = pd.bdate_range("2022-12-01", "2022-12-28")
    lines = ["date,symbol,open,high,low,close,volume,origin"]
    for n, symbol in enumerate(("AAA", "BBB", "DDD", "MKT")):
        for k, day in enumerate(days):
            close = 10 * (n + 1) + (k * 7 % 5) / 10
            numbers = f"{close},{close + 0.3:.2f},{close - 0.3:.2f},{close},{1000 * (k + 1)}"
            lines.append(f"{day:%Y-%m-%d},{symbol},{numbers},generated")
    return "\n".join(lines) + "\n"


def _yields() -> str:
    days = pd.bdate_range("2022-12-20", "2022-12-28")
    rows = [f"{day:%Y-%m-%d},{tenor},0.03{n}" for n, tenor in enumerate(("3M", "10Y")) for day in days]
    return "\n".join(["date,tenor,rate", *rows]) + "\n"


GOOD: dict[str, bytes] = {
    "params.yaml": PARAMS.encode(),
    "book.csv": BOOK.encode(),
    "trades.csv": TRADES.encode(),
    "scenarios/own.yaml": SCENARIOS.encode(),
    "data/prices.csv": _prices().encode(),
    "data/yields.csv": _yields().encode(),
    "data/implied_vols.csv": IMPLIED.encode(),
    "data/instruments.csv": INSTRUMENTS.encode(),
    "data/actions.csv": ACTIONS.encode(),
}
OF_SIGNALS: dict[str, bytes] = {
    "signal.csv": VALUES.encode(),
    **{
        f"signal_data/{path.name}": path.read_bytes().replace(b"2023-", b"2022-")
        for path in sorted(SIGNAL_DATA.glob("*.csv"))
        if path.name != "values.csv"
    },
}
"""Files that are in the world where one of them is spoilt; the params name the signal then."""


def frame(table: str) -> pd.DataFrame:
    """A good table of the data folder, dates as dates."""
    content = pd.read_csv(io.BytesIO(GOOD[f"data/{table}.csv"]))
    for name in ("date", "expiry"):
        if name in content:
            content[name] = pd.to_datetime(content[name])
    return content


Maker = Callable[[Path], None]
"""Puts something at a path."""


@dataclass(frozen=True)
class Input:
    """One input: how it differs from the good world, the command's arguments, and the codes that may come.

    ``files`` maps a path to what is put there: bytes, a maker, or None for nothing at all.
    """

    label: str
    files: dict[str, bytes | Maker | None] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("validate", "params.yaml")
    codes: tuple[int, ...] = (0, 2)

    def lay_out(self, folder: Path) -> None:
        """Make the world with this input in it."""
        more = {}
        if self.files.keys() & OF_SIGNALS.keys():
            more = {**OF_SIGNALS, "params.yaml": (PARAMS + SIGNAL).encode()}
        for name, content in {**GOOD, **more, **self.files}.items():
            if content is None:
                continue
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                content(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(3 * 1024**3)


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(here)


def _unreadable(path: Path) -> None:
    path.write_bytes(b"x")
    path.chmod(0)


def _locked_folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_bytes(b"x")
    path.chmod(0)


ODD: dict[str, Maker] = {
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a device without an end": lambda path: path.symlink_to("/dev/zero"),
    "a device that is full": lambda path: path.symlink_to("/dev/full"),
    "a terminal": lambda path: path.symlink_to("/dev/tty"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to a link to a pipe": lambda path: (os.mkfifo(f"{path}.p"), path.symlink_to(f"{path.name}.p"))[1],
    "a folder": lambda path: path.mkdir(),
    "a folder that is shut": _locked_folder,
    "a file that is shut": _unreadable,
    "3 GB of nothing": _sparse,
    "a file of the kernel": lambda path: path.symlink_to("/proc/self/mem"),
    "a list of folders": lambda path: path.symlink_to("/proc/self/fd"),
}
"""What can stand at a path in place of a plain file."""
