"""Commands that chapters bring: name, what it does, and the function that carries it out.

``run_all.py <name> …`` calls the function in a process of its own with ``(arguments, outputs)``: what stands
after the name, and the folder of outputs. It answers the exit code; what it refuses is a WorkbenchError.
Standard library only, since the command line reads this table at every start.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A row: ``does`` is what the help says of it, ``target`` the function as ``module:function``."""

    name: str
    does: str
    target: str


COMMANDS = (
    Command(
        "paper",
        "orders of a person for a paper account: order, cancel, show, history, reset, breaker",
        "lib.trading.paper.command:main",
    ),
    Command(
        "token",
        "keep a broker's access tokens, encrypted: init, status, revoke",
        "lib.trading.broker.token_command:main",
    ),
)
