"""Who a fund is: plan and option, the scheme that its plans and options share, its category, what it became.

A source that has columns for plan and option is believed; where it has none both are read from the name, in
which the last word that tells an option counts: a "Growth Fund - IDCW" pays out, a "Dividend Yield Fund -
Growth" does not. What stands before the first word of plan or option is the scheme's own name. Of a scheme
with a direct plan the fund that names no plan is the regular one.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from lib.nearest import nearest_name

DIRECT = r"\bdirect\b"
REGULAR = r"\b(?:regular|retail|institutional)\b"
PAYS_OUT = r"\b(?:idcw|dividend|payout|pay-out|income distribution|bonus)\b(?! yield)"
GROWS = r"\b(?:growth|cumulative|accumulation)\b"
MARK = (
    r"(?:direct|regular|retail|institutional|growth|cumulative|idcw|dividend(?! yield)|payout|bonus|"
    r"income distribution|(?:daily|weekly|fortnightly|monthly|quarterly|half[ -]yearly|annual|yearly) "
    r"(?:idcw|dividend))"
)
TAIL = rf"\s*(?:[-–—(]\s*{MARK}\b.*|\s(?:direct|regular)\b.*)$"
LAST_OPTION = r"\s+(?:growth|idcw)(?:\s+option)?$"
FORMER = r"\s*\((?:formerly|erstwhile|earlier)[^)]*\)"
HEADING = re.compile(r"^(open|close|interval)[a-z\s]*\((.*)\)$", re.IGNORECASE)

CATEGORIES = (
    *("Large Cap", "Mid Cap", "Large & Mid Cap", "Small Cap", "Multi Cap", "Flexi Cap"),
    *("Focused", "Value", "Contra", "Dividend Yield", "ELSS", "Sectoral/ Thematic", "Growth"),
    *("Low Volatility", "Index", "Index Funds", "Gold ETF", "Other ETFs", "FoF Domestic"),
    *("FoF Overseas", "Overnight", "Liquid", "Ultra Short Duration", "Low Duration"),
    *("Money Market", "Short Duration", "Medium Duration", "Medium to Long Duration"),
    *("Long Duration", "Dynamic Bond", "Corporate Bond", "Credit Risk", "Banking and PSU"),
    *("Gilt", "Gilt with 10 year constant duration", "Floater", "Conservative Hybrid"),
    *("Balanced Hybrid", "Aggressive Hybrid", "Equity Savings", "Arbitrage"),
    *("Dynamic Asset Allocation or Balanced Advantage", "Multi Asset Allocation"),
    *("Retirement", "Children's", "Income", "Balanced", "Floating Rate", "Fund of Funds"),
    *("Large Cap Growth", "Value and Dividend Yield", "Sectoral Technology"),
    *("Sectoral Healthcare", "Sectoral Consumer", "Sectoral Banking"),
)
"""Categories that are known by name: those of the regulator, older ones, and those of the sample."""


def plans(names: pd.Series, given: pd.Series | None = None) -> pd.Series:
    """direct, regular or none; ``given`` are the source's own words, used where there are some."""
    told = names if given is None else given.where(_filled(given), names)
    low = told.str.lower()
    found = np.select([low.str.contains(DIRECT), low.str.contains(REGULAR)], ["direct", "regular"], "none")
    return pd.Series(found, index=names.index, dtype="str")


def options(names: pd.Series, given: pd.Series | None = None) -> pd.Series:
    """growth, idcw or none, by the last word that tells one."""
    told = names if given is None else given.where(_filled(given), names)
    low = told.str.lower()
    pays, grows = _last(low, PAYS_OUT), _last(low, GROWS)
    found = np.select([(pays < 0) & (grows < 0), pays > grows], ["none", "idcw"], "growth")
    return pd.Series(found, index=names.index, dtype="str")


