"""The tables ``trials`` and ``trial_returns``: what a subject's ledger knows of its other specifications."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from lib import table_file
from lib.contracts import conform
from lib.tables import TABLES


def trial_table(name: str, path: str | None, sha256: str) -> pd.DataFrame:
    """One of the two tables from the file that a run was given; no rows where ``path`` is None.

    The file has a line a specification (``lib.ledger.Ledger.others``). Raises StoreError when it is damaged.
    """
    if path:
        table_file.whole(path, sha256)
    lines = [json.loads(text) for text in Path(path).read_text().splitlines()] if path else []
    return conform(_trials(lines) if name == "trials" else _returns(lines), TABLES[name])


def _trials(lines: list[dict]) -> pd.DataFrame:
    found = pd.DataFrame(
        {
            "specification": [one["specification"] for one in lines],
            "stage": [one["stage"] for one in lines],
            "settings": [json.dumps(one["settings"], sort_keys=True) for one in lines],
        },
        dtype="str",
    )
    earned = [pd.Series((one["result"] or {}).get("returns", []), dtype="float64") for one in lines]
    return found.assign(
        observations=[float(len(one)) for one in earned],
        sharpe=[
            one.mean() / one.std() if len(one) > 2 and one.std() > 0.0 else float("nan") for one in earned
        ],
    ).astype({"observations": "float64", "sharpe": "float64"})


def _returns(lines: list[dict]) -> pd.DataFrame:
    known = [one for one in lines if one["result"]]
    names = [one["specification"] for one in known for _ in one["result"]["dates"]]
    return pd.DataFrame(
        {
            "specification": pd.Series(names, dtype="str"),
            "date": pd.to_datetime([day for one in known for day in one["result"]["dates"]]),
            "return": pd.Series([x for one in known for x in one["result"]["returns"]], dtype="float64"),
        }
    )
