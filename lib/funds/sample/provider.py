"""The embedded sample of model funds as a provider: see ``README.md`` beside this for what is real in it.

Every table is cut at the as-of date by the day on which a row was known.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from lib.errors import InputError
from lib.funds import raw
from lib.funds.sample import texts
from lib.funds.sample.assets import BONDS, PRICE_INDEX, TOTAL_RETURN, prices, real
from lib.funds.sample.holdings import holdings, month_ends
from lib.funds.sample.long_form import long
from lib.funds.sample.navs import levels, navs, plans, portfolios
from lib.funds.sample.rules import rules
from lib.prepare_request import PrepareRequest

SOURCE = "sample"


def fetch(request: PrepareRequest) -> raw.Raw:
    """The model funds as they were known at the as-of date; InputError before the sample's first day."""
    first = prices().index[0]
    if request.as_of < first:
        raise InputError(
            f"{request.as_of:%Y-%m-%d} lies before the sample of funds",
            mend=f"the first date possible is {first:%Y-%m-%d}",
            file=request.params_file,
            field="as_of",
        )
    found = raw.Raw()
    for name, table in tables(request.as_of).items():
        found.add(name, table)
        found.tell(name, rows=len(table), last_date=table["known_at"].max())
    return found


def tables(as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """The raw tables of the model funds by name, as they were known at the end of a day."""
    found = {}
    for name, table in _everything().items():
        known = table["known_at"] <= as_of
        shown = known & (table["date"] <= as_of) if "date" in table else known
        found[name] = table[shown].reset_index(drop=True)
    return found


@cache
def _everything() -> dict[str, pd.DataFrame]:
    """The tables to the last day of the sample's prices."""
    found, values = rules(), prices()
    listed = plans(found.schemes)
    wealth, weights = portfolios(found.schemes, values, month_ends(values.index))
    nav = navs(listed, wealth)
    origin = {one.id: "generated" if one.scheme.held.intersection(BONDS) else "constructed" for one in listed}
    return {
        "raw_funds": texts.funds(listed),
        "raw_fund_attributes": texts.attributes(listed, found),
        "raw_fund_facts": texts.facts(listed, nav),
        "raw_fund_navs": _navs(nav, origin),
        "raw_fund_holdings": holdings(found.schemes, values, weights),
        "raw_benchmark_levels": _levels(levels(found.benchmarks, values), values),
        "raw_fund_events": texts.events(listed, found),
    }


def _navs(nav: pd.DataFrame, origin: dict[str, str]) -> pd.DataFrame:
    table = long(nav, "fund_id", "nav")
    return table.assign(known_at=table["date"], source=SOURCE, origin=table["fund_id"].map(origin))


def _levels(model: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The real price index, the index with dividends, and the model benchmarks."""
    generated = [name for name, hold in rules().benchmarks.items() if _generated(hold)]
    index = {PRICE_INDEX: real()[PRICE_INDEX], TOTAL_RETURN: values[TOTAL_RETURN]}
    frame = pd.DataFrame({texts.INDEX_NAMES[name]: level for name, level in index.items()}).join(model)
    table = long(frame, "benchmark", "level")
    price = texts.INDEX_NAMES[PRICE_INDEX]
    origin = {price: "real", **dict.fromkeys(generated, "generated")}
    return table.assign(
        basis=table["benchmark"].eq(price).map({True: "price", False: "total_return"}),
        known_at=table["date"],
        source=SOURCE,
        origin=table["benchmark"].map(origin).fillna("constructed"),
    )


def _generated(hold) -> bool:
    return any(set(sleeve.of).intersection(BONDS) for sleeve in hold)
