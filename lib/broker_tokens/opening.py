"""Requests that carry a secret: over TLS or to this machine only, and never sent on to another address.

The standard library hands the headers of a request, the token among them, to wherever the answer points; so
an answer that points elsewhere is taken for a refusal here.
"""

from __future__ import annotations

import urllib.parse
import urllib.request
from http.client import HTTPResponse
from typing import Any

from lib.errors import InputError

HERE = ("127.0.0.1", "localhost", "::1")


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """No request follows: the answer is raised as an HTTPError."""


_OPENER = urllib.request.build_opener(_Stays)


def send(request: urllib.request.Request, timeout: float) -> HTTPResponse:
    """The answer to a request. Raises HTTPError for a status of 300 and above, OSError where none comes."""
    return _OPENER.open(request, timeout=timeout)


def safe_address(address: str, field: str) -> str:
    """The address without its last slash. Raises InputError where a secret would be sent in the open."""
    found = urllib.parse.urlsplit(address.strip())
    if found.scheme == "https" or (found.scheme == "http" and found.hostname in HERE):
        return address.strip().rstrip("/")
    mend = "take an address that begins with https://"
    raise InputError("a token would be sent in the open", field=field, mend=mend)
