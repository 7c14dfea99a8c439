"""What the page of ``portfolio/profit`` shows and says: periods, growth, the replay, realised metrics."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.book import names_of
from lib.checks import Check, equal, holds, same_money
from lib.contracts import KeyFigure
from lib.portfolio.profit_history import ProfitHistory
from lib.portfolio.realised_metrics import MINIMUM, TOO_FEW_SNAPSHOTS
from lib.tables.columns import count, earned, money, text

PERIOD_WORDS = {
    "day": "Last day",
    "week": "Week to date",
    "month": "Month to date",
    "quarter": "Quarter to date",
    "year": "Year to date",
    "history": "Whole history",
    "since_entry": "Since entry",
}
METRIC_WORDS = {
    "volatility": "Volatility a year",
    "sharpe": "Sharpe ratio",
    "sortino": "Sortino ratio",
    "max_drawdown": "Deepest fall",
    "beta": "Beta to the benchmark",
}
BASIS_WORDS = {"real": "recorded days", "with_replay": "recorded and replayed days"}
RETURNS = {"return": "Return", "benchmark_return": "Benchmark", "active_return": "Over it"}
PERIODS = (
    text("words", label="Period"),
    "start",
    money("profit", absent="reason"),
    *(earned(name, label=label, absent="reason") for name, label in RETURNS.items()),
    "benchmark_profit",
    "rows_real",
    "rows_replayed",
)
HISTORY = (
    "date",
    text("kind", label="Row"),
    "profit",
    earned("return", label="Return", absent="no net asset value to stand on"),
    earned("benchmark_return", label="Benchmark", absent="no benchmark, or no price of it"),
    money("nav", label="Net asset value"),
    "positions",
)
POSITIONS = (
    text("words", label="Position"),
    text("part", label="In the replay"),
    "profit",
    "exposure",
    "share",
)
METRICS = (
    text("words", label="Metric"),
    text("basis_words", label="Of"),
    text("figure", label="Value", absent="reason"),
    count("rows_real", label="Days recorded"),
    count("rows_replayed", label="Days replayed"),
)


def periods(table: pd.DataFrame) -> pd.DataFrame:
    """The table ``profit_periods`` in words, with the reason of what is missing."""
    reason = table["flags"].map(codes.all_words).astype("str")
    return table.assign(words=table["period"].map(PERIOD_WORDS).astype("str"), reason=reason)


def periods_sentence(table: pd.DataFrame, currency: str, benchmark: str | None) -> str:
    """What the periods that are known brought, and what the benchmark did."""
    told = [_told(table, name, currency) for name in ("month", "year", "history", "since_entry")]
    said = [one for one in told if one]
    if not said:
        return "There is no profit of any period yet."
    beside = "" if benchmark is None else f" {_beside(table, benchmark)}"
    return f"{wording.sentence_case(wording.joined(said))}.{beside}"


def growth_sentence(history: ProfitHistory, table: pd.DataFrame, benchmark: str | None) -> str:
    """What the whole history made, by how many days of each kind."""
    row = table.set_index("period").loc["history"]
    if not len(history.days):
        return "There is no day with a profit yet."
    own, other = (wording.percent(row[name], signed=True) for name in ("return", "benchmark_return"))
    beside = (
        "" if benchmark is None or wording.is_missing(row["benchmark_return"]) else f", {benchmark} {other}"
    )
    return f"Since {wording.date(row['start'])} the book returned {own}{beside}; {rows_words(history)}."


def rows_words(history: ProfitHistory) -> str:
    """How many days of the history are replayed and how many recorded."""
    replayed, real = history.rows_replayed, history.rows_real
    if not replayed:
        return f"{_days(real)} recorded and none replayed"
    return f"{_days(replayed)} replayed and {_days(real) if real else 'none'} recorded"


def faults(history: ProfitHistory) -> list[str]:
    """What is wrong with the history, to be said before anything else."""
    if not len(history.days):
        return ["The history of profits is empty: there is one snapshot at most, and no replay."]
    if not history.rows_replayed:
        return []
    until = wording.date(history.days.loc[history.days["replayed"], "date"].max())
    said = (
        f"{wording.sentence_case(rows_words(history))}: up to {until} the profits are those of today's file"
        " held in the past, no record of what was traded."
    )
    return [said, *_left_out(history)]


def replay_sentence(history: ProfitHistory, positions: pd.DataFrame) -> str:
    """What takes part in the replay, what does not and why, and what stands on constructed prices."""
    if not history.rows_replayed:
        return "Nothing is replayed."
    part = history.replayed[history.replayed["reason"] == ""]
    origin = part["position_id"].map(positions.set_index("position_id")["origin"])
    made = part[origin.isin(["constructed", "generated"])]
    share = made["share"].sum()
    constructed = (
        f" {wording.plural(len(made), 'of them', 'of them')}, {wording.percent(share)} of gross, "
        f"{'stands' if len(made) == 1 else 'stand'} on constructed prices."
        if len(made)
        else ""
    )
    named = " ".join(_left_out(history)) or "Every position takes part."
    taking = wording.plural(len(part), "position takes", "positions take")
    return f"{taking} part in the replay.{constructed} {named}"


def history_rows(history: ProfitHistory) -> pd.DataFrame:
    """The table ``profit_history`` from the newest day on."""
    kind = np.where(history.days["replayed"], "replayed", "recorded")
    return history.days.assign(kind=pd.array(kind, dtype="str"))[::-1].reset_index(drop=True)


def history_sentence(history: ProfitHistory, currency: str) -> str:
    """The best and the worst day, and what kind of day each is."""
    rows = history_rows(history).dropna(subset="profit")
    if not len(rows):
        return "There is no day with a profit yet."
    best, worst = rows.loc[rows["profit"].idxmax()], rows.loc[rows["profit"].idxmin()]
    best_day, worst_day = (f"{wording.date(one['date'])} ({one['kind']})" for one in (best, worst))
    return (
        f"The best day was {best_day} with {wording.money(best['profit'], currency, signed=True)}, the worst "
        f"{worst_day} with {wording.money(worst['profit'], signed=True)}."
    )


def replayed_positions(history: ProfitHistory) -> pd.DataFrame:
    """The table ``replay_positions``: left out first, then by the size of the profit; reasons in words."""
    table = history.replayed
    why = table["reason"].map(codes.all_words)
    part = ("left out: " + why).where(table["reason"] != "", "yes")
    order = table.assign(out=table["reason"] == "", size=-table["profit"].abs())
    order = order.sort_values(["out", "size", "share"], kind="stable").index
    words = table["position_id"].map(names_of(table))
    named = table.assign(part=part.astype("str"), words=words.astype("str"))
    return named.loc[order].reset_index(drop=True)


def metrics(table: pd.DataFrame) -> pd.DataFrame:
    """The table ``realised_metrics`` in words, each value in its own unit."""
    figures = [
        wording.figure(value, unit) if not wording.is_missing(value) else None
        for value, unit in zip(table["value"], table["unit"], strict=True)
    ]
    return table.assign(
        words=table["metric"].map(METRIC_WORDS).astype("str"),
        basis_words=table["basis"].map(BASIS_WORDS).astype("str"),
        figure=pd.array(figures, dtype="str"),
        reason=table["flags"].map(codes.all_words).astype("str"),
    )


def metrics_sentence(
    table: pd.DataFrame, *, minimum: int = MINIMUM, risk_free: float, generated: bool
) -> str:
    """Volatility and Sharpe ratio of the recorded days, or why there are none yet."""
    real = table[table["basis"] == "real"].set_index("metric")
    rate = f"risk-free rate {wording.percent(risk_free, 2)}{', generated' if generated else ''}"
    days = int(real["rows_real"].max())
    if codes.has(real["flags"], TOO_FEW_SNAPSHOTS).any():
        have = "none yet" if not days else f"{_days(days)} so far"
        return (
            f"{wording.plural(minimum, 'recorded day')} are needed for a realised metric and there "
            f"{'is' if days == 1 else 'are'} {have}; what stands with the replay is no record ({rate})."
        )
    return (
        f"Over {_days(days)} recorded the volatility was {wording.percent(real.loc['volatility', 'value'])} "
        f"a year and the Sharpe ratio {wording.ratio(real.loc['sharpe', 'value'])} ({rate})."
    )


def checks(
    history: ProfitHistory,
    table: pd.DataFrame,
    positions: pd.DataFrame,
    snapshots: pd.DataFrame,
    as_of: str,
) -> list[Check]:
    """What must hold of the chain of profits, its periods and the replay."""
    days = history.days
    past, real = days[days["replayed"]], days[~days["replayed"]]
    whole = table.set_index("period").loc["history"]
    order = days["date"].is_monotonic_increasing and days["date"].is_unique
    joined = bool((days["base_date"].iloc[1:].to_numpy() == days["date"].iloc[:-1].to_numpy()).all())
    before = real["date"].min() > past["date"].max() if len(past) and len(real) else True
    known = snapshots.sort_values("snapshot_date")
    grown = float(known["cumulative_pnl"].iloc[-1] - known["cumulative_pnl"].iloc[0]) if len(known) else 0.0
    first = float(real["profit"].iloc[0]) if len(real) and len(real) == len(known) else 0.0
    return [
        holds("Days rise, and each begins where the one before ends", order and joined, _days(len(days))),
        holds("Replayed days come before recorded ones", bool(before), rows_words(history)),
        same_money(
            "Profits of recorded days are those of the snapshots",
            float(real["profit"].sum()) - np.nan_to_num(first),
            grown,
        ),
        same_money(
            "Replayed values move by the profits", past["nav"].diff().iloc[1:], past["profit"].iloc[1:]
        ),
        same_money(
            "Profit of the history is that of its days",
            np.nan_to_num(float(whole["profit"])),
            float(days["profit"].sum()),
        ),
        equal(
            "Every day of the history is recorded or replayed",
            int(whole[["rows_real", "rows_replayed"]].sum()),
            len(days),
        ),
        _last_day(history, positions, as_of),
    ]


def verdict(history: ProfitHistory, table: pd.DataFrame, currency: str) -> str:
    """The day, the month and the time since entry in one sentence."""
    told = [_told(table, name, currency) for name in ("day", "month", "since_entry")]
    said = [one for one in told if one]
    if not said:
        return "There is no profit of any period yet."
    return f"{wording.sentence_case(wording.joined(said))}; {rows_words(history)}."


def key_figures(
    history: ProfitHistory, table: pd.DataFrame, metrics_table: pd.DataFrame, currency: str
) -> list[KeyFigure]:
    """Profits by period, what is over the benchmark, realised volatility and how many days are recorded."""
    row = table.set_index("period")
    periods = {"profit_month": "month", "profit_year": "year", "profit_since_entry": "since_entry"}
    profits = [
        KeyFigure(name, row.loc[period, "profit"], "money", "higher", _short(table, period))
        for name, period in periods.items()
    ]
    real = metrics_table[metrics_table["basis"] == "real"].set_index("metric")
    days = f"{wording.sentence_case(rows_words(history))}."
    return [
        *profits,
        KeyFigure("active_return_history", row.loc["history", "active_return"], "fraction", "higher", days),
        KeyFigure("realised_volatility", real.loc["volatility", "value"], "fraction", "lower", days),
        KeyFigure("days_recorded", history.rows_real, "count", "higher", days),
        KeyFigure("days_replayed", history.rows_replayed, "count", "neither", days),
    ]


def _short(table: pd.DataFrame, period: str) -> str:
    """One period in a sentence: its return, and that of the same money in the benchmark where it is known."""
    row = table.set_index("period").loc[period]
    if wording.is_missing(row["profit"]):
        return f"{PERIOD_WORDS[period]}: the history begins later."
    if wording.is_missing(row["return"]):
        return f"{PERIOD_WORDS[period]}."
    own, other = (wording.percent(row[name], 2, signed=True) for name in ("return", "benchmark_return"))
    beside = "" if wording.is_missing(row["benchmark_return"]) else f", the benchmark {other}"
    return f"{PERIOD_WORDS[period]} {own}{beside}."


def _told(table: pd.DataFrame, period: str, currency: str) -> str:
    """One period in words; empty where its profit is not known."""
    row = table.set_index("period").loc[period]
    if wording.is_missing(row["profit"]):
        return ""
    share = (
        "" if wording.is_missing(row["return"]) else f" ({wording.percent(row['return'], 2, signed=True)})"
    )
    return f"{PERIOD_WORDS[period].lower()} {wording.money(row['profit'], currency, signed=True)}{share}"


def _beside(table: pd.DataFrame, benchmark: str) -> str:
    """The longest period with a benchmark, against it."""
    known = table.dropna(subset="active_return")
    if not len(known):
        return f"{benchmark} has no prices to compare with."
    row = known.set_index("period").iloc[-1]
    better = "more" if row["active_return"] > 0 else "less"
    points = wording.number(100 * abs(row["active_return"]), 1)
    return f"{PERIOD_WORDS[row.name]} that is {points} points {better} than the same money in {benchmark}."


def _left_out(history: ProfitHistory) -> list[str]:
    out = history.left_out
    if not len(out):
        return []
    names = [
        f"{row.words} ({codes.all_words(row.reason)}, {wording.percent(row.share)} of gross)"
        for row in out.assign(words=out["position_id"].map(names_of(out))).itertuples()
    ]
    return [f"Left out of the replay, earning nothing there: {wording.named(names, 5)}."]


def _last_day(history: ProfitHistory, positions: pd.DataFrame, as_of: str) -> Check:
    """The replayed profit of the as-of date is that of the positions of that day, which is computed apart."""
    name = "The replayed profit of the day is that of the positions"
    past = history.days[history.days["replayed"] & (history.days["date"] == pd.Timestamp(as_of))]
    part = history.replayed.loc[history.replayed["reason"] == "", "position_id"]
    own = positions.set_index("position_id")["daily_pnl"].reindex(part)
    if not len(past) or own.isna().any():
        return holds(name, True, "the day is recorded" if not len(past) else "one has no profit of the day")
    return same_money(name, float(past["profit"].iloc[0]), float(own.sum()))


def _days(amount: int) -> str:
    return wording.plural(amount, "day")
