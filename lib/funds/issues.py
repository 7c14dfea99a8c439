"""Collects what checks of fund data found: a row a fund and check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lib.found_issues import FoundIssues


class Issues(FoundIssues):
    """The rows of the table ``fund_issues``, as they are found."""

    SUBJECT = "fund_id"
    DATES = ("date", "valid_from", "holding_date")
    SINGLE = "fund "
    SHOWN: ClassVar[Mapping[str, str]] = {"fund_navs": "nav", "benchmark_levels": "level"}
