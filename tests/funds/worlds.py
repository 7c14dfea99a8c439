"""Small worlds of funds, in the shape of lib/tables: every table that the chapter scores and trades on.

``world`` makes one with generated NAVs; ``scheme`` and the table functions make the rows by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.tables import TABLES

START, END = "2018-01-01", "2022-12-28"
MADE = {"source": "made", "origin": "generated"}
BENCHMARK = "Broad TRI"
CATEGORIES = {"Large Cap Fund": 9, "Mid Cap Fund": 8, "Short Duration Fund": 6}
MIX = {"Financial Services": 0.35, "Information Technology": 0.25, "Healthcare": 0.2, "Energy": 0.15}
"""A sector mix in a source's own words; the rest is cash."""


def table(name: str, rows, **more) -> pd.DataFrame:
    """A table of lib/tables from rows (mappings) or a frame; what is not given is null or ``made``."""
    frame = rows.copy() if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    for column in TABLES[name].columns:
        if column.name not in frame:
            frame[column.name] = more.get(column.name, MADE.get(column.name))
        if column.type == "date":
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[us]")
        elif column.type == "float":
            frame[column.name] = frame[column.name].astype("float64")
    return conform(frame, TABLES[name])


@dataclass(frozen=True)
class World:
    """The input tables of the chapter; ``but`` is the same world with some of them replaced."""

    funds: pd.DataFrame
    fund_attributes: pd.DataFrame
    fund_facts: pd.DataFrame
    fund_navs: pd.DataFrame
    fund_holdings: pd.DataFrame
    benchmark_levels: pd.DataFrame
    fund_events: pd.DataFrame
    market_score: pd.DataFrame

    def but(self, **tables: pd.DataFrame) -> World:
        """The same world with some tables replaced."""
        return replace(self, **tables)

    def cut(self, date) -> World:
        """What was known on ``date``: rows known later are not there, nor market scores of later days."""
        date = pd.Timestamp(date)
        kept = {}
        for one in fields(self):
            frame, declared = getattr(self, one.name), TABLES[one.name]
            column = declared.known_at or declared.dated
            kept[one.name] = frame[frame[column] <= date].reset_index(drop=True)
        return World(**kept)

    def shuffled(self, seed: int = 1) -> World:
        """The same rows in another order."""
        return World(
            **{
                one.name: getattr(self, one.name).sample(frac=1, random_state=seed).reset_index(drop=True)
                for one in fields(self)
            }
        )

    def joined(self, other: World) -> World:
        """The rows of both; the benchmarks and the market score of the first."""
        own = {"benchmark_levels", "market_score"}
        return World(
            **{
                one.name: getattr(self, one.name)
                if one.name in own
                else pd.concat([getattr(self, one.name), getattr(other, one.name)], ignore_index=True)
                for one in fields(self)
            }
        )

    def without(self, *fund_ids: str) -> World:
        """The world without some funds."""
        return World(
            **{
                one.name: frame[~frame["fund_id"].isin(fund_ids)].reset_index(drop=True)
                if "fund_id" in (frame := getattr(self, one.name))
                else frame
                for one in fields(self)
            }
        )


def days(start: str = START, end: str = END) -> pd.DatetimeIndex:
    return pd.bdate_range(start, end)


def funds(ids, *, plan="direct", option="growth", currency="INR", inception=START) -> pd.DataFrame:
    rows = [
        {"fund_id": one, "scheme": one, "plan": plan, "option": option, "currency": currency}
        | {"inception_date": inception, "known_at": inception}
        for one in ids
    ]
    return table("funds", rows)


def attributes(*rows) -> pd.DataFrame:
    """Rows (fund_id, item, value) or (fund_id, item, value, valid_from) or with known_at as well."""
    full = [(*row, START, START)[:5] if len(row) == 3 else (*row, row[3])[:5] for row in rows]
    names = ["fund_id", "item", "value", "valid_from", "known_at"]
    return table("fund_attributes", pd.DataFrame(full, columns=names))


def facts(*rows) -> pd.DataFrame:
    """Rows as of ``attributes``, the value a number."""
    full = [(*row, START, START)[:5] if len(row) == 3 else (*row, row[3])[:5] for row in rows]
    names = ["fund_id", "item", "value", "valid_from", "known_at"]
    return table("fund_facts", pd.DataFrame(full, columns=names))


def navs(wide: pd.DataFrame) -> pd.DataFrame:
    """NAVs from dates x funds; a NaN is a day without a NAV."""
    long = wide.rename_axis("date").reset_index().melt("date", var_name="fund_id", value_name="nav").dropna()
    return table("fund_navs", long.assign(known_at=long["date"]))


def levels(wide: pd.DataFrame, basis: str = "total_return") -> pd.DataFrame:
    """Benchmark levels from dates x benchmarks."""
    long = wide.rename_axis("date").reset_index().melt("date", var_name="benchmark", value_name="level")
    return table("benchmark_levels", long.dropna().assign(known_at=lambda one: one["date"], basis=basis))


def holdings(fund_id, mix=MIX, *, date="2022-11-30", disclosed="2022-12-10", cash=None) -> pd.DataFrame:
    """One list of a fund: one holding a sector, the rest in cash."""
    return table("fund_holdings", list_of(fund_id, mix, date, disclosed, cash))


