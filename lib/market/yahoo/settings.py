"""What a params file may say to the yahoo provider; ``docs/live-data.md`` explains each."""

from __future__ import annotations

from lib.settings import Setting

SETTINGS = {
    "start": Setting("date", "2010-01-01"),
    "options": Setting("flag", True),
    "yields": Setting("flag", True),
    "stale": Setting("flag", False),
    "repair": Setting("flag", False),
    "store": Setting("store"),
    "recheck": Setting("flag", False, policy=True),
    "refresh_hours": Setting("number", 24.0, least=True, most=8760, policy=True),
    "attempts": Setting("count", 4, most=20, policy=True),
    "deadline": Setting("number", 600.0, most=86_400, policy=True),
    "timeout": Setting("number", 30.0, most=600, policy=True),
    "calls_per_second": Setting("number", 2.0, most=50, policy=True),
    "batch": Setting("count", 50, most=1000, policy=True),
    "breaker": Setting("count", 3, most=100, policy=True),
}
