"""What a ledger says of the evenings on which it was written: bars as they were seen, code, parameters.

Each line of decisions has the bars of its session as the source gave them that evening, a digest of the code
that decided and what the rules were set to. Bars of sessions that no line has are those of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from lib.account_ledger import Line
from lib.trading.bars import FIELDS, Bars
from lib.trading.charges import Charge, CostTable
from lib.trading.costs import Costs
from lib.trading.paper.settings import Matching, PaperRules
from lib.trading.rule_files import Limits, RuleBook
from lib.trading.stop_rules import StopRule

DECISIONS = "decisions"


def decisions_of(lines: Iterable[Line]) -> dict[pd.Timestamp, dict[str, Any]]:
    """What was decided at each session that has a line."""
    return {pd.Timestamp(one.session): one.body for one in lines if one.kind == DECISIONS}


def before(lines: Iterable[Line], session: pd.Timestamp | None) -> list[Line]:
    """The lines, of decisions only those before ``session``; all of them where it is None."""
    return [
        one
        for one in lines
        if one.kind != DECISIONS or session is None or pd.Timestamp(one.session) < session
    ]


def first_that_differs(
    decisions: Mapping[pd.Timestamp, Mapping[str, Any]], key: str, now: Any
) -> pd.Timestamp | None:
    """The first session whose line has something else than ``now`` under ``key``; None where all agree."""
    return min((day for day, body in decisions.items() if body.get(key) != now), default=None)


def bars_as_seen(bars: Bars, decisions: Mapping[pd.Timestamp, Mapping[str, Any]]) -> Bars:
    """The bars, those of each recorded session as they were seen; a symbol without one then has none."""
    arrays = {name: getattr(bars, name).copy() for name in FIELDS}
    columns = {str(symbol): at for at, symbol in enumerate(bars.symbols)}
    for row, day in enumerate(bars.sessions):
        body = decisions.get(day)
        if body is None:
            continue
        seen = np.full((len(columns), len(FIELDS)), np.nan)
        for symbol, values in body["bars"].items():
            if symbol in columns:
                seen[columns[symbol]] = [np.nan if one is None else one for one in values]
        for at, name in enumerate(FIELDS):
            arrays[name][row] = seen[:, at]
    return replace(bars, **arrays)


def noted_equity(
    sessions: pd.DatetimeIndex, decisions: Mapping[pd.Timestamp, Mapping[str, Any]]
) -> np.ndarray:
    """Equity as it was noted with each evening's decisions; NaN where nothing was."""
    return np.array([decisions.get(day, {}).get("equity", np.nan) for day in sessions], dtype=float)


def rules_as_recorded(now: PaperRules, parameters: Mapping[str, Any]) -> PaperRules:
    """The account's rules as a line has them: strategies, sizes, stops, limits, costs, matching, money."""
    given = parameters["costs"]
    charges = tuple(_made(Charge, one) for one in given["charges"])
    rules = {name: dict(own) for name, own in parameters["rules"].items()}
    order = sorted(rules, key=lambda one: now.strategies.index(one) if one in now.strategies else len(rules))
    stops, limits = _made(StopRule, parameters["stops"]), _made(Limits, parameters["limits"])
    return replace(
        now,
        capital=float(parameters["capital"]),
        strategies=tuple(order),
        book=RuleBook(rules, dict(parameters["sizing"]), stops, limits) if rules else None,
        costs=CostTable(_made(Costs, given["costs"]), charges),
        matching=_made(Matching, parameters["matching"]),
    )


def _made(kind: Any, values: Mapping[str, Any]) -> Any:
    """One of a kind from what was recorded of it; what the kind has no more is left out."""
    known = {one.name for one in fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in known})
