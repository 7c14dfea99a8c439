"""Ledgers that a run is told of: which tables are made of them, and what a manifest calls what was told.

Such a table is written by no stage. A run is given what the ledger has for it, as a text beside the
histories. Standard library only.
"""

from __future__ import annotations

from lib import account_ledger, ledger
from lib.contracts import Stage

FOLDER_OF = {
    **dict.fromkeys(ledger.TABLES, ledger.FOLDER),
    account_ledger.TABLE: account_ledger.FOLDER,
}
"""Table → the ledgers that it is made of, named as their folder in the outputs."""


def told(row: Stage, subject: str | None) -> dict[str, str]:
    """What a stage of a subject is told of ledgers → the id of that, ``trials:signal@momentum``."""
    folders = dict.fromkeys(FOLDER_OF[table] for table in row.reads if table in FOLDER_OF)
    return {folder: f"{folder}:{row.per}@{subject}" for folder in folders if row.per and subject}
