"""What a params file may say to the amfi provider.

``start`` is the first day of the NAV history that is asked for, none where it is not given; ``houses`` are
the numbers of the fund houses whose history it is, every house where none is named. ``backdate`` takes names,
categories and houses as they were first seen for known since a fund's launch, which is no history. ``beside``
is a folder with what AMFI does not publish, in the files of the template: levels of benchmarks, which fund
has which, holdings.
"""

from __future__ import annotations

from lib.settings import Setting

SETTINGS = {
    "base_url": Setting("text", "https://portal.amfiindia.com"),
    "api_url": Setting("text", "https://www.amfiindia.com"),
    "start": Setting("date"),
    "houses": Setting("texts"),
    "expenses": Setting("flag", True),
    "assets": Setting("flag", True),
    "backdate": Setting("flag", False),
    "beside": Setting("path"),
    "store": Setting("store"),
    "refresh_hours": Setting("number", 12.0, least=True, most=8760, policy=True),
    "attempts": Setting("count", 4, most=20, policy=True),
    "deadline": Setting("number", 1800.0, most=86_400, policy=True),
    "timeout": Setting("number", 60.0, most=600, policy=True),
    "calls_per_second": Setting("number", 1.0, most=50, policy=True),
    "breaker": Setting("count", 3, most=100, policy=True),
}
