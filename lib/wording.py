"""Numbers and dates for people: one way to write each, used by sentences, tables and pages alike.

Every function takes a scalar and returns text. Fractions, returns and rates are decimals (0.035 reads 3.5%).
A missing value (None or not a number) reads "n/a", with its reason where one is given, and never 0. The
minus sign is U+2212, and what rounds to zero has no sign.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date as Date
from typing import Any

MINUS = "\u2212"
NOT_AVAILABLE = "n/a"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WHOLE_MONEY_FROM = 1000
NEARLY_SURE = 0.999
LEAST_P_VALUE = 0.001
"""A smaller p-value is written as below it."""
CODE_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LEVEL = re.compile(r"^(9\d)$")
SPELT = {
    "nav": "net asset value",
    "var": "VaR",
    "cvar": "expected shortfall",
    "pnl": "profit",
    "max": "maximum",
    "lr": "LR",
    "p": "p-value",
    "t": "t-value",
    "spa": "SPA",
    "sharpe": "Sharpe",
    "hhi": "HHI",
}


def is_missing(value: Any) -> bool:
    """Whether a scalar stands for "no value": None, NaN, NaT or NA."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return True


def not_available(reason: str = "") -> str:
    """What is written in place of a number that does not exist: "n/a", or "n/a (no price)"."""
    return f"{NOT_AVAILABLE} ({reason})" if reason else NOT_AVAILABLE


def number(value: Any, decimals: int = 2, *, signed: bool = False, reason: str = "") -> str:
    """A number with thousands separators and fixed decimals; ``signed`` writes the plus sign too."""
    if is_missing(value):
        return not_available(reason)
    value = float(value)
    if math.isinf(value):
        return "\u221e" if value > 0 else f"{MINUS}\u221e"
    text = f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def money(value: Any, currency: str = "", *, signed: bool = False, reason: str = "") -> str:
    """Money: 1,234,567 and 999.50, that is no cents from 1,000 on; the currency's code in front if given."""
    if is_missing(value):
        return not_available(reason)
    decimals = 0 if round(abs(float(value)), 2) >= WHOLE_MONEY_FROM else 2
    text = number(value, decimals, signed=signed)
    return f"{currency}\u00a0{text}" if currency else text


def percent(value: Any, decimals: int = 1, *, signed: bool = False, reason: str = "") -> str:
    """A decimal fraction as a percentage with one decimal: 0.0345 reads 3.5%."""
    if is_missing(value):
        return not_available(reason)
    return number(float(value) * 100, decimals, signed=signed) + "%"


def basis_points(value: Any, *, signed: bool = False, reason: str = "") -> str:
    """A decimal fraction as whole basis points: 0.0012 reads 12 bp."""
    if is_missing(value):
        return not_available(reason)
    return number(float(value) * 10_000, 0, signed=signed) + "\u00a0bp"


def ratio(value: Any, *, signed: bool = False, reason: str = "") -> str:
    """A pure number such as a beta or a Sharpe ratio, two decimals."""
    return number(value, 2, signed=signed, reason=reason)


def p_value(value: Any, *, reason: str = "") -> str:
    """A p-value with three decimals, never as zero and never in percent: 0.042, below 0.001."""
    if is_missing(value):
        return not_available(reason)
    return f"below {LEAST_P_VALUE}" if float(value) < LEAST_P_VALUE else number(value, 3)


def probability(value: Any, *, reason: str = "") -> str:
    """A probability in percent; one that rounds to certainty is not written as certain."""
    if is_missing(value):
        return not_available(reason)
    return f"over {NEARLY_SURE:.1%}" if float(value) >= NEARLY_SURE + 0.0005 else percent(value)


def price(value: Any, *, reason: str = "") -> str:
    """A price a share: two decimals, four below 1."""
    if is_missing(value):
        return not_available(reason)
    return number(value, 4 if 0 < abs(float(value)) < 1 else 2)


def count(value: Any, *, reason: str = "") -> str:
    """A whole number with thousands separators."""
    return number(value, 0, reason=reason)


