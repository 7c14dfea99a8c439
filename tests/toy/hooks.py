"""The toy's hooks: a book of `symbol,quantity` lines, and prices that are a fixed function of the date.

The provider `live` fetches: its source is `source.csv` (`symbol,first`) beside `run_all.py`, which a test
edits; each call is a line of `calls.txt`; `told.json` says how it behaves and what it tells beside tables.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

from lib.errors import InputError

SOURCE, CALLS, TOLD = Path("source.csv"), Path("calls.txt"), Path("told.json")


def validate(request: dict) -> dict:
    """Refuse a book whose quantities are no numbers; the symbols that it needs."""
    given = request["files"]["positions_file"]
    rows = list(csv.DictReader(Path(given["path"]).read_text().splitlines()))
    for line, row in enumerate(rows, start=2):
        if not row["quantity"].lstrip("-").isdigit():
            raise InputError(
                f"found {row['quantity']!r}",
                file=given["name"],
                line=line,
                field="quantity",
                mend="give a number",
            )
    return {"symbols": sorted({row["symbol"] for row in rows}), "rows": len(rows)}


def latest(request: dict) -> dict:
    """What `latest.json` beside `run_all.py` says, noted as a call."""
    _note("latest", request)
    return json.loads(Path("latest.json").read_text())


def prepare(request: dict) -> dict:
    """Prices of the asked symbols to the as-of date."""
    if request["settings"]["provider"] == "live":
        return _live(request)
    return {"raw_prices": _prices({symbol: n for n, symbol in enumerate(request["symbols"])}, request)}


def _live(request: dict) -> dict:
    """What the store holds, after it was brought up to date with the source where that is allowed."""
    _note("fetch", request)
    told = json.loads(TOLD.read_text()) if TOLD.exists() else {}
    if told.get("lasts"):
        worker = [sys.executable, "-c", "import time; time.sleep(300)"]
        subprocess.run(worker, start_new_session=True, check=False)
    if told.get("raises"):
        raise OSError(f"no way through {os.environ['HTTPS_PROXY']}")
    kept = Path(request["store"]) / "prices.csv"
    if not request["offline"]:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(SOURCE.read_bytes())
    content = kept.read_bytes() if kept.exists() else b""
    first = {row["symbol"]: int(row["first"]) for row in csv.DictReader(content.decode().splitlines())}
    watched = {str(kept): hashlib.sha256(content).hexdigest() if content else ""}
    return {
        "raw_prices": _prices({s: first[s] for s in request["symbols"] if s in first}, request),
        "validity": {"until": told.get("until"), "watch": watched},
        "events": told.get("events", []),
        "moment": {"requests": 0 if request["offline"] else len(first), "at": request["now"]},
    }


def _prices(first: dict[str, int], request: dict) -> pd.DataFrame:
    days = pd.bdate_range("2022-12-01", request["as_of"], unit="us")
    known = pd.DataFrame({"date": days, "symbol": "", "close": 10.0 + days.day, "origin": "generated"})
    frames = [known.assign(symbol=symbol, close=known["close"] + n) for symbol, n in first.items()]
    return pd.concat(frames, ignore_index=True) if frames else known.iloc[:0]


def _note(what: str, request: dict) -> None:
    """A line of `calls.txt`: what was called, with what, the variables seen here and in a process below."""
    code = "import json, os; print(json.dumps(sorted(os.environ)))"
    below = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout
    line = {"what": what, "request": request, "seen": sorted(os.environ), "below": json.loads(below)}
    with CALLS.open("a") as calls:
        calls.write(json.dumps(line) + "\n")