def list_of(fund_id, mix, date, disclosed, cash=None) -> list[dict]:
    """The rows of one list."""
    rest = 1 - sum(mix.values()) if cash is None else cash
    rows = [
        {"symbol": f"S{n}", "name": f"{sector} share", "kind": "equity", "sector": sector, "cap": "large"}
        | {"weight": weight}
        for n, (sector, weight) in enumerate(mix.items())
    ]
    rows += [{"name": "Cash", "kind": "cash", "weight": rest}] if abs(rest) > 1e-12 else []
    said = {"fund_id": fund_id, "holding_date": date, "known_at": disclosed}
    return [{**row, **said} for row in rows]


def events(*rows) -> pd.DataFrame:
    """Rows (fund_id, event, date) or with successor, or with successor and known_at."""
    full = [(*row, None, row[2])[:5] if len(row) == 3 else (*row, row[2])[:5] for row in rows]
    names = ["fund_id", "event", "date", "successor", "known_at"]
    return table("fund_events", pd.DataFrame(full, columns=names))


def market(points: dict | float = 60.0, dates=None) -> pd.DataFrame:
    """The totals of the market score: by date, or the same each month end and on the last day."""
    if not isinstance(points, dict):
        dates = month_ends() if dates is None else pd.DatetimeIndex(dates)
        points = dict.fromkeys(dates, points)
    rows = []
    for date, value in points.items():
        known = value is not None and not np.isnan(value)
        stance = ("bullish" if value >= 75 else "neutral" if value >= 50 else "bearish") if known else None
        rows.append(
            {
                "score_date": date,
                "block": "total",
                "indicator": "total",
                "unit": "points",
                "max_points": 100.0,
            }
            | {"value": value if known else np.nan, "points": value if known else np.nan, "stance": stance}
            | {"status": "ok" if known else "incomplete"}
        )
    return table("market_score", rows)


def month_ends(start: str = START, end: str = END) -> pd.DatetimeIndex:
    """The calendar month ends between the two, and ``end``."""
    ends = pd.date_range(start, end, freq="ME")
    return ends.union(pd.DatetimeIndex([end]))


def world(
    categories: dict[str, int] | None = None,
    *,
    start: str = START,
    end: str = END,
    seed: int = 3,
    points: dict | float = 60.0,
    prefix: str = "F",
) -> World:
    """A world of generated funds: so many of each category, NAVs every business day, monthly holdings lists.

    Debt categories (with Duration, Debt, Bond or Gilt in the name) move little and hold no shares.
    """
    generator = np.random.default_rng(seed)
    by_category = CATEGORIES if categories is None else categories
    dates = days(start, end)
    kinds = [category for category, count in by_category.items() for _ in range(count)]
    ids = [f"{prefix}{n:03d}" for n in range(len(kinds))]
    debt = np.array([any(word in kind for word in ("Duration", "Debt", "Bond", "Gilt")) for kind in kinds])
    index = generator.normal(0.0005, 0.010, len(dates))
    beta = np.where(debt, 0.02, generator.uniform(0.8, 1.15, len(ids)))
    own = generator.normal(0, 1, (len(dates), len(ids))) * np.where(debt, 0.0006, 0.004)
    drift = generator.normal(0.0001, 0.0001, len(ids)) + np.where(debt, 0.00015, 0.0)
    wide = pd.DataFrame(100 * np.cumprod(1 + index[:, None] * beta + own + drift, axis=0), dates, ids)
    bench = pd.DataFrame({BENCHMARK: 1000 * np.cumprod(1 + index)}, dates)
    said = [row for one, kind in zip(ids, kinds, strict=True) for row in _said(one, kind, start)]
    ter, assets = generator.uniform(0.003, 0.019, len(ids)), generator.uniform(800, 30_000, len(ids))
    told = [(one, "expense_ratio", value, start) for one, value in zip(ids, ter, strict=True)]
    told += [(one, "assets", value * 1e7, start) for one, value in zip(ids, assets, strict=True)]
    told += [(one, "exit_load", 0.01, start) for one in ids]
    told += [(one, "exit_load_days", 365.0, start) for one in ids]
    lists = []
    for one, bond in zip(ids, debt, strict=True):
        for day in pd.date_range(start, end, freq="ME")[-14:] if not bond else ():
            tilt = generator.dirichlet(np.full(len(MIX), 6.0)) * 0.95
            lists += list_of(one, dict(zip(MIX, tilt, strict=True)), day, day + pd.Timedelta(days=10))
    return World(
        funds(ids, inception=start),
        attributes(*said),
        facts(*told),
        navs(wide),
        table("fund_holdings", lists) if lists else empty(TABLES["fund_holdings"]),
        levels(bench),
        empty(TABLES["fund_events"]),
        market(points, month_ends(start, end)),
    )


def _said(one: str, category: str, start: str):
    yield one, "name", f"Fund {one}", start
    yield one, "house", f"House {int(one[-3:]) % 5}", start
    yield one, "category", category, start
    yield one, "benchmark", BENCHMARK, start
