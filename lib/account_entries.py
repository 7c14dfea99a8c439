"""From the newest published run of an account, its decisions go into the account's ledger, each once.

This follows from the runs that are there: what a killed run published and did not enter, the next call
enters. Beside the ledger, ``entered`` has the digest of the table that was entered last, so that nothing is
read twice.
"""

from __future__ import annotations

from pathlib import Path

from lib import disk
from lib.account_ledger import DECISIONS, AccountLedger
from lib.published import order, runs_of

ENTERED = "entered"


def enter(outputs: Path) -> list[str]:
    """Bring every ledger up to its newest complete run; what should be said about it.

    Raises StoreError where a ledger is damaged, which then is not touched.
    """
    newest: dict[str, tuple[Path, dict]] = {}
    for run, manifest in sorted(runs_of(outputs).complete, key=lambda pair: order(pair[1])):
        for account in manifest["subjects"].get("account", ()):
            if f"{DECISIONS}@{account['id']}" in manifest["tables"]:
                newest[account["id"]] = (run, manifest)
    return [said for account, found in newest.items() for said in _enter(outputs, account, *found)]


def _enter(outputs: Path, account: str, run: Path, manifest: dict) -> list[str]:
    ledger, table = AccountLedger(outputs, account), manifest["tables"][f"{DECISIONS}@{account}"]
    mark = ledger.folder / ENTERED
    if ledger.path.exists() and mark.is_file() and mark.read_text() == table["sha256"]:
        return []
    subject = next(one for one in manifest["subjects"]["account"] if one["id"] == account)
    opened = {name: subject[name] for name in ("capital", "currency", "start")}
    differing = ledger.note(_rows(run / table["path"]), as_of=manifest["as_of"], opened=opened)
    disk.write_whole(mark, table["sha256"].encode())
    if not differing:
        return []
    return [
        f"{account}: what {len(differing)} sessions from {differing[0]} on decide now is not what the ledger "
        "has of them; the ledger stays as it is"
    ]


def _rows(path: Path) -> list[tuple[str, str]]:
    """Session and body of each row of a table of decisions."""
    import pyarrow.parquet as pq

    found = pq.read_table(path, columns=["session", "body"]).to_pydict()
    return [(f"{day:%Y-%m-%d}", body) for day, body in zip(*found.values(), strict=True)]
