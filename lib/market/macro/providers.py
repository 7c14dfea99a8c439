"""The prepare hook of the indicators: from the provider that the section ``macro`` of the params names.

A provider is a module with ``fetch(request) -> Raw`` (``lib/market/macro/raw.py``). A run reads these rows to
check its params, so nothing heavy is imported at the top.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lib.market.folder.settings import SETTINGS as FOLDER
from lib.market.macro.fred.settings import SETTINGS as FRED
from lib.settings import Provider

PROVIDERS = {
    "sample": Provider("lib.market.macro.sample.provider"),
    "folder": Provider("lib.market.macro.folder", FOLDER),
    "fred": Provider("lib.market.macro.fred.provider", FRED),
}


def prepare(request: dict[str, Any]) -> dict[str, Any]:
    """Tables raw_macro and raw_macro_log: figures that were released by the as-of date.

    ``request`` and what a live provider answers beside the tables are told in ``docs/formats.md``. Raises
    InputError where a file is not what it should be, or a source needs a key that is not there.
    """
    from lib.prepare_request import PrepareRequest

    asked = PrepareRequest.of(request)
    found = import_module(PROVIDERS[asked.settings["provider"]].module).fetch(asked)
    live = {"validity": found.validity, "events": found.events, "moment": found.moment}
    warnings = [one.as_dict() for one in found.warnings]
    more = {**(live if found.validity is not None else {}), **({"warnings": warnings} if warnings else {})}
    return {**found.tables(asked), **more}
