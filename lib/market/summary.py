"""What the prices page says: tables for the eye and sentences built from the numbers."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.conventions import STALE_AFTER_DAYS, TENORS
from lib.errors import DataError

ORIGIN_WORDS = {
    "real": "observed in the market",
    "constructed": "computed from real prices by a model",
    "generated": "made up from a seed around known levels",
    "manual": "entered by hand",
}


def issue_counts(issues: pd.DataFrame) -> pd.DataFrame:
    """One row a check and action: how many issues, in how many symbols, and the newest as an example.

    The gravest first, then the most frequent.
    """
    newest = issues.sort_values("date", na_position="first", kind="stable")
    newest = newest.assign(example=newest["symbol"] + _on(newest["date"]) + ": " + newest["detail"])
    table = newest.groupby(["check", "severity", "action"], as_index=False).agg(
        issues=("symbol", "size"), symbols=("symbol", "nunique"), example=("example", "last")
    )
    rank = table["severity"].map({"error": 0, "warning": 1, "info": 2})
    table = table.assign(rank=rank).sort_values(["rank", "issues", "check"], ascending=[True, False, True])
    return table.drop(columns="rank").reset_index(drop=True)


def issue_reading(issues: pd.DataFrame, received: int) -> str:
    """How many bars were set aside of how many received, and how many are kept with a warning."""
    aside = int(issues["action"].isin(["quarantined", "dropped"]).sum())
    kept = int((issues["action"] == "kept").sum())
    head = f"Of {wording.plural(received, 'bar')} {_none(aside)} set aside"
    return (
        f"{head}, and {wording.plural(kept, 'remark')} concern{'s' if kept == 1 else ''} bars that are kept."
    )


def origins(**tables: pd.DataFrame) -> pd.DataFrame:
    """One row a table and origin: rows, symbols or tenors, first and last day, and what the origin means."""
    rows = []
    for name, frame in tables.items():
        subject = "tenor" if "tenor" in frame else "symbol"
        for origin, part in frame.groupby("origin", sort=False):
            days = part["date"]
            series = part[subject].nunique()
            rows.append((name, origin, ORIGIN_WORDS[origin], len(part), series, days.min(), days.max()))
    return pd.DataFrame(
        rows, columns=["table", "origin", "meaning", "rows", "series", "first_date", "last_date"]
    ).astype({"rows": "int64", "series": "int64"})


def basis_sentence(prices: pd.DataFrame) -> str:
    """On what price basis the run values positions."""
    adjusted = prices.loc[prices["price_basis"] == "adjusted", "symbol"].nunique()
    if not len(prices):
        return "No bar passed the checks."
    if adjusted == 0:
        return "Positions are valued on closes as printed; returns are taken from adjusted closes."
    whole = adjusted == prices["symbol"].nunique()
    which = "Positions are" if whole else f"{wording.plural(adjusted, 'symbol')} are"
    return (
        f"{which} valued on adjusted prices: dividends and splits up to the download are folded into the "
        "closes, so past prices differ from those that were printed."
    )


def coverage_table(coverage: pd.DataFrame, sync_log: pd.DataFrame) -> pd.DataFrame:
    """Coverage for the eye: ``fresh`` as a word, the provider's remark beside it, the poorest first."""
    table = coverage.merge(sync_log[["symbol", "detail"]], on="symbol")
    table = table.sort_values(["fresh", "bars", "symbol"], ignore_index=True)
    table["detail"] = table["detail"].fillna("")
    return table.assign(fresh=table["fresh"].map({True: "yes", False: "NO"}).astype("str"))


def coverage_share(coverage: pd.DataFrame) -> float:
    """Share of the asked symbols that have a fresh price; null when none was asked for."""
    return float(coverage["fresh"].mean())


def coverage_reading(coverage: pd.DataFrame, as_of: str) -> str:
    """How many symbols have a price near the as-of date, and which have not."""
    stale = coverage.loc[~coverage["fresh"], "symbol"].tolist()
    fresh = len(coverage) - len(stale)
    head = f"{fresh} of {wording.plural(len(coverage), 'symbol')} have a price within {STALE_AFTER_DAYS} days"
    tail = f"; not so {wording.joined(stale[:10])}{' and others' if len(stale) > 10 else ''}" if stale else ""
    return f"{head} of {wording.date(as_of)}{tail}."


