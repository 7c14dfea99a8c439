"""The table ``account_ledger``: what was decided for an account before a run, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from lib import table_file
from lib.account_ledger import TABLE, read
from lib.contracts import conform
from lib.tables import TABLES


def ledger_table(path: str | None, sha256: str) -> pd.DataFrame:
    """The table from the file that a run was given; no rows where ``path`` is None.

    The file is one of ``lib.account_ledger.AccountLedger.told``. Raises StoreError when it is damaged.
    """
    if path:
        table_file.whole(path, sha256)
    lines = read(Path(path)) if path else []
    found = pd.DataFrame(
        {
            "line": pd.Series([one.number for one in lines], dtype="int64"),
            "moment": pd.to_datetime([one.moment for one in lines], utc=True),
            "session": pd.to_datetime([one.session for one in lines]),
            "as_of": pd.to_datetime([one.as_of for one in lines]),
            "kind": pd.Series([one.kind for one in lines], dtype="str"),
            "body": pd.Series([json.dumps(one.body, sort_keys=True) for one in lines], dtype="str"),
        }
    )
    return conform(found, TABLES[TABLE])
