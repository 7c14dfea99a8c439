"""What sectors are called: a source's own words and the names that the model mixes use."""

from __future__ import annotations

import re

WORDS = {
    "Banking & Finance": r"bank|financ|insur|capital market|nbfc|lending",
    "Healthcare": r"health|pharma|hospital|biotech|medical",
    "Technology": r"technolog|software|information tech|\bit\b|semiconduct|computer|communication",
    "Consumer Staples": r"staple|fmcg|fast moving|food|beverage|household|tobacco|non[ -]?(?:dur|cycl)",
    "Consumer Discretionary": r"discretion|cyclical|auto|retail|durable|media|leisure|hotel|textile|realty",
    "Industrials": r"industr|capital good|construct|engineer|transport|logistic|aerospace|defen[cs]e",
    "Utilities": r"utilit|\bpower\b|electric|gas distribut",
}
"""By the model's name of a sector, words of a source's own, of which the first that match count."""
OTHERS = "Others"
SECTORS = (*WORDS, OTHERS)


def model_sector(words: str | None) -> str:
    """The model's name of a sector as a source writes it; Others where no word is known."""
    if not isinstance(words, str) or words in SECTORS:
        return words if isinstance(words, str) else OTHERS
    low = words.lower()
    if re.search(WORDS["Consumer Staples"], low):
        return "Consumer Staples"
    return next((name for name, pattern in WORDS.items() if re.search(pattern, low)), OTHERS)
