"""What the prices page says: tables for the eye and sentences built from the numbers."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lib import figures, wording
from lib.conventions import TENORS
from lib.market.quality.coverage import (
    MOST_NAMED,
    coverage_reading,
    covered_share,
    named_with_reasons,
    older_answers,
)
from lib.market.quality.issues import ASIDE, MEANINGS, aside, in_doubt

MOST_DOUBTS = 3
ORIGIN_WORDS = {
    "real": "observed in the market",
    "constructed": "computed from real prices by a model",
    "generated": "made up from a seed around known levels",
    "manual": "entered by hand",
}


def issue_counts(issues: pd.DataFrame) -> pd.DataFrame:
    """One row a check and action: meaning, how many issues, in how many symbols, the newest as an example.

    The gravest first, then the most frequent.
    """
    newest = issues.sort_values("date", na_position="first", kind="stable")
    newest = newest.assign(example=newest["symbol"] + _on(newest["date"]) + ": " + newest["detail"])
    table = newest.groupby(["check", "severity", "action"], as_index=False).agg(
        issues=("symbol", "size"), symbols=("symbol", "nunique"), example=("example", "last")
    )
    rank = table["severity"].map({"error": 0, "warning": 1, "info": 2})
    table = table.assign(rank=rank).sort_values(["rank", "issues", "check"], ascending=[True, False, True])
    return in_words(table.drop(columns="rank").reset_index(drop=True))


def in_words(issues: pd.DataFrame) -> pd.DataFrame:
    """The rows with ``meaning``, what their check finds in words."""
    return issues.assign(meaning=issues["check"].map(MEANINGS).astype("str"))


def every_issue(issues: pd.DataFrame) -> pd.DataFrame:
    """All issues in words: those of whole symbols first, then the newest."""
    order = ["date", "symbol", "check"]
    ascending = [False, True, True]
    return in_words(issues.sort_values(order, ascending=ascending, na_position="first", ignore_index=True))


def issue_reading(issues: pd.DataFrame, received: int) -> str:
    """How many bars were set aside of how many received, and how many are kept with a warning."""
    kept = int(issues["action"].isin(["kept", "repaired"]).sum())
    head = f"Of {wording.plural(received, 'bar')} {_none(aside(issues))} set aside"
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


def latest_rates(yields: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Yield of each tenor on its last day, from short to long, with the yield of a year before."""
    year_before = yields[yields["date"] <= pd.Timestamp(as_of) - pd.DateOffset(years=1)]
    last = yields.groupby("tenor", as_index=False).last()[["tenor", "date", "rate", "origin"]]
    last["year_before"] = last["tenor"].map(year_before.groupby("tenor")["rate"].last()).astype("float64")
    order = last["tenor"].map({tenor: place for place, tenor in enumerate(TENORS)})
    return last.iloc[order.argsort()].reset_index(drop=True)


