"""How a person grants leave: an address with a nonce, and the address that the broker sends the person to.

The nonce (``state``) must come back, or another's code could be slipped in (RFC 6749, 10.12). Only its digest
is kept, for ten minutes and one use.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import urllib.parse
from datetime import timedelta

from lib.broker_tokens.broker import Broker, Refused
from lib.broker_tokens.grant import grant_of
from lib.broker_tokens.store import TokenStore
from lib.errors import InputError, ReauthRequired

WAITED_FOR = timedelta(minutes=10)
AGAIN = "begin again with `python3 run_all.py token init`"


def ask_leave(store: TokenStore, user: str, broker: Broker) -> str:
    """The address that the person opens."""
    state = secrets.token_urlsafe(24)
    store.expect(user, _digest(state))
    return broker.authorisation(state)


def take_leave(store: TokenStore, user: str, broker: Broker, answer: str) -> None:
    """Turn the address that the broker sent the person to into kept tokens.

    Raises InputError for another address, a nonce that is not the one given out or too old, and
    ReauthRequired where the broker does not take the code; no message holds a part of the address.
    """
    code, state = _parts(answer)
    kept = store.expected(user)
    if kept is None or store.now() - kept[1] > WAITED_FOR:
        raise InputError("no question for leave is open, or it is older than ten minutes", mend=AGAIN)
    if not hmac.compare_digest(kept[0], _digest(state)):
        raise InputError("the address answers another question for leave (its state differs)", mend=AGAIN)
    try:
        found = broker.exchange(code)
    except Refused as fault:
        raise ReauthRequired(
            f"{ReauthRequired.code}: {broker.name} does not take the code ({fault}); {AGAIN}"
        ) from None
    store.put(user, grant_of(found, store.now(), fixed_daily_expiry=broker.fixed_daily_expiry))


def _parts(answer: str) -> tuple[str, str]:
    """Code and state of an address, or of what follows its question mark."""
    text = answer.strip()
    query = text.partition("?")[2] or text
    try:
        found = urllib.parse.parse_qs(query.partition("#")[0], max_num_fields=20)
    except ValueError:
        found = {}
    code, state = (found.get(name, []) for name in ("code", "state"))
    if len(code) != 1 or len(state) != 1:
        mend = "give the whole address that the browser shows after the login"
        raise InputError("the address holds no code with its state", mend=mend)
    return code[0], state[0]


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
