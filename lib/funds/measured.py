"""The 14 measures of every fund on every score date: the first pass, before anything is ranked.

A score date sees a view of the NAVs, the benchmarks, the attributes and facts, the lists of holdings and the
market score as they were known at its close. Rows are fund x date; a measure that is missing is NaN, and
flags say why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.funds import bands, forward, measures, similarity
from lib.funds.nav_panel import Panel, codes_of, day_number, day_numbers, months_before, panel_of
from lib.funds.score_rules import Rules
from lib.funds.succession import continued
from lib.funds.universe import FAR, Known, Roster, Universe, known_items, roster_of, universe_at
from lib.market.calendar import sessions

MARKET_STALE = 31
HIGHEST_EXPENSE = 0.05


@dataclass(frozen=True)
class Market:
    """Total and stance of the market score by day, in order."""

    days: np.ndarray
    total: np.ndarray
    stance: np.ndarray

    def at(self, day: int) -> tuple[int, float, str | None]:
        """Day, total and stance of the newest score of the last month; stance None where it has none."""
        place = int(np.searchsorted(self.days, day, side="right")) - 1
        if place < 0 or self.days[place] < day - MARKET_STALE:
            return 0, np.nan, None
        stance = self.stance[place]
        return int(self.days[place]), float(self.total[place]), stance if isinstance(stance, str) else None


def market_of(table: pd.DataFrame) -> Market:
    """The totals of the table ``market_score``."""
    total = table[(table["block"] == "total") & (table["indicator"] == "total")].sort_values("score_date")
    stance = total["stance"].to_numpy(dtype=object)
    return Market(day_numbers(total["score_date"]), total["points"].to_numpy(dtype="float64"), stance)


@dataclass(frozen=True)
class Inputs:
    """Everything that scores rest on, arranged once for all dates."""

    rules: Rules
    roster: Roster
    navs: Panel
    attributes: dict[str, Known]
    facts: dict[str, Known]
    benchmarks: Panel
    price_basis: np.ndarray
    lists: similarity.Lists
    market: Market
    sessions: np.ndarray
    changed: np.ndarray

    def text(self, item: str, day: int) -> np.ndarray:
        """An attribute of every fund as known on a day, empty where there is none."""
        known = self.attributes.get(item)
        count = len(self.roster.ids)
        return np.full(count, "", dtype=object) if known is None else known.at(day, count, "")

    def fact(self, item: str, day: int) -> np.ndarray:
        """A number of every fund as known on a day, NaN where there is none."""
        known = self.facts.get(item)
        count = len(self.roster.ids)
        return np.full(count, np.nan) if known is None else known.at(day, count, np.nan)


def inputs_of(tables: Mapping[str, pd.DataFrame], rules: Rules) -> Inputs:
    """The tables that ``funds/scores`` reads, by name, arranged."""
    roster = roster_of(tables["funds"], tables["fund_events"], plan=rules.plan, option=rules.option)
    history, changed = continued(tables["fund_navs"], tables["fund_events"])
    navs = panel_of(history, roster.ids, entity="fund_id", value="nav")
    levels = tables["benchmark_levels"]
    names = np.array(sorted(set(levels["benchmark"])), dtype=object)
    first = levels.drop_duplicates("benchmark").set_index("benchmark")["basis"]
    days = sessions(_iso(navs.days[0]), _iso(navs.days[-1]), rules.exchange) if len(navs.days) else []
    return Inputs(
        rules,
        roster,
        navs,
        known_items(tables["fund_attributes"], roster.ids),
        known_items(tables["fund_facts"], roster.ids),
        panel_of(levels, names, entity="benchmark", value="level"),
        (first.reindex(names) == "price").to_numpy() if len(names) else np.zeros(0, dtype=bool),
        similarity.lists_of(tables["fund_holdings"], tables["funds"], roster.schemes),
        market_of(tables["market_score"]),
        day_numbers(pd.DatetimeIndex(days)),
        _changed_days(roster.ids, changed),
    )


def _changed_days(ids: np.ndarray, changed: Mapping[str, pd.Timestamp]) -> np.ndarray:
    """By fund, since when it has the history of an earlier code; far away where it has none."""
    found = np.full(len(ids), FAR)
    place = codes_of(pd.Series(list(changed), dtype="str"), ids)
    found[place[place >= 0]] = day_numbers(pd.DatetimeIndex(list(changed.values())))[place >= 0]
    return found


@dataclass(frozen=True)
class Measured:
    """Columns of rows fund x date: what each fund is called, its measures, and masks by flag."""

    columns: dict[str, np.ndarray]
    flags: dict[str, np.ndarray]
    skipped: pd.DataFrame


def measure_all(inputs: Inputs, days: list[int]) -> Measured:
    """All funds on all days, in the order of day and fund."""
    parts, skipped = [], []
    for day in days:
        view = inputs.navs.view(day)
        if not len(view.days):
            continue
        category = inputs.text("category", day)
        universe = universe_at(inputs.roster, view, category, categories=inputs.rules.categories)
        left = np.flatnonzero(universe.reason != "")
        skipped.append(
            pd.DataFrame({"day": day, "fund": inputs.roster.ids[left], "check": universe.reason[left]})
        )
        if universe.scored.any():
            parts.append(_on_a_day(inputs, view, universe, category))
    columns = {name: np.concatenate([one[0][name] for one in parts]) for name in parts[0][0]} if parts else {}
    flags = {name: np.concatenate([one[1][name] for one in parts]) for name in parts[0][1]} if parts else {}
    none = pd.DataFrame({"day": [], "fund": [], "check": []})
    return Measured(columns, flags, pd.concat(skipped, ignore_index=True) if skipped else none)


def _on_a_day(
    inputs: Inputs, view: Any, universe: Universe, category: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    rows = np.flatnonzero(universe.scored)
    day, category = view.day, category[rows]
    ids = inputs.roster.ids[rows]
    name = inputs.text("name", day)[rows]
    columns: dict[str, np.ndarray] = {
        "day": np.full(len(rows), day),
        "fund_id": ids,
        "name": np.where(name == "", ids, name),
        "category": category,
        "subcategory": inputs.text("subcategory", day)[rows],
    }
    own = view if len(rows) == len(inputs.roster.ids) else _some(view, rows)
    columns |= measures.period_returns(own)
    columns |= _risks(inputs, own)
    captured, flags = _captures(inputs, own, rows)
    columns |= captured
    told, said = _others(inputs, day, rows, category)
    columns |= told
    flags |= said
    young = np.isnan(columns["return_5y"]) | np.isnan(columns["std_dev_3y"])
    flags["YOUNG"] = young | np.isnan(columns["return_3y"])
    flags["STALE_NAV"] = np.isnan(own.at(day, measures.END_STALE)[0])
    flags["SHORT_WINDOW"] = np.isnan(own.at(months_before(measures.date_of(day), 36), 7)[0])
    flags["IDCW_NAV"] = inputs.roster.idcw[rows]
    flags["CODE_CHANGED"] = inputs.changed[rows] <= day
    flags["ENDING"] = universe.ending[rows]
    return columns, flags


def _some(view: Any, rows: np.ndarray) -> Any:
    first = int(np.searchsorted(view.days, months_before(measures.date_of(view.day), 61)))
    return type(view)(view.day, view.days[first:], np.ascontiguousarray(view.levels[first:][:, rows]))


def _risks(inputs: Inputs, view: Any) -> dict[str, np.ndarray]:
    daily = measures.daily_returns(view, inputs.sessions, 36)
    starts = {years: months_before(measures.date_of(view.day), 12 * years) for years in (1, 3)}
    expected = {
        years: int(np.diff(np.searchsorted(inputs.sessions, [start + 1, view.day + 1]))[0])
        for years, start in starts.items()
    }
    return {
        "std_dev_1y": measures.volatility(daily.returns[daily.days > starts[1]], expected[1]),
        "std_dev_3y": measures.volatility(daily.returns, expected[3]),
        "max_drawdown": measures.drawdown(daily.path),
    }


def _captures(
    inputs: Inputs, view: Any, rows: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    named = inputs.text("benchmark", view.day)[rows]
    named = np.where(named == "", inputs.rules.benchmark or "", named)
    place = codes_of(pd.Series(named, dtype="str"), inputs.benchmarks.names)
    levels = np.full((37, len(rows)), np.nan)
    if len(inputs.benchmarks.names):
        known = measures.monthly_levels(inputs.benchmarks.view(view.day), 36)
        levels = np.where(place >= 0, known[:, place], np.nan)
    own = measures.monthly_levels(view, 36)
    own, levels = own[1:] / own[:-1] - 1, levels[1:] / levels[:-1] - 1
    one, three = measures.capture(own[-12:], levels[-12:]), measures.capture(own, levels)
    columns = {
        "benchmark": named,
        "updown_capture_1y": one.spread,
        "updown_capture_3y": three.spread,
    }
    basis = np.append(inputs.price_basis, False)[place]
    unknown = np.isnan(levels).all(axis=0)
    few = ~unknown & (one.months >= 10) & np.isnan(one.spread)
    return columns, {"NO_BENCHMARK": unknown, "PRICE_BENCHMARK": basis & ~unknown, "FEW_MONTHS": few}


def _others(
    inputs: Inputs, day: int, rows: np.ndarray, category: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    market_day, market, stance = inputs.market.at(day)
    shares, listed = similarity.latest_shares(inputs.lists, day, len(inputs.roster.schemes))
    scheme = inputs.roster.scheme[rows]
    shares, listed = shares[scheme], listed[scheme]
    kinds = np.array([bands.kind_of(one) for one in category], dtype=object)
    suited = np.isin(kinds, ["equity", "index"])
    stale = listed < day - similarity.STALE_AFTER
    alike = np.where(suited & ~stale, similarity.similarity(shares, stance), np.nan)
    fit, named = forward.forward_shares(category, market, stance)
    expense = inputs.fact("expense_ratio", day)[rows]
    bad = (expense < 0) | (expense > HIGHEST_EXPENSE)
    expense = np.where(bad, np.nan, expense)
    assets = inputs.fact("assets", day)[rows]
    columns = {
        "sectoral_similarity": alike,
        "forward_score": fit,
        "aum_size": np.where(assets > 0, assets, np.nan),
        "expense_ratio": expense,
        "market_day": np.full(len(rows), market_day),
        "market_stance": np.full(len(rows), stance, dtype=object),
    }
    flags = {
        "NO_STANCE": np.full(len(rows), stance is None),
        "NOT_EQUITY": ~suited,
        "NO_HOLDINGS": suited & (listed == 0),
        "STALE_HOLDINGS": suited & (listed > 0) & stale,
        "NO_EQUITY": suited & ~stale & (shares.sum(axis=1) <= 0),
        "COARSE_FIT": ~named & ~np.isnan(fit),
        "FIT_UNKNOWN": np.isnan(fit) & (stance is not None),
        "AUM_MISSING": ~(assets > 0),
        "TER_MISSING": np.isnan(expense) & ~bad,
        "BAD_TER": bad,
    }
    return columns, flags


def score_days(as_of: str, months: int, first: int) -> list[int]:
    """The ends of the last ``months`` calendar months (all since ``first`` when 0) and the as-of date."""
    day = day_number(as_of)
    span = (measures.date_of(day).to_period("M") - measures.date_of(first).to_period("M")).n
    wanted = min(months, span) if months else span
    ends = measures.month_ends(day, wanted - 1) if wanted > 0 else []
    return sorted({one for one in ends if first <= one <= day} | {day})


def _iso(day: int) -> pd.Timestamp:
    return measures.date_of(int(day))