def base_names(names: pd.Series) -> pd.Series:
    """The name of the scheme: what stands before plan and option, without what it was called before."""
    flags = {"regex": True, "flags": re.IGNORECASE}
    bare = names.str.replace(FORMER, "", **flags).str.replace(TAIL, "", **flags)
    bare = bare.str.replace(LAST_OPTION, "", **flags).str.replace(r"\s+", " ", regex=True).str.strip(" -")
    return bare.where(bare.str.len() > 0, names.str.strip())


def schemes(houses: pd.Series, names: pd.Series) -> pd.Series:
    """Ids of schemes: house and name of the scheme in lower case, hyphens between the words."""
    house = houses.fillna("").str.lower().str.replace(r"\bmutual fund\b", "", regex=True)
    joined = house + " " + base_names(names).str.lower()
    return joined.str.replace("&", " and ").str.replace(r"[^a-z0-9]+", "-", regex=True).str.strip("-")


def with_regular(found: pd.Series, scheme: pd.Series) -> pd.Series:
    """Plans, with regular in place of none where the scheme has a direct one."""
    has_direct = found.eq("direct").groupby(scheme).transform("any")
    return found.mask(found.eq("none") & has_direct, "regular")


def headings(texts: pd.Series) -> pd.DataFrame:
    """Of section headings such as ``Open Ended Schemes(Equity Scheme - Large Cap Fund)`` their parts.

    ``structure`` (open, close or interval), ``group`` (Equity Scheme) and ``category`` (Large Cap); null
    where a text is no such heading, as the name of a fund house is none.
    """
    parts = texts.str.strip().str.extract(HEADING)
    inner = parts[1].str.strip()
    group = inner.str.extract(r"^(.*?)\s+-\s+")[0]
    category = inner.str.replace(r"^.*?\s+-\s+", "", regex=True)
    category = category.str.replace(r"\s+fund$", "", regex=True, flags=re.IGNORECASE).str.strip()
    return pd.DataFrame({"structure": parts[0].str.lower(), "group": group, "category": category})


def unknown_categories(categories: pd.Series) -> dict[str, str | None]:
    """Categories that are not known by name, each with the nearest one that is."""
    known = {re.sub(r"[^a-z]", "", one.lower()): one for one in CATEGORIES}
    found = [one for one in categories.dropna().unique() if re.sub(r"[^a-z]", "", one.lower()) not in known]
    return {one: nearest_name(one, CATEGORIES) for one in sorted(found)}


def code_changes(seen: pd.DataFrame) -> pd.DataFrame:
    """Codes that ended while their ISIN went on under another: ``fund_id date successor known_at``.

    ``seen`` holds ``fund_id isin day nav_date``, a row for each list in which a code stood. The old code must
    be gone from the list on the day on which the new one is first in it.
    """
    spans = seen.dropna(subset=["isin"]).groupby(["isin", "fund_id"], as_index=False)
    spans = spans.agg(first=("day", "min"), last=("day", "max"), nav_date=("nav_date", "max"))
    pairs = spans.merge(spans, on="isin", suffixes=("", "_new"))
    pairs = pairs[(pairs["fund_id"] != pairs["fund_id_new"]) & (pairs["last"] < pairs["first_new"])]
    pairs = pairs.sort_values(["fund_id", "first_new"]).drop_duplicates("fund_id")
    told = {"nav_date": "date", "fund_id_new": "successor", "first_new": "known_at"}
    return pairs.rename(columns=told)[["fund_id", "date", "successor", "known_at"]].reset_index(drop=True)


def _filled(given: pd.Series) -> pd.Series:
    return given.fillna("").str.strip().ne("") & given.fillna("").str.strip().ne("-")


def _last(low: pd.Series, pattern: str) -> np.ndarray:
    """Where the last match of each text begins, -1 where there is none; each distinct text is read once."""
    codes, texts = pd.factorize(low)
    found = re.compile(pattern)
    places = [max((one.start() for one in found.finditer(text)), default=-1) for text in texts]
    return np.append(places, -1)[codes]
