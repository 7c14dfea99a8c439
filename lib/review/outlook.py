"""Sentences on what moves the book, what it could lose, and what trades would change; and key figures."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review.page import Report, first_reason, made_or_lost, said
from lib.review.sentences import LEFT_OUT, left_out_of_risk, profit_words

TWO_SIDED_95 = 1.96
MARKET = "market"
NOT_NAMED = "Not available: "


def beta_sentence(report: Report) -> str:
    """What a move of the market does, and which other factors can be told from zero."""
    beta = report.value("beta", MARKET, "beta")
    if wording.is_missing(beta):
        return f"{NOT_NAMED}no position has a beta to the market."
    table = beta_table(report)
    sure = table[(table["low"] > 0) | (table["high"] < 0)]
    named = zip(sure["item"], sure["words"], strict=True)
    others = [words.lower() for item, words in named if item != MARKET]
    text = f"With a move of 1% in the market the book moves {wording.percent(beta * 0.01, 2)}"
    return f"{text}; {_told(others)}."


def _told(others: list[str]) -> str:
    if not others:
        return "no other factor can be told from zero"
    return f"besides, {wording.joined(others)} can be told from zero"


def beta_table(report: Report) -> pd.DataFrame:
    """Betas with the ends of their 95 % intervals."""
    table = report.section("beta", ["item", "beta", "std_error", "dollar_exposure"])
    reach = TWO_SIDED_95 * table["std_error"]
    words = table["item"].map(wording.sentence_case).tolist()
    return table.assign(words=words, low=table["beta"] - reach, high=table["beta"] + reach)


def components_sentence(report: Report) -> str:
    """Which holding makes most of the risk."""
    table = report.section("component", ["item", "note", "value", "share"])
    if table.empty:
        return f"{NOT_NAMED}no factor value at risk could be split."
    top = table.iloc[0]
    verb = "adds" if top["value"] >= 0 else "takes off"
    name = said(top["item"], top["note"])
    part = wording.percent(abs(top["share"]))
    return f"{name[:1].upper()}{name[1:]} {verb} most: {part} of the factor value at risk."


def risk_sentence(report: Report) -> str:
    """What a bad day costs, and what these figures leave out."""
    left = left_out_of_risk(report)
    by_hand = report.value("origin", "manual", "share")
    if not wording.is_missing(by_hand):
        part = f" ({wording.percent(by_hand)} of net asset value)"
        left = [words + part if words == LEFT_OUT["manual_left_out"] else words for words in left]
    out = f" Left out are {wording.joined(left)}." if left else ""
    loss = report.value("risk", "1y", "var_95_money")
    if wording.is_missing(loss):
        return f"Risk cannot be measured: a year of common prices is missing.{out}"
    return (
        f"Today's holdings, taken through the last year, would have lost more than {report.money(loss)} "
        f"on one day in twenty. This is no record of the past.{out}"
    )


def drawdown_sentence(report: Report) -> str:
    """How deep today's holdings once fell, and how far below their peak they are."""
    deepest = report.value("risk", "all", "max_drawdown")
    now = report.value("risk", "all", "current_drawdown")
    if wording.is_missing(deepest):
        return "There are no past returns of these holdings to show."
    state = (
        f"at the last day they stand {wording.percent(-now)} below their peak"
        if now < 0
        else "at the last day they stand at their peak"
    )
    days = report.note("risk", "all", "deepest_days")
    when = f" ({days})" if days else ""
    return (
        f"Held throughout, today's holdings once fell {wording.percent(-deepest)} from a peak{when}; {state}."
    )


def stress_sentence(report: Report) -> str:
    """The worst scenario and what it would cost, and what would lose most in it."""
    table = report.section("stress", ["item", "note", "conditional_pnl", "pnl_fraction"]).dropna(
        subset="conditional_pnl"
    )
    if table.empty:
        return f"{NOT_NAMED}no stress scenario could be computed."
    worst = table.iloc[0]
    moved = (
        made_or_lost(worst["conditional_pnl"], report.currency)
        .replace("made", "make")
        .replace("lost", "lose")
    )
    part = wording.percent(abs(worst["pnl_fraction"]))
    table = report.section("stress_position", ["item", "note"]).head(2)
    losers = [said(one.item, one.note) for one in table.itertuples(index=False)]
    most = f" Most of it on {wording.joined(losers)}." if losers else ""
    flags = report.note("stress", worst["item"], "pnl_fraction")
    far = " Its shocks are far outside what factors have done together: a story, not a forecast."
    story = far if "far_outside" in flags.split(",") else ""
    return (
        f"In the worst, {worst['note']}, the book would {moved}, {part} of {report.base_words}.{most}{story}"
    )


