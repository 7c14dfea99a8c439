"""The page of market/prices: which symbols have a fresh price, what was found in the bars, which are real."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, counts_add_up, holds, none
from lib.contracts import KeyFigure
from lib.conventions import STALE_AFTER_DAYS, TENORS
from lib.market.quality.bars import ANSWERED
from lib.market.quality.coverage import covered_share, older_answers
from lib.market.quality.issues import ASIDE, aside, in_doubt
from lib.market.quality.repair import not_as_logged
from lib.tables.columns import count, date, ratio, text

MOST_NAMED, MOST_DOUBTS = 10, 3
NO_BARS = "No bar passed the checks."

COVERAGE = (
    "symbol",
    text("fresh", label="Fresh price"),
    "status",
    count("bars"),
    "first_date",
    "last_date",
    text("origin", absent="no bar"),
    "detail",
)
MEANING = text("meaning", label="What was found")
FOUND = (
    MEANING,
    "action",
    "severity",
    count("issues"),
    count("symbols"),
    text("example", label="Newest example"),
    "check",
)
ISSUES = ("date", "symbol", MEANING, "action", "detail", "severity", "check")
ORIGINS = (
    text("table"),
    text("origin"),
    text("meaning", label="What that means"),
    count("rows"),
    count("series"),
    date("first_date", label="First day"),
    date("last_date", label="Last day"),
)
YIELDS = (
    "tenor",
    "date",
    ratio("rate", label="Yield"),
    "origin",
    ratio("year_before", label="A year before"),
)


def coverage(covered: pd.DataFrame) -> pd.DataFrame:
    """Every symbol asked for and what came back, in words, the poorest first."""
    table = covered.assign(whole=covered["status"] == "ok")
    table = table.sort_values(["fresh", "whole", "bars", "symbol"], ignore_index=True)
    return table.assign(
        fresh=table["fresh"].map({True: "yes", False: "NO"}).astype("str"),
        status=table["status"].map(codes.words).astype("str"),
        detail=table["detail"].fillna(""),
    )


def coverage_sentence(covered: pd.DataFrame, as_of: str) -> str:
    """How many symbols have a price near the as-of date, which have not and why, which are older answers."""
    without = covered[~covered["fresh"]]
    return _coverage(covered, as_of, f"without one: {_with_reasons(without)}" if len(without) else "")


def _coverage(covered: pd.DataFrame, as_of: str, without: str = "") -> str:
    if covered.empty:
        return "No symbol was asked for: no portfolio, factor or benchmark names one."
    asked, old = wording.plural(len(covered), "symbol"), older_answers(covered)
    fresh = f"{int(covered['fresh'].sum())} of {asked} have a price within {STALE_AFTER_DAYS} days of"
    parts = [f"{fresh} {wording.date(as_of)}", *([without] if without else [])]
    if len(old):
        parts.append(f"older answers were taken, as asked, for {_grouped(old, _last_price(old))}")
    return f"{'; '.join(parts)}."


def symbols_a_day(prices: pd.DataFrame) -> pd.Series:
    """Number of symbols that have a bar, by day."""
    return prices.groupby("date")["symbol"].nunique().astype("float64").rename("symbols")


def history_sentence(prices: pd.DataFrame) -> str:
    """How far the history goes back, when the most symbols have a price, and how few after that."""
    if prices.empty:
        return NO_BARS
    daily = symbols_a_day(prices)
    first, most = daily.index[0], daily.idxmax()
    begin = f"History begins on {wording.date(first)} with {wording.plural(daily.iloc[0], 'symbol')}"
    grows = "" if most == first else f"; from {wording.date(most)} there are {wording.count(daily.max())}"
    least = daily[most:].idxmin()
    if daily[least] == daily.max():
        return f"{begin}{grows}, and no day since then has fewer."
    return f"{begin}{grows}; the fewest since then, {wording.count(daily[least])}, on {wording.date(least)}."


def found(issues: pd.DataFrame) -> pd.DataFrame:
    """One row a check and action, with the newest issue as an example: the gravest first, then by number."""
    newest = issues.sort_values("date", na_position="first", kind="stable")
    day = newest["date"].map(wording.date, na_action="ignore").astype("str").radd(" on ").fillna("")
    newest = newest.assign(example=newest["symbol"] + day + ": " + newest["detail"])
    table = newest.groupby(["check", "severity", "action"], as_index=False).agg(
        issues=("symbol", "size"), symbols=("symbol", "nunique"), example=("example", "last")
    )
    table = table.assign(rank=table["severity"].map({"error": 0, "warning": 1, "info": 2}))
    return _in_words(table.sort_values(["rank", "issues", "check"], ascending=[True, False, True]))


def found_sentence(issues: pd.DataFrame, repairs: pd.DataFrame, received: int) -> str:
    """How many bars were set aside of how many received, kept with an issue, and repaired by which rule."""
    kept = int(issues["action"].isin(["kept", "repaired"]).sum())
    concern = f"{wording.plural(kept, 'issue')} concern{'s' if kept == 1 else ''} bars that are kept"
    head = f"Of {wording.plural(received, 'bar')} {_none_was(aside(issues))} set aside, and {concern}."
    if repairs.empty:
        return f"{head} No bar was repaired."
    bars = repairs.drop_duplicates(["symbol", "date", "rule"])
    rules = bars["rule"].map(codes.words).value_counts().sort_index()
    parts = [f"{rule} ({wording.count(number)})" for rule, number in rules.items()]
    return f"{head} {wording.plural(len(bars), 'bar')} repaired: {wording.joined(parts)}."


def every_issue(issues: pd.DataFrame) -> pd.DataFrame:
    """All issues: those of whole symbols first, then the newest."""
    order = ["date", "symbol", "check"]
    return _in_words(issues.sort_values(order, ascending=[False, True, True], na_position="first"))


def origins(**tables: pd.DataFrame) -> pd.DataFrame:
    """One row a table and origin: rows, symbols or tenors, first and last day, and what the origin means."""
    rows = []
    for name, frame in tables.items():
        subject = "tenor" if "tenor" in frame else "symbol"
        for origin, part in frame.groupby("origin", sort=False):
            days, meaning = part["date"], codes.words(origin)
            rows.append((name, origin, meaning, len(part), part[subject].nunique(), days.min(), days.max()))
    return pd.DataFrame(rows, columns=[one.name for one in ORIGINS])


def basis_sentence(prices: pd.DataFrame) -> str:
    """On what price basis the run values positions."""
    adjusted = prices.loc[prices["price_basis"] == "adjusted", "symbol"].nunique()
    if prices.empty:
        return NO_BARS
    if adjusted == 0:
        return "Positions are valued on closes as printed; returns are taken from adjusted closes."
    whole = adjusted == prices["symbol"].nunique()
    which = "Positions are" if whole else f"{wording.plural(adjusted, 'symbol')} are"
    return (
        f"{which} valued on adjusted prices: dividends and splits up to the download are folded into the "
        "closes, so past prices differ from those that were printed."
    )


def latest_yields(yields: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Yield of each tenor on its last day and a year before, in percent as quoted, from short to long."""
    year_before = yields[yields["date"] <= pd.Timestamp(as_of) - pd.DateOffset(years=1)]
    last = yields.groupby("tenor", as_index=False).last()[["tenor", "date", "rate", "origin"]]
    before = last["tenor"].map(year_before.groupby("tenor")["rate"].last()).astype("float64")
    order = last["tenor"].map(TENORS.index).argsort()
    table = last.assign(rate=last["rate"] * 100, year_before=before * 100)
    return table.iloc[order].reset_index(drop=True)


