"""What the page of ``signals/deciles`` says of groups and difference; the rest beside it."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, close, holds, none, within
from lib.contracts import Column, KeyFigure
from lib.signals.pages import universe
from lib.signals.sort_study import SortStudy
from lib.tables.columns import number, text
from lib.tables.signal_sorts import BASE

FEW_PERIODS = 60
PERIOD = {"weekly": "week", "monthly": "month", "quarterly": "quarter"}
PORTFOLIOS = {"long_short": "Difference", "net": "Difference after costs"}

SUMMARY: tuple[str | Column, ...] = (
    text("words", label="Portfolio"),
    "mean",
    "low",
    "high",
    "t",
    "p",
    "sharpe",
    "hit_rate",
    "max_drawdown",
    "turnover",
    number("firms", label="Firms, mean"),
)


def faults(study: SortStudy) -> list[str]:
    """What is wrong with the data or could not be done, a sentence each, the worst first."""
    dates = study.tables["signal_sort_dates"]
    sorted_firms = dates.loc[dates["groups"] > 0, "sorted"]
    generated = universe.generated(study.origins, "data")
    found = generated + universe.survivors(
        study.tables["signal_groups"]["entity"].nunique(),
        sorted_firms.median(),
        left=bool(study.own.ground.cube.delisted.any()),
        real=not generated,
    )
    if 0 < study.periods < FEW_PERIODS:
        of_time = wording.plural(study.periods, PERIOD[study.choice.every])
        found.append(f"{of_time} are few: a t-value is unreliable there, look at the bootstrap too.")
    found += _of_dates(study, dates)
    return found + _of_terms(study)


def _of_dates(study: SortStudy, dates: pd.DataFrame) -> list[str]:
    found = []
    for code, said in (
        ("NO_GROUPS", "could not be sorted, too few firms had a value"),
        ("END_EMPTY", "were left out, since equal values leave an end group empty"),
        ("THIN", f"have fewer than {study.choice.groups} groups, since few firms have a value"),
    ):
        amount = int(codes.has(dates["flags"], code).sum())
        if amount:
            whole = wording.count(len(dates))
            found.append(f"{wording.count(amount)} of {whole} formation dates {said}.")
    assumed, gone = int(dates["assumed"].sum()), int(dates["delisted"].sum())
    if assumed:
        share = wording.percent(study.choice.delisting_return, 0)
        found.append(
            f"Of {wording.plural(gone, 'firm')} that left the market while sorted the last return of "
            f"{wording.count(assumed)} is not known and is taken as {share}."
        )
    vanished = int(dates["vanished"].sum())
    if vanished:
        found.append(
            f"Returns of {wording.plural(vanished, 'firm')} end without a word of a delisting; losses may "
            "hide there."
        )
    lost, members = int(dates["without_value"].sum()), int(dates["members"].sum())
    if members and lost > 0.1 * members:
        found.append(f"{wording.percent(lost / members)} of members had no value, or one that is too old.")
    return found


def _of_terms(study: SortStudy) -> list[str]:
    table = study.tables["signal_sort_costs"]
    own = table.loc[(table["weighting"] == study.choice.weighting) & (table["slippage"] == "normal")]
    found = []
    if len(own) and own["without_cap"].iloc[0] > 0.0:
        spread = wording.number(study.choice.costs.unknown_spread, 0)
        share = _share(own["without_cap"].iloc[0])
        found.append(f"The bid-ask spread of {share} is not known and is taken as {spread} bp.")
    if len(own) and own["without_volume"].iloc[0] > 0.0:
        share = own["without_volume"].iloc[0]
        then = "no capacity can be told" if share == 1.0 else "capacity is uncertain"
        found.append(f"The money traded in {_share(share)} is not known, so that {then}.")
    return found


def _share(share: float) -> str:
    """A share of positions in words."""
    return "all positions" if share == 1.0 else f"{wording.percent(share)} of positions"


def verdict(study: SortStudy) -> str:
    """What the difference earned, before and after costs, and whether it can be told from nothing."""
    row, net = study.row("long_short"), study.row("net")
    if wording.is_missing(row["t"]):
        return f"{_periods(study)}: too few to test whether the signal foretells returns."
    every = PERIOD[study.choice.every]
    low, high = (wording.percent(row[name], 2, signed=True) for name in ("low", "high"))
    said = (
        f"{ends(study)} earned {wording.percent(row['mean'], 2, signed=True)} a {every} before costs (95% "
        f"interval {low} to {high}, t {wording.ratio(row['t'])}) and "
        f"{wording.percent(net['mean'], 2, signed=True)} after them"
    )
    return f"{said}: {_judged(row, net)}."


def _judged(row: pd.Series, net: pd.Series) -> str:
    if row["high"] < 0.0:
        return "the opposite of the hypothesis"
    if row["low"] <= 0.0:
        return "not to be told from nothing"
    if net["low"] <= 0.0:
        return "more than luck before costs, not to be told from nothing after them"
    return "more than luck by this test alone; the pages that follow ask what else explains it"


def ends(study: SortStudy) -> str:
    """The difference in words."""
    first, second = ("highest", "lowest") if study.higher else ("lowest", "highest")
    return f"Firms with the {first} values less those with the {second}"


def _periods(study: SortStudy) -> str:
    return f"The difference has {wording.plural(study.periods, PERIOD[study.choice.every])}"


def group_dots(study: SortStudy) -> dict[str, list]:
    """Mean returns of the groups with intervals, as arguments of dots with intervals."""
    rows = _groups(study)
    parts = {"values": "mean", "low": "low", "high": "high"}
    return {
        "labels": [wording.sentence_case(name) for name in rows["portfolio"]],
        **{key: rows[name].tolist() for key, name in parts.items()},
    }


def _groups(study: SortStudy) -> pd.DataFrame:
    table = study.tables["signal_sort_summary"]
    own = (table["sort"] == BASE) & (table["weighting"] == study.choice.weighting)
    return table.loc[own & table["portfolio"].str.startswith("group")]


def order_sentence(study: SortStudy) -> str:
    """Whether means rise from group to group as the hypothesis says."""
    table = study.tables["signal_sort_monotonicity"]
    row = table.loc[table["weighting"] == study.choice.weighting].iloc[0]
    if row["code"]:
        return f"Whether means rise in order cannot be judged: {codes.words(row['code'])}."
    way = "rise" if study.higher else "fall"
    clear = "they do so" if row["p"] < 0.05 else "it cannot be told that they do"
    return (
        f"If the signal works, means {way} from group 1 to group {int(row['groups'])}: their rank "
        f"correlation with that order is {wording.ratio(row['spearman'], signed=True)}, and against no such "
        f"order p is {wording.p_value(row['p'])} (Patton and Timmermann), so that {clear}."
    )


def portfolios(study: SortStudy) -> pd.DataFrame:
    """Groups, difference and difference after costs of the sort by the signal itself."""
    table = study.tables["signal_sort_summary"]
    own = table.loc[(table["sort"] == BASE) & (table["weighting"] == study.choice.weighting)]
    words = own["portfolio"].map(PORTFOLIOS).fillna(own["portfolio"].map(wording.sentence_case))
    return own.assign(words=words)


def portfolios_sentence(study: SortStudy) -> str:
    """Which side the difference comes from, and its turnover."""
    row, groups = study.row("long_short"), _groups(study)
    if groups.empty or wording.is_missing(row["mean"]):
        return "There is no period with both sides."
    long, short = (study.own.sides()[side][study.own.counted].mean() for side in (0, 1))
    every = PERIOD[study.choice.every]
    traded = ""
    if not wording.is_missing(row["turnover"]):
        traded = (
            f"; {wording.percent(row['turnover'], 0)} of one side's money changes hands a {every}, both sides"
        )
    return (
        f"The long side earned {wording.percent(long, 2, signed=True)} a {every}, the short one "
        f"{wording.percent(short, 2, signed=True)}{traded}. Sharpe {wording.ratio(row['sharpe'])} a year, "
        f"deepest fall {wording.percent(row['max_drawdown'])}."
    )


def tests_sentence(study: SortStudy) -> str:
    """Whether the choice of the test decides, and which flavour it is."""
    table = study.tables["signal_sort_tests"]
    own = table.loc[(table["weighting"] == study.choice.weighting) & (table["portfolio"] == "long_short")]
    known = own.loc[(own["figure"] == "mean") & own["p"].notna(), "p"]
    flavour = "Newey-West with Bartlett weights, T/(T−1) correction, no prewhitening, t with T−1 degrees"
    if known.empty:
        return f"Too few periods to test. Errors would be {flavour}."
    least, most = float(known.min()), float(known.max())
    decides = least < 0.05 <= most
    said = "The choice of test decides" if decides else "No choice of test changes the answer"
    first, second = wording.p_value(least), wording.p_value(most)
    span = f"is {first}" if first == second else f"lies between {first} and {second}"
    return f"{said}: p {span}. Errors are {flavour}."


def checks(study: SortStudy) -> list[Check]:
    """What must hold of this very result."""
    groups, spread = study.tables["signal_groups"], study.tables["long_short"]
    daily, own = study.tables["long_short_daily"], study.own
    weights = groups.groupby(["date", "group"])["weight"].sum()
    weights = weights[weights > 0.0]
    sides = groups.groupby("date")["position"].agg(["sum", lambda side: side.abs().sum()])
    base = spread.loc[(spread["sort"] == BASE) & (spread["weighting"] == study.choice.weighting)]
    late = int((~own.ground.members & (own.found > 0)).sum())
    last = base["date"].max() if len(base) else pd.NaT
    first = base["start"].min() if len(base) else pd.NaT
    days = daily.loc[(daily["date"] > first) & (daily["date"] <= last)]
    kept = {
        side: float((1 + days[f"{side}_return"]).prod() / (1 + base[f"{side}_return"]).prod())
        for side in ("long", "short")
    }
    return [
        close("Weights add up to one in every group", weights, pd.Series(1.0, index=weights.index)),
        close("The two sides carry the same money", sides["sum"], pd.Series(0.0, index=sides.index)),
        close(
            "The difference is the long side less the short one",
            base["return"],
            base["long_return"] - base["short_return"],
        ),
        close("Net is gross less costs", base["net"], base["return"] - base["cost"]),
        close("Days compound to the long side's periods", kept["long"], 1.0),
        close("Days compound to the short side's periods", kept["short"], 1.0),
        none("Every sorted firm was a member that day", late, "not"),
        within("Turnover of both sides lies between 0 and 2", base["turnover"], 0.0, 2.0, noun="period"),
        holds(
            "A bought firm had not left the market",
            not bool((own.ground.gone[own.ground.start] & (own.found > 0)).any()),
            wording.plural(len(base), "period"),
        ),
    ]


def key_figures(study: SortStudy) -> list[KeyFigure]:
    """Mean before and after costs, t, Sharpe ratio and capacity."""
    row, net = study.row("long_short"), study.row("net")
    money, told = capacity(study)
    every = PERIOD[study.choice.every]
    return [
        KeyFigure("mean_spread", row["mean"], "return", "higher", f"{ends(study)}, a {every}, before costs."),
        KeyFigure("mean_net", net["mean"], "return", "higher", f"The same, a {every}, after costs."),
        KeyFigure("t", row["t"], "ratio", "higher", tests_sentence(study)),
        KeyFigure("sharpe", row["sharpe"], "ratio", "higher", "Of the difference, a year, before costs."),
        KeyFigure("capacity", money, "money", "higher", told),
    ]


def capacity(study: SortStudy) -> tuple[float, str]:
    """Money on each side that costs leave nothing of, and a sentence; NaN where there is no such sum.

    It is in the currency of the source's market values and money traded; the tables of a signal name none.
    """
    costs = study.tables["signal_sort_costs"]
    own = costs.loc[
        (costs["weighting"] == study.choice.weighting) & (costs["slippage"] == study.choice.costs.slippage)
    ]
    if own.empty or wording.is_missing(own["gross"].iloc[0]):
        return float("nan"), "There is no period to charge costs to."
    row = own.iloc[0]
    if row["without_volume"] == 1.0:
        return float("nan"), "Not known: the money traded in the firms is not in the data."
    if row["capacity"] == 0.0:
        return float("nan"), "None: costs that do not grow with the sum eat the mean already."
    if wording.is_missing(row["capacity"]):
        return float("nan"), "Not known: no market impact is known for what is traded."
    partly = ""
    if row["without_volume"] > 0.0:
        partly = f"; too much, since impact is not known of {_share(row['without_volume'])}"
    return (
        float(row["capacity"]),
        "Money on each side, in the currency of the source's market values, at which market impact and other "
        f"costs eat the mean{partly}.",
    )
