"""The prepare hook: market data of a run from the provider that its params name.

The only step of a run that touches the world. A provider is a module with ``fetch(request) -> Raw``; one
more is one more row of ``PROVIDERS``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lib.errors import InputError
from lib.market import calendar
from lib.market.raw import Request

PROVIDERS = {
    "sample": "lib.market.sample.provider",
    "folder": "lib.market.folder.provider",
    "yahoo": "lib.market.yahoo.provider",
}


def prepare(request: dict[str, Any]) -> dict[str, Any]:
    """Tables raw_prices, raw_yields, raw_implied_vols, raw_instruments, raw_sync_log and raw_sync_events.

    ``request`` holds ``as_of`` (ISO date), ``data`` (``provider`` and its settings), ``symbols`` and
    ``params_file`` (name for messages). Only asked symbols and the underlyings of asked options, only days
    up to as-of. A symbol without data is a row of the sync log that says why. A live provider adds
    ``validity``, ``events`` and ``moment`` (see ``raw.Raw``). Raises InputError where the
    provider is unknown, a file is not what it should be, or as-of lies before the data.
    """
    asked = Request.of(request)
    calendar.known_exchange(asked.exchange)
    provider = asked.settings.get("provider")
    if provider not in PROVIDERS:
        raise InputError(
            f"no provider {provider!r}",
            mend=f"take one of {', '.join(sorted(PROVIDERS))}",
            file=asked.params_file,
            field="data.provider",
        )
    found = import_module(PROVIDERS[provider]).fetch(asked)
    live = {"validity": found.validity, "events": found.log, "moment": found.moment}
    return {**found.tables(asked), **(live if found.validity is not None else {})}
