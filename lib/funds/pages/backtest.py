"""What the page of ``funds/backtest`` shows and says of the record; luck and skill: ``backtest_skill``."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, adds_up, close, equal, holds, none, within
from lib.contracts import Column, KeyFigure
from lib.funds.backtest_measures import COSTS
from lib.funds.backtest_study import Study
from lib.funds.pages.backtest_skill import luck_sentence, skill_sentence
from lib.tables.columns import text
from lib.tables.fund_backtests import CASH

EVERY = {"monthly": "month", "quarterly": "quarter", "annually": "year"}
METHODS = {
    "days_up": "days up",
    "months_above_benchmark": "months above the benchmark",
    "periods_above_benchmark": "periods above the benchmark",
    "arithmetic": "arithmetic",
}
MEASURES: tuple[str | Column, ...] = (
    text("measure"),
    text("portfolio", label="Chosen funds"),
    text("benchmark", label="Benchmark"),
)
LAST: tuple[str | Column, ...] = ("name", "category", "weight", "total_score", "quartile", "score_date")
CONTRIBUTIONS: tuple[str | Column, ...] = (
    "name",
    "category",
    "contribution",
    "average_weight",
    "days_held",
    "origin",
)


def faults(study: Study) -> list[str]:
    """What is wrong with the data or was not done, a sentence each."""
    found = []
    worst = {name: share for name, share in study.origins.items() if name != "real"}
    if worst:
        parts = wording.joined(f"{wording.percent(share)} {name}" for name, share in worst.items())
        found.append(f"Not a record of real funds: of the money in funds {parts} NAVs.")
    if study.benchmark and not study.benchmark_known:
        found.append(f"The benchmark {study.benchmark} lacks levels, so that nothing is compared with it.")
    if not study.benchmark:
        found.append("No benchmark is named: nothing is compared with one.")
    if study.loads_unknown:
        found.append(
            f"The exit load of {wording.count(study.loads_unknown)} of "
            f"{wording.plural(study.purchases, 'choice')} was not known and is taken as none."
        )
    positions = study.tables["fund_backtest_positions"]
    idle = positions.loc[positions["fund_id"] == CASH, "flags"].value_counts()
    found += [
        f"{wording.plural(int(number), 'rebalance date')} in cash: {codes.words(code)}."
        for code, number in idle.items()
    ]
    return found


def verdict(study: Study) -> str:
    """What it came to, and whether luck explains it."""
    daily = study.tables["fund_backtest_daily"]
    if len(daily) < 2:
        return "Nothing could be bought yet, so that there is no record."
    grown = 1.0 + study.metric("cumulative_return")
    annual = study.metric("annual_return")
    rate = "" if wording.is_missing(annual) else f", {wording.percent(annual)} a year,"
    beside = ""
    if study.benchmark_known:
        other = 1.0 + study.metric("cumulative_return", "benchmark")
        beside = f"; the benchmark made {wording.number(other)} of it"
    return (
        f"{_rule(study)} made {wording.number(grown)} of 1{rate} after costs from "
        f"{wording.date(daily['date'].iloc[0])} to {wording.date(daily['date'].iloc[-1])}{beside}. "
        f"{luck_sentence(study)}"
    )


def growth_sentence(study: Study) -> str:
    """Return and risk of both."""
    own = _of(study, "portfolio")
    return (
        f"Chosen funds: {own}. Benchmark: {_of(study, 'benchmark')}." if study.benchmark_known else f"{own}."
    )


def fall_sentence(study: Study) -> str:
    """The deepest fall beside that of the benchmark."""
    own = study.metric("max_drawdown")
    if own == 0 or wording.is_missing(own):
        return "The chosen funds never stood below an earlier peak."
    said = f"The deepest fall was {wording.percent(own)}"
    other = study.metric("max_drawdown", "benchmark")
    return f"{said}; the benchmark's was {wording.percent(other)}." if study.benchmark_known else f"{said}."


def calendar_sentence(study: Study) -> str:
    """Best and worst month, and how often the benchmark was beaten."""
    best, worst = study.metric("best_month"), study.metric("worst_month")
    if wording.is_missing(best):
        return "There is no whole month yet."
    said = f"Whole months lie between {wording.percent(worst)} and {wording.percent(best)}"
    ahead = study.metric("hit_rate", method="months_above_benchmark")
    if wording.is_missing(ahead):
        return f"{said}."
    return f"{said}; {wording.percent(ahead)} of them were above the benchmark."


def calendar(frame: pd.DataFrame) -> pd.DataFrame:
    """Years x months with names for people."""
    return frame.rename(columns=dict(enumerate(wording.MONTHS, start=1)))


def measures(study: Study) -> pd.DataFrame:
    """All measures of the chosen funds beside the benchmark's, each in its unit or with its reason."""
    table = study.tables["fund_backtest_metrics"]
    wide = {key: rows.set_index("series") for key, rows in table.groupby(["metric", "method"], sort=False)}
    return pd.DataFrame(
        {
            "measure": [_measure(metric, method) for metric, method in wide],
            **{
                series: [_cell(rows, series) for rows in wide.values()]
                for series in ("portfolio", "benchmark")
            },
        }
    )


def measures_sentence(study: Study) -> str:
    """Both Sharpe ratios and what trading took."""
    both = [study.metric("sharpe", method=method) for method in ("arithmetic", "compound")]
    turnover, costs = study.metric("turnover"), study.metric("costs")
    said = f"Sharpe {wording.ratio(both[0])} arithmetic and {wording.ratio(both[1])} on the compound return"
    if wording.is_missing(turnover):
        return f"{said}."
    return (
        f"{said}; {wording.percent(turnover)} of the portfolio changed hands a year, which cost "
        f"{wording.percent(costs, 2)} a year."
    )


