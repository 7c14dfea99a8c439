"""The prepare hook of the market: data from the provider that the section ``data`` of the params names.

A provider is a module with ``fetch(request) -> Raw``; one more is one more row of ``PROVIDERS``, with its
settings. A run reads these rows to check its params, so nothing heavy is imported at the top.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lib.market.folder.settings import SETTINGS as FOLDER
from lib.market.upstox.settings import SETTINGS as UPSTOX
from lib.market.yahoo.settings import SETTINGS as YAHOO
from lib.settings import Provider

PROVIDERS = {
    "sample": Provider("lib.market.sample.provider"),
    "sample_bars": Provider("lib.market.sample_bars.provider"),
    "folder": Provider("lib.market.folder.provider", FOLDER),
    "yahoo": Provider("lib.market.yahoo.provider", YAHOO),
    "upstox": Provider("lib.market.upstox.provider", UPSTOX),
}


def prepare(request: dict[str, Any]) -> dict[str, Any]:
    """Tables raw_prices, raw_yields, raw_implied_vols, raw_instruments, raw_sync_log and raw_sync_events.

    ``request`` holds ``as_of`` (ISO date), ``settings`` (``provider`` and its settings), ``symbols`` and
    ``params_file`` (name for messages). Only asked symbols and the underlyings of asked options, only days
    up to as-of. A symbol without data is a row of the sync log that says why. A live provider adds
    ``validity``, ``events`` and ``moment``, any one ``warnings`` (see ``raw.Raw``). Raises InputError where a
    file is not what it should be, or as-of lies before the data or after the last closed session.
    """
    from lib.market import calendar, raw

    asked = raw.Request.of(request)
    calendar.known_exchange(asked.exchange)
    found = import_module(PROVIDERS[asked.settings["provider"]].module).fetch(asked)
    live = {"validity": found.validity, "events": found.log, "moment": found.moment}
    warnings = [one.as_dict() for one in found.warnings]
    more = {**(live if found.validity is not None else {}), **({"warnings": warnings} if warnings else {})}
    return {**found.tables(asked), **more}
