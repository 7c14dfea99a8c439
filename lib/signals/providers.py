"""The prepare hook of signals: data from the provider that the section ``signal_data`` of the params names.

A provider is a module with ``fetch(request: PrepareRequest) -> raw.Raw``; one more is one more row of
``PROVIDERS``, with its settings. A run reads these rows to check its params, so nothing heavy is imported at
the top.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lib.settings import Provider

PROVIDERS = {
    "sample": Provider("lib.signals.sample.provider"),
}


def prepare(request: dict[str, Any]) -> dict[str, Any]:
    """The tables of ``raw.TABLE_NAMES``, with what was known up to as-of only.

    Raises InputError where a file is not what it should be.
    """
    from lib.prepare_request import PrepareRequest

    asked = PrepareRequest.of(request)
    found = import_module(PROVIDERS[asked.settings["provider"]].module).fetch(asked)
    warnings = [one.as_dict() for one in found.warnings]
    return {**found.tables(asked), **({"warnings": warnings} if warnings else {})}
