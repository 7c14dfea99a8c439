"""A portfolio file as it is read, row by row: what each is taken for, and what was changed or left out.

It is shown before anything runs, so that a person sees a put read as a put and a tag as it is stored. Rows
are plain JSON: texts, numbers and None where a row has nothing to say.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib import codes
from lib.portfolio.csv_records import Records

COLUMNS = ("line", "ticker", "type", "quantity", "entry", "underlying", "strike", "expiry", "tags", "remarks")
MOST = 200
REJECTED = "rejected"


def preview(records: Records, rows: pd.DataFrame, issues: pd.DataFrame) -> dict[str, Any]:
    """``columns``, ``rows`` (a list each, in the order of the file) and ``more``, how many are not shown.

    ``rows`` and ``issues`` are what ``read_positions`` makes of ``records``. Of more than 200 rows those with
    a remark are chosen first.
    """
    written = pd.DataFrame({"line": records.lines, "cell": records.cells["ticker"].to_numpy(dtype=object)})
    own = issues[issues["line"] > 1]
    found = written.merge(_accepted(rows), on="line", how="left")
    rejected = found["line"].isin(own.loc[own["severity"] == "rejected", "line"])
    found["type"] = found["type"].mask(rejected, REJECTED)
    changed = ~rejected & (found["ticker"] != found["cell"])
    spelt = ("written “" + found["cell"].astype("str") + "”").where(changed, "")
    said = _remarks(own).reindex(found["line"]).fillna("").to_numpy()
    found["remarks"] = [", ".join(filter(None, both)) for both in zip(spelt, said, strict=True)]
    found["ticker"] = found["ticker"].mask(rejected, found["cell"])
    order = np.argsort(found["remarks"].eq("").to_numpy(), kind="stable")[:MOST]
    shown = found.iloc[np.sort(order)][list(COLUMNS)].astype("object")
    plain = shown.mask(shown.isna(), None)
    return {"columns": list(COLUMNS), "rows": plain.to_numpy().tolist(), "more": len(found) - len(shown)}


def _accepted(rows: pd.DataFrame) -> pd.DataFrame:
    """The accepted rows in words."""
    option, short = rows["option"], rows["quantity"] < 0
    side = pd.Series(np.where(short, "short", "long"), index=rows.index, dtype="str")
    kind = side.mask(option, side + rows["right"].map({"C": " call", "P": " put"}))
    kind = kind.mask(rows["manual_price"].notna(), "valued by hand")
    left = ", exited " + rows["exit_date"].dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "line": rows["line"],
            "ticker": rows["symbol"],
            "type": kind + left.where(rows["exit_date"].notna(), ""),
            "quantity": rows["quantity"],
            "entry": rows["entry_price"],
            "underlying": rows["underlying"].where(option),
            "strike": rows["strike"],
            "expiry": rows["expiry"].dt.strftime("%Y-%m-%d"),
            "tags": rows["tags"].mask(rows["tags"] == ""),
        }
    )


def _remarks(issues: pd.DataFrame) -> pd.Series:
    """What is said of each line, by line: the words of its codes, each with its column."""
    words = issues["code"].map(codes.words)
    place = (" (" + issues["column"] + ")").where(issues["column"].notna(), "")
    return (words + place).groupby(issues["line"]).agg(", ".join)