def rates_table(yields: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """``latest_rates`` in percent, as yields are quoted."""
    rates = latest_rates(yields, as_of)
    return rates.assign(rate=rates["rate"] * 100, year_before=rates["year_before"] * 100)


def rates_reading(yields: pd.DataFrame, as_of: str) -> str:
    """The slope of the curve in words, and the tenors without a yield."""
    rates = latest_rates(yields, as_of).set_index("tenor")["rate"]
    missing = wording.joined(tenor for tenor in TENORS if tenor not in rates)
    told = f" There is no yield of {missing}." if missing else ""
    if "3M" not in rates or "10Y" not in rates:
        return f"The slope of the curve needs three months and ten years, and is unknown.{told}"
    slope = rates["10Y"] - rates["3M"]
    shape = "inverted: ten years yield" if slope < 0 else "rising: ten years yield"
    side = "less" if slope < 0 else "more"
    return f"The curve is {shape} {wording.basis_points(abs(slope))} {side} than three months.{told}"


def symbols_a_day(prices: pd.DataFrame) -> pd.Series:
    """Number of symbols that have a bar, by day."""
    return prices.groupby("date")["symbol"].nunique().astype("float64").rename("symbols")


def symbols_figure(daily: pd.Series) -> Figure:
    """``symbols_a_day`` as a line; its ticks are whole symbols."""
    figure = figures.line(daily, unit="symbols")
    figure.axes[0].yaxis.set_major_locator(MaxNLocator(5, integer=True))
    return figure


def history_reading(prices: pd.DataFrame) -> str:
    """How far the history goes back, when the most symbols have a price, and how few after that."""
    if not len(prices):
        return "No bar passed the checks."
    daily = symbols_a_day(prices)
    first, most = daily.index[0], daily[daily == daily.max()].index[0]
    begin = f"History begins on {wording.date(first)} with {wording.plural(daily.iloc[0], 'symbol')}"
    grows = "" if most == first else f"; from {wording.date(most)} there are {wording.count(daily.max())}"
    least = daily[most:].idxmin()
    if daily[least] == daily.max():
        return f"{begin}{grows}, and no day since then has fewer."
    return f"{begin}{grows}; the fewest since then, {wording.count(daily[least])}, on {wording.date(least)}."


def repair_reading(repairs: pd.DataFrame) -> str:
    """How many bars were repaired by which rule."""
    if repairs.empty:
        return "No bar was repaired."
    bars = repairs.drop_duplicates(["symbol", "date", "rule"])
    rules = bars["rule"].map(MEANINGS).value_counts().sort_index()
    parts = [f"{rule} ({wording.count(number)})" for rule, number in rules.items()]
    return f"{wording.plural(len(bars), 'bar')} repaired: {wording.joined(parts)}."


def verdict(coverage: pd.DataFrame, issues: pd.DataFrame, received: int, as_of: str) -> str:
    """The one sentence of the page."""
    bars = f"of {wording.plural(received, 'bar')} {_none(aside(issues))} set aside"
    repaired = int((issues["action"] == "repaired").sum())
    more = f" and {wording.count(repaired)} repaired" if repaired else ""
    return f"{coverage_reading(coverage, as_of)[:-1]}; {bars}{more}{_doubts(issues)}."


def _doubts(issues: pd.DataFrame) -> str:
    """The newest bars that moved too far to be believed and are kept, the first of them named."""
    doubtful = in_doubt(issues)
    if doubtful.empty:
        return ""
    first = doubtful.head(MOST_DOUBTS)
    moved = first["detail"].str.split(r"[,:]", n=1).str[0]
    names = (first["symbol"] + " on " + first["date"].map(wording.date) + " (" + moved + ")").tolist()
    more = [wording.plural(len(doubtful) - MOST_DOUBTS, "other")] if len(doubtful) > MOST_DOUBTS else []
    return f"; kept but in doubt: {wording.joined([*names, *more])}"


def key_figures(coverage: pd.DataFrame, issues: pd.DataFrame) -> list[dict]:
    """What the run's front page shows of this stage."""
    covered, missing, old = covered_share(coverage), coverage[~coverage["fresh"]], older_answers(coverage)
    set_aside, repaired = aside(issues), int((issues["action"] == "repaired").sum())
    named = f": {named_with_reasons(missing)}" if len(missing) else ""
    older = f": {wording.joined(old['symbol'].head(MOST_NAMED))}" if len(old) else ""
    sentences = {
        "coverage": f"{wording.percent(covered)} of the symbols have a fresh price.",
        "missing_symbols": f"{wording.plural(len(missing), 'symbol')} without a fresh price{named}.",
        "older_answers": f"{wording.plural(len(old), 'symbol')} with an older answer of the source{older}.",
        "bars_set_aside": _of_symbols(
            set_aside, "left out of the prices", issues["action"].isin(ASIDE), issues
        ),
        "bars_repaired": _of_symbols(repaired, "repaired", issues["action"] == "repaired", issues),
    }
    values = [covered, len(missing), len(old), set_aside, repaired]
    return [
        {
            "name": name,
            "value": value,
            "unit": "fraction" if name == "coverage" else "count",
            "better": "higher" if name == "coverage" else "lower",
            "sentence": sentence,
        }
        for (name, sentence), value in zip(sentences.items(), values, strict=True)
    ]


def _of_symbols(bars: int, what: str, which: pd.Series, issues: pd.DataFrame) -> str:
    """How many bars something was done to, and of which symbols."""
    symbols = issues.loc[which, "symbol"].drop_duplicates()
    named = symbols.head(MOST_NAMED).tolist()
    more = [wording.plural(len(symbols) - MOST_NAMED, "other")] if len(symbols) > MOST_NAMED else []
    of = f" of {wording.joined([*named, *more])}" if named else ""
    return f"{wording.plural(bars, 'bar')}{of} {what}."


def _none(bars: int) -> str:
    return "none was" if bars == 0 else f"{wording.count(bars)} {'was' if bars == 1 else 'were'}"


def _on(days: pd.Series) -> pd.Series:
    return days.map(wording.date, na_action="ignore").astype("str").radd(" on ").fillna("")
