"""What a params file may say to the fred provider; the key comes from the environment alone."""

from __future__ import annotations

from lib.settings import Setting

ADDRESS = "https://api.stlouisfed.org/fred"
SETTINGS = {
    "series": Setting("texts", None),
    "start": Setting("date", "2009-01-01"),
    "store": Setting("store"),
    "address": Setting("text", ADDRESS, policy=True),
    "refresh_hours": Setting("number", 12.0, least=True, most=8760, policy=True),
    "attempts": Setting("count", 4, most=20, policy=True),
    "base_wait": Setting("number", 2.0, most=600, policy=True),
    "deadline": Setting("number", 600.0, most=86_400, policy=True),
    "timeout": Setting("number", 30.0, most=600, policy=True),
    "calls_per_second": Setting("number", 1.5, most=50, policy=True),
    "breaker": Setting("count", 3, most=100, policy=True),
}
"""``series`` are names of ``SERIES`` in ``series.py``, or ``name = ID`` and ``name = ID yoy``."""
