"""Sessions of the National Stock Exchange of India that fall on holidays and weekends, since 2015.

The library's Bombay calendar, which NSE otherwise shares, has holidays but no special session. Each row was
announced by a circular of the exchange and reported by the financial press of those days: the hour of
Muhurat trading on Diwali, the Saturdays and the Sunday of the Union Budget, the Saturday that stood in for
the closed Monday of 22 January 2024, and two Saturdays on which the exchange moved to its recovery site. NSE
calls each of them a live session whose trades are settled, so its daily data have a bar.

A special session that is not listed (an older or a newer one) is reported by the quality checks as a bar on
a day that the calendar does not know; it is kept. To add one, add a row.
"""

from __future__ import annotations

ORDINARY_CLOSE = "15:30"
"""End of the normal market on an ordinary day, India Standard Time."""

MUHURAT, BUDGET, RECOVERY = "Muhurat", "Union Budget", "recovery site"

SPECIAL_SESSIONS = (
    ("2015-02-28", "15:30", BUDGET),
    ("2015-11-11", "18:45", MUHURAT),
    ("2016-10-30", "19:30", MUHURAT),
    ("2017-10-19", "19:30", MUHURAT),
    ("2018-11-07", "18:30", MUHURAT),
    ("2019-10-27", "19:15", MUHURAT),
    ("2020-02-01", "15:30", BUDGET),
    ("2020-11-14", "19:15", MUHURAT),
    ("2021-11-04", "19:15", MUHURAT),
    ("2022-10-24", "19:15", MUHURAT),
    ("2023-11-12", "19:15", MUHURAT),
    ("2024-01-20", "15:30", "in place of 22 January"),
    ("2024-03-02", "12:30", RECOVERY),
    ("2024-05-18", "12:40", RECOVERY),
    ("2024-11-01", "19:00", MUHURAT),
    ("2025-02-01", "15:30", BUDGET),
    ("2025-10-21", "14:45", MUHURAT),
    ("2026-02-01", "15:30", BUDGET),
)
"""Day, end of the normal market (India Standard Time), and the occasion."""