def yields_sentence(yields: pd.DataFrame, as_of: str) -> str:
    """The slope of the curve in words, and the tenors without a yield."""
    rates = latest_yields(yields, as_of).set_index("tenor")["rate"] / 100
    missing = wording.joined(tenor for tenor in TENORS if tenor not in rates)
    told = f" There is no yield of {missing}." if missing else ""
    if "3M" not in rates or "10Y" not in rates:
        return f"The slope of the curve needs three months and ten years, and is unknown.{told}"
    slope = rates["10Y"] - rates["3M"]
    shape, side = ("inverted", "less") if slope < 0 else ("rising", "more")
    size = wording.basis_points(abs(slope))
    return f"The curve is {shape}: ten years yield {size} {side} than three months.{told}"


def checks(
    received: pd.DataFrame,
    prices: pd.DataFrame,
    issues: pd.DataFrame,
    repairs: pd.DataFrame,
    covered: pd.DataFrame,
    as_of: str,
) -> list[Check]:
    """What must hold of the bars received, kept, repaired and complained of, whatever the provider gave."""
    last, closes = prices["date"].max(), prices[["close", "adj_close"]]
    adjusted = prices[prices["price_basis"] == "adjusted"]
    silent = sorted(set(covered.loc[covered["bars"] == 0, "symbol"]) - set(issues["symbol"]))
    figures = f"of {wording.plural(len(repairs), 'repaired figure')} other in prices"
    return [
        counts_add_up(
            "Every bar received is kept or accounted for",
            {"received": len(received)},
            {"kept": len(prices), "set aside": aside(issues)},
        ),
        none("One bar a symbol and day", int(prices.duplicated(["symbol", "date"]).sum()), "repeated"),
        holds(
            "No bar after the as-of date",
            prices.empty or last <= pd.Timestamp(as_of),
            f"last bar {wording.date(last)}, as of {wording.date(as_of)}",
        ),
        none(
            "Every price kept is positive and finite",
            int((~((closes > 0) & np.isfinite(closes))).sum().sum()),
            "are not",
        ),
        none(
            "On the adjusted basis close equals adjusted close",
            int((adjusted["close"] != adjusted["adj_close"]).sum()),
            "differ",
        ),
        none("Every repaired figure stands in the prices as logged", not_as_logged(prices, repairs), figures),
        holds(
            "Every symbol without bars is named among the issues",
            not silent,
            wording.joined(silent) or "none is left out",
        ),
    ]


