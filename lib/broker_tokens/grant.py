"""What a broker grants: a pair of tokens and the moment at which the access token ends.

A broker either says how long a token lives, or ends every token at one time of its day: Upstox at 03:30 in
India, whenever the token was given (Upstox Developer API, "Get Token"). Neither token is ever shown: they
are no part of the text of an object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lib.errors import SourceUnreachable

LIFETIME = 86_400.0
"""Seconds that a token lives where its broker does not say."""
LONGEST_LIFETIME = 366 * LIFETIME
DAILY_END = time(3, 30)
DAILY_ZONE = ZoneInfo("Asia/Kolkata")
LONGEST_TOKEN = 20_000


@dataclass(frozen=True)
class Grant:
    """An access token, the token that renews it (empty where there is none), and when the first one ends."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: datetime


def grant_of(answer: Any, now: datetime, *, fixed_daily_expiry: bool, former: str = "") -> Grant:
    """The grant in a broker's answer to a question for tokens.

    ``former`` is the token that renews, kept where the answer brings no other. Raises SourceUnreachable for
    an answer of another form; the message holds nothing of it.
    """
    parts: dict[str, Any] = answer if isinstance(answer, dict) else {}
    access: Any = parts.get("access_token")
    refresh: Any = parts.get("refresh_token") or former
    if not _is_token(access) or (refresh and not _is_token(refresh)):
        raise SourceUnreachable("the broker answers without a token where one should be")
    if fixed_daily_expiry:
        return Grant(access, refresh, next_daily_end(now))
    seconds = parts.get("expires_in", LIFETIME)
    known = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not known or not 0 < seconds <= LONGEST_LIFETIME:
        raise SourceUnreachable("the broker answers with a lifetime that is no number of seconds")
    return Grant(access, refresh, now + timedelta(seconds=float(seconds)))


def next_daily_end(now: datetime) -> datetime:
    """The first 03:30 in India after a moment."""
    here = now.astimezone(DAILY_ZONE)
    end = datetime.combine(here.date(), DAILY_END, DAILY_ZONE)
    return end if end > here else datetime.combine(here.date() + timedelta(days=1), DAILY_END, DAILY_ZONE)


def _is_token(value: Any) -> bool:
    return (
        isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isascii() and value.isprintable()
    )
