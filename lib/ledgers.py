"""Ledgers that a run is told of and writes to: the tables made of them, and what the engine asks.

A table made of a ledger is written by no stage. A run is given what the ledger has for it, as a text beside
the histories. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib import account_entries, account_ledger, ledger
from lib.account_ledger import AccountLedger
from lib.contracts import Stage
from lib.stages import Pipeline

FOLDER_OF = {
    **dict.fromkeys(ledger.TABLES, ledger.FOLDER),
    account_ledger.TABLE: account_ledger.FOLDER,
}
"""Table → the ledgers that it is made of, named as their folder in the outputs."""


def told(row: Stage, subject: str | None) -> dict[str, str]:
    """What a stage of a subject is told of ledgers → the id of that, ``trials:signal@momentum``."""
    folders = dict.fromkeys(FOLDER_OF[table] for table in row.reads if table in FOLDER_OF)
    return {folder: f"{folder}:{row.per}@{subject}" for folder in folders if row.per and subject}


def is_by_day(folder: str) -> bool:
    """Whether what a run is told of such ledgers follows from its day alone."""
    return folder == account_ledger.FOLDER


def by_day(outputs: Path, subject: str, as_of: str) -> bytes:
    """What a run of ``as_of`` is told of the ledger of a subject. StoreError where that is damaged."""
    return AccountLedger(outputs, subject).told(as_of)


def fault(stage: Stage, table: str, pipeline: Pipeline) -> str:
    """Why a stage cannot read a table that is made of a ledger; nothing where it can."""
    if table == account_ledger.TABLE:
        fits = stage.per == "account"
        return "" if fits else f"{stage.name} reads {table}, and does not run for each account"
    if any(row.trial and row.per == stage.per for row in pipeline):
        return ""
    return f"{stage.name} reads {table}, and no stage of its kind is a trial"


def enter(outputs: Path) -> list[str]:
    """Enter into the ledgers what published runs decided; what should be said about it."""
    return account_entries.enter(outputs)


def faults(outputs: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """What was done by other hands to the ledgers that a run writes to."""
    for account in manifest["subjects"].get("account", ()):
        yield from AccountLedger(outputs, account["id"]).faults()
