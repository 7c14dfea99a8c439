"""What the page of ``trading/signals`` says: what rules earned after costs and tries; the rest beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, close, holds, none, within
from lib.contracts import Column, KeyFigure
from lib.tables.columns import number, ratio, text
from lib.trading.pages.words import rule_name
from lib.trading.rule_study import ALL, HELD, SEARCH, START, RuleStudy
from lib.trading.strategies import STRATEGIES

ENOUGH = 0.95
"""Probability from which a ratio is taken for more than luck."""
FEW = 30
"""Symbols below which a page says that they prove nothing."""
NAMES = {ALL: "All rules together", START: "The same from the account's start", HELD: "Holding the symbols"}
RULES: tuple[str | Column, ...] = (
    text("words", label="Rule"),
    text("rule", label="What it does"),
    text("settings", label="Parameters"),
    text("source", label="Source"),
)
TODAY: tuple[str | Column, ...] = (
    text("words", label="Rule"),
    "symbol",
    text("says", label="Next open"),
    "price",
    "confidence",
    "stop",
    "target",
    text("why", label="Because"),
    text("blocks", label="Blocked by"),
)
MEASURES: tuple[str | Column, ...] = (
    text("words", label="Account"),
    "annual_return",
    "volatility",
    "sharpe",
    "max_drawdown",
    "trades",
    "won",
    "invested",
    "turnover",
    "costs",
    "break_even",
)
DEFLATION: tuple[str | Column, ...] = (
    text("words", label="Account"),
    ratio("sharpe", label="Sharpe"),
    ratio("error", label="± error"),
    ratio("best_by_luck", label="Best by luck"),
    number("probabilistic", unit="probability", label="Above 0"),
    number("deflated", unit="probability", label="Above luck"),
    text("years", label="Years needed"),
)
TRADES: tuple[str | Column, ...] = (
    text("words", label="Rule"),
    "symbol",
    "quantity",
    "entry_date",
    "entry_price",
    "exit_date",
    "exit_price",
    "net",
    "return",
    text("why_out", label="Left because"),
)


def name_of(series: str) -> str:
    """A series in words."""
    kind, _, rule = series.partition(":")
    if kind == SEARCH and rule:
        return f"{name_of(rule)}, parameters searched"
    return NAMES.get(series, rule_name(series))


def faults(study: RuleStudy, origins: list[str]) -> list[str]:
    """What is wrong with the data or was not done, a sentence each, the worst first."""
    found = []
    count = len(study.bars.symbols) - len(study.missing)
    made_up = [name for name in origins if name != "real"]
    if made_up:
        found.append(f"Prices are {wording.joined(made_up)}: nothing here is evidence of a real market.")
    if count < FEW:
        found.append(
            f"{_survivors(study)}, chosen because they are known today, prove nothing about a rule: none of "
            f"them failed, and {_risen(study)} rose while they were listed."
            if _all_live(study) and not made_up
            else f"{wording.plural(count, 'symbol')} prove nothing about a rule."
        )
    if study.missing:
        found.append(f"No prices of {wording.joined(study.missing)}: left out.")
    found += _lacking(study)
    if not np.isfinite(study.bars.open).any():
        found.append(
            "Only closes are known: orders fill at the next close, and stops are seen at closes only."
        )
    if study.bars.split is None and study.basis == ("adjusted",):
        found.append("Prices are adjusted for dividends, so that sizes and stops are not those of the day.")
    if study.book.stops.kind == "trailing":
        found.append("The search for parameters does not trail its stops.")
    return found


def _survivors(study: RuleStudy) -> str:
    count = len(study.bars.symbols) - len(study.missing)
    return f"{wording.sentence_case(COUNTS.get(count, wording.count(count)))} survivors"


COUNTS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 20: "twenty"}


def _risen(study: RuleStudy) -> str:
    """How many symbols closed higher at the end than when they were first seen."""
    close = pd.DataFrame(study.bars.chained.close)
    ends, begins = close.ffill().iloc[-1], close.bfill().iloc[0]
    return wording.count(int((ends > begins).sum()))


def _all_live(study: RuleStudy) -> bool:
    """Whether every symbol has a price in the last sessions."""
    return bool(
        np.isfinite(study.bars.close[-5:]).any(axis=0).sum() == len(study.bars.symbols) - len(study.missing)
    )


def _lacking(study: RuleStudy) -> list[str]:
    found = []
    for name, one in study.by_rule.items():
        lacks = sorted({field for fields in one.lacking.values() for field in fields})
        without = [symbol for symbol in one.lacking if symbol not in study.missing]
        if without and lacks:
            whom = (
                "No symbol has"
                if len(without) == len(study.bars.symbols)
                else f"{wording.named(without, 4)} lack"
            )
            found.append(f"{whom} {wording.joined(lacks)}, so that {name_of(name)} says nothing there.")
    return found


def verdict(study: RuleStudy) -> str:
    """One plain sentence for each rule: whether it earned anything after costs and tries."""
    held = study.row("rule_measures", HELD)
    rules = " ".join(rule_sentence(study, name) for name in study.by_rule)
    return f"{rules} Holding the symbols earned {_earned(held)}."


def _earned(row: pd.Series) -> str:
    """The return a year, or in all where there is less than a year."""
    if wording.is_missing(row["annual_return"]):
        return f"{wording.percent(row['total_return'], signed=True)} in all"
    return f"{wording.percent(row['annual_return'], signed=True)} a year"


def rule_sentence(study: RuleStudy, name: str) -> str:
    """Whether a rule earned anything after costs, beside holding, and what the tries leave of it."""
    own, luck = study.row("rule_measures", name), study.row("rule_deflation", name)
    if not own["trades"]:
        return f"{name_of(name)} never traded."
    sure = luck["deflated"]
    if own["total_return"] <= 0.0:
        end = "it lost money"
    elif sure >= ENOUGH:
        end = "more than luck by this test, on these symbols alone"
    else:
        end = "after so many tries not to be told from luck"
    return (
        f"{name_of(name)} earned {_earned(own)} after costs (Sharpe {wording.ratio(own['sharpe'])}): {end}."
    )


def rules(study: RuleStudy) -> pd.DataFrame:
    """The rules with their parameters in words."""
    rows = [
        {
            "words": name_of(name),
            "rule": STRATEGIES[name].rule,
            "settings": ", ".join(
                f"{key} {_plain(value)}" for key, value in study.book.settings[name].items()
            ),
            "source": STRATEGIES[name].source,
        }
        for name in study.by_rule
    ]
    return pd.DataFrame(rows)


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def rules_sentence(study: RuleStudy) -> str:
    """How the account trades."""
    of = study.book.sizing
    size = (
        f"{wording.percent(of['risk'])} of equity at the stop"
        if of["method"] == "risk"
        else f"{wording.percent(of['share'])} of equity"
    )
    return (
        f"A rule speaks at the close and trades at the next open. A position risks {size}, is at most "
        f"{wording.percent(study.book.limits.position, 0)} of equity, and needs a confidence of "
        f"{of['gate']:g}."
    )


def newest(study: RuleStudy) -> pd.DataFrame:
    """Today's list, what is to be done first; a rule that says nothing, or lacks its data, is left out."""
    table = study.tables["rule_signals_today"]
    order = table["action"].map({"BUY": 0, "SELL": 1, "NONE": 2})
    own = table.assign(order=order).sort_values(["order", "strategy", "symbol"], kind="stable")
    without = own["blocked"].str.startswith("LACKS_")
    own = own.loc[(own["action"] != "NONE") | ((own["blocked"] != "") & ~without)]
    says = {"BUY": "buy", "SELL": "sell what is held", "NONE": "nothing"}
    return own.assign(
        words=own["strategy"].map(name_of),
        says=own["action"].map(says),
        why=own["reason"].map(codes.all_words),
        blocks=own["blocked"].map(codes.all_words),
    )


