"""The file of tokens: encrypted by Fernet with a key of the environment, readable by its owner alone.

Fernet is AES-128 in CBC mode with an HMAC over it (github.com/fernet/spec), so a wrong key and a changed
file are both found. The key is in ``WORKBENCH_TOKEN_KEY`` and nowhere else; without it nothing is kept. The
file is ``tokens.json`` in the person's settings folder, or what ``WORKBENCH_TOKENS`` names: never among the
outputs, which are handed on. It is written whole, under a lock.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib import disk
from lib.broker_tokens.grant import Grant
from lib.errors import InputError, StoreError
from lib.lock import Lock

KEY = "WORKBENCH_TOKEN_KEY"
PLACE = "WORKBENCH_TOKENS"
USER = re.compile(r"[A-Za-z0-9._@-]{1,64}")
FIELDS = {"access", "refresh", "expires", "active", "created", "updated", "calls"}
MOST_SESSIONS = 200
"""Sessions that are listed one by one; the calls of older ones stay in the sum."""
MAKE_KEY = f"set {KEY} to a key that `python3 run_all.py token key` makes, and keep it"


def place() -> Path:
    """Where the tokens are kept."""
    named = os.environ.get(PLACE, "").strip()
    return Path(named) if named else Path.home() / ".config" / "research-workbench" / "tokens.json"


@dataclass(frozen=True)
class Status:
    """What may be told of a user's token."""

    user: str
    active: bool
    renewable: bool
    expires: datetime
    created: datetime
    updated: datetime
    calls: int


@dataclass
class TokenStore:
    """Tokens of several users. Each method reads the file anew; each change is written before it returns."""

    path: Path
    key: str = field(repr=False)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        from cryptography.fernet import Fernet

        if not self.key.strip():
            raise InputError("the environment has no key for the tokens", field=KEY, mend=MAKE_KEY)
        try:
            self._fernet = Fernet(self.key.strip().encode())
        except ValueError:
            raise InputError("is no key for the tokens", field=KEY, mend=MAKE_KEY) from None

    @classmethod
    def of_environment(cls, **more: Any) -> TokenStore:
        """The store of this person. Raises InputError without a key."""
        return cls(place(), os.environ.get(KEY, ""), **more)

    def put(self, user: str, grant: Grant) -> None:
        """Keep a grant of a user in place of an older one; calls go on being counted."""
        check_user(user)
        moment = self.now().isoformat()
        with self._changed() as content:
            former = content["users"].get(user, {})
            for name in ("access", "refresh"):
                if former.get(name):
                    self._plain(former[name])
            content["users"][user] = {
                "access": self._secret(grant.access),
                "refresh": self._secret(grant.refresh),
                "expires": grant.expires.astimezone(UTC).isoformat(),
                "active": True,
                "created": former.get("created", moment),
                "updated": moment,
                "calls": former.get("calls", 0),
            }

    def get(self, user: str) -> Grant | None:
        """The grant of a user; None where there is none or it was revoked. InputError: wrong key."""
        row = self._read()["users"].get(check_user(user))
        if row is None or not row["active"]:
            return None
        access, refresh = self._plain(row["access"]), self._plain(row["refresh"])
        return Grant(access, refresh, datetime.fromisoformat(row["expires"]))

    def revoke(self, user: str) -> bool:
        """Forget the tokens of a user; whether there were any. That there were stays known."""
        with self._changed() as content:
            row = content["users"].get(check_user(user))
            if row is None or not row["active"]:
                return False
            row |= {"access": "", "refresh": "", "active": False, "updated": self.now().isoformat()}
            return True

    def count(self, user: str, *, started: datetime, calls: int) -> None:
        """Note a session that ends now and the calls it made in a user's name."""
        ended = self.now().isoformat()
        with self._changed() as content:
            if user in content["users"]:
                content["users"][user]["calls"] += calls
            one = {"user": user, "started": started.isoformat(), "ended": ended, "calls": calls}
            content["sessions"] = [*content["sessions"], one][-MOST_SESSIONS:]

    def sessions(self, user: str) -> list[dict[str, Any]]:
        """The last sessions of a user: when they began and ended, and their number of calls."""
        return [one for one in self._read()["sessions"] if one["user"] == user]

    def status(self) -> list[Status]:
        """What may be told of every user's token, by name of user."""
        return [self._status(user, row) for user, row in sorted(self._read()["users"].items())]

    def _status(self, user: str, row: dict[str, Any]) -> Status:
        expires, created, updated = (
            datetime.fromisoformat(row[name]) for name in ("expires", "created", "updated")
        )
        renewable = bool(self._plain(row["refresh"]))
        return Status(user, row["active"], renewable, expires, created, updated, row["calls"])

    def expect(self, user: str, digest: str) -> None:
        """Keep the digest of the nonce that the answer to a question for leave must bring."""
        with self._changed() as content:
            content["pending"][check_user(user)] = {"state": digest, "since": self.now().isoformat()}

    def expected(self, user: str) -> tuple[str, datetime] | None:
        """Take out the digest that was kept, and since when; it serves once."""
        with self._changed() as content:
            one = content["pending"].pop(check_user(user), None)
            return (one["state"], datetime.fromisoformat(one["since"])) if one else None

    def _secret(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def _plain(self, text: str) -> str:
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(text.encode()).decode() if text else ""
        except InvalidToken:
            mend = f"set the key that they were kept with, or remove {self.path.name} and grant anew"
            raise InputError("is not the key of the kept tokens", field=KEY, mend=mend) from None

    @contextmanager
    def _changed(self) -> Iterator[dict[str, Any]]:
        """The content for a change, written when the body ends well."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Lock(self.path.parent, held="the tokens are being written by", purpose="tokens", wait=10.0):
            content = self._read()
            yield content
            disk.write_whole(self.path, disk.dump(content), mode=0o600)

    def _read(self) -> dict[str, Any]:
        """The content of the file. Raises StoreError where it is damaged, and leaves it as it is."""
        if not self.path.exists():
            return {"users": {}, "sessions": [], "pending": {}}
        content = disk.read_json(self.path)
        if not _is_whole(content):
            raise StoreError(f"{self.path}: the kept tokens are damaged; remove the file and grant anew")
        return content


def _is_whole(content: Any) -> bool:
    """Whether what was read has the form that is written."""
    if not isinstance(content, dict) or set(content) != {"users", "sessions", "pending"}:
        return False
    users, sessions = content["users"], content["sessions"]
    rows = list(users.values()) if isinstance(users, dict) else [None]
    whole = all(isinstance(row, dict) and set(row) == FIELDS for row in rows)
    return whole and isinstance(sessions, list) and isinstance(content["pending"], dict)


def check_user(user: str) -> str:
    """The name of a user. Raises InputError for one that is none."""
    if not USER.fullmatch(user):
        mend = "take 1 to 64 letters, digits and . _ @ -"
        raise InputError(f"{user!r} is no name of a user", field="--user", mend=mend)
    return user
