"""The prepare hook of signals: data from the provider that the section ``signal_data`` of the params names.

A provider is a module with ``fetch(request: PrepareRequest) -> raw.Raw``; one more is one more row of
``PROVIDERS``, with its settings. A run reads these rows to check its params, so nothing heavy is imported at
the top.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lib.settings import Provider
from lib.signals.folder.settings import SETTINGS as FOLDER

PROVIDERS = {
    "sample": Provider("lib.signals.sample.provider"),
    "folder": Provider("lib.signals.folder.provider", FOLDER),
}


def prepare(request: dict[str, Any]) -> dict[str, Any]:
    """The tables ``raw.TABLE_NAMES``; only what was known up to as-of is in them.

    Any provider may add ``warnings``, a live one ``validity``, ``events`` and ``moment``. Raises InputError
    where a file or an answer is not what it should be.
    """
    from lib.prepare_request import PrepareRequest

    asked = PrepareRequest.of(request)
    return import_module(PROVIDERS[asked.settings["provider"]].module).fetch(asked).answer(asked)
