"""What the page of ``signals/robustness`` says of choices, of the best of many, and of what may come."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.contracts import Column
from lib.signals.robust_study import RobustStudy
from lib.tables.columns import fraction, text

SURE = 0.05
"""A p-value below this speaks against chance."""
TESTS = {
    "spa_lower": "SPA, lower bound",
    "spa_consistent": "SPA (Hansen)",
    "spa_upper": "SPA, upper bound",
    "reality_check": "Reality check (White)",
}
SPECIFICATIONS: tuple[str | Column, ...] = (
    "specification",
    "mean_annual",
    "low",
    "high",
    "t",
    text("apart", label="Stands apart after all"),
    "periods",
    text("why", label="Note"),
)
BEST: tuple[str | Column, ...] = (
    text("words", label="Test"),
    "p",
    "strategies",
    "earlier",
    "periods",
    text("why", label="Note"),
)
OUTLOOK: tuple[str | Column, ...] = ("period", "low", "middle", "high", fraction("loss", label="Below 1"))


def specifications(study: RobustStudy) -> pd.DataFrame:
    """Table ``signal_specifications`` in words, the largest mean first."""
    table = study.tables["signal_specifications"].sort_values("mean_annual", ascending=False, kind="stable")
    return noted(table.assign(apart=table["superior"].map({True: "yes", False: ""}).astype("str")))


def curve(study: RobustStudy) -> dict[str, object]:
    """The same as arguments of a specification curve."""
    table = study.tables["signal_specifications"].reset_index(drop=True)
    choices: dict[str, list[bool]] = {
        f"Lag {lag:.0f}": (table["lag"] == lag).tolist() for lag in sorted(table["lag"].dropna().unique())
    }
    choices |= {
        f"{name.title()} weights": (table["weighting"] == name).tolist() for name in ("equal", "value")
    }
    choices |= {
        f"{many} groups": (table["groups"] == many).tolist() for many in sorted(table["groups"].unique())
    }
    choices["Winsorised"] = table["winsorised"].tolist()
    columns = {"values": "mean_annual", "low": "low", "high": "high"}
    own = table.index[table["kind"] == "sort"]
    return {
        **{key: table[name].tolist() for key, name in columns.items()},
        "choices": choices,
        "marked": int(own[0]) if len(own) else None,
    }


def specifications_sentence(study: RobustStudy) -> str:
    """How far the answer depends on choices."""
    table = study.tables["signal_specifications"].dropna(subset=["mean_annual"])
    if table.empty:
        return "No specification could be computed."
    above, clear = int((table["mean_annual"] > 0).sum()), int((table["low"] > 0).sum())
    low, high = (percent(edge(table["mean_annual"])) for edge in (min, max))
    apart = len(table[["mean_annual", "t"]].round(9).drop_duplicates())
    same = "" if apart == len(table) else f" (only {wording.count(apart)} differ)"
    return (
        f"Of {wording.plural(len(table), 'combination')} of choices{same} {wording.count(above)} are above "
        f"zero and {wording.count(clear)} clearly so, from {low} to {high} a year."
    )


def lost_sentence(study: RobustStudy) -> str:
    """How many combinations have no mean, and why."""
    table = study.tables["signal_specifications"]
    lost = table.loc[table["mean_annual"].isna(), "code"]
    if lost.empty:
        return f"All {wording.plural(len(table), 'combination')} could be computed."
    reasons = wording.joined(codes.words(code) for code in dict.fromkeys(lost))
    return f"{wording.count(len(lost))} of {len(table)} combinations have no mean: {reasons}."


def best(study: RobustStudy) -> pd.DataFrame:
    """Table ``signal_best_of_many`` in words."""
    table = study.tables["signal_best_of_many"]
    return noted(table.assign(words=table["test"].map(TESTS)))


def best_sentence(study: RobustStudy) -> str:
    """Whether the best of all beats nothing once it is known to be the best."""
    table = study.tables["signal_best_of_many"].set_index("test")
    row = table.loc["spa_consistent"]
    if row["code"]:
        return f"The best of many is not tested: {codes.words(row['code'])}."
    apart = int(study.tables["signal_specifications"]["superior"].sum())
    told = (
        "beats nothing even as the best of them"
        if row["p"] < SURE
        else "does not beat nothing as the best of them"
    )
    return (
        f"Of {_counted(row)} the best {told} (p {wording.p_value(row['p'])} by SPA, "
        f"{wording.p_value(table.loc['reality_check', 'p'])} by the reality check); {wording.count(apart)} "
        "stand apart one by one."
    )


def spa_sentence(study: RobustStudy) -> str:
    """Among how many the best was chosen, and that the page of alphas counts others."""
    row = study.tables["signal_best_of_many"].set_index("test").loc["spa_consistent"]
    if row["code"]:
        return f"The best of many is not tested: {codes.words(row['code'])}."
    return (
        f"That the best of {_counted(row)} earns nothing (Hansen). The page of alphas counts other versions: "
        "sorts by parts, sectors and other groups."
    )


def _counted(row: pd.Series) -> str:
    """The number of versions, by what they are."""
    earlier = int(row["earlier"])
    chosen = int(row["strategies"]) - earlier
    tries = wording.plural(earlier, "earlier try", "earlier tries") if earlier else "no earlier try"
    return f"{wording.plural(chosen, 'combination')} of choices and {tries}"


def fan(study: RobustStudy) -> pd.DataFrame:
    """Quantiles of wealth as lines, on days as far apart as the periods of the past, from the last one on."""
    table = study.tables["signal_outlook"]
    dates = study.formed.end
    apart = (dates[-1] - dates[0]) / max(len(dates) - 1, 1) if len(dates) else pd.Timedelta(days=30)
    first = dates[-1] if len(dates) else pd.Timestamp(0)
    days = [first + int(number) * apart for number in table["period"]]
    table = table.set_index(pd.DatetimeIndex(days))[["middle", "low", "high"]]
    return table.rename(columns={"middle": "Median", "low": "5%", "high": "95%"})


def outlook(study: RobustStudy) -> pd.DataFrame:
    """A few periods of table ``signal_outlook``."""
    table = study.tables["signal_outlook"]
    if table.empty:
        return table
    last = int(table["period"].max())
    return table.loc[table["period"].isin({1, last // 4, last // 2, last} - {0})]


def outlook_sentence(study: RobustStudy) -> str:
    """Where wealth ends, and how often in a loss."""
    table = study.tables["signal_outlook"]
    if table.empty:
        return "There are too few periods to draw from."
    row = table.iloc[-1]
    return (
        f"After {wording.plural(int(row['period']), 'period')} like those of the past, after costs and "
        "compounded, "
        f"1 becomes {wording.ratio(row['low'])} to {wording.ratio(row['high'])} in nine of ten draws, "
        f"{wording.ratio(row['middle'])} in the middle, and less than 1 in {wording.percent(row['loss'])}; "
        "it takes "
        "the past for the future."
    )


def losses_sentence(study: RobustStudy) -> str:
    """How the chance of a loss changes with time."""
    table = outlook(study)
    if table.empty:
        return "There are too few periods to draw from."
    first, last = table.iloc[0], table.iloc[-1]
    return (
        f"Less than 1 is left in {wording.percent(first['loss'])} of draws after "
        f"{wording.plural(int(first['period']), 'period')}, in {wording.percent(last['loss'])} after "
        f"{wording.count(last['period'])}."
    )


def percent(value: float, *, reason: str = "") -> str:
    """A return with as many digits as it needs."""
    return wording.percent(value, 2 if abs(value) < 0.1 else 1, reason=reason)


def noted(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their reason in words in a column of its own, so that no cell repeats its code."""
    return rows.assign(why=[codes.words(code) if code else "" for code in rows["code"]], code="")
