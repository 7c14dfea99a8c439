"""What the tables say of each model fund besides its NAVs: master, attributes, facts, events, each dated."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.funds.sample.assets import PRICE_INDEX, TOTAL_RETURN
from lib.funds.sample.long_form import long
from lib.funds.sample.navs import Plan, expense_ratios
from lib.funds.sample.rules import Rules

INDEX_NAMES = {PRICE_INDEX: "S&P 500", TOTAL_RETURN: "S&P 500 with dividends"}
EXPENSE_LAG = pd.Timedelta(days=14)
"""A new expense ratio holds from the first of April and is published two weeks later."""
ASSETS_LAG = pd.Timedelta(days=21)
"""Assets at the end of a quarter are published three weeks later."""
FLOW, FLOW_NOISE, SEED = 0.03, 0.04, 20221228
"""Units issued a year, and the spread of those of a quarter, in the generated assets."""
SOURCE = "sample"


def funds(listed: list[Plan]) -> pd.DataFrame:
    """One row a plan and option."""
    return pd.DataFrame(
        {
            "fund_id": [one.id for one in listed],
            "scheme": [one.scheme.id for one in listed],
            "isin": None,
            "isin_reinvest": None,
            "plan": [one.plan for one in listed],
            "option": [one.option for one in listed],
            "currency": "USD",
            "inception_date": [one.scheme.start for one in listed],
            "known_at": [one.scheme.start for one in listed],
            "source": SOURCE,
            "origin": "constructed",
        }
    )


def attributes(listed: list[Plan], rules: Rules) -> pd.DataFrame:
    """Names, houses, managers, categories and benchmarks, with what changed on the way."""
    rows = [row for one in listed for row in _texts(one, rules)]
    table = pd.DataFrame(rows, columns=["fund_id", "item", "value", "valid_from", "known_at"])
    ends = {one.id: one.scheme.end.day for one in listed if one.scheme.end}
    alive = table["valid_from"] <= table["fund_id"].map(ends).fillna(table["valid_from"])
    return table[alive].assign(source=SOURCE, origin="constructed")


def _texts(one: Plan, rules: Rules) -> list[tuple]:
    scheme, start = one.scheme, one.scheme.start
    texts = {
        "name": scheme.name + one.suffix,
        "house": rules.houses[scheme.house],
        "manager": f"Model team {scheme.house[0]}1",
        "category": scheme.category,
        "subcategory": scheme.subcategory,
    }
    rows = [(one.id, item, text, start, start) for item, text in texts.items()]
    for change in scheme.changes:
        value = change.value + (one.suffix if change.item == "name" else "")
        rows.append((one.id, change.item, value, change.day, change.known))
    taken, since = rules.taken_over, rules.dividends_since
    if scheme.house == taken["house"]:
        rows.append((one.id, "house", rules.houses[taken["by"]], taken["day"], taken["day"]))
    if scheme.benchmark == TOTAL_RETURN and start < since:
        rows.append((one.id, "benchmark", INDEX_NAMES[PRICE_INDEX], start, start))
        rows.append((one.id, "benchmark", INDEX_NAMES[TOTAL_RETURN], since, since))
    elif scheme.benchmark is not None:
        rows.append((one.id, "benchmark", INDEX_NAMES.get(scheme.benchmark, scheme.benchmark), start, start))
    return rows


def facts(listed: list[Plan], navs: pd.DataFrame) -> pd.DataFrame:
    """Expense ratios as they were charged, loads, and generated assets of the schemes."""
    table = pd.concat([_expenses(listed, navs), _loads(listed), _assets(listed, navs)], ignore_index=True)
    return table.assign(source=SOURCE)


def _expenses(listed: list[Plan], navs: pd.DataFrame) -> pd.DataFrame:
    ids = [one.id for one in listed]
    ratios = pd.DataFrame(expense_ratios(listed, navs.index), index=navs.index, columns=ids).where(
        navs.notna()
    )
    moved = ratios.ne(ratios.shift()) & ratios.notna()
    table = long(ratios.where(moved), "fund_id", "value")
    first = table["date"].eq(table["fund_id"].map({one.id: one.scheme.start for one in listed}))
    april = pd.to_datetime(table["date"].dt.year.astype(str) + "-04-01").astype(table["date"].dtype)
    valid = table["date"].where(first, april)
    return table.drop(columns="date").assign(
        item="expense_ratio",
        valid_from=valid,
        known_at=valid.where(first, valid + EXPENSE_LAG),
        origin="constructed",
    )


def _loads(listed: list[Plan]) -> pd.DataFrame:
    rows = [
        (one.id, item, value, one.scheme.start)
        for one in listed
        for item, value in (
            ("entry_load", 0.0),
            ("exit_load", one.scheme.exit_load),
            ("exit_load_days", float(one.scheme.exit_load_days)),
            ("minimum_investment", 500.0),
        )
    ]
    table = pd.DataFrame(rows, columns=["fund_id", "item", "value", "valid_from"])
    return table.assign(known_at=table["valid_from"], origin="constructed")


def _assets(listed: list[Plan], navs: pd.DataFrame) -> pd.DataFrame:
    """Assets at each quarter's end: those of the launch, grown by the NAV and by generated flows."""
    ends = navs.resample("QE").last().dropna(how="all")
    noise = np.random.default_rng(SEED).standard_normal((len(ends), len(listed))) * FLOW_NOISE
    flows = np.exp(np.cumsum(noise + FLOW / 4, axis=0))
    first = ends.bfill().iloc[0].to_numpy()
    launched = np.array([one.scheme.assets * 1e6 for one in listed])
    born = ends.notna().to_numpy().argmax(axis=0)
    units = flows / flows[born, np.arange(len(listed))]
    table = (ends / first * units * launched).round(-4)
    whole = table[table.index <= navs.index[-1]]
    rows = long(whole, "fund_id", "value", "valid_from")
    return rows.assign(item="assets", known_at=rows["valid_from"] + ASSETS_LAG, origin="generated")


def events(listed: list[Plan], rules: Rules) -> pd.DataFrame:
    """Launches, ends with their successors, and the house that was taken over."""
    rows = [row for one in listed for row in _happened(one, rules)]
    table = pd.DataFrame(rows, columns=["fund_id", "event", "date", "successor", "detail"])
    return table.assign(known_at=table["date"], source=SOURCE, origin="constructed")


def _happened(one: Plan, rules: Rules) -> list[tuple]:
    scheme, end, taken = one.scheme, one.scheme.end, rules.taken_over
    rows: list[tuple] = [(one.id, "launched", scheme.start, None, None)]
    if scheme.house == taken["house"] and not (end and end.day < taken["day"]):
        detail = f"{rules.houses[taken['house']]} became part of {rules.houses[taken['by']]}"
        rows.append((one.id, "taken_over", taken["day"], None, detail))
    if end:
        successor = end.into and f"{end.into}-{one.plan}-{one.option}"
        rows.append((one.id, end.event, end.day, successor, None))
    return rows