def date(value: Any, *, reason: str = "") -> str:
    """A day as 28 Dec 2022, from a date, a timestamp or ISO text; text that is no date is kept."""
    if is_missing(value):
        return not_available(reason)
    if isinstance(value, str):
        try:
            value = Date.fromisoformat(value[:10])
        except ValueError:
            return value
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: Any, *, reason: str = "") -> str:
    """A time in UTC to the minute: 28 Dec 2022, 14:30 UTC."""
    if is_missing(value):
        return not_available(reason)
    return f"{date(value)}, {value:%H:%M} UTC"


def joined(items: Iterable[Any], last: str = "and") -> str:
    """A list in a sentence: "a", "a and b", "a, b and c"; empty text for no items."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def named(items: Iterable[Any], most: int, noun: str = "other") -> str:
    """A list in a sentence that names at most so many: "a, b and 4 others"; empty text for no items."""
    words = list(items)
    more = len(words) - most
    return joined(words if more <= 0 else [*words[:most], plural(more, noun)])


def plural(amount: int, noun: str, nouns: str = "") -> str:
    """A counted noun: "1 row", "34 rows", "2 entries" where ``nouns`` names an irregular plural."""
    return f"{count(amount)} {noun if amount == 1 else nouns or noun + 's'}"


def direction(value: Any, up: str = "up", down: str = "down", level: str = "unchanged") -> str:
    """The word for the sign of a change."""
    if is_missing(value) or value == 0:
        return level
    return up if value > 0 else down


def sentence_case(name: str) -> str:
    """A name of code for people: ``market_value`` reads "Market value", ``risk/metrics`` "Risk metrics"."""
    words = re.sub(r"[_/-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def measure(name: str) -> str:
    """A measure's name for people: ``var_95`` reads "VaR 95%", ``nav`` "Net asset value"; text is kept."""
    if not CODE_NAME.fullmatch(name):
        return name
    words = [LEVEL.sub(r"\1%", SPELT.get(word, word)) for word in name.split("_") if word != "money"]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def figure(value: Any, unit: str, currency: str = "", *, reason: str = "") -> str:
    """A key figure by its unit; ``text`` has no number and reads "".

    A ``fraction`` and a ``probability`` have one decimal of a percent, a ``return`` (of one period, where a
    tenth of a percent is much) two; money, a ratio, a count, days and a ``p_value`` are written as such.
    """
    if unit == "text":
        return ""
    if is_missing(value):
        return not_available(reason)
    if unit == "money":
        return money(value, currency)
    if unit == "fraction":
        return percent(value)
    if unit == "probability":
        return probability(value)
    if unit == "return":
        return percent(value, 2)
    if unit == "p_value":
        return p_value(value)
    if unit == "bp":
        return basis_points(value)
    if unit == "count":
        return count(value)
    if unit == "days":
        return plural(round(float(value)), "day")
    return ratio(value)


def fine_figure(value: Any, unit: str) -> str:
    """A figure by its unit as ``figure`` writes it, fractions with two decimals: days of risk are small."""
    return percent(value, 2) if unit == "fraction" else figure(value, unit)


def difference(value: Any, unit: str) -> str:
    """A difference of two figures by their unit, with its sign: fractions in percentage points."""
    if is_missing(value):
        return not_available()
    if unit == "fraction":
        return f"{number(100 * value, 2, signed=True)} points"
    if unit == "money":
        return money(round(value, 6), signed=True)
    return number(value, 0 if unit == "count" else 2, signed=True)


def change(before: Any, after: Any, unit: str) -> str:
    """How far a key figure moved: money in percent of before, fractions in points, the rest in itself."""
    if is_missing(before) or is_missing(after):
        return ""
    if unit == "money" and before:
        return percent((after - before) / abs(before), signed=True)
    if unit in ("fraction", "probability"):
        return number((after - before) * 100, 1, signed=True) + " points"
    if unit == "return":
        return number((after - before) * 100, 2, signed=True) + " points"
    decimals = 0 if unit in ("count", "days") else 3 if unit == "p_value" else 2
    return number(after - before, decimals, signed=True)
