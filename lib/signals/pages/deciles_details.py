"""What the page of ``signals/deciles`` says of costs, delays, delistings, rank correlations, parts."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.contracts import Column
from lib.signals.pages.deciles import PERIOD
from lib.signals.sort_study import SortStudy
from lib.tables.columns import number, text

COSTS: tuple[str | Column, ...] = (
    text("weights", label="Weights"),
    "slippage",
    *(
        number(name, label=label, unit="bp")
        for name, label in (
            ("gross", "Before costs"),
            ("spread", "Spreads"),
            ("commission", "Commission"),
            ("impact", "Impact"),
            ("borrow", "Borrowing"),
            ("net", "After costs"),
        )
    ),
    "net_t",
    text("break_even_words", label="Break-even, one way"),
    text("capacity_words", label="Capacity a side"),
)
DELISTINGS: tuple[str | Column, ...] = ("assumed_return", "mean", "low", "high", "t", "in_sides")
DECAY: tuple[str | Column, ...] = ("horizon", "mean", "low", "high", "as_expected", "overlap", "dates")
COMPONENTS: tuple[str | Column, ...] = (
    "component",
    "mean",
    "t",
    "p",
    "holm",
    "bh",
    "by",
    "bonferroni",
    "correlation",
    text("why", label="Note"),
)
DOUBLE: tuple[str | Column, ...] = (
    text("among", label="Among"),
    text("words", label="Portfolio"),
    "mean",
    "low",
    "high",
    "t",
    "firms",
)


def _every(study: SortStudy) -> str:
    return PERIOD[study.choice.every]


def _costs(study: SortStudy) -> pd.Series | None:
    table = study.tables["signal_sort_costs"]
    same = (table["weighting"] == study.choice.weighting) & (table["slippage"] == study.choice.costs.slippage)
    row = table.loc[same].iloc[0]
    return None if wording.is_missing(row["gross"]) else row


def costs(study: SortStudy) -> pd.DataFrame:
    """The costs by weighting and slippage in words."""
    table = study.tables["signal_sort_costs"]
    return table.assign(
        weights=table["weighting"],
        break_even_words=table["break_even"].map(wording.basis_points),
        capacity_words=table["capacity"].map(lambda money: _capacity(money)),
    )


def _capacity(money: float) -> str:
    if wording.is_missing(money):
        return "n/a"
    if money == 0.0:
        return "none"
    billions = money >= 1e9
    return f"{wording.number(money / (1e9 if billions else 1e6), 1)} {'billion' if billions else 'million'}"


def cost_bars(study: SortStudy) -> dict[str, list]:
    """What is earned and what each cost takes, basis points, as arguments of bars."""
    row = _costs(study)
    names = ("gross", "spread", "commission", "impact", "borrow", "net")
    words = ("Before costs", "Spreads", "Commission", "Market impact", "Borrowing", "After costs")
    if row is None:
        return {"labels": [], "values": []}
    signs = (1, -1, -1, -1, -1, 1)
    return {
        "labels": list(words),
        "values": [round(float(row[name]) * 1e4, 1) * sign for name, sign in zip(names, signs, strict=True)],
    }


def costs_sentence(study: SortStudy) -> str:
    """What costs take, at which cost nothing is left, and how much money it carries."""
    row = _costs(study)
    if row is None:
        return "There is no period to charge costs to."
    taken = row["gross"] - row["net"]
    money = wording.number(study.choice.costs.money / 1e6, 1)
    said = (
        f"With {money} million of the data's currency on each side, costs take "
        f"{wording.percent(taken, 2)} a {_every(study)} of {wording.percent(row['gross'], 2, signed=True)}"
    )
    if not row["break_even"] > 0.0:
        return f"{said}: there is nothing that costs could take."
    said = f"{said}; a one-way cost of {wording.basis_points(row['break_even'])} would leave nothing"
    if row["capacity"] == 0.0:
        return f"{said}; nothing is left even of the smallest sum."
    if wording.is_missing(row["capacity"]):
        return f"{said}; how much money it carries is not known."
    return f"{said}, and so would market impact at {_capacity(row['capacity'])} a side."


def slippage_sentence(study: SortStudy) -> str:
    """Whether what is left depends on the slippage that is assumed."""
    table = study.tables["signal_sort_costs"]
    own = table.loc[table["weighting"] == study.choice.weighting].set_index("slippage")["net"]
    if own.isna().any():
        return "There is no period to charge costs to."
    low, high = (wording.percent(own[name], 2, signed=True) for name in ("low", "high"))
    return (
        f"From low to high slippage what is left goes from {low} to {high} a {_every(study)}; a firm "
        "without a market value or without known trading pays what the settings say."
    )


def delays(study: SortStudy) -> dict[str, list]:
    """The difference by delay, as arguments of dots with intervals."""
    table = study.tables["signal_sort_delays"]
    own = table.loc[table["mean"].notna() & (table["delay"].isin([0, 1, 2, 3, 5, 10, 15, 20]))]
    parts = {"values": "mean", "low": "low", "high": "high"}
    labels = [wording.plural(int(one), "session") + " later" if one else "At once" for one in own["delay"]]
    return {"labels": labels, **{key: own[name].tolist() for key, name in parts.items()}}


def delays_sentence(study: SortStudy) -> str:
    """How much is left when one is late."""
    table = study.tables["signal_sort_delays"].dropna(subset="mean")
    if len(table) < 2:
        return "There is nothing to delay."
    first, last = table.iloc[0], table.iloc[-1]
    share = ""
    if first["mean"] > 0.0:
        share = f", {wording.percent(last['mean'] / first['mean'], 0)} of it"
    return (
        f"Bought at once the difference is {wording.percent(first['mean'], 2, signed=True)} a "
        f"{_every(study)}; "
        f"{wording.plural(int(last['delay']), 'session')} later it is "
        f"{wording.percent(last['mean'], 2, signed=True)}{share}. A result that lives on the first day alone "
        "cannot be had."
    )


def delistings_sentence(study: SortStudy) -> str:
    """Whether the assumption decides."""
    table = study.tables["signal_sort_delistings"].dropna(subset="mean")
    if table.empty:
        return "There is no period with both sides."
    firms = int(table["in_sides"].iloc[0])
    if not firms:
        return "No firm of either side left with an unknown last return: the assumption does not matter."
    spans = table["mean"].max() - table["mean"].min()
    turned = bool((table["p"] < 0.05).any() and (table["p"] >= 0.05).any())
    decides = "decides the answer" if turned else "does not change the answer"
    return (
        f"{wording.plural(firms, 'firm')} on the two sides; between the assumptions the difference moves by "
        f"{wording.percent(spans, 2)} a {_every(study)}, which {decides}."
    )


def decay_dots(study: SortStudy) -> dict[str, list]:
    """Mean rank correlation by horizon, as arguments of dots with intervals."""
    table = study.tables["signal_ic_decay"].dropna(subset="mean")
    parts = {"values": "mean", "low": "low", "high": "high"}
    labels = [wording.plural(int(one), "session") for one in table["horizon"]]
    return {"labels": labels, **{key: table[name].tolist() for key, name in parts.items()}}


def decay_sentence(study: SortStudy) -> str:
    """The horizon at which the signal says most, and whether that is apart from nothing."""
    table = study.tables["signal_ic_decay"].dropna(subset="mean")
    if table.empty:
        return "No window is over yet."
    best = table.loc[table["mean"].abs().idxmax()]
    judged = table.dropna(subset="low")
    apart = judged.loc[(judged["low"] > 0.0) | (judged["high"] < 0.0), "horizon"]
    at = wording.joined(str(int(one)) for one in apart)
    told = f"apart from zero at {at} sessions" if len(apart) else "nowhere to be told from zero"
    return (
        f"The rank correlation is largest over {wording.plural(int(best['horizon']), 'session')}, "
        f"{wording.ratio(best['mean'], signed=True)}; it is {told}. Horizons without an interval have too "
        "few windows that do not overlap."
    )


def overlap_sentence(study: SortStudy) -> str:
    """On how many dates it rests, and how many of them share a part of their windows."""
    table = study.tables["signal_ic_decay"]
    longest = table.iloc[-1]
    dates = wording.plural(int(longest["dates"]), "date")
    return (
        f"Over {wording.plural(int(longest['horizon']), 'session')} each window shares a part with the "
        f"next {wording.count(longest['overlap'])}, so that {dates} are worth far "
        "fewer."
    )


def components(study: SortStudy) -> pd.DataFrame:
    """The parts in words."""
    table = study.tables["signal_components"]
    return table.assign(why=table["code"].map(codes.words))


def components_sentence(study: SortStudy) -> str:
    """How many parts stand after the correction."""
    table = study.tables["signal_components"]
    if table.empty:
        return "The signal has no parts."
    alone, kept = (table.loc[table[name] < 0.05] for name in ("p", "holm"))
    said = (
        f"Of {wording.plural(len(table), 'part')} {wording.count(len(alone))} stand alone at 5%, "
        f"{wording.count(len(kept))} after Holm's correction"
    )
    return f"{said}: {wording.joined(kept['component'])}." if len(kept) else f"{said}."


def double(study: SortStudy) -> pd.DataFrame:
    """The double sort's rows in words: differences first."""
    table = study.tables["signal_double_sort"]
    names = {0: "all three", 1: "the lowest third", 2: "the middle third", 3: "the highest third"}
    words = table["portfolio"].map(
        lambda name: "Difference" if name == "long_short" else wording.sentence_case(name)
    )
    rows = table.assign(among=table["control_group"].map(names), words=words)
    order = (rows["portfolio"] != "long_short").astype("int64")
    return rows.iloc[order.to_numpy().argsort(kind="stable")]


def double_sentence(study: SortStudy) -> str:
    """What is left among firms that are alike."""
    table = study.tables["signal_double_sort"]
    own = table.loc[table["portfolio"] == "long_short"].set_index("control_group")
    what = study.choice.double_by.replace("_", " ")
    if not study.control_known:
        return f"The {what} of firms is not known of enough of them, so that firms alike cannot be compared."
    whole = own.loc[0]
    parts = own.loc[own.index > 0, "mean"]
    return (
        f"Among firms alike in {what} the difference is {wording.percent(whole['mean'], 2, signed=True)} a "
        f"{_every(study)} (t {wording.ratio(whole['t'])}); in the thirds it lies between "
        f"{wording.percent(parts.min(), 2, signed=True)} and {wording.percent(parts.max(), 2, signed=True)}."
    )
