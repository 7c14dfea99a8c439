"""What a params file may say to the upstox provider; token, key and app come from the environment alone.

``instruments`` are the symbols of the workbench with the keys of the broker, ``M&M = NSE_EQ|INE101A01026``.
``user`` is whose token asks. ``basis`` says how its closes are taken: the broker's documents do not say
whether splits are worked into them. ``calls_per_minute`` and ``burst`` keep below the broker's limits.
"""

from __future__ import annotations

from lib.settings import Setting

SETTINGS = {
    "instruments": Setting("texts", required=True),
    "start": Setting("date", "2000-01-01"),
    "basis": Setting("text", "adjusted", choices=("adjusted", "raw")),
    "store": Setting("store"),
    "user": Setting("text", "default", policy=True),
    "refresh_hours": Setting("number", 24.0, least=True, most=8760, policy=True),
    "attempts": Setting("count", 3, most=20, policy=True),
    "base_wait": Setting("number", 1.0, most=600, policy=True),
    "max_wait": Setting("number", 10.0, most=3600, policy=True),
    "deadline": Setting("number", 600.0, most=86_400, policy=True),
    "timeout": Setting("number", 30.0, most=600, policy=True),
    "calls_per_minute": Setting("number", 250.0, most=3000, policy=True),
    "burst": Setting("count", 10, most=1000, policy=True),
    "breaker": Setting("count", 3, most=100, policy=True),
}
