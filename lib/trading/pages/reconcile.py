"""What the page of ``trading/reconcile`` says: how far the account is from the backtest, and what made it."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.checks import CENT, Check, equal, holds, none, same_money
from lib.contracts import Column, KeyFigure
from lib.tables.columns import count, date, money, text
from lib.tables.reconciliation import CAUSES
from lib.trading.reconcile_study import Reconciled

WORDS = {
    "restated_data": "Restated data",
    "manual_orders": "Manual orders",
    "code": "Code of the rules",
    "parameters": "Parameters",
    "limits": "Limits",
    "fills": "Fills",
    "cash": "Cash",
    "unexplained": "Unexplained",
}
MEANT = {
    "restated_data": "bars that the source has changed since the account saw them",
    "manual_orders": "what a person ordered or cancelled",
    "code": "today's rules decide otherwise on the same bars and parameters",
    "parameters": "rules, sizes, stops, limits, costs or matching were set otherwise",
    "limits": "entries that the breaker or a sector's limit held back",
    "fills": "part of an order filled, too little volume, charges of each side",
    "cash": "money not settled or reserved, orders refused for want of it",
    "unexplained": "what no cause accounts for; must be nothing",
}

CAUSE_COLUMNS: tuple[str | Column, ...] = (
    text("words", label="Cause"),
    text("meant", label="What it is"),
    money("amount", label="So far"),
    money("change", label="Last session"),
    date("first", label="Since", null=True, absent="never"),
    count("pieces", label="Pieces"),
)
PIECES: tuple[str | Column, ...] = (text("words", label="Cause"), "date", "item", "was", "now")


def faults(study: Reconciled) -> list[str]:
    """What is not explained or was not recorded, a sentence each, the worst first."""
    found = []
    rest = study.last()["unexplained"]
    worst = float(study.wide["unexplained"].abs().max())
    if worst >= CENT:
        found.append(
            f"{_money(study, rest)} of the difference has no known cause ({_money(study, worst)} at most): "
            "account and backtest do not follow the same rules."
        )
    off = float((study.noted - study.paths["paper"]).abs().max())
    if off >= CENT:
        found.append(
            f"What was noted each evening differs by up to {_money(study, off)} from what the same decisions "
            "and bars give since: costs, matching or the account's own code were changed on the way."
        )
    made_up = [name for name in study.origins if name != "real"]
    if made_up:
        found.append(
            f"Prices are {wording.joined(made_up)}: what is compared here is arithmetic, not a market."
        )
    return found


def verdict(study: Reconciled) -> str:
    """How far the account is from the backtest on the last session, and what made it."""
    day, parts = wording.date(study.sessions[-1]), study.last()
    gap = float(parts.sum())
    named = {name: value for name, value in parts.items() if abs(value) >= CENT}
    if not named:
        return f"On {day} the paper account equals the backtest of the same rules to the cent."
    largest = sorted(named, key=lambda name: -abs(named[name]))
    said = wording.joined(
        f"{_money(study, named[name], signed=True)} by {WORDS[name].lower()}" for name in largest
    )
    if abs(gap) < CENT:
        return f"On {day} the paper account equals the backtest, but only because causes offset: {said}."
    side = "above" if gap > 0 else "below"
    share = wording.percent(abs(gap) / study.backtest, 2)
    return (
        f"On {day} the paper account stood {_money(study, abs(gap))} ({share}) {side} the backtest of the "
        f"same rules: {said}."
    )


def _money(study: Reconciled, value: float, *, signed: bool = False) -> str:
    if abs(value) < 1_000:
        sign = "−" if value < 0 else "+" if signed and value > 0 else ""
        return f"{study.currency}\xa0{sign}{wording.number(abs(value))}"
    return wording.money(value, study.currency, signed=signed)


def parts(study: Reconciled) -> dict[str, list]:
    """Causes of the last session as arguments of a waterfall."""
    last = study.last()
    return {"labels": [WORDS[name] for name in CAUSES], "values": [float(last[name]) for name in CAUSES]}


def gap(study: Reconciled) -> pd.DataFrame:
    """The difference over time and the causes that ever made something, by date."""
    table = study.wide
    made = [name for name in CAUSES if (table[name].abs() >= CENT).any()]
    whole = table.sum(axis=1).rename("Paper less backtest")
    return pd.concat([whole, table[made].rename(columns=WORDS)], axis=1)


def gap_sentence(study: Reconciled) -> str:
    """When it began and how large it was."""
    whole = study.wide.sum(axis=1)
    away = whole[whole.abs() >= CENT]
    length = wording.plural(len(whole), "session")
    if away.empty:
        return f"The two were equal to the cent on each of {length}."
    peak = whole.loc[whole.abs().idxmax()]
    return (
        f"They first differed on {wording.date(away.index[0])}; the largest distance in {length} was "
        f"{_money(study, float(peak), signed=True)} on {wording.date(whole.abs().idxmax())}."
    )


def equities(study: Reconciled) -> pd.DataFrame:
    """Equity of the account as recorded and of the backtest, by date."""
    names = {"paper": "Paper account", "backtest": "Backtest"}
    return study.paths[list(names)].rename(columns=names)


def equities_sentence(study: Reconciled) -> str:
    """Where both ended."""
    last = study.paths.iloc[-1]
    return (
        f"The account ended at {_money(study, last['paper'])}, the backtest of the same rules, begun "
        "on the same "
        f"day with the same money, at {_money(study, last['backtest'])}."
    )


def causes(study: Reconciled) -> pd.DataFrame:
    """Every cause with its amount, since when, and the number of its pieces."""
    wide, pieces = study.wide, study.tables["account_differences"]
    ever = wide.abs() >= CENT
    first = ever.idxmax().where(ever.any())
    rows = pd.DataFrame(
        {
            "amount": study.last(),
            "change": wide.diff().iloc[-1].fillna(wide.iloc[-1]),
            "first": pd.to_datetime(first),
            "pieces": pieces["cause"].value_counts().reindex(list(CAUSES)).fillna(0).astype(int),
        }
    ).loc[list(CAUSES)]
    return rows.assign(words=[WORDS[one] for one in CAUSES], meant=[MEANT[one] for one in CAUSES])


def causes_sentence(study: Reconciled) -> str:
    """What the last session added."""
    table = causes(study)
    moved = table.loc[table["change"].abs() >= CENT]
    if moved.empty:
        return "The last session added nothing."
    said = (
        f"{words} {_money(study, value, signed=True)}"
        for words, value in zip(moved["words"], moved["change"], strict=True)
    )
    return f"The last session added: {wording.joined(said)}. Signs are of the account less the backtest."


def pieces(study: Reconciled) -> pd.DataFrame:
    """The pieces, newest first within their cause."""
    table = study.tables["account_differences"]
    order = table["cause"].map({name: at for at, name in enumerate(CAUSES)})
    table = table.assign(words=table["cause"].map(WORDS), order=order)
    return table.sort_values(["order", "date", "number"], ascending=[True, False, True])


def pieces_sentence(study: Reconciled) -> str:
    """How many pieces there are of each cause."""
    counts = study.tables["account_differences"]["cause"].value_counts()
    if counts.empty:
        return "Bars, parameters, code, orders and fills are the same on both sides."
    said = (f"{WORDS[name].lower()} {wording.count(counts[name])}" for name in CAUSES if name in counts)
    return f"{wording.plural(int(counts.sum()), 'piece')}: {wording.joined(said)}."


def checks(study: Reconciled) -> list[Check]:
    """What must hold of this very result."""
    wide, paths = study.wide, study.paths
    rest = int((wide["unexplained"].abs() >= CENT).sum())
    difference = paths["paper"] - paths["backtest"]
    return [
        same_money("Causes add up to the difference on every day", wide.sum(axis=1), difference),
        same_money("The account as it stands is found again", study.standing, study.equity),
        none("Nothing is unexplained", rest, wording.plural(rest, "session").split(" ", 1)[1]),
        equal("Every session has every cause", len(study.tables["account_reconciliation"]), wide.size),
        holds(
            "What a cause made has a piece that names it",
            not study.nameless(CENT),
            wording.joined(WORDS[one] for one in study.nameless(CENT)) or "all have",
        ),
    ]


def key_figures(study: Reconciled) -> list[KeyFigure]:
    """The difference, the largest cause, and what is unexplained."""
    last = study.last()
    whole = float(last.sum())
    largest = last.abs().idxmax()
    return [
        KeyFigure("paper_less_backtest", whole, "money", "neither", verdict(study)),
        KeyFigure(
            "largest_cause", float(last[largest]), "money", "neither", f"{WORDS[largest]}: {MEANT[largest]}."
        ),
        KeyFigure("unexplained", float(last["unexplained"]), "money", "neither", gap_sentence(study)),
    ]
