"""The tables that are made of ledgers, from the files that a run was given."""

from __future__ import annotations

import pandas as pd

from lib import account_ledger
from lib.account_tables import ledger_table
from lib.trial_tables import trial_table


def table_of(name: str, path: str | None, sha256: str) -> pd.DataFrame:
    """One of the tables; no rows where ``path`` is None. Raises StoreError when the file is damaged."""
    if name == account_ledger.TABLE:
        return ledger_table(path, sha256)
    return trial_table(name, path, sha256)
