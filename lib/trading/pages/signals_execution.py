"""What the page of ``trading/signals`` shows of execution, search and chance, and the trades on prices."""

from __future__ import annotations

import json

import pandas as pd

from lib import wording
from lib.contracts import Column
from lib.figures import TradedPrice
from lib.tables.columns import fraction, ratio, text
from lib.trading.pages.signals import name_of
from lib.trading.rule_study import ALL, SEARCH, RuleStudy

MOST_PANELS = 5
SHOWN = 504
"""Sessions that the picture of trades goes back, about two years."""
ENTRIES = {
    "open": "market order at the open",
    "touch": "limit, filled at a touch",
    "through": "limit, filled only through it",
}
BRACKETS: tuple[str | Column, ...] = (
    text("words", label="Account"),
    text("how", label="Entry"),
    "total_return",
    "sharpe",
    "trades",
    "filled",
)
WALK: tuple[str | Column, ...] = (
    text("words", label="Rule"),
    "test_from",
    "test_to",
    text("parameters", label="Chosen parameters"),
    "train_sharpe",
    "test_sharpe",
)
RANDOM: tuple[str | Column, ...] = (
    text("words", label="Rule"),
    "actual",
    "drawn",
    fraction("low", label="5% of draws below"),
    fraction("high", label="5% of draws above"),
    ratio("p", label="p"),
    "trades",
)


def panels(study: RuleStudy) -> list[TradedPrice]:
    """Closes of the symbols that were traded most, on one basis, with the trades of all rules together."""
    table = study.tables["rule_trades"]
    first = study.bars.sessions[max(len(study.bars.sessions) - SHOWN, 0)]
    own = table.loc[(table["account"] == "together") & (table["entry_date"] >= first)]
    level, found = study.bars.chained, []
    chain = study.bars.chain
    for symbol in own["symbol"].value_counts().index[:MOST_PANELS]:
        column = list(study.bars.symbols).index(symbol)
        closes = pd.Series(level.close[:, column], index=study.bars.sessions).dropna()
        rows = own.loc[own["symbol"] == symbol].copy()
        if chain is not None:
            scale = pd.Series(chain[:, column], index=study.bars.sessions)
            last = scale.iloc[-1]
            closes = closes / last
            at_exit = scale.reindex(rows["exit_date"]).to_numpy() / last
            rows[["entry_price", "exit_price"]] = rows[["entry_price", "exit_price"]].mul(at_exit, axis=0)
        rows.loc[rows["exit_reason"] == "STILL_OPEN", "exit_date"] = pd.NaT
        found.append(TradedPrice(symbol, closes.loc[first:], rows))
    return found


def panels_sentence(study: RuleStudy) -> str:
    """Which symbols gained and lost."""
    table = study.tables["rule_trades"]
    own = table.loc[table["account"] == "together"].groupby("symbol")["net"].sum().sort_values()
    if own.empty:
        return "No rule ever traded."
    worst, best = own.index[0], own.index[-1]
    shown = f" The {MOST_PANELS} symbols traded most are shown." if len(own) > MOST_PANELS else ""
    return (
        f"{best} brought most, {wording.money(own.iloc[-1], signed=True)} over all trades, {worst} least, "
        f"{wording.money(own.iloc[0], signed=True)}. The picture shows the last {SHOWN} sessions, on "
        f"the share count of the last one.{shown}"
    )


def delays(study: RuleStudy) -> dict[str, list]:
    """Total return of all rules by delay, as dots without intervals."""
    table = study.tables["rule_delays"]
    own = table.loc[table["series"] == ALL]
    labels = [_waited(int(one)) for one in own["delay"]]
    values = own["total_return"].tolist()
    return {"labels": labels, "values": values, "low": values, "high": values}


def delays_sentence(study: RuleStudy) -> str:
    """What waiting costs."""
    table = study.tables["rule_delays"]
    own = table.loc[table["series"] == ALL].set_index("delay")
    said = wording.joined(
        f"{wording.percent(own['total_return'][delay])} {_waited(int(delay))}" for delay in own.index
    )
    better = bool((own["total_return"].iloc[1:] >= own["total_return"].iloc[0]).any())
    end = " A later order did better at times, so that the day of the entry decides little." if better else ""
    return f"All rules together made {said}.{end}"


def _waited(delay: int) -> str:
    return f"{wording.plural(delay, 'session')} later" if delay else "at the next open"


def brackets(study: RuleStudy) -> pd.DataFrame:
    """Entries by kind in words."""
    table = study.tables["rule_brackets"]
    return table.assign(words=table["series"].map(name_of), how=table["entry"].map(ENTRIES))


def brackets_sentence(study: RuleStudy) -> str:
    """How wide the bracket of limit orders is."""
    table = study.tables["rule_brackets"]
    own = table.loc[table["series"] == ALL].set_index("entry")["total_return"]
    below = wording.percent(study.choice.limit_below)
    return (
        f"With limits {below} under the close what is earned lies between "
        f"{wording.percent(own['through'])} and {wording.percent(own['touch'])}, "
        f"at the market {wording.percent(own['open'])}: a bar tells no more."
    )


def walk(study: RuleStudy) -> pd.DataFrame:
    """Tests of the search in words, the newest first."""
    table = study.tables["rule_walk_forward"].sort_values(["fold", "strategy"], ascending=[False, True])
    chosen = [
        _changed(study, rule, text_of)
        for rule, text_of in zip(table["strategy"], table["chosen"], strict=True)
    ]
    return table.assign(words=table["strategy"].map(name_of), parameters=chosen)


def _changed(study: RuleStudy, rule: str, chosen: str) -> str:
    """The chosen parameters that differ from those that are set."""
    if not chosen:
        return "none traded"
    set_to = study.book.settings[rule]
    other = {key: value for key, value in json.loads(chosen).items() if value != set_to[key]}
    return (
        ", ".join(
            f"{key} {value:g}" if not isinstance(value, str) else f"{key} {value}"
            for key, value in other.items()
        )
        or "as set"
    )


def walk_sentence(study: RuleStudy) -> str:
    """Whether what was best before stayed good."""
    table = study.tables["rule_walk_forward"]
    if table.empty:
        return "The history is too short to choose on one part and test on another."
    parts = []
    for rule in table["strategy"].unique():
        row = study.row("rule_measures", f"{SEARCH}:{rule}")
        before = table.loc[table["strategy"] == rule, "train_sharpe"].mean()
        parts.append(
            f"{name_of(rule)} {wording.ratio(before)} before and {wording.ratio(row['sharpe'])} after"
        )
    return (
        f"Sharpe ratios of what was chosen, in training and in the tests after it: {wording.joined(parts)}."
    )


def chance(study: RuleStudy) -> pd.DataFrame:
    """Random entries in words."""
    table = study.tables["rule_random"]
    return table.assign(words=table["strategy"].map(name_of))


def chance_sentence(study: RuleStudy) -> str:
    """Whether the choice of days did anything."""
    table = study.tables["rule_random"]
    good = [name_of(one) for one in table.loc[table["p"] < 0.05, "strategy"]]
    known = table["p"].notna()
    if not known.any():
        return "No closed trade to compare."
    said = (
        f"{wording.joined(good)} chose better days than chance"
        if good
        else "No rule chose better days than chance"
    )
    draws = wording.count(table["draws"].iloc[0])
    return f"{said} (5% level, {draws} draws, held as long in the same symbols)."
