"""The amfi provider: brings its store up to date with AMFI, then answers from the store alone.

What a run gets depends on the content of the store up to its as-of date, never on when it was fetched. An
answer that could not be had leaves what the store has, and stands in the log with its reason.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pandas as pd

from lib.errors import InputError
from lib.funds import raw
from lib.funds.amfi import slices
from lib.funds.amfi.asking import DAILY, Sync
from lib.funds.amfi.client import Client
from lib.funds.amfi.store import INDEX, Store
from lib.funds.folder.provider import add_beside
from lib.lock import Lock
from lib.policy import Policy
from lib.prepare_request import PrepareRequest

NAMED = ("attempts", "deadline", "calls_per_second", "timeout", "breaker")


def fetch(request: PrepareRequest) -> raw.Raw:
    """The raw tables for the request. Raises InputError where nothing may be asked and nothing is held."""
    _refuse_url(request)
    folder = Path(request.store)
    client = Client(Policy(**{name: request.settings[name] for name in NAMED}, section="fund_data"))
    if request.offline:
        store = Store.opened(folder)
        _refuse_empty(store, request)
        answer = slices.cut(store, request)
    else:
        with Lock(
            folder,
            held="the fund store is being written by",
            purpose="fund data",
            wait=client.policy.deadline,
        ):
            store = Store.opened(folder)
            for item in store.give_up_damaged():
                client.tell(f"{item} of the store was damaged and is fetched anew", state="damaged")
            Sync(store, request, client).bring_up()
            store.commit()
            answer = slices.cut(store, request)
            store.commit()
    if request.settings["beside"]:
        add_beside(answer, request)
    answer.validity = {
        "until": _until(store, request),
        "watch": {str((folder / INDEX).resolve()): store.digest},
    }
    told = {"source": "amfi", "requests": client.requests}
    state = "offline" if request.offline else "done"
    answer.events = [*client.events, {"event": "sync", "state": state, **told}]
    answer.moment = told
    return answer


def _until(store: Store, request: PrepareRequest) -> str | None:
    """The moment from which AMFI would be asked again; null when never for this as-of date."""
    now = pd.Timestamp(request.now or pd.Timestamp.now("UTC"))
    now = now.tz_convert(None) if now.tzinfo else now
    daily = store.items.get(DAILY, {})
    failed = [one for one in store.items.values() if one.get("status", "ok") != "ok"]
    reached = bool(daily.get("through")) and pd.Timestamp(daily["through"]) >= request.as_of
    if failed:
        return now.tz_localize(UTC).isoformat()
    if reached:
        return None
    asked = pd.Timestamp(daily["asked_at"]) if daily.get("asked_at") else now
    until = asked + pd.Timedelta(hours=float(request.settings["refresh_hours"]))
    return until.tz_localize(UTC).isoformat()


def _refuse_empty(store: Store, request: PrepareRequest) -> None:
    if store.holds() or request.look:
        return
    raise InputError(
        "the fund store is empty, and with --offline AMFI is not asked",
        mend="run once without --offline, or name a `store` that has been filled",
        file=request.params_file,
        field="fund_data",
    )


def _refuse_url(request: PrepareRequest) -> None:
    for name in ("base_url", "api_url"):
        if not request.settings[name].startswith(("https://", "http://")):
            raise InputError(
                f"{request.settings[name]!r} is no address",
                mend="begin it with https://",
                file=request.params_file,
                field=f"fund_data.{name}",
            )
