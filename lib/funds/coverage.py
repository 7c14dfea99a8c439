"""What is known of each fund on the as-of day, how fresh its NAV is, and what funds lack."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.errors import DataError, QualityError, SourceLimited, SourceUnreachable
from lib.funds.identity import unknown_categories
from lib.funds.issues import Issues

BACKDATED = "backdated"
ENDS = ("closed", "merged")
FRESH, LATE, ENDED, NONE = "fresh", "late", "ended", "none"
LACKING = (
    ("name", "NAME_ABSENT", "funds", "a name"),
    ("category", "CATEGORY_ABSENT", "fund_attributes", "a category"),
    ("benchmark", "BENCHMARK_ABSENT", "fund_attributes", "a benchmark"),
)

NAMELESS = (
    "No name and no category was known on that day: the source tells those of its first list alone. Take a "
    "later as-of date, or `backdate` where the past need not be seen as it was."
)


def latest(attributes: pd.DataFrame, item: str) -> pd.Series:
    """The newest text of an item by fund."""
    rows = attributes[attributes["item"] == item].sort_values(["valid_from", "known_at"], kind="stable")
    return rows.drop_duplicates("fund_id", keep="last").set_index("fund_id")["value"]


def coverage_of(tables: dict[str, pd.DataFrame], as_of: str, stale_after: int) -> pd.DataFrame:
    """One row a fund: ``name house category benchmark navs first_date last_date age state holdings``.

    ``state`` is fresh, late (the last NAV is older than ``stale_after`` days), ended or none (no NAV).
    """
    funds, events = tables["funds"], tables["fund_events"]
    found = funds[["fund_id", "plan", "option", "origin"]].set_index("fund_id")
    for item in ("name", "house", "category", "benchmark"):
        found[item] = latest(tables["fund_attributes"], item).reindex(found.index)
    spans = tables["fund_navs"].groupby("fund_id", sort=False)["date"].agg(["size", "min", "max"])
    found["navs"] = spans["size"].reindex(found.index).fillna(0).astype("int64")
    found["first_date"], found["last_date"] = (spans[one].reindex(found.index) for one in ("min", "max"))
    found["age"] = (pd.Timestamp(as_of) - found["last_date"]).dt.days.astype("float64")
    over = events["event"].isin(ENDS) | (events["event"].eq("code_changed") & events["successor"].notna())
    ended = found.index.isin(events.loc[over & (events["date"] <= pd.Timestamp(as_of)), "fund_id"])
    found["state"] = np.select(
        [ended, found["navs"].eq(0), found["age"] > stale_after], [ENDED, NONE, LATE], FRESH
    )
    found["holdings"] = tables["fund_holdings"].groupby("fund_id")["holding_date"].max().reindex(found.index)
    return found.reset_index()


def lacks(coverage: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Issues of what funds that have not ended lack, one for all where none has it."""
    issues, living = Issues(), coverage[coverage["state"] != ENDED]
    for column, check, table, words in LACKING:
        _lacking(issues, living, living[column].isna(), check, table, words)
    if len(living):
        schemes = tables["funds"].set_index("fund_id")["scheme"]
        having = schemes.reindex(living.loc[living["holdings"].notna(), "fund_id"]).unique()
        without = ~living["fund_id"].map(schemes).isin(having)
        _lacking(issues, living, without, "HOLDINGS_ABSENT", "fund_holdings", "a list of holdings")
    levels = set(tables["benchmark_levels"]["benchmark"])
    unmeasured = living[living["benchmark"].notna() & ~living["benchmark"].isin(levels)]
    for name, part in unmeasured.groupby("benchmark"):
        told = f"{name}: no levels, and {len(part):,} funds name it as their benchmark"
        issues.whole("BENCHMARK_WITHOUT_LEVELS", "benchmark_levels", "warning", told)
    for name, near in unknown_categories(living["category"]).items():
        nearest = f"; the nearest that is known is {near}" if near else ""
        number = int(living["category"].eq(name).sum())
        told = f"{name}: no category that is known by name, of {number:,} funds{nearest}"
        issues.whole("CATEGORY_UNKNOWN", "fund_attributes", "warning", told)
    late = living[living["state"] == LATE].rename(columns={"last_date": "date"})
    issues.rows(
        late, "NAV_LATE", "funds", "warning", "kept", "fund whose last NAV is old, in days", shown="age"
    )
    _lacking(issues, living, living["state"] == NONE, "NAV_ABSENT", "fund_navs", "a NAV")
    return issues.frame()


def of_source(log: pd.DataFrame) -> pd.DataFrame:
    """Issues of the source itself: what did not come, what was skipped, what is no history."""
    issues = Issues()
    for row in log.itertuples():
        detail = "" if pd.isna(row.detail) else str(row.detail)
        if row.item == BACKDATED:
            issues.whole("NOT_POINT_IN_TIME", "fund_attributes", "warning", detail)
        elif row.status != "ok":
            issues.whole(str(row.status), str(row.item), "error", f"{row.item}: {detail or row.status}")
        elif row.skipped:
            told = detail or f"{row.item}: {row.skipped:,.0f} rows"
            issues.whole("ROWS_SKIPPED", str(row.item), "info", told, "dropped")
    return issues.frame()


def require_some(coverage: pd.DataFrame, log: pd.DataFrame) -> None:
    """Stop the run where there is no NAV at all, or no name and no category of any fund.

    Raises SourceLimited or SourceUnreachable where the source did not answer, else QualityError.
    """
    if not (coverage["navs"] > 0).any():
        raise _kind(log)(f"No NAV of any fund came.{_reasons(log)}")
    if coverage["name"].isna().all() and coverage["category"].isna().all():
        raise QualityError(NAMELESS + _reasons(log))


def require_fresh(coverage: pd.DataFrame, log: pd.DataFrame, *, least: float, told: str) -> None:
    """Stop the run where too few of the funds that live have a fresh NAV; ``told`` begins the message.

    Raises as ``require_some``.
    """
    share = fresh_share(coverage)
    if share < least:
        need = f"That is {share:.1%}, and at least {least:.1%} is needed."
        raise _kind(log)(f"{told} {need}{_reasons(log)}")


def _kind(log: pd.DataFrame) -> type[DataError]:
    """Whose fault it is."""
    states = set(log["status"])
    return (
        SourceLimited if "limited" in states else SourceUnreachable if "transport" in states else QualityError
    )


def _reasons(log: pd.DataFrame) -> str:
    why = [f"{row.item}: {row.detail}" for row in log[log["status"] != "ok"].itertuples()]
    return f" {'; '.join(why[:3])}." if why else ""


def fresh_share(coverage: pd.DataFrame) -> float:
    """Share of the funds that have not ended whose NAV is fresh; 0 where there is none."""
    living = coverage[coverage["state"] != ENDED]
    return float((living["state"] == FRESH).mean()) if len(living) else 0.0


def _lacking(
    issues: Issues, living: pd.DataFrame, without: pd.Series, check: str, table: str, words: str
) -> None:
    if not without.any():
        return
    if without.all():
        issues.whole(check, table, "warning", f"none of {len(living):,} funds has {words}")
        return
    issues.rows(living.loc[without, ["fund_id"]], check, table, "warning", "kept", f"fund without {words}")