def scenario_sentence(report: Report) -> str:
    """The fall and the rise of the same size that are furthest out, side by side."""
    table = report.section("scenario", ["item", "shock", "pnl"]).dropna(subset=["shock", "pnl"])
    if table.empty:
        return f"{NOT_NAMED}no move of the market could be computed."
    down, up = table.loc[table["shock"].idxmin()], table.loc[table["shock"].idxmax()]
    verb = {True: "gain", False: "lose"}
    words = [
        f"with {wording.percent(one['shock'], 0, signed=True)} in the market it would "
        f"{verb[bool(one['pnl'] >= 0)]} {report.money(abs(one['pnl']))}"
        for one in (down, up)
    ]
    return f"{words[0][:1].upper()}{words[0][1:]}, {words[1]}."


def greeks_sentence(report: Report) -> str:
    """What the options do to the book."""
    options = report.section("option")
    delta = report.value("greek", "delta_dollars", "value")
    theta = report.value("greek", "theta", "value")
    if options.empty:
        return "No options are held, so the book moves in a straight line with its prices."
    if wording.is_missing(delta):
        return f"{NOT_NAMED}{first_reason(report.note('greek', 'delta_dollars', 'value'))}."
    text = f"The book moves like {report.money(delta)} of shares"
    if wording.is_missing(theta):
        return f"{text}."
    verb = "brings" if theta >= 0 else "costs"
    return f"{text}; a day of waiting {verb} {report.money(abs(theta))}."


def options_sentence(report: Report) -> str:
    """Which option moves the book most."""
    table = report.section("option", ["item", "note", "delta_dollars"]).dropna(subset="delta_dollars")
    if report.section("option").empty:
        return "No options are held."
    if table.empty:
        return f"{NOT_NAMED}no option has a delta."
    top = table.iloc[0]
    name = said(top["item"], top["note"])
    return f"{name[:1].upper()}{name[1:]} moves most, like {report.money(top['delta_dollars'])} of shares."


def groups_sentence(report: Report) -> str:
    """How many independent positions the book amounts to."""
    positions = report.value("concentration", "book", "signed_effective_positions")
    largest = report.section("cluster", ["item", "members", "weight"])
    if wording.is_missing(positions):
        return f"{NOT_NAMED}too few holdings have common prices."
    count = wording.number(positions, 1)
    text = f"The book is spread as if over {count} independent positions of equal size"
    if largest.empty:
        return f"{text}; none of its holdings form a group."
    top = largest.loc[largest["weight"].fillna(0).idxmax()]
    return f"{text}; the heaviest group is {top['item']} with {wording.percent(top['weight'])} of the money."


def what_if_sentence(report: Report) -> str:
    """Whether trades were asked for, and how many are suggested."""
    table = report.section("what_if_trade", ["item", "note"])
    asked = int(table["item"].astype("str").str.startswith("asked").sum())
    suggested = len(table) - asked
    more = f" {wording.sentence_case(wording.plural(suggested, 'trade'))} suggested." if suggested else ""
    if not asked:
        return f"{NOT_NAMED}no trades were given to try.{more}"
    return f"{wording.plural(asked, 'trade')} tried, with the same market data before and after.{more}"


def key_figures(report: Report) -> list[dict]:
    """Value, profit, a bad day, the worst scenario, and what rests on observed prices."""
    cash = f"{report.text('value', 'book', 'cash')} of it is cash."
    loss = report.value("risk", "1y", "var_95_money")
    real = report.value("origin", "real", "share")
    figures = [
        ("nav", report.value("value", "book", "nav"), "money", "higher", cash),
        _profit(report),
        ("var_95_money", loss, "money", "lower", _bad_day(report, loss)),
        _worst(report),
        ("real_share", real, "fraction", "higher", _observed(real)),
    ]
    return [dict(zip(("name", "value", "unit", "better", "sentence"), one, strict=True)) for one in figures]


def _profit(report: Report) -> tuple:
    profit = report.value("change", "snapshot", "profit")
    words = profit_words(report)
    text = f"{words[:1].upper()}{words[1:]}" if words else f"{NOT_NAMED}no price of the day before"
    if not wording.is_missing(profit):
        return "profit", profit, "money", "higher", f"{text}."
    day = report.value("value", "book", "daily_pnl")
    alone = "; no snapshot before to compare with" if words else ""
    return "last_day_profit", day, "money", "higher", f"{text}{alone}."


def _bad_day(report: Report, loss: float) -> str:
    if wording.is_missing(loss):
        return f"{NOT_NAMED}{first_reason(report.note('risk', '1y', 'var_95')) or 'not measured'}."
    return f"One day in twenty could cost {report.money(loss)} or more."


def _worst(report: Report) -> tuple:
    table = report.section("stress", ["item", "note", "conditional_pnl"]).dropna(subset="conditional_pnl")
    if table.empty:
        return "worst_stress_money", float("nan"), "money", "higher", f"{NOT_NAMED}no stress scenario."
    worst = table.iloc[0]
    count = wording.plural(len(table), "stress scenario")
    return "worst_stress_money", worst["conditional_pnl"], "money", "higher", f"{worst['note']}, of {count}."


def _observed(real: float) -> str:
    if wording.is_missing(real):
        return f"{NOT_NAMED}no holding has an observed price, or net asset value is not positive."
    return f"{wording.percent(real)} of net asset value rests on observed prices."
