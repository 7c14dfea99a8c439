"""AMFI's files on 127.0.0.1, so that the shipped reader is tested over the wire.

    world = World.generated(funds=12, start="2026-05-01", through="2026-08-18")
    with FakeAmfi(world) as amfi:
        settings = amfi.settings()            # base_url and api_url of the section fund_data
        amfi.fault("daily", "limited", times=1, retry_after=1)
        world.through, world.form = "2026-08-20", "new"
        amfi.count("daily"), amfi.requests

Endpoints are ``daily``, ``master``, ``history``, ``expenses`` and ``assets``. Faults: ``limited``
(``retry_after=``), ``server_error``, ``truncated``, ``cut`` (whole by its length, a third of it), ``empty``,
``html``, ``drop``; ``times=`` requests, all where it is not given. ``world.edit`` changes the text of the
daily list; ``world.stale`` are codes whose NAV stays what it was under a fresh date, ``world.silent`` codes
whose date stays too.
"""

from .server import FakeAmfi
from .worlds import World

__all__ = ["FakeAmfi", "World"]