def contributions_sentence(study: Study) -> str:
    """Which fund added most and which took most."""
    table = study.tables["fund_contributions"]
    funds = table[table["fund_id"] != COSTS]
    if funds.empty:
        return "No fund was held."
    first, last = funds.iloc[0], funds.iloc[-1]
    costs = table.loc[table["fund_id"] == COSTS, "contribution"].sum()
    return (
        f"{first['name']} added most, {wording.percent(first['contribution'], signed=True)}; "
        f"{last['name']} least, {wording.percent(last['contribution'], signed=True)}. Costs took "
        f"{wording.percent(-costs, 2)}."
    )


def last_choice(study: Study) -> pd.DataFrame:
    """What the newest decision chose."""
    table = study.tables["fund_backtest_positions"]
    return table[table["rebalance_date"] == table["rebalance_date"].max()].reset_index(drop=True)


def last_choice_sentence(study: Study) -> str:
    """When it was decided, and whether it is bought yet."""
    day = study.tables["fund_backtest_positions"]["rebalance_date"].max()
    waits = study.inputs.navs.row_after(day) >= len(study.inputs.navs.days)
    bought = "bought on the next business day, which is not there yet" if waits else "bought the day after"
    return f"Decided on {wording.date(day)}, {bought}."


def checks(study: Study) -> list[Check]:
    """What must hold of this very result."""
    daily, positions = study.tables["fund_backtest_daily"], study.tables["fund_backtest_positions"]
    contributions, moves = study.tables["fund_contributions"], study.tables["fund_quartile_transitions"]
    trades = study.tables["fund_backtest_trades"]
    weights = positions.groupby("rebalance_date")["weight"].sum()
    score_day = positions["score_date"].fillna(positions["rebalance_date"])
    bought = trades[trades["action"] == "buy"]
    days = pd.DatetimeIndex([one.day for one in study.carried.decisions])
    after = study.inputs.navs.days[study.carried.rows]
    shares = moves.groupby(["horizon_months", "quartile"])["share"].sum()
    return [
        close("Weights add up to one at every decision", weights, pd.Series(1.0, index=weights.index)),
        none(
            "No score is later than its decision",
            int((score_day > positions["rebalance_date"]).sum()),
            "later",
        ),
        holds(
            "Every purchase is after its decision",
            bool((after > days).all()) and set(bought["date"]) <= set(after),
            wording.plural(len(after), "rebalance"),
        ),
        adds_up(
            "Contributions and costs add up to the daily returns",
            contributions["contribution"],
            float(daily["portfolio_return"].sum()),
        ),
        close(
            "Return after costs is that before them less costs",
            daily["portfolio_return"],
            (1 + daily["gross_return"]) * (1 - daily["cost"]) - 1,
        ),
        within("Cash lies between nothing and everything", daily["cash"], 0.0, 1.0, noun="day"),
        close("Rows of the transition table add up to one", shares, pd.Series(1.0, index=shares.index)),
        equal("One day a row", int(daily["date"].nunique()), len(daily)),
    ]


def key_figures(study: Study) -> list[KeyFigure]:
    """Return, excess, Sharpe, the share of luck and what scores foretold."""
    table = study.tables["fund_score_skill"]
    ic = table[(table["measure"] == "rank_ic") & (table["horizon_months"] == table["horizon_months"].max())]
    return [
        KeyFigure(
            "annual_return",
            study.metric("annual_return"),
            "fraction",
            "higher",
            f"{_rule(study)}, a year, after costs.",
        ),
        KeyFigure(
            "excess_return",
            study.metric("excess_return"),
            "fraction",
            "higher",
            f"Above {study.benchmark or 'no benchmark'} over the whole time.",
        ),
        KeyFigure("sharpe", study.metric("sharpe"), "ratio", "higher", measures_sentence(study)),
        KeyFigure("random_as_good", study.by_luck(), "fraction", "lower", luck_sentence(study)),
        KeyFigure(
            "rank_correlation_12m", float(ic["mean"].iloc[0]), "ratio", "higher", skill_sentence(study)
        ),
    ]


def _rule(study: Study) -> str:
    """The rule in words."""
    choice = study.choice
    where = "of each category" if choice.selection == "by_category" else "overall"
    funds = "fund" if choice.top_n == 1 else f"{choice.top_n} funds"
    return f"Choosing the best {funds} {where} every {EVERY[choice.rebalance]}"


def _of(study: Study, series: str) -> str:
    annual = study.metric("annual_return", series)
    total = study.metric("cumulative_return", series)
    rate = (
        f"{wording.percent(total)} in all"
        if wording.is_missing(annual)
        else f"{wording.percent(annual)} a year"
    )
    return f"{rate}, volatility {wording.percent(study.metric('annual_volatility', series))}"


def _measure(metric: str, method: str) -> str:
    words = wording.measure(metric)
    shown = METHODS.get(method, "")
    if metric in ("sharpe", "hit_rate"):
        return f"{words}, {shown or method.replace('_', ' ')}"
    return words


def _cell(rows: pd.DataFrame, series: str) -> str:
    """One measure in its unit, its reason where there is none, empty where it is of the other series only."""
    if series not in rows.index:
        return ""
    row = rows.loc[series]
    reason = codes.words(str(row["flag"])) if row["flag"] else ""
    return wording.figure(row["value"], row["unit"], reason=reason)
