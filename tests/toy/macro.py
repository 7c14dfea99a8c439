"""The toy's second hook: figures of an office, made as the recipe says; a test puts it on a row.

The provider `office` reads `office.csv` (`released,series,value`) beside `run_all.py` into what it keeps,
and notes each call in `calls.txt`; `macro.json` says until when its answer stands. The provider `file` reads
a file.
"""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

from lib.errors import InputError
from lib.settings import Provider, Setting

OFFICE, CALLS, TOLD = Path("office.csv"), Path("calls.txt"), Path("macro.json")
PROVIDERS = {
    "file": Provider("lib.toy.macro", {"path": Setting("path", required=True)}),
    "office": Provider(
        "lib.toy.macro",
        {
            "series": Setting("texts", required=True),
            "basis": Setting("text", "real", choices=("real", "nominal")),
            "attempts": Setting("count", 3, most=9, policy=True),
            "store": Setting("store"),
        },
    ),
}


def prepare(request: dict[str, Any]) -> dict[str, Any]:
    """The table raw_macro, and what a source that is asked says beside it."""
    settings = request["settings"]
    if settings["provider"] == "file":
        return {"raw_macro": _table(_rows(Path(settings["path"])))}
    with CALLS.open("a") as calls:
        calls.write(json.dumps({"what": "macro", "request": request}) + "\n")
    kept = Path(request["store"]) / "macro.csv"
    if not request["offline"]:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(OFFICE.read_bytes())
    rows = _rows(kept)
    unknown = [name for name in settings["series"] if name not in {row["series"] for row in rows}]
    if unknown:
        raise InputError(f"no series {unknown[0]!r}", mend="take another", field="macro.series")
    watched = {str(kept): hashlib.sha256(kept.read_bytes()).hexdigest()}
    return {
        "raw_macro": _table([row for row in rows if row["series"] in settings["series"]]),
        "validity": {"until": json.loads(TOLD.read_text())["until"], "watch": watched},
        "events": [{"state": "done", "rows": len(rows)}],
        "moment": {"at": request["now"]},
    }


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def _table(rows: list[dict[str, str]]) -> Any:
    import pandas as pd

    return pd.DataFrame(
        {
            "released": pd.to_datetime([row["released"] for row in rows], utc=True),
            "series": [row["series"] for row in rows],
            "value": pd.array([int(row["value"]) if row["value"] else None for row in rows], dtype="Int64"),
        }
    )
