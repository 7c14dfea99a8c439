"""What the page of ``portfolio/what_if`` shows and says: trades, the book before and after, suggestions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from lib import codes, wording
from lib.checks import CENT, Check, close, holds
from lib.contracts import KeyFigure
from lib.portfolio.pages.measures import before_and_after, stress_changes, worst_scenario
from lib.portfolio.suggestion_effects import RAISES_RISK
from lib.portfolio.trade_sizes import LEFT_OUT, ROUNDED
from lib.portfolio.trades import held_quantities
from lib.portfolio.what_if import ChangedBook
from lib.tables.columns import figure

NO_TRADES = "No trades are asked for: the book after them is today's book."
TRADES = ("action", "symbol", "quantity", "price", "notional", "remark", "purpose")
SUGGESTED = (
    "purpose",
    "action",
    "symbol",
    "quantity",
    "price",
    "notional",
    "specific_change",
    "factor_var_change",
    "past_var_change",
    "cost",
    "remark",
)
MEASURES = ("measure", "base", "modified", "change")
ALL_MEASURES = ("section", *MEASURES)
GOALS = ("suggestion", "measure", figure("before"), figure("after"), figure("goal"))
IMPACT: dict[str, tuple[str, Callable[[float], str]]] = {
    "market_beta": ("the market beta", wording.ratio),
    "var_95_1y": ("the one-day value at risk (95%, one year)", lambda one: wording.percent(one, 2)),
    "annual_volatility_1y": ("volatility", wording.percent),
}


def trades(asked: pd.DataFrame) -> pd.DataFrame:
    """Rows of table ``what_if_trades`` with ``remark``: whether each is carried out, or why not."""
    flags = asked["flags"]
    words = ("left out: " + codes.first_words(flags, LEFT_OUT)).where(codes.has_any(flags, LEFT_OUT), "")
    words = words.mask(codes.has(flags, ROUNDED), codes.words(ROUNDED))
    return asked.assign(remark=words.mask(words == "", "carried out").astype("str"))


def trades_sentence(changed: ChangedBook, currency: str, cost_bp: float) -> str:
    """What is asked for, what of it cannot be carried out, and what it takes from cash."""
    asked = changed.trades
    if not len(asked):
        return NO_TRADES
    left = int(codes.has_any(asked["flags"], LEFT_OUT).sum())
    rounded = int(codes.has(asked["flags"], ROUNDED).sum())
    out = f", of which {wording.count(left)} cannot be carried out" if left else ""
    whole = f" {wording.plural(rounded, 'size')} rounded toward zero to whole units." if rounded else ""
    way, where = ("takes", "from") if changed.cash_used > 0 else ("brings", "into")
    cost = (
        f"at an estimated cost of {wording.money(changed.cost)} ({wording.number(cost_bp, 1)} basis points)"
        if cost_bp
        else "no cost assumed"
    )
    return (
        f"{wording.plural(len(asked), 'trade')}{out}: {wording.money(changed.traded, currency)} traded, "
        f"which {way} {wording.money(abs(changed.cash_used))} {where} cash, {cost}.{whole}"
    )


def impact_sentence(table: pd.DataFrame, changed: ChangedBook) -> str:
    """Beta, value at risk and volatility before and after."""
    if not len(changed.trades):
        return NO_TRADES
    known, lacking = [], []
    for name, (words, written) in IMPACT.items():
        before, after = before_and_after(table, name)
        if wording.is_missing(before) or wording.is_missing(after):
            lacking.append(words)
        else:
            known.append(f"{words} from {written(before)} to {written(after)}")
    said = wording.joined(known).replace(" from", " goes from", 1)
    without = f"{wording.joined(lacking)} cannot be computed for both books" if lacking else ""
    said = "; ".join(filter(None, [said, without]))
    return f"{said[:1].upper()}{said[1:]}."


def scenario_names(stress_pnl: pd.DataFrame) -> dict[str, str]:
    """Names of the scenarios for people by id, of table ``stress_pnl``."""
    return dict(zip(stress_pnl["scenario"], stress_pnl["name"], strict=True))


def stress_sentence(
    table: pd.DataFrame, changed: ChangedBook, currency: str, names: Mapping[str, str]
) -> str:
    """The worst stress scenario before and after, and how many get better."""
    before, after = before_and_after(table, "worst_case")
    changes = stress_changes(table, names)
    if not len(changes):
        return "No stress scenario can be computed for both books."
    if not len(changed.trades):
        return NO_TRADES
    better = int((changes["change"] > 0).sum())
    return (
        f"{better} of {wording.plural(len(changes), 'scenario')} get better; the worst is "
        f"{worst_scenario(table, 'base', names)} at {wording.money(before, currency)} today and "
        f"{worst_scenario(table, 'modified', names)} at {wording.money(after)} after the trades."
    )


def measures_sentence(table: pd.DataFrame) -> str:
    """How many measures there are, how many the trades move, and how many cannot be compared."""
    unknown = int(table["change"].isna().sum())
    moved = int((table["change"].abs() > 0).sum())
    without = f"; {wording.count(unknown)} cannot be computed for both books" if unknown else ""
    return f"Of {wording.plural(len(table), 'measure')} the trades change {wording.count(moved)}{without}."


def suggested(every: pd.DataFrame) -> pd.DataFrame:
    """The suggestions of table ``what_if_trades``, with ``remark``: whether each is made, or why not."""
    rows = every[every["kind"] == "suggested"]
    return rows.assign(remark=rows["flags"].map(codes.all_words).astype("str"))


def proposed(every: pd.DataFrame) -> pd.DataFrame:
    """The suggestions that are made."""
    rows = suggested(every)
    return rows[~codes.has(rows["flags"], RAISES_RISK)]


def suggestions_sentence(every: pd.DataFrame) -> str:
    """What table ``what_if_trades`` proposes, and that it is no more than that."""
    tried, shown = suggested(every), proposed(every)
    if not len(tried):
        return (
            "Nothing is suggested: there is no market beta, option delta or risk contribution to bring down."
        )
    left = tried.drop(index=shown.index)
    verb = "is" if len(left) == 1 else "are"
    why = (
        f" {wording.joined(left['symbol'])} {verb} left out: carried out alone, the value at risk of the "
        "book would rise."
    )
    if not len(shown):
        return f"Nothing is suggested.{why}"
    return (
        f"{wording.plural(len(shown), 'trade')} proposed for the book after the trades; each purpose "
        "stands for itself: they are alternatives, not a list to be carried out together."
        f"{why if len(left) else ''}"
    )


def goals_sentence(reached: pd.DataFrame) -> str:
    """Whether the suggestions reach their goals."""
    if not len(reached):
        return "Nothing is suggested."
    return (
        f"Recomputed on the changed book: {int(reached['reached'].sum())} of "
        f"{wording.plural(len(reached), 'goal')} reached, up to the rest of whole shares."
    )


def checks(
    table: pd.DataFrame,
    changed: ChangedBook,
    positions: pd.DataFrame,
    greeks: tuple[pd.DataFrame, pd.DataFrame],
    reached: pd.DataFrame,
    *,
    written: pd.DataFrame,
    cash: float,
) -> list[Check]:
    """What must hold of table ``what_if`` and of the suggestions.

    ``greeks`` are those of the book's own stage and of this one; ``written`` are the measures of today's book
    by the tables of the other stages; ``reached`` says which goals are met on the recomputed book, within the
    rest of whole shares.
    """
    given, recomputed = (float(one["delta_dollars"].sum()) for one in greeks)
    return [
        _carried_out(changed.trades),
        _units(changed, positions),
        _value(changed, positions, cash),
        holds(
            "Dollar deltas of today's options are those of the Greeks stage",
            abs(given - recomputed) < 1.0,
            f"{wording.money(given)} and {wording.money(recomputed)}",
        ),
        _as_written(table, written),
        _nothing_from_nothing(table, changed),
        *(
            holds(
                f"{row.suggestion}: the suggestion does what it says",
                row.reached,
                f"{wording.figure(row.before, row.unit)} becomes {wording.figure(row.after, row.unit)}, "
                f"goal {wording.figure(row.goal, row.unit)}",
            )
            for row in reached.itertuples()
        ),
    ]


def verdict(table: pd.DataFrame, changed: ChangedBook, every: pd.DataFrame, currency: str) -> str:
    """The what-if in one sentence."""
    if not len(changed.trades):
        return f"No trades are asked for; {wording.plural(len(proposed(every)), 'trade')} suggested."
    before, after = before_and_after(table, "worst_case")
    if wording.is_missing(before) or wording.is_missing(after):
        return impact_sentence(table, changed)
    return (
        f"{impact_sentence(table, changed)[:-1]}; the worst stress scenario goes from "
        f"{wording.money(before, currency)} to {wording.money(after)}."
    )


def key_figures(
    table: pd.DataFrame, changed: ChangedBook, every: pd.DataFrame, currency: str
) -> list[KeyFigure]:
    """Trades, market beta, value at risk and worst scenario after them, cash."""
    asked, ideas = len(changed.trades), len(proposed(every))
    beta, var, worst = (
        before_and_after(table, name)[1] for name in ("market_beta", "var_95_1y", "worst_case")
    )
    after = "after the trades asked for" if asked else "with no trades asked for"
    counted = f"{wording.plural(asked, 'trade')} asked for, {ideas} suggested."
    loss = f"One-day value at risk {wording.fine_figure(var, 'fraction')} {after}."
    stress = f"Worst stress scenario {wording.money(worst, currency)} {after}."
    left = f"Cash {wording.money(changed.cash, currency)} {after}."
    return [
        KeyFigure("trades_asked", asked, "count", "neither", counted),
        KeyFigure(
            "market_beta_after", beta, "ratio", "neither", f"Market beta {wording.ratio(beta)} {after}."
        ),
        KeyFigure("var_95_after", var, "fraction", "lower", loss),
        KeyFigure("worst_stress_after", worst, "money", "higher", stress),
        KeyFigure("cash_after", changed.cash, "money", "neither", left),
    ]


def _carried_out(asked: pd.DataFrame) -> Check:
    left = asked[codes.has_any(asked["flags"], LEFT_OUT)]
    named = wording.joined(f"{row.symbol} ({codes.all_words(row.flags)})" for row in left.itertuples())
    every = f"{len(asked)} of {len(asked)}"
    return holds("Every trade that is asked for is carried out", left.empty, named or every)


def _units(changed: ChangedBook, positions: pd.DataFrame) -> Check:
    """Units after are units before and the trade, symbol by symbol."""
    before, after = (held_quantities(book) for book in (positions, changed.positions))
    moved = (after["long"] - after["short"]).sub(before["long"] - before["short"], fill_value=0.0)
    asked = changed.trades.set_index("symbol")["quantity"]
    off = float(moved.sub(asked, fill_value=0.0).abs().max()) if len(moved) else 0.0
    return holds(
        "Units after are units before and the trades", off < 1e-6, f"largest gap {wording.number(off, 6)}"
    )


def _value(changed: ChangedBook, positions: pd.DataFrame, cash: float) -> Check:
    """Net asset value moves by the cost, and by what a trade's own price differs from the last one."""
    before, after = positions["exposure"].sum() + cash, changed.positions["exposure"].sum() + changed.cash
    every = pd.concat([changed.positions, positions]).drop_duplicates("symbol").set_index("symbol")["price"]
    traded = changed.trades[changed.trades["quantity"] != 0]
    last = traded["symbol"].map(every).astype("float64")
    gap = (traded["notional"] * (last / traded["price"] - 1)).sum()
    return close(
        "Net asset value moves by cost and price gaps alone",
        after,
        before + gap - changed.cost,
        tolerance=CENT,
        scale=1.0,
        words=wording.money,
    )


def _as_written(table: pd.DataFrame, written: pd.DataFrame) -> Check:
    """Every measure of today's book is the one on the page that it belongs to, to the last digit."""
    key = ["section", "measure"]
    both = table.set_index(key)["base"].align(written.set_index(key)["value"], join="right")
    own, other = (one.astype("float64") for one in both)
    differ = own.ne(other) & ~(own.isna() & other.isna())
    first = f", the first is {wording.measure(differ.idxmax()[1])}" if differ.any() else ""
    detail = f"{wording.plural(len(other), 'measure')}, {wording.count(int(differ.sum()))} off{first}"
    return holds("Today's measures are those of the other pages", not differ.any(), detail)


def _nothing_from_nothing(table: pd.DataFrame, changed: ChangedBook) -> Check:
    name = "Without a trade nothing changes"
    if len(changed.trades):
        return holds(name, True, f"{wording.plural(len(changed.trades), 'trade')} asked for")
    widest = float(table["change"].abs().max())
    return holds(name, not widest > 0, f"largest change {wording.number(widest, 6)}")
