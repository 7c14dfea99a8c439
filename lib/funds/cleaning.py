"""Which rows of a fund source can be used: every check over all funds at once, and what was set aside.

A row is judged by what was known on its day alone, so that a run of an earlier day sets the same rows aside:
of two figures of one day the one that was known first counts, a restated one is dropped; a NAV that has not
moved for more than ``repeats`` days under fresh dates is dropped from then on. A jump is kept and named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import found_issues
from lib.contracts import conform
from lib.funds.issues import Issues
from lib.tables import TABLES

STEADY = r"liquid|overnight|money market|ultra short|arbitrage"
"""Categories whose funds may keep a NAV for days, those that pay all out daily among them."""
LONGEST_GAP = 10
"""Days between two NAVs beyond which a move is no jump of one day."""
LOADS = ("entry_load", "exit_load")
MOST_LOAD = 0.10


@dataclass(frozen=True)
class Limits:
    """Bounds of the checks: days in a row, log move a day, decimals, share by which a list may miss 100 %."""

    repeats: int = 10
    jump: float = 0.25
    expense_ratio: float = 0.05
    weights: float = 0.10


class Checked(found_issues.Checked):
    """The tables of funds that passed, and every issue."""

    def with_issues(self, *more: pd.DataFrame) -> Checked:
        """The same with further issues, those first."""
        found = pd.concat([*(one for one in more if len(one)), self.issues], ignore_index=True)
        rank = found["severity"].map({"error": 0, "warning": 1, "info": 2})
        found = found.loc[rank.sort_values(kind="stable").index]
        return Checked(self.tables, conform(found, TABLES["fund_issues"]), self.received)


def check(raw: dict[str, pd.DataFrame], limits: Limits) -> Checked:
    """Every raw table (by its name without ``raw_``) with its faulty rows taken out."""
    issues = Issues()
    received = {name: len(frame) for name, frame in raw.items()}
    funds = _first_known(raw["funds"], ["fund_id"], "funds", issues)
    ids = pd.Index(funds["fund_id"])
    tables = {"funds": funds}
    for name in ("fund_attributes", "fund_facts", "fund_navs", "fund_holdings", "fund_events"):
        tables[name] = _of_funds(raw[name], ids, name, issues)
    tables["fund_attributes"] = _first_known(
        tables["fund_attributes"], ["fund_id", "item", "valid_from"], "fund_attributes", issues
    )
    steady = _steady(tables["fund_attributes"], funds)
    tables["fund_navs"] = _navs(tables["fund_navs"], steady, limits, issues)
    tables["fund_facts"] = _facts(tables["fund_facts"], limits, issues)
    tables["fund_holdings"] = _holdings(tables["fund_holdings"], limits, issues)
    tables["benchmark_levels"] = _levels(raw["benchmark_levels"], issues)
    _events(tables["fund_events"], tables["fund_navs"], ids, issues)
    return Checked(tables, conform(issues.frame(), TABLES["fund_issues"]), received)


def _of_funds(frame: pd.DataFrame, ids: pd.Index, table: str, issues: Issues) -> pd.DataFrame:
    """The rows of funds that are in the master."""
    known = frame["fund_id"].isin(ids)
    if known.all():
        return frame
    issues.rows(frame[~known], "FUND_UNKNOWN", table, "error", "dropped", "rows of a fund that funds lacks")
    return frame[known].reset_index(drop=True)


def _first_known(frame: pd.DataFrame, key: list[str], table: str, issues: Issues) -> pd.DataFrame:
    """Of the rows of one key the one that was known first."""
    twice = frame.duplicated(key, keep=False)
    if not twice.any():
        return frame
    order = frame.sort_values("known_at", kind="stable")
    again = order.duplicated(key)
    same = order.duplicated([name for name in frame if name not in ("known_at", "source")])
    issues.rows(order[again & same], "ROW_TWICE", table, "info", "dropped", "rows that were given twice")
    told = "rows of a key that was given before with another value"
    issues.rows(order[again & ~same], "ROW_CONFLICT", table, "warning", "dropped", told)
    return order[~again].sort_index().reset_index(drop=True)


def _steady(attributes: pd.DataFrame, funds: pd.DataFrame) -> pd.Index:
    """Funds whose NAV may stand still: of a steady category at any time, and those that pay out."""
    texts = attributes[attributes["item"] == "category"]
    calm = texts.loc[texts["value"].str.contains(STEADY, case=False), "fund_id"]
    return pd.Index(calm).union(pd.Index(funds.loc[funds["option"] == "idcw", "fund_id"]))


def _navs(navs: pd.DataFrame, steady: pd.Index, limits: Limits, issues: Issues) -> pd.DataFrame:
    """NAVs that are positive, one a fund and day, and move."""
    value = navs["nav"].to_numpy()
    bad = ~((value > 0) & np.isfinite(value))
    told = "NAVs that are zero, negative or not finite"
    issues.rows(navs[bad], "NAV_NOT_POSITIVE", "fund_navs", "error", "dropped", told)
    navs, codes, ids = _one_a_day(navs[~bad] if bad.any() else navs, issues)
    day = navs["date"].to_numpy().astype("datetime64[D]").astype("int64")
    value = navs["nav"].to_numpy()
    follows = np.zeros(len(codes), dtype=bool)
    follows[1:] = codes[1:] == codes[:-1]
    _jumps(navs, value, day, follows, limits, issues)
    still = follows.copy()
    still[1:] &= value[1:] == value[:-1]
    place = np.arange(len(still))
    run = place - np.maximum.accumulate(np.where(still, 0, place))
    dead = (run >= limits.repeats) & ~ids.isin(steady)[codes]
    told = f"NAVs after the same one stood for more than {limits.repeats} days under fresh dates"
    issues.rows(navs[dead], "NAV_REPEATED", "fund_navs", "warning", "dropped", told)
    return navs[~dead].reset_index(drop=True) if dead.any() else navs.reset_index(drop=True)


def _one_a_day(navs: pd.DataFrame, issues: Issues) -> tuple[pd.DataFrame, np.ndarray, pd.Index]:
    """Of several NAVs of a fund and day the one that was known first; none where two were known at once.

    The rows in the order of fund and day, the place of each one's fund among the ids, and the ids.
    """
    codes, ids = pd.factorize(navs["fund_id"])
    if not ids.is_monotonic_increasing or (codes[1:] < codes[:-1]).any():
        codes, ids = pd.factorize(navs["fund_id"], sort=True)
    day = navs["date"].to_numpy().astype("int64")
    known = navs["known_at"].to_numpy().astype("int64")
    earlier = (day[1:] < day[:-1]) | ((day[1:] == day[:-1]) & (known[1:] < known[:-1]))
    if ((codes[1:] < codes[:-1]) | ((codes[1:] == codes[:-1]) & earlier)).any():
        order = np.lexsort((known, day, codes))
        navs, codes, day, known = navs.iloc[order], codes[order], day[order], known[order]
    again = np.zeros(len(navs), dtype=bool)
    again[1:] = (codes[1:] == codes[:-1]) & (day[1:] == day[:-1])
    if not again.any():
        return navs, codes, ids
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(again))))
    value = navs["nav"].to_numpy()
    same, at_once = value == value[first], known == known[first]
    torn = np.isin(first, first[again & ~same & at_once])
    issues.rows(
        navs[again & same & ~torn], "NAV_TWICE", "fund_navs", "info", "dropped", "NAVs given twice alike"
    )
    issues.rows(navs[torn], "NAV_CONFLICT", "fund_navs", "error", "dropped", "NAVs of days that have two")
    restated = again & ~same & ~torn
    told = "NAVs that were restated later; what was known first stands"
    issues.rows(navs[restated], "NAV_RESTATED", "fund_navs", "warning", "dropped", told)
    kept = ~(again | torn)
    return navs[kept], codes[kept], ids


def _jumps(
    navs: pd.DataFrame,
    value: np.ndarray,
    day: np.ndarray,
    follows: np.ndarray,
    limits: Limits,
    issues: Issues,
) -> None:
    if len(value) < 2:
        return
    move = np.append(0.0, np.diff(np.log(value)))
    near = np.append(0, np.diff(day)) <= LONGEST_GAP
    jump = follows & near & (np.abs(move) > limits.jump)
    tens = np.abs(move / np.log(10))
    unit = jump & (np.abs(tens - np.round(tens)) < 0.02) & (tens > 0.5)
    told = "NAVs ten or a hundred times the one before: a change of the face value?"
    issues.rows(navs[unit], "NAV_UNIT_CHANGE", "fund_navs", "error", "kept", told)
    told = f"NAVs that moved by more than {limits.jump:.0%} in a day"
    issues.rows(navs[jump & ~unit], "NAV_JUMP", "fund_navs", "warning", "kept", told)


def _facts(facts: pd.DataFrame, limits: Limits, issues: Issues) -> pd.DataFrame:
    value, item = facts["value"], facts["item"]
    ratio = item.eq("expense_ratio") & ~value.between(0, limits.expense_ratio)
    told = f"expense ratios below 0 or above {limits.expense_ratio:.1%}"
    issues.rows(facts[ratio], "BAD_TER", "fund_facts", "error", "dropped", told, shown="value")
    load = item.isin(LOADS) & ~value.between(0, MOST_LOAD)
    told = f"loads below 0 or above {MOST_LOAD:.0%}"
    issues.rows(facts[load], "LOAD_OUT_OF_BOUNDS", "fund_facts", "warning", "dropped", told, shown="value")
    other = ~item.isin(["expense_ratio", *LOADS]) & ~(value >= 0)
    told = "assets, days or investments below 0"
    issues.rows(facts[other], "FACT_NEGATIVE", "fund_facts", "warning", "dropped", told, shown="value")
    sound = facts[~(ratio | load | other)].reset_index(drop=True)
    return _first_known(sound, ["fund_id", "item", "valid_from"], "fund_facts", issues)


def _holdings(holdings: pd.DataFrame, limits: Limits, issues: Issues) -> pd.DataFrame:
    """Lists whose weights add up to about 1."""
    if holdings.empty:
        return holdings
    totals = holdings.groupby(["fund_id", "holding_date", "known_at"])["weight"].transform("sum")
    wrong = (totals - 1).abs() > limits.weights + 1e-9
    lists = holdings.assign(total=totals)[wrong].drop_duplicates(["fund_id", "holding_date", "known_at"])
    lists = lists.rename(columns={"holding_date": "date"})
    told = f"lists whose weights miss 100 % by more than {limits.weights:.0%}"
    issues.rows(lists, "HOLDINGS_TOTAL", "fund_holdings", "warning", "dropped", told, shown="total")
    return holdings[~wrong].reset_index(drop=True)


def _levels(levels: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    good = levels["level"] > 0
    bad = levels[~good].rename(columns={"benchmark": "fund_id"})
    told = "levels of a benchmark that are not positive"
    issues.rows(bad, "LEVEL_NOT_POSITIVE", "benchmark_levels", "error", "dropped", told)
    sound = levels[good].reset_index(drop=True)
    named = sound.rename(columns={"benchmark": "fund_id"})
    return _first_known(named, ["fund_id", "date"], "benchmark_levels", issues).rename(
        columns={"fund_id": "benchmark"}
    )


def _events(events: pd.DataFrame, navs: pd.DataFrame, ids: pd.Index, issues: Issues) -> None:
    stranger = events["successor"].notna() & ~events["successor"].isin(ids)
    told = "events with a successor that funds lacks"
    issues.rows(
        events[stranger], "SUCCESSOR_UNKNOWN", "fund_events", "warning", "kept", told, shown="successor"
    )
    ends = events[events["event"].isin(["closed", "merged"])].groupby("fund_id")["date"].min()
    if ends.empty:
        return
    ended = navs[navs["fund_id"].isin(ends.index)]
    after = ended[ended["date"].to_numpy() > ends.reindex(ended["fund_id"]).to_numpy()]
    told = "NAVs after the fund is said to have ended"
    issues.rows(after, "NAV_AFTER_END", "fund_navs", "warning", "kept", told)
