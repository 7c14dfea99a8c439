"""The toy's hooks: a book of `symbol,quantity` lines, and prices that are a fixed function of the date."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from lib.errors import InputError


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


def prepare(request: dict) -> dict:
    """Prices of the asked symbols to the as-of date."""
    days = pd.bdate_range("2022-12-01", request["as_of"], unit="us")
    frames = [
        pd.DataFrame({"date": days, "symbol": symbol, "close": 10.0 + n + days.day, "origin": "generated"})
        for n, symbol in enumerate(request["symbols"])
    ]
    return {"raw_prices": pd.concat(frames, ignore_index=True)}