def today_sentence(study: RuleStudy) -> str:
    """How many rules say something for the next open."""
    table = study.tables["rule_signals_today"]
    day = wording.date(table["date"].iloc[0])
    bought, sold = (int((table["action"] == one).sum()) for one in ("BUY", "SELL"))
    stopped = int((table["blocked"] != "").sum())
    blocked = f"; {wording.count(stopped)} of {wording.count(len(table))} are blocked" if stopped else ""
    return (
        f"At the close of {day} the rules say {wording.plural(bought, 'purchase')} and "
        f"{wording.plural(sold, 'sale')} of what is held for the next open{blocked}."
    )


def equity(study: RuleStudy) -> pd.DataFrame:
    """Equity of all rules, holding, and each rule alone, one column each."""
    table = study.tables["rule_equity"]
    kept = [ALL, HELD, *study.by_rule]
    wide = table.loc[table["series"].isin(kept)].pivot_table(index="date", columns="series", values="equity")
    return wide[kept].rename(columns=name_of)


def equity_sentence(study: RuleStudy) -> str:
    """What the capital became."""
    ends = equity(study).iloc[-1]
    both = [f"{wording.money(ends[name_of(one)])} by {name_of(one).lower()}" for one in (ALL, HELD)]
    return (
        f"{wording.money(study.capital)} became {wording.joined(both)}, costs taken off, dividends included."
    )


def falls(study: RuleStudy) -> pd.Series:
    """Drawdown of all rules together."""
    table = study.tables["rule_equity"]
    return table.loc[table["series"] == ALL].set_index("date")["drawdown"]


def falls_sentence(study: RuleStudy) -> str:
    """The deepest fall beside that of holding."""
    own, held = study.row("rule_measures", ALL), study.row("rule_measures", HELD)
    return (
        f"The deepest fall was {wording.percent(own['max_drawdown'])}, of holding "
        f"{wording.percent(held['max_drawdown'])}; on average {wording.percent(own['invested'], 0)} was "
        "invested."
    )


def measures(study: RuleStudy) -> pd.DataFrame:
    """Every account in words."""
    table = study.tables["rule_measures"]
    return table.assign(words=table["series"].map(name_of))


