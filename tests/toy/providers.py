"""The toy's providers of prices: one that knows them, and one that fetches (see the hooks)."""

from __future__ import annotations

from lib.settings import Provider, Setting

PROVIDERS = {
    "sample": Provider("lib.toy.hooks"),
    "live": Provider(
        "lib.toy.hooks",
        {
            "start": Setting("date", "2022-12-01"),
            "store": Setting("store"),
            "attempts": Setting("count", 4, most=20, policy=True),
            "deadline": Setting("number", 600.0, most=86_400, policy=True),
        },
    ),
}
