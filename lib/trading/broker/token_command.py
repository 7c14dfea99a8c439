"""``run_all.py token init|status|revoke|key``: a person's leave to ask the broker, granted, told, taken back.

Never prints a token; what it prints of one is its user, whether it serves, its end, and the calls made.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from lib.broker_tokens.broker import Refused, upstox
from lib.broker_tokens.leave import ask_leave, take_leave
from lib.broker_tokens.store import Status, TokenStore
from lib.command_line import Parser
from lib.errors import InputError, SourceUnreachable

LONGEST_ANSWER = 10_000


def main(arguments: list[str], outputs: Path) -> int:
    """Carry one of the four out; the exit code. ``outputs`` is not used: tokens are no output."""
    asked = _parser().parse_args(arguments)
    return asked.do(asked)


def _parser() -> Parser:
    parser = Parser(prog="run_all.py token", description="Keep a broker's access tokens, encrypted.")
    actions = parser.add_subparsers(metavar="ACTION", required=True, parser_class=Parser)
    init = actions.add_parser("init", help="grant leave: open an address, hand in the one you are sent to")
    init.add_argument("--user", default="default", metavar="NAME")
    init.add_argument(
        "--code-from-env", metavar="VARIABLE", help="the address you were sent to is in this variable"
    )
    init.set_defaults(do=_init)
    status = actions.add_parser("status", help="users, until when their tokens serve, and calls made")
    status.add_argument("--user", metavar="NAME")
    status.set_defaults(do=_status)
    revoke = actions.add_parser("revoke", help="end a token at the broker and forget it here")
    revoke.add_argument("--user", default="default", metavar="NAME")
    revoke.set_defaults(do=_revoke)
    key = actions.add_parser("key", help="make a key for the environment; it is shown once and kept nowhere")
    key.set_defaults(do=_key)
    return parser


def _init(asked: Namespace) -> int:
    store, broker = TokenStore.of_environment(), upstox()
    if asked.code_from_env:
        answer = os.environ.get(asked.code_from_env, "")
        if not answer.strip():
            mend = "set it to the whole address that the browser shows after the login"
            raise InputError(f"{asked.code_from_env!r} is empty", field="--code-from-env", mend=mend)
    else:
        print("Open this address, log in, and paste the whole address that you are sent to:", flush=True)
        print(ask_leave(store, asked.user, broker), flush=True)
        answer = sys.stdin.readline(LONGEST_ANSWER)
        if not answer.strip():
            mend = "put it into a variable within ten minutes and call `token init --code-from-env VARIABLE`"
            raise InputError("no address was handed in", mend=mend)
    take_leave(store, asked.user, broker, answer)
    print(_told(next(one for one in store.status() if one.user == asked.user)))
    return 0


def _status(asked: Namespace) -> int:
    found = [one for one in TokenStore.of_environment().status() if asked.user in (None, one.user)]
    for one in found:
        print(_told(one))
    if not found:
        print("no tokens are kept" if asked.user is None else f"no token of {asked.user!r} is kept")
    return 0


def _told(one: Status) -> str:
    if not one.active:
        state = f"revoked {one.updated:%Y-%m-%d %H:%M} UTC"
    else:
        ended = one.expires <= datetime.now(UTC)
        state = f"{'ended' if ended else 'serves until'} {one.expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        state += ", renewed by itself" if one.renewable else ""
    return f"{one.user}: {state}; {one.calls:,} calls"


def _revoke(asked: Namespace) -> int:
    store = TokenStore.of_environment()
    grant = store.get(asked.user)
    if grant is None:
        print(f"no token of {asked.user!r} is kept")
        return 0
    told = "the broker has ended it too"
    try:
        upstox().end(grant.access)
    except (Refused, SourceUnreachable, InputError) as fault:
        told = f"the broker was not told ({fault})"
    store.revoke(asked.user)
    print(f"the token of {asked.user} is forgotten; {told}")
    return 0


def _key(asked: Namespace) -> int:
    from cryptography.fernet import Fernet

    print(Fernet.generate_key().decode())
    return 0
