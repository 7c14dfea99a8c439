"""The prepare hook of funds: data from the provider that the section ``fund_data`` of the params names.

A provider is a module with ``fetch(request: PrepareRequest) -> raw.Raw``; one more is one more row of
``PROVIDERS``, with its settings. A run reads these rows to check its params, so nothing heavy is imported at
the top.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lib.funds.amfi.settings import SETTINGS as AMFI
from lib.funds.folder.settings import SETTINGS as FOLDER
from lib.settings import Provider

PROVIDERS = {
    "sample": Provider("lib.funds.sample.provider"),
    "folder": Provider("lib.funds.folder.provider", FOLDER),
    "amfi": Provider("lib.funds.amfi.provider", AMFI),
}


def prepare(request: dict[str, Any]) -> dict[str, Any]:
    """Tables raw_funds, raw_fund_*, raw_benchmark_levels and raw_fund_log (``raw.TABLE_NAMES``).

    Only what was known up to as-of is in them. A live provider adds ``validity``, ``events`` and ``moment``,
    any one ``warnings``. Raises InputError where a file or an answer is not what it should be.
    """
    from lib.prepare_request import PrepareRequest

    asked = PrepareRequest.of(request)
    found = import_module(PROVIDERS[asked.settings["provider"]].module).fetch(asked)
    live = {"validity": found.validity, "events": found.events, "moment": found.moment}
    warnings = [one.as_dict() for one in found.warnings]
    more = {**(live if found.validity is not None else {}), **({"warnings": warnings} if warnings else {})}
    return {**found.tables(asked), **more}
