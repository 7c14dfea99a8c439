"""What the five stocks are, and where the stored series come from.

Sectors and industries are those of the Global Industry Classification as it stood on 1 March 2013.
"""

from __future__ import annotations

from typing import NamedTuple

FIRST, LAST = "2000-03-01", "2013-03-01"
FILE = "stocks.csv.gz"
SHA256 = "5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd"
RELEASE = "bokeh-sampledata 2026.1"
INDEX = "SP500"
"""The price index of the other embedded sample, from 1990 on; closes only."""


class Company(NamedTuple):
    """One stock of the sample."""

    symbol: str
    name: str
    sector: str
    industry: str


COMPANIES = (
    Company("AAPL", "Apple", "Information Technology", "Technology Hardware"),
    Company("FB", "Facebook", "Information Technology", "Internet Software and Services"),
    Company("GOOG", "Google", "Information Technology", "Internet Software and Services"),
    Company("IBM", "IBM", "Information Technology", "IT Services"),
    Company("MSFT", "Microsoft", "Information Technology", "Software"),
)
