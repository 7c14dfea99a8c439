"""Which model funds there are: the file ``funds.yaml`` as plain values, every default filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

RULES = Path(__file__).parent / "funds.yaml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FIRST_DAY = pd.Timestamp("2010-01-04")
REBALANCE = {"monthly": "ME", "quarterly": "QE", "yearly": "YE"}


@dataclass(frozen=True)
class Sleeve:
    """A part of a portfolio: a rule over assets (weights by asset where it is fixed)."""

    rule: str
    of: dict[str, float]
    share: float = 1.0
    take: int = 0


@dataclass(frozen=True)
class Change:
    """A text of a fund that became another one."""

    item: str
    value: str
    day: pd.Timestamp
    known: pd.Timestamp


@dataclass(frozen=True)
class End:
    """The last day of a fund and what happened then; ``into`` is the scheme that its units became."""

    day: pd.Timestamp
    event: str
    into: str | None = None


@dataclass(frozen=True)
class Scheme:
    """One model fund with all its plans; ``benchmark`` is None where it names none."""

    id: str
    name: str
    house: str
    category: str
    subcategory: str
    hold: tuple[Sleeve, ...]
    rebalance: str
    expense: float
    assets: float
    benchmark: str | None
    exit_load: float
    exit_load_days: int
    discloses: str
    start: pd.Timestamp
    regular: float | None = None
    idcw: float | None = None
    end: End | None = None
    continues: str | None = None
    changes: tuple[Change, ...] = field(default=())

    @property
    def held(self) -> set[str]:
        """Every asset that it may hold."""
        return {asset for sleeve in self.hold for asset in sleeve.of}


@dataclass(frozen=True)
class Rules:
    """The whole file: schemes and benchmarks by name, and what happened to all of them at once."""

    schemes: dict[str, Scheme]
    benchmarks: dict[str, tuple[Sleeve, ...]]
    houses: dict[str, str]
    dividends_since: pd.Timestamp
    taken_over: dict[str, Any]


@cache
def rules() -> Rules:
    """The model funds as the file writes them."""
    written = yaml.load(RULES.read_text(encoding="utf-8"), Loader=LOADER)
    groups = written["groups"]
    schemes = [_scheme(one, groups, written["categories"]) for one in written["funds"]]
    benchmarks = {name: _sleeves(one["hold"], groups) for name, one in written["benchmarks"].items()}
    return Rules(
        {one.id: one for one in schemes},
        benchmarks,
        written["houses"],
        _day(written["dividends_since"]),
        {**written["taken_over"], "day": _day(written["taken_over"]["day"])},
    )


def _scheme(one: dict[str, Any], groups: dict[str, list[str]], categories: dict[str, dict]) -> Scheme:
    defaults = {"exit_load": 0.01, "exit_load_days": 365, "rebalance": "quarterly", "discloses": "quarterly"}
    parts = {**defaults, **categories[one["category"]], **one}
    start, end = parts.pop("from", FIRST_DAY), parts.pop("end", None)
    parts |= {
        "house": one["id"].split("-")[0].capitalize(),
        "start": _day(start),
        "end": end and End(**{**end, "day": _day(end["day"])}),
        "benchmark": None if parts["benchmark"] == "none" else parts["benchmark"],
        "hold": _sleeves(one["hold"], groups),
        "changes": tuple(_change(change) for change in one.get("changes", ())),
    }
    return Scheme(**parts)


def _sleeves(written: list[dict[str, Any]], groups: dict[str, list[str]]) -> tuple[Sleeve, ...]:
    def assets(of: Any) -> dict[str, float]:
        if isinstance(of, dict):
            return of
        return dict.fromkeys(groups[of] if isinstance(of, str) else of, 1.0)

    return tuple(Sleeve(**{**one, "of": assets(one["of"])}) for one in written)


def _change(one: dict[str, Any]) -> Change:
    day = _day(one["day"])
    return Change(one["item"], one["value"], day, _day(one["known"]) if "known" in one else day)


def _day(value: Any) -> pd.Timestamp:
    return pd.Timestamp(value).as_unit("us")