def require_coverage(coverage: pd.DataFrame, *, min_coverage: float, as_of: str) -> None:
    """Stop the run when too few symbols have a fresh price: what follows would describe another portfolio.

    Raises DataError with the share, the limit and the symbols concerned.
    """
    share = coverage_share(coverage)
    if share >= min_coverage:
        return
    raise DataError(
        f"{coverage_reading(coverage, as_of)} That is {wording.percent(share)}, and at least "
        f"{wording.percent(min_coverage)} is needed. Add prices for these symbols, take an as-of date that "
        "the data reach, or lower min_coverage."
    )


def latest_rates(yields: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Yield of each tenor on its last day, from short to long, with the yield of a year before."""
    year_before = yields[yields["date"] <= pd.Timestamp(as_of) - pd.DateOffset(years=1)]
    last = yields.groupby("tenor", as_index=False).last()[["tenor", "date", "rate", "origin"]]
    last["year_before"] = last["tenor"].map(year_before.groupby("tenor")["rate"].last()).astype("float64")
    order = last["tenor"].map({tenor: place for place, tenor in enumerate(TENORS)})
    return last.iloc[order.argsort()].reset_index(drop=True)


def rates_reading(yields: pd.DataFrame, as_of: str) -> str:
    """The slope of the curve in words."""
    rates = latest_rates(yields, as_of).set_index("tenor")["rate"]
    if "3M" not in rates or "10Y" not in rates:
        return "There are no yields for three months and ten years, so the slope of the curve is unknown."
    slope = rates["10Y"] - rates["3M"]
    shape = "inverted: ten years yield" if slope < 0 else "rising: ten years yield"
    side = "less" if slope < 0 else "more"
    return f"The curve is {shape} {wording.basis_points(abs(slope))} {side} than three months."


def symbols_a_day(prices: pd.DataFrame) -> pd.Series:
    """Number of symbols that have a bar, by day."""
    return prices.groupby("date")["symbol"].nunique().astype("float64").rename("symbols")


def history_reading(prices: pd.DataFrame) -> str:
    """How far the history goes back, and since when it is whole."""
    if not len(prices):
        return "No bar passed the checks."
    daily = symbols_a_day(prices)
    most = daily[daily == daily.max()].index
    return (
        f"History begins on {wording.date(daily.index[0])} with {wording.plural(daily.iloc[0], 'symbol')}; "
        f"the most, {wording.count(daily.max())}, have a price first on {wording.date(most[0])} and last on "
        f"{wording.date(most[-1])}."
    )


def verdict(coverage: pd.DataFrame, issues: pd.DataFrame, received: int, as_of: str) -> str:
    """The one sentence of the page."""
    aside = int(issues["action"].isin(["quarantined", "dropped"]).sum())
    bars = f"of {wording.plural(received, 'bar')} {_none(aside)} set aside"
    return f"{coverage_reading(coverage, as_of)[:-1]}; {bars}."


def key_figures(coverage: pd.DataFrame, issues: pd.DataFrame, prices: pd.DataFrame) -> list[dict]:
    """What the run's front page shows of this stage."""
    share = coverage_share(coverage)
    aside = int(issues["action"].isin(["quarantined", "dropped"]).sum())
    missing = int((coverage["bars"] == 0).sum())
    jumps = int((issues["check"] == "PRICE_JUMP").sum())
    return [
        _figure(
            "coverage",
            share,
            "fraction",
            "higher",
            f"{wording.percent(share)} of the symbols have a fresh price.",
        ),
        _figure(
            "missing_symbols",
            missing,
            "count",
            "lower",
            f"{wording.plural(missing, 'symbol')} without any price.",
        ),
        _figure("bars_set_aside", aside, "count", "lower", f"{wording.plural(aside, 'bar')} set aside."),
        _figure(
            "bars",
            len(prices),
            "count",
            "neither",
            f"{wording.plural(len(prices), 'bar')} passed every check.",
        ),
        _figure(
            "jumps", jumps, "count", "neither", f"{wording.plural(jumps, 'large move')} kept with a warning."
        ),
    ]


def _figure(name: str, value: float, unit: str, better: str, sentence: str) -> dict:
    return {"name": name, "value": value, "unit": unit, "better": better, "sentence": sentence}


def _none(aside: int) -> str:
    return "none was" if aside == 0 else f"{wording.count(aside)} {'was' if aside == 1 else 'were'}"


def _on(days: pd.Series) -> pd.Series:
    return days.map(wording.date, na_action="ignore").astype("str").radd(" on ").fillna("")