def faults(covered: pd.DataFrame, issues: pd.DataFrame, received: int) -> list[str]:
    """Who has no fresh price, and how many bars were set aside, to be read before all else."""
    without, left_out = covered[~covered["fresh"]], issues[issues["action"].isin(ASIDE)]
    told = []
    if len(without):
        told.append(
            f"{wording.count(len(without))} of {wording.plural(len(covered), 'symbol')} "
            f"{'has' if len(without) == 1 else 'have'} no fresh price: {_with_reasons(without)}."
        )
    if len(left_out):
        told.append(
            f"{wording.count(len(left_out))} of {wording.plural(received, 'bar')} "
            f"{'was' if len(left_out) == 1 else 'were'} set aside, of "
            f"{wording.named(left_out['symbol'].drop_duplicates(), MOST_NAMED)}."
        )
    return told


def verdict(covered: pd.DataFrame, issues: pd.DataFrame, received: int, as_of: str) -> str:
    """The page in one sentence, after its faults: who has a price, what was repaired, what is in doubt."""
    bars = "" if aside(issues) else f"; of {wording.plural(received, 'bar')} none was set aside"
    repaired = int((issues["action"] == "repaired").sum())
    joint = " and " if bars else "; "
    more = f"{joint}{wording.count(repaired)} repaired" if repaired else ""
    return f"{_coverage(covered, as_of)[:-1]}{bars}{more}{_doubts(in_doubt(issues))}."


def key_figures(covered: pd.DataFrame, issues: pd.DataFrame) -> list[KeyFigure]:
    """What the run's front page shows of this stage."""
    share, missing, old = covered_share(covered), covered[~covered["fresh"]], older_answers(covered)
    named = f": {_with_reasons(missing)}" if len(missing) else ""
    older = f": {wording.named(old['symbol'], MOST_NAMED)}" if len(old) else ""
    left_out, repaired = issues[issues["action"].isin(ASIDE)], issues[issues["action"] == "repaired"]
    fresh = f"{wording.percent(share)} of the symbols have a fresh price."
    without = f"{wording.plural(len(missing), 'symbol')} without a fresh price{named}."
    answers = f"{wording.plural(len(old), 'symbol')} with an older answer of the source{older}."
    return [
        KeyFigure("coverage", share, "fraction", "higher", fresh),
        KeyFigure("missing_symbols", len(missing), "count", "lower", without),
        KeyFigure("older_answers", len(old), "count", "lower", answers),
        KeyFigure(
            "bars_set_aside", len(left_out), "count", "lower", _bars(left_out, "left out of the prices")
        ),
        KeyFigure("bars_repaired", len(repaired), "count", "lower", _bars(repaired, "repaired")),
    ]


def _in_words(issues: pd.DataFrame) -> pd.DataFrame:
    """The rows with ``meaning``, what their check finds."""
    return issues.assign(meaning=issues["check"].map(codes.words).astype("str")).reset_index(drop=True)


def _with_reasons(rows: pd.DataFrame) -> str:
    """Symbols in groups of one reason: "AAA and BBB (not in the data), CCC (last price 5 Dec 2022)"."""
    reason = rows["status"].map(codes.words).mask(rows["status"].isin(ANSWERED), "no bar passed the checks")
    return _grouped(rows, reason.where(rows["bars"] == 0, _last_price(rows)))


def _last_price(rows: pd.DataFrame) -> pd.Series:
    return "last price " + rows["last_date"].map(wording.date).astype("str")


def _grouped(rows: pd.DataFrame, why: pd.Series) -> str:
    names = rows["symbol"].groupby(why, sort=False).agg(lambda symbols: wording.named(symbols, MOST_NAMED))
    return ", ".join(names + " (" + names.index + ")")


def _bars(issues: pd.DataFrame, what: str) -> str:
    """How many bars something was done to, and of which symbols."""
    symbols = issues["symbol"].drop_duplicates()
    of = f" of {wording.named(symbols, MOST_NAMED)}" if len(symbols) else ""
    return f"{wording.plural(len(issues), 'bar')}{of} {what}."


def _doubts(issues: pd.DataFrame) -> str:
    """The newest bars that moved too far to be believed and are kept, the first of them named."""
    if issues.empty:
        return ""
    moved = issues["detail"].str.split(r"[,:]", n=1).str[0]
    names = issues["symbol"] + " on " + issues["date"].map(wording.date) + " (" + moved + ")"
    return f"; kept but in doubt: {wording.named(names, MOST_DOUBTS)}"


def _none_was(bars: int) -> str:
    return "none was" if bars == 0 else f"{wording.count(bars)} {'was' if bars == 1 else 'were'}"
