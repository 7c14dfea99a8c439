"""The token to ask with now: the kept one while it lasts, a renewed one when five minutes or less are left.

A token that cannot be renewed serves until its end. When there is none that serves, the person must grant
anew, which is an error of its own (``REAUTH_REQUIRED``) and never an empty answer.
"""

from __future__ import annotations

from datetime import timedelta

from lib.broker_tokens.broker import Broker, Refused
from lib.broker_tokens.grant import Grant, grant_of
from lib.broker_tokens.store import TokenStore
from lib.errors import ReauthRequired, SourceUnreachable

MARGIN = timedelta(seconds=300)


def access_token(store: TokenStore, user: str, broker: Broker) -> str:
    """A token of a user that has not ended. Raises ReauthRequired, and InputError for a wrong key."""
    grant = store.get(user)
    if grant is None:
        known = any(one.user == user for one in store.status())
        raise reauth(user, "its token was revoked" if known else "it has granted none")
    now = store.now()
    if now < grant.expires - MARGIN:
        return grant.access
    if grant.refresh:
        return _renewed(store, user, grant, broker).access
    if now < grant.expires:
        return grant.access
    raise reauth(user, f"its token ended {grant.expires:%Y-%m-%d %H:%M %Z}".rstrip())


def reauth(user: str, why: str) -> ReauthRequired:
    """The error that asks a person for a new grant."""
    option = "" if user == "default" else f" --user {user}"
    return ReauthRequired(
        f"{ReauthRequired.code}: user {user} may not ask the broker: {why}; "
        f"grant anew by `python3 run_all.py token init{option}`"
    )


def _renewed(store: TokenStore, user: str, grant: Grant, broker: Broker) -> Grant:
    try:
        answer = broker.renew(grant.refresh)
        fresh = grant_of(
            answer, store.now(), fixed_daily_expiry=broker.fixed_daily_expiry, former=grant.refresh
        )
    except (Refused, SourceUnreachable) as fault:
        raise reauth(user, f"its token could not be renewed ({fault})") from None
    store.put(user, fresh)
    return fresh
