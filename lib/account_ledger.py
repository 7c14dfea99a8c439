"""The ledger of a paper account: everything that was decided for it, by its rules or by a person.

One file an account, ``outputs/accounts/<id>/ledger.jsonl``, of lines that are only ever added to
(``lib.checked_lines``). A line has a number, the session that it concerns, the as-of day of the run that
wrote it (none where a person did), a kind and a body. Decisions concern the session at whose close they were
made; what a person says concerns the first session at whose bar it counts. A damaged line is named, and then
nothing is read or added. Standard library only, since runs, commands and notebooks all use it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lib import checked_lines
from lib.checked_lines import START, Appending
from lib.errors import StoreError
from lib.run_folder import ACCOUNTS

FOLDER = ACCOUNTS
FILE = "ledger.jsonl"
ARCHIVE = "archive"
TABLE = "account_ledger"
"""Made of the ledger for the stages that read it."""
DECISIONS = "account_decisions"
"""The table of a run whose rows go into the ledger once the run is published."""
KINDS = ("open", "decisions", "order", "cancel", "trade", "reset", "breaker_reset")
ORDERS = ("order", "trade")
MEND = "put the file back from a copy; nothing was changed"


class Line(NamedTuple):
    """One line: ``session`` and ``as_of`` are ISO days, ``as_of`` and ``moment`` None where not told."""

    number: int
    session: str
    as_of: str | None
    kind: str
    body: dict[str, Any]
    moment: str | None = None


class AccountLedger:
    """The file of one account, which need not be there yet."""

    def __init__(self, outputs: Path, account: str):
        self.account = account
        self.folder = outputs / FOLDER / account
        self.path = self.folder / FILE

    def lines(self) -> list[Line]:
        """Every line. Raises StoreError naming the first one that is not as it was written."""
        for fault in self.faults():
            raise StoreError(f"{fault}; {MEND}")
        return [_line(one) for one in checked_lines.sound(self.path)]

    def faults(self) -> list[str]:
        """What was done to the file by other hands."""
        return list(checked_lines.faults(self.path, f"{FOLDER}/{self.account}/{FILE}"))

    def head(self) -> dict[str, Any]:
        """How many lines there are, and the digest of the last one."""
        raw = checked_lines.lines(self.path)
        return {"lines": len(raw), "last": checked_lines.digest(raw[-1]) if raw else START}

    def told(self, as_of: str) -> bytes:
        """What a run of ``as_of`` is told, a line each: what earlier runs wrote, and persons up to that day.

        When a run wrote its lines is left out, so that no clock decides a result.
        """
        known = [
            one._replace(moment=None) if one.as_of else one
            for one in self.lines()
            if (one.as_of < as_of if one.as_of else one.session <= as_of)
        ]
        return "".join(f"{json.dumps(one._asdict(), sort_keys=True)}\n" for one in known).encode()

    def say(self, kind: str, session: str, body: Mapping[str, Any], *, check: Any = None) -> Line:
        """Add what a person says; an order is named after its line.

        ``check(lines)`` may refuse it while nobody else can write.
        """
        with Appending(self.path) as file:
            lines = self.lines()
            if check:
                check(lines)
            number = file.count + 1
            said = {**body, **({} if kind not in ORDERS else {"order_id": f"m{number}"})}
            file.add(_fact(number, session, None, kind, said))
        return Line(number, session, None, kind, said)

    def note(
        self, decisions: Iterable[tuple[str, str]], *, as_of: str, opened: Mapping[str, Any]
    ) -> list[str]:
        """Add decisions (session, body as JSON) that are not there yet; sessions that differ from what is.

        ``opened`` is the body of the first line, with the ``start`` of the account. What lies before the
        start of the ledger is left out.
        """
        wanted = list(decisions)
        if not wanted:
            return []
        differing = []
        with Appending(self.path) as file:
            lines = self.lines()
            if not lines:
                file.add(_fact(1, str(opened["start"])[:10], as_of, "open", opened))
            start = max([str(one.body["start"])[:10] for one in lines if "start" in one.body], default="")
            there = {one.session: one.body for one in lines if one.kind == "decisions"}
            for session, text in wanted:
                body = json.loads(text)
                if session in there:
                    differing += [session] if there[session] != body else []
                elif session >= start:
                    file.add(_fact(file.count + 1, session, as_of, "decisions", body))
        return differing

    def archive(self, kind: str, session: str, body: Mapping[str, Any]) -> Path | None:
        """Put the file away under ``archive/`` and begin a new one with a line that names its last digest.

        None where there was nothing to put away.
        """
        with Appending(self.path) as file:
            self.lines()
            if not file.count:
                self.path.unlink()
                return None
            place = self.folder / ARCHIVE / f"{len(self._archived()) + 1:04d}.jsonl"
            place.parent.mkdir(exist_ok=True)
            os.link(self.path, place)
            fresh = self.folder / f".{FILE}.new"
            fresh.unlink(missing_ok=True)
            said = {**body, "archived": place.name, "lines": file.count, "last": file.last}
            with Appending(fresh) as new:
                new.add(_fact(1, session, None, kind, said))
            fresh.replace(self.path)
        return place

    def _archived(self) -> list[Path]:
        return sorted((self.folder / ARCHIVE).glob("*.jsonl"))


def read(path: Path) -> list[Line]:
    """The lines of a file that ``AccountLedger.told`` made."""
    return [Line(**json.loads(text)) for text in path.read_text("utf-8").splitlines()]


def _line(one: Mapping[str, Any]) -> Line:
    return Line(one["number"], one["session"], one["as_of"], one["kind"], one["body"], one["moment"])


def _fact(number: int, session: str, as_of: str | None, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"number": number, "session": session, "as_of": as_of, "kind": kind, "body": dict(body)}
