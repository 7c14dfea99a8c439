"""How one HTTP call ended, told from what came over the wire and not from yfinance's texts.

yfinance calls an outage a delisting and an unknown symbol an empty profile; the status, the body and the
error of the transport say which it was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lib.market.yahoo.reading import plain

DOWN = b"Will be right back"
REFUSED = (401, 403)
LONGEST_REASON = 120


@dataclass(frozen=True)
class Call:
    """One HTTP request and its end: the status or, where there was no answer, the class of the error."""

    path: str
    status: int | None = None
    fault: str = ""
    retry_after: float = 0.0
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class AnswerStatus:
    """A status of an outcome and why; ``payload`` is the JSON of an answer that is ``ok`` so far."""

    status: str
    detail: str = ""
    payload: Any = field(default=None, repr=False)


def status_of(call: Call, *, refused: bool = False) -> AnswerStatus:
    """``ok`` with the payload, or ``limited transport unknown empty invalid`` with the reason.

    A status of 500 and above, a page, a text broken off and no answer at all are ``transport``: they say
    nothing about the symbol. ``unknown`` needs Yahoo's own words. 401 and 403 are ``limited`` where the crumb
    was ``refused`` before (429), since they are due to that.
    """
    if call.fault:
        return AnswerStatus("transport", f"no answer ({call.fault})")
    if call.status == 429 or (refused and call.status in REFUSED):
        return AnswerStatus("limited", "Yahoo refuses more requests for now (429)")
    if call.status is None or call.status >= 500 or call.status in REFUSED:
        return AnswerStatus("transport", f"Yahoo answers with status {call.status}")
    if DOWN in call.body:
        return AnswerStatus("transport", "Yahoo says that it will be right back")
    try:
        payload = json.loads(call.body)
    except ValueError:
        return AnswerStatus("transport", _no_json(call))
    error = _error(payload)
    if error is not None:
        return _of_error(error, call.status)
    if call.status >= 400:
        return AnswerStatus("transport", f"Yahoo answers with status {call.status}")
    return AnswerStatus("ok", payload=payload)


def _no_json(call: Call) -> str:
    start = call.body.lstrip()[:1]
    what = {b"": "nothing", b"<": "a page", b"{": "a text that breaks off"}.get(start, "a text")
    return f"Yahoo answers with {what} where data should be (status {call.status})"


def _error(payload: Any) -> dict[str, Any] | None:
    """Yahoo's error object, which lies one level down under a name that depends on the service."""
    parts = payload.values() if isinstance(payload, dict) else []
    found = [part["error"] for part in parts if isinstance(part, dict) and part.get("error")]
    if not found:
        return None
    return found[0] if isinstance(found[0], dict) else {"description": str(found[0])}


def _of_error(error: dict[str, Any], status: int) -> AnswerStatus:
    code, said = plain(error.get("code")) or "", plain(error.get("description")) or ""
    reason = f"Yahoo says: {(said or code or 'an error without words')[:LONGEST_REASON]}"
    if status == 404 or code.lower() == "not found":
        return AnswerStatus("unknown", reason)
    if said.startswith("Data doesn't exist"):
        return AnswerStatus("empty", reason)
    if code.lower() in ("unauthorized", "internal server error", "service unavailable"):
        return AnswerStatus("transport", reason)
    return AnswerStatus("invalid", reason)
