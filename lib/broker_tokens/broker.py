"""A broker that grants tokens by OAuth 2.0 (RFC 6749, 4.1): the address to open, and code against tokens.

Nothing of an answer reaches a message but its status and a code in capitals, since answers hold tokens.
Who asks is known to the broker by an id and a secret of the environment, ``WORKBENCH_UPSTOX_ID`` and
``WORKBENCH_UPSTOX_SECRET``; ``WORKBENCH_UPSTOX_REDIRECT`` is the address that was registered there.
"""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from lib.broker_tokens.opening import safe_address, send
from lib.errors import InputError, SourceUnreachable

ADDRESS = "https://api.upstox.com"
ADDRESS_VARIABLE = "WORKBENCH_UPSTOX_ADDRESS"
APP = {
    "client_id": "WORKBENCH_UPSTOX_ID",
    "client_secret": "WORKBENCH_UPSTOX_SECRET",
    "redirect_uri": "WORKBENCH_UPSTOX_REDIRECT",
}
MOST_BYTES = 1_000_000
CODE = re.compile(r"[A-Z]{2,10}[A-Z0-9_]{2,30}")


class Refused(Exception):
    """The broker refuses a question; the text is its status and code."""


@dataclass(frozen=True)
class Broker:
    """One broker: the app it knows us by, the paths it is asked at, and how its tokens end."""

    name: str
    address: str
    client_id: str
    redirect_uri: str
    client_secret: str = field(repr=False)
    dialog: str = "/v2/login/authorization/dialog"
    token: str = "/v2/login/authorization/token"
    logout: str = "/v2/logout"
    fixed_daily_expiry: bool = True
    timeout: float = 30.0

    def authorisation(self, state: str) -> str:
        """The address that a person opens to grant leave; ``state`` comes back with the code."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": state,
        }
        return f"{self.address}{self.dialog}?{urllib.parse.urlencode(asked, quote_via=urllib.parse.quote)}"

    def exchange(self, code: str) -> Any:
        """The answer to a code. Raises Refused and SourceUnreachable."""
        return self._ask(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        )

    def renew(self, refresh: str) -> Any:
        """The answer to a token that renews. Raises Refused and SourceUnreachable."""
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh})

    def end(self, access: str) -> None:
        """Tell the broker that a token is to end. Raises Refused and SourceUnreachable."""
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
        self._send(urllib.request.Request(self.address + self.logout, headers=headers, method="DELETE"))

    def _ask(self, asked: dict[str, str]) -> Any:
        body = urllib.parse.urlencode(
            {**asked, "client_id": self.client_id, "client_secret": self.client_secret}
        )
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        request = urllib.request.Request(self.address + self.token, body.encode(), headers, method="POST")
        try:
            return json.loads(self._send(request))
        except (ValueError, RecursionError):
            raise SourceUnreachable(f"{self.name} answers with no JSON where tokens should be") from None

    def _send(self, request: urllib.request.Request) -> bytes:
        try:
            with send(request, self.timeout) as answer:
                return answer.read(MOST_BYTES)
        except urllib.error.HTTPError as fault:
            said = ", ".join(one for one in (f"status {fault.code}", code_in(fault)) if one)
            if fault.code >= 500 or fault.code == 429:
                raise SourceUnreachable(f"{self.name} does not answer ({said}); try again later") from None
            raise Refused(said) from None
        except (OSError, HTTPException, ValueError) as fault:
            raise SourceUnreachable(f"{self.name} does not answer ({type(fault).__name__})") from None


def upstox() -> Broker:
    """Upstox as the environment knows it. Raises InputError that names a variable which is not set."""
    given = {name: os.environ.get(variable, "").strip() for name, variable in APP.items()}
    for name, variable in APP.items():
        if not given[name]:
            mend = f"set {', '.join(APP.values())} to what the broker's page of your app shows"
            raise InputError("the environment does not have it", field=variable, mend=mend)
    return Broker(
        "Upstox", address(), given["client_id"], given["redirect_uri"], client_secret=given["client_secret"]
    )


def address() -> str:
    """Where Upstox is asked."""
    return safe_address(os.environ.get(ADDRESS_VARIABLE, "").strip() or ADDRESS, ADDRESS_VARIABLE)


def code_in(fault: urllib.error.HTTPError) -> str:
    """The broker's code for a refusal: capitals and digits, or empty; nothing else of the answer."""
    try:
        found = json.loads(fault.read(10_000))["errors"][0]["errorCode"]
    except (ValueError, KeyError, IndexError, TypeError, OSError, RecursionError):
        return ""
    return found if isinstance(found, str) and CODE.fullmatch(found) else ""
