"""One worker process: started, waited for, killed when its time is up, and what it has left behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from lib.errors import WorkbenchError
from lib.market.yahoo.asks import Ask
from lib.policy import Policy

LOOK = 1.0
"""Seconds between two looks at how far a worker is."""
ROOT = Path(__file__).resolve().parents[3]
NOT_PASSED_ON = ("PYTHONDONTWRITEBYTECODE", "YF_DISABLE_CURL_CFFI")
"""The second makes yfinance take a library that its own code for faults does not fit."""


@dataclass(frozen=True)
class Answer:
    """How one ask ended in this process, and the tables that it gave."""

    status: str
    detail: str
    retry_after: float
    tables: dict[str, pd.DataFrame]


@dataclass
class Ended:
    """What a process has done: answers by position of the ask, and counts from its journal.

    ``begun`` are the positions that were asked; ``fault`` says how the process ended if not by itself.
    """

    answers: dict[int, Answer] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    requests: int = 0
    refusals: int = 0
    out_of_time: bool = False
    fault: str = ""


def run_worker(
    asks: Sequence[Ask],
    policy: Policy,
    *,
    exchange_timezone: str,
    seconds: float,
    refusals_left: int,
    heard: Callable[[int], None] = lambda answered: None,
) -> Ended:
    """Ask in a fresh process that has so many seconds and may be refused so often.

    ``heard`` is told now and then how many asks have their answer.
    WorkbenchError when the process ends before it asks anything.
    """
    folder = Path(tempfile.mkdtemp(prefix="yahoo-"))
    request = {
        "asks": [ask.as_dict() for ask in asks],
        "exchange_timezone": exchange_timezone,
        "refusals_left": refusals_left,
        **{name: getattr(policy, name) for name in ("calls_per_second", "timeout", "repair")},
    }
    try:
        (folder / "request.json").write_text(json.dumps(request))
        code = _run(folder, seconds, heard)
        ended = _collect(folder)
        ended.out_of_time = code is None
        if code:
            ended.fault = _fault(code, folder / "said.txt")
            if not ended.begun:
                raise WorkbenchError(
                    f"the process that asks Yahoo does not start: it ended with {ended.fault}"
                )
        return ended
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, seconds: float, heard: Callable[[int], None]) -> int | None:
    """The exit status of the worker, None when it had to be killed."""
    environment = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    with open(folder / "said.txt", "wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "lib.market.yahoo.worker", str(folder)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    deadline = time.monotonic() + seconds
    try:
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(min(left, LOOK))
            heard(len(list(folder.glob("[0-9]*.json"))))
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin:
            process.stdin.close()


def _collect(folder: Path) -> Ended:
    """What the journal and the answers say; a last line that broke off is passed over."""
    ended = Ended()
    journal = folder / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True) if journal.exists() else []
    for line in (json.loads(text) for text in lines if text.endswith("\n")):
        ended.requests += "sent" in line
        ended.refusals += line.get("status") == 429
        if "begun" in line:
            ended.begun.add(line["begun"])
    ended.answers = {int(path.stem): _answer(path) for path in folder.glob("[0-9]*.json")}
    return ended


def _answer(path: Path) -> Answer:
    parts: dict[str, Any] = json.loads(path.read_text())
    tables = {name: path.with_name(f"{path.stem}-{name}.parquet") for name in parts.pop("tables")}
    return Answer(**parts, tables={name: pd.read_parquet(table) for name, table in tables.items()})


def _fault(code: int, said: Path) -> str:
    """How a process ended; of what it printed only class and place of the error: texts may hold secrets."""
    if code < 0:
        return f"signal {-code}"
    text = said.read_text(errors="replace")
    named = re.findall(r"^(?:\w+\.)*(\w+(?:Error|Exception|Interrupt))\b", text, re.MULTILINE)
    places = re.findall(r"/(lib/market/[\w/]+\.py)\", line (\d+)", text)
    place = f" at {places[-1][0]}:{places[-1][1]}" if places else ""
    return f"exit status {code}" + (f" ({named[-1]}{place})" if named else "")
