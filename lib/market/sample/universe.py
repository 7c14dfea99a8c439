"""What the symbols of the sample are: names, sectors by the Global Industry Classification of 2022.

``quarterly_dividend`` is the last regular quarterly dividend a share, in dollars, that had gone ex by
``DIVIDENDS_KNOWN_FROM``, as the companies announced it. Four times it over the price of that day, rounded
to a tenth of a percent, is the dividend yield of the sample's stocks. Funds and the index have no fixed
dividend, so theirs is unknown.
"""

from __future__ import annotations

from typing import NamedTuple

DIVIDENDS_KNOWN_FROM = "2022-12-15"
TENORS = ("3M", "2Y", "10Y", "30Y")
"""Tenors of the generated yields."""


class Company(NamedTuple):
    """One stock of the sample; the dividend is on the share count of 2022, before any later split."""

    symbol: str
    name: str
    sector: str
    industry: str
    quarterly_dividend: float


COMPANIES = (
    Company("AAPL", "Apple", "Information Technology", "Technology Hardware", 0.23),
    Company("AMD", "Advanced Micro Devices", "Information Technology", "Semiconductors", 0.0),
    Company("BAC", "Bank of America", "Financials", "Banks", 0.22),
    Company("BBY", "Best Buy", "Consumer Discretionary", "Specialty Retail", 0.88),
    Company("CVX", "Chevron", "Energy", "Integrated Oil and Gas", 1.42),
    Company("GE", "General Electric", "Industrials", "Industrial Conglomerates", 0.08),
    Company("HD", "Home Depot", "Consumer Discretionary", "Specialty Retail", 1.90),
    Company("JNJ", "Johnson & Johnson", "Health Care", "Pharmaceuticals", 1.13),
    Company("JPM", "JPMorgan Chase", "Financials", "Banks", 1.00),
    Company("KO", "Coca-Cola", "Consumer Staples", "Beverages", 0.44),
    Company("LLY", "Eli Lilly", "Health Care", "Pharmaceuticals", 0.98),
    Company("MRK", "Merck & Co.", "Health Care", "Pharmaceuticals", 0.73),
    Company("MSFT", "Microsoft", "Information Technology", "Software", 0.68),
    Company("PEP", "PepsiCo", "Consumer Staples", "Beverages", 1.15),
    Company("PFE", "Pfizer", "Health Care", "Pharmaceuticals", 0.40),
    Company("PG", "Procter & Gamble", "Consumer Staples", "Household Products", 0.9133),
    Company("RRC", "Range Resources", "Energy", "Oil and Gas Exploration", 0.08),
    Company("UNH", "UnitedHealth Group", "Health Care", "Health Care Providers", 1.65),
    Company("WMT", "Walmart", "Consumer Staples", "Consumer Staples Retail", 0.56),
    Company("XOM", "Exxon Mobil", "Energy", "Integrated Oil and Gas", 0.91),
)

FUNDS = {
    "MTUM": "iShares MSCI USA Momentum Factor ETF",
    "QUAL": "iShares MSCI USA Quality Factor ETF",
    "SIZE": "iShares MSCI USA Size Factor ETF",
    "USMV": "iShares MSCI USA Min Vol Factor ETF",
    "VLUE": "iShares MSCI USA Value Factor ETF",
}

INDICES = {"SP500": "S&P 500 price index"}

# The stored closes are adjusted for a spin-off of January 2023: the market quoted about 80 dollars, not 62.
QUOTED_PRICE = {"GE": 80.0}
