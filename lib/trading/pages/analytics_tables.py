"""What the page of ``trading/analytics`` shows of single trades, their parts, months and the distribution."""

from __future__ import annotations

import re

import pandas as pd

from lib import codes, wording
from lib.contracts import Column
from lib.tables.columns import text
from lib.trading.journal import closed
from lib.trading.trade_study import TradeStudy

MEASURES: tuple[str | Column, ...] = (
    text("words", label="Trades of"),
    "trades",
    "open",
    "wins",
    "losses",
    "breakeven",
    "win_rate",
    "profit_factor",
    "payoff",
    "net",
    "costs",
    "expectancy",
)
STREAKS: tuple[str | Column, ...] = (
    text("words", label="Trades of"),
    "average_win",
    "average_loss",
    "largest_win",
    "largest_loss",
    "win_streak",
    "loss_streak",
    "sessions_held",
    "mean_return",
    "kelly",
    "sqn",
)
JOURNAL: tuple[str | Column, ...] = (
    "symbol",
    text("rule", label="Rule"),
    "entry_date",
    "entry_price",
    "exit_date",
    "exit_price",
    "quantity",
    "costs",
    "net",
    "return",
    "sessions_held",
)
STANDING: tuple[str | Column, ...] = (
    "symbol",
    text("rule", label="Rule"),
    "entry_date",
    "exit_date",
    "return",
    "mae_return",
    "mfe_return",
    "r_multiple",
    text("why", label="Why left"),
)
FALLS: tuple[str | Column, ...] = ("start", "trough", "recovery", "depth", "loss", "days")
YEARS: tuple[str | Column, ...] = (
    text("words", label="Year"),
    "profit",
    "return",
    "hold_return",
    "benchmark_return",
    "trades",
    "net",
)
BINS: tuple[str | Column, ...] = ("bin", "trades", "net")
ABBREVIATED = re.compile(r"\b(rsi|macd)\b", re.IGNORECASE)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def rule_words(name: str) -> str:
    """A strategy for people."""
    return ABBREVIATED.sub(lambda found: found[0].upper(), wording.sentence_case(name))


def measures(study: TradeStudy) -> pd.DataFrame:
    """All trades, strategies and symbols in words."""
    table = study.tables["trade_measures"]
    names = table["name"].where(table["scope"] == "symbol", table["name"].map(rule_words))
    reasons = table["reason"].map(codes.words)
    return table.assign(words=names.mask(table["scope"] == "all", "All trades"), reason=reasons)


def measures_sentence(study: TradeStudy) -> str:
    """Win rate, profit factor and expectancy with their intervals."""
    row = study.whole
    if not row["trades"]:
        return f"No trade is over; {wording.plural(int(row['open']), 'trade')} still held."
    factor = (
        "no loss to divide by, so that there is no profit factor"
        if wording.is_missing(row["profit_factor"])
        else f"profit factor {wording.ratio(row['profit_factor'])}"
    )
    spread = ""
    if not wording.is_missing(row["expectancy_low"]):
        spread = f" (95% interval {_number(row['expectancy_low'])} to {_number(row['expectancy_high'])})"
    return (
        f"{wording.percent(row['win_rate'], 0)} of "
        f"{wording.plural(int(row['trades']), 'closed trade')} gained (95% "
        f"interval {wording.percent(row['win_rate_low'], 0)} to "
        f"{wording.percent(row['win_rate_high'], 0)}), {factor}; a "
        f"trade earned {_number(row['expectancy'])} on average{spread}."
    )


def _number(value: float) -> str:
    return wording.money(value)


def streaks_sentence(study: TradeStudy) -> str:
    """Sizes of wins and losses, streaks, and what Kelly's share says."""
    row = study.whole
    if not row["trades"]:
        return "No trade is over."
    runs = (
        f"At most {wording.plural(int(row['win_streak']), 'win')} and "
        f"{wording.plural(int(row['loss_streak']), 'loss', 'losses')} came one after another."
    )
    if wording.is_missing(row["kelly"]):
        return f"{runs} Kelly's share needs wins and losses."
    said = "no bet" if row["kelly"] <= 0 else f"{wording.percent(row['kelly'], 0)} of the money at most"
    return (
        f"{runs} Kelly's share says {said}, were these trades all there is to know; it takes the "
        "averages for "
        "certain, which they are not."
    )


def expectancy_dots(study: TradeStudy, scope: str) -> dict[str, list]:
    """Mean trade of each strategy or symbol with its interval, as arguments of dots with intervals."""
    table = measures(study)
    own = table.loc[(table["scope"] == scope) & (table["trades"] > 0)]
    parts = {"values": "expectancy", "low": "expectancy_low", "high": "expectancy_high"}
    return {"labels": own["words"].tolist(), **{key: own[name].tolist() for key, name in parts.items()}}


def expectancy_sentence(study: TradeStudy, scope: str) -> str:
    """Which parts can be told from nothing."""
    table = measures(study)
    own = table.loc[(table["scope"] == scope) & (table["trades"] > 0)]
    if own.empty:
        return "No trade is over."
    good = own.loc[own["expectancy_low"] > 0, "words"].tolist()
    bad = own.loc[own["expectancy_high"] < 0, "words"].tolist()
    said = [f"{wording.joined(good)} above it"] if good else []
    said += [f"{wording.joined(bad)} below it"] if bad else []
    clear = "None can be told from zero."
    if said:
        chance = " One in twenty does so by chance." if len(own) > 1 else ""
        clear = f"Intervals that leave zero out: {wording.joined(said)}.{chance}"
    few, all_of = int(own["few"].sum()), wording.plural(len(own), scope, _several(scope))
    return f"{clear} Of {all_of}, {wording.count(few)} with under 30 trades prove nothing." if few else clear