def measures_sentence(study: RuleStudy) -> str:
    """What costs took, and what cost would eat the rest."""
    row = study.row("rule_measures", ALL)
    paid = wording.money(row["costs"])
    even = wording.basis_points(row["break_even"])
    return (
        f"All rules together traded {wording.ratio(row['turnover'])} times their equity a year and paid "
        f"{paid}; what they gain without costs is gone at {even} on each purchase and sale."
    )


def deflation(study: RuleStudy) -> pd.DataFrame:
    """Sharpe ratios and what the tries leave, in words."""
    table = study.tables["rule_deflation"]
    years = [wording.number(one / 252.0, 0) if np.isfinite(one) else "never" for one in table["needed"]]
    return table.assign(words=table["series"].map(name_of), years=years)


def deflation_sentence(study: RuleStudy) -> str:
    """How many tries there were and what the best of them shows by luck."""
    row = study.row("rule_deflation", ALL)
    table = study.tables["rule_deflation"].dropna(subset="deflated").sort_values("deflated")
    earlier = int(row["earlier"])
    more = f", {wording.count(earlier)} of them from earlier runs" if earlier else ""
    if table.empty:
        return "No rule ever traded, so that there is no Sharpe ratio."
    best = table.iloc[-1]
    return (
        f"{wording.count(row['tries'])} specifications were tried{more}, worth "
        f"{wording.number(row['effective'], 1)} independent ones: the best of them shows a Sharpe ratio of "
        f"{wording.ratio(best['best_by_luck'])} by luck alone. Nearest to more is "
        f"{name_of(best['series'])}, with a probability of {wording.percent(best['deflated'], 0)}."
    )


def trades(study: RuleStudy) -> pd.DataFrame:
    """Trades of all rules out of one cash, the newest first."""
    table = study.tables["rule_trades"]
    own = table.loc[table["account"] == "together"].sort_values("trade", ascending=False)
    return own.assign(
        words=own["strategy"].map(name_of),
        why_out=own["exit_reason"].map(codes.words),
    )


def trades_sentence(study: RuleStudy) -> str:
    """How trades ended."""
    own = trades(study)
    if own.empty:
        return "No rule ever traded."
    ended = own["why_out"].value_counts()
    parts = wording.joined(f"{one} {wording.count(ended[one])}" for one in ended.index[:4])
    unsure = int(own["ambiguous"].sum())
    both = (
        f" In {wording.count(unsure)} stop and target lay in one bar: the stop was taken." if unsure else ""
    )
    return (
        f"Of {wording.plural(len(own), 'trade')} {wording.percent((own['net'] > 0).mean(), 0)} gained; "
        f"they ended with: {parts}.{both}"
    )


def checks(study: RuleStudy) -> list[Check]:
    """What must hold of this very result."""
    equity_table, record = study.tables["rule_equity"], study.record
    cash = equity_table["cash"].dropna()
    entered = study.tables["rule_signals"]
    entered = entered.loc[(entered["action"] == "BUY") & entered["stop"].notna()]
    own = study.tables["rule_trades"]
    own = own.loc[own["account"] == "together"]
    gained = own["net"].sum() + record.dividends
    return [
        close("Equity is cash and what is held", record.equity[-1], record.cash[-1] + record.invested[-1]),
        _cash_held(cash, record.fills),
        close(
            "Equity is capital, trades and dividends",
            record.equity[-1],
            record.capital + gained,
            tolerance=1e-3,
        ),
        none(
            "Every stop of an entry lies below its close",
            int((entered["stop"] >= entered["price"]).sum()),
            "not",
        ),
        within("Confidence lies between 0 and 1", entered["confidence"], 0.0, 1.0, noun="decision"),
        none("No trade ends before it begins", int((own["exit_date"] < own["entry_date"]).sum()), "do"),
    ]


def _cash_held(cash: pd.Series, fills: pd.DataFrame) -> Check:
    """Whether cash stays above zero, but for sales of a few cents that cost more than they brought."""
    lost = float((fills["fee"] - fills["quantity"] * fills["price"]).clip(lower=0.0).sum())
    sessions = wording.plural(len(cash), "session")
    but = f"; sales cost up to {wording.money(lost)} more than they brought" if lost else ""
    return holds("Cash is never below zero", bool((cash >= -lost - 1e-6).all()), f"{sessions}{but}")


def key_figures(study: RuleStudy) -> list[KeyFigure]:
    """Return after costs beside holding, the ratio, what tries leave, cost that is borne."""
    own, held = study.row("rule_measures", ALL), study.row("rule_measures", HELD)
    luck = study.row("rule_deflation", ALL)
    return [
        KeyFigure("annual_return", own["annual_return"], "fraction", "higher", equity_sentence(study)),
        KeyFigure(
            "held_return", held["annual_return"], "fraction", "neither", "Holding the same symbols, a year."
        ),
        KeyFigure("sharpe", own["sharpe"], "ratio", "higher", measures_sentence(study)),
        KeyFigure("deflated_sharpe", luck["deflated"], "fraction", "higher", deflation_sentence(study)),
        KeyFigure("max_drawdown", own["max_drawdown"], "fraction", "higher", falls_sentence(study)),
    ]