def _several(scope: str) -> str:
    return {"strategy": "strategies", "symbol": "symbols"}[scope]


def journal(study: TradeStudy) -> pd.DataFrame:
    """The journal, newest first, with reasons in words."""
    rows = study.tables["trade_journal"].sort_values(["entry_date", "trade"], ascending=False)
    return rows.assign(
        why=rows["exit_reason"].map(codes.words),
        rule=rows["strategy"].map(rule_words).where(rows["side"] == "LONG", "short, by hand"),
    )


def journal_sentence(study: TradeStudy) -> str:
    """The best and the worst trade, and what winners gave back."""
    over = closed(study.tables["trade_journal"])
    if over.empty:
        return "No trade is over."
    best, worst = over.loc[over["net"].idxmax()], over.loc[over["net"].idxmin()]
    won = over.loc[over["result"] == "win"]
    kept = ""
    if len(won) and won["mfe"].sum() > 0:
        share = wording.percent(won["gross"].sum() / won["mfe"].sum(), 0)
        kept = f" Winners kept {share} of the best they stood at."
    return (
        f"Best was {best['symbol']}, left on {wording.date(best['exit_date'])} "
        f"({wording.money(best['net'], study.choice.currency)}), worst {worst['symbol']}, left on "
        f"{wording.date(worst['exit_date'])} ({wording.money(worst['net'], study.choice.currency)}).{kept}"
    )


def standing_sentence(study: TradeStudy) -> str:
    """How many losers had stood above their entry, and what winners bore."""
    over = closed(study.tables["trade_journal"])
    if over.empty:
        return "No trade is over."
    lost, won = over.loc[over["result"] == "loss"], over.loc[over["result"] == "win"]
    said = []
    if len(lost):
        above = int((lost["mfe_return"] > -lost["return"]).sum())
        said.append(
            f"{above} of {wording.plural(len(lost), 'loser')} had stood further above the entry than they "
            "lost in the end"
        )
    if len(won):
        said.append(
            f"half of the winners never stood {wording.percent(-won['mae_return'].median())} below it"
        )
    whole = wording.joined(said) or "nothing was won or lost"
    ranges = wording.joined(codes.words(name) for name in over["seen_in"].unique())
    return f"{whole[:1].upper()}{whole[1:]}. Standings are before costs, seen in {ranges}."


def results(study: TradeStudy) -> pd.Series:
    """Net profits of closed trades."""
    return closed(study.tables["trade_journal"])["net"]


def marks(study: TradeStudy) -> dict[str, float]:
    """The mean trade, where there is one."""
    row = study.whole
    return {"Mean": float(row["expectancy"])} if row["trades"] else {}


def bins_sentence(study: TradeStudy) -> str:
    """How much hangs on the few largest trades."""
    net = results(study).sort_values(ascending=False)
    if net.empty:
        return "No trade is over."
    top = max(1, round(len(net) / 20))
    without = float(net.iloc[top:].sum())
    currency = study.choice.currency
    return (
        f"Without the best {wording.plural(top, 'trade')} the other {wording.count(len(net) - top)} earned "
        f"{wording.money(without, currency)} of {wording.money(float(net.sum()), currency)}."
    )


def months(study: TradeStudy) -> pd.DataFrame:
    """Returns of months, years down and months across."""
    table = study.tables["account_periods"].query("kind == 'month'")
    frame = pd.DataFrame(
        {"year": table["period"].dt.year, "month": table["period"].dt.month, "return": table["return"]}
    )
    wide = frame.pivot(index="year", columns="month", values="return")  # noqa: PD010
    wide = wide.reindex(columns=range(1, 13))
    return wide.set_axis(list(MONTHS), axis=1)


def months_sentence(study: TradeStudy) -> str:
    """How many months gained, and the best and worst of them."""
    table = study.tables["account_periods"].query("kind == 'month'")
    best, worst = table.loc[table["return"].idxmax()], table.loc[table["return"].idxmin()]
    return (
        f"{int((table['return'] > 0).sum())} of {wording.plural(len(table), 'month')} gained; the best made "
        f"{wording.percent(best['return'], signed=True)} ({best['period']:%b %Y}), the worst "
        f"{wording.percent(worst['return'], signed=True)} ({worst['period']:%b %Y})."
    )


def years(study: TradeStudy) -> pd.DataFrame:
    """Years, newest first; one that is not whole says so."""
    table = study.tables["account_periods"].query("kind == 'year'").sort_values("period", ascending=False)
    named = table["period"].dt.year.astype("str")
    return table.assign(words=named.where(table["complete"], named + ", in part"))


def years_sentence(study: TradeStudy) -> str:
    """In how many years the account did better than holding."""
    table = study.tables["account_periods"].query("kind == 'year'")
    known = table.loc[table["hold_return"].notna()]
    if known.empty:
        return "What holding would have earned is not known."
    ahead = int((known["return"] > known["hold_return"]).sum())
    return (
        f"In {ahead} of {wording.plural(len(known), 'year')} the account did better than "
        "holding the same symbols."
    )
