"""The page of funds/scores: which funds deserve the money now, why, and how sure one may be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, adds_up, close, holds, none, nothing, within
from lib.contracts import KeyFigure
from lib.funds.extras import latest_scores
from lib.funds.pages import grades
from lib.funds.score_rules import BLOCKS, LEAVES
from lib.tables.columns import count, fraction, number, text

RANKING = (
    text("name", label="Fund"),
    text("category"),
    number("score_scaled", label="Score, of 100", absent="no data"),
    text("quarter", label="Quarter"),
    text("advice", label="Recommendation"),
    number("historical_returns", label="Returns, of 40"),
    number("risk_grade", label="Risk, of 30"),
    number("other_metrics", label="Other, of 30"),
    text("most_lost", label="Lost most by"),
)
SCREEN = (
    text("name", label="Fund"),
    text("category"),
    number("score_scaled", label="Score", absent="no data"),
    text("quarter", label="Quarter"),
    text("advice", label="Recommendation"),
    text("rank", label="Rank"),
    fraction("return_1y_value", label="1 year", absent="too young"),
    fraction("return_3y_value", label="3 years", absent="too young"),
    fraction("max_drawdown_value", label="Drawdown", absent="no data"),
    fraction("expense_ratio_value", label="Expense ratio", absent="not known"),
    text("remarks", label="Mind"),
)
CATEGORIES = (
    text("category"),
    count("funds", label="Funds"),
    number("median", label="Median score", absent="no score"),
    text("best", label="Best fund"),
    number("score", label="Its score", absent="no score"),
    text("advice", label="Recommendation"),
)
FLAGS = (
    text("words", label="What to mind"),
    count("funds", label="Funds"),
    text("examples", label="Such as"),
)
HISTORY_FUNDS = 3


def newest(scores: pd.DataFrame) -> pd.DataFrame:
    """The funds of the last date, the best first, with what is said of each."""
    latest = latest_scores(scores)
    frame = latest.sort_values(["score_scaled", "fund_id"], ascending=[False, True], ignore_index=True)
    lost = pd.DataFrame({leaf: most - frame[leaf].fillna(most) for leaf, most in LEAVES.items()})
    words = pd.Series(list(LEAVES)).map(grades.LEAVES).to_numpy()
    worst = words[lost.to_numpy().argmax(axis=1)] if len(frame) else []
    rank = [
        "n/a"
        if wording.is_missing(place)
        else f"{wording.number(place, 0 if place % 1 == 0 else 1)}\u00a0of\u00a0{of:,}"
        for place, of in zip(frame["category_rank"], frame["category_total"], strict=True)
    ]
    return frame.assign(
        quarter=grades.quartiles(frame["quartile"]),
        advice=grades.recommendations(frame["recommendation"]),
        rank=pd.Series(rank, dtype="str", index=frame.index),
        most_lost=pd.Series(worst, dtype="str", index=frame.index),
        remarks=frame["flags"].map(warnings).astype("str"),
    )


def warnings(flags: str) -> str:
    """The words of those flags that a reader should be warned of."""
    return codes.all_words(
        codes.cell(code for code in flags.split(",") if code and codes.CODES[code].warning)
    )


def best(scores: pd.DataFrame) -> str:
    """The id of the best fund of the last date, empty where none was scored."""
    shown = newest(scores)
    return shown["fund_id"].iloc[0] if len(shown) else ""


def name_of(scores: pd.DataFrame, fund_id: str) -> str:
    """The name of a fund on the last date."""
    own = latest_scores(scores)
    named = own.loc[own["fund_id"] == fund_id, "name"]
    return named.iloc[0] if len(named) else fund_id


def ranking_sentence(shown: pd.DataFrame) -> str:
    """The best fund, and how many are advised to be bought."""
    if shown.empty:
        return "No fund could be scored."
    first = shown.iloc[0]
    advised = int(shown["recommendation"].isin(["BUY", "STRONG_BUY"]).sum())
    return (
        f"{first['name']} leads with {wording.number(first['score_scaled'], 1)} of 100; "
        f"{wording.count(advised)} of {wording.plural(len(shown), 'fund')} are advised to be bought."
    )


def categories(shown: pd.DataFrame) -> pd.DataFrame:
    """Each category with its number of funds, median and best fund; the largest first."""
    grouped = shown.groupby("category", sort=True)
    first = grouped.first()
    frame = pd.DataFrame(
        {
            "category": first.index,
            "funds": grouped.size().to_numpy(),
            "median": grouped["score_scaled"].median().to_numpy(),
            "best": first["name"].to_numpy(),
            "score": first["score_scaled"].to_numpy(),
            "advice": first["advice"].to_numpy(),
        }
    )
    return frame.sort_values(["funds", "category"], ascending=[False, True], ignore_index=True)


def categories_sentence(frame: pd.DataFrame) -> str:
    """How many categories, and which are too thin to rank in."""
    thin = frame.loc[frame["funds"] < 4, "category"]
    said = f"Funds of {wording.plural(len(frame), 'category', 'categories')} are ranked among themselves."
    if len(thin):
        names = wording.named(thin, 3, "other")
        said += f" {names} {'has' if len(thin) == 1 else 'have'} fewer than four funds, so no quarters."
    return said


def screen_sentence(shown: pd.DataFrame) -> str:
    """What can be done with the table."""
    return f"All {wording.plural(len(shown), 'fund')}: search by any word, choose, and sort by a header."


def history(scores: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Score over time of the best funds of today, and the median of all that were scored then."""
    chosen = shown["fund_id"].head(HISTORY_FUNDS).tolist()
    own = scores[scores["fund_id"].isin(chosen)]
    wide = own.pivot_table(index="score_date", columns="fund_id", values="score_scaled").reindex(
        columns=chosen
    )
    wide.columns = shown["name"].head(HISTORY_FUNDS).tolist()
    wide["Median of all"] = scores.groupby("score_date")["score_scaled"].median()
    return wide


def history_sentence(wide: pd.DataFrame) -> str:
    """Where the leader was a year before."""
    if wide.shape[1] < 2 or wide.empty:
        return "There is no history yet."
    leader = wide.columns[0]
    known = wide[leader].dropna()
    ago = known[known.index <= wide.index[-1] - pd.DateOffset(months=12)]
    now = wording.number(known.iloc[-1], 1) if len(known) else wording.not_available()
    if ago.empty:
        return f"{leader} stands at {now}; a year ago it had no score."
    return f"{leader} stands at {now}, a year ago at {wording.number(ago.iloc[-1], 1)}."


def flags(shown: pd.DataFrame) -> pd.DataFrame:
    """Each flag of the last date with how many funds have it, warnings first."""
    rows = []
    for code in codes.CODES.values():
        named = shown.loc[codes.has(shown["flags"], code.name), "name"]
        if len(named):
            rows.append((not code.warning, -len(named), code.words, len(named), wording.named(named, 2)))
    frame = pd.DataFrame(sorted(rows), columns=["calm", "order", "words", "funds", "examples"])
    frame["words"] = frame["words"].map(lambda words: words[:1].upper() + words[1:]).astype("str")
    return frame[["words", "funds", "examples"]]


def flags_sentence(frame: pd.DataFrame, skipped: pd.DataFrame) -> str:
    """How many funds have no score at all, and why."""
    last = skipped[skipped["score_date"] == skipped["score_date"].max()] if len(skipped) else skipped
    if last.empty:
        return "Every fund that was asked for has a score; what to mind of them is listed here."
    reasons = wording.joined(codes.counted(last["check"]).values())
    return f"{wording.plural(len(last), 'fund')} of those asked for without a score: {reasons}."


def faults(shown: pd.DataFrame, issues: pd.DataFrame) -> list[str]:
    """What is wrong with the data, in a sentence each."""
    found = []
    if shown.empty:
        return ["No fund could be scored: see what is missing below."]
    unreal = shown.loc[shown["origin"] != "real", "origin"].value_counts()
    if len(unreal):
        based = wording.joined(f"{count:,} on {name} data" for name, count in unreal.items())
        found.append(f"No advice for real money: {wording.plural(len(shown), 'score')}, {based}.")
    for code, words in (
        ("NO_STANCE", "The market score is incomplete, so that sectors and fit give half their points."),
        ("STALE_NAV", "{} without a NAV of the last five days."),
        ("BAD_TER", "{} whose expense ratio is out of bounds."),
        ("NO_BENCHMARK", "{} without benchmark levels, so without capture."),
    ):
        have = int(codes.has(shown["flags"], code).sum())
        if have:
            found.append(words.format(wording.plural(have, "fund")))
    bad = issues[(issues["severity"] == "error") & (issues["action"] == "dropped")] if len(issues) else issues
    if len(bad):
        found.append(f"{wording.plural(len(bad), 'row')} of the fund data were dropped as faulty.")
    return found


def verdict(shown: pd.DataFrame) -> str:
    """The best fund, what is advised, and how many scores rest on little."""
    if shown.empty:
        return "There is no ranking."
    little = int(codes.has_any(shown["flags"], ["LOW_DATA", "THIN_PEERS"]).sum())
    sure = f" {wording.plural(little, 'score')} rest on few peers or little data." if little else ""
    return ranking_sentence(shown) + sure


def key_figures(shown: pd.DataFrame, skipped: pd.DataFrame) -> list[KeyFigure]:
    """The best score, how many to buy, how many scored."""
    last = skipped[skipped["score_date"] == skipped["score_date"].max()] if len(skipped) else skipped
    if shown.empty:
        return [KeyFigure("funds_scored", 0.0, "count", "higher", "No fund could be scored.")]
    first = shown.iloc[0]
    buys = shown[shown["recommendation"].isin(["BUY", "STRONG_BUY"])]
    named = wording.named(buys["name"], 3, "other") or "None"
    left = f"{wording.plural(len(last), 'fund')} without a score." if len(last) else "None is left out."
    return [
        KeyFigure("best_score", float(first["score_scaled"]), "ratio", "higher", f"{first['name']}."),
        KeyFigure("funds_to_buy", float(len(buys)), "count", "neither", f"{named}."),
        KeyFigure("funds_scored", float(len(shown)), "count", "higher", left),
        KeyFigure(
            "median_score",
            float(shown["score_scaled"].median()),
            "ratio",
            "higher",
            f"Half of the funds have more. Stance: {_stance(shown)}.",
        ),
    ]


def _stance(shown: pd.DataFrame) -> str:
    stance = shown["market_stance"].iloc[0]
    return "none" if wording.is_missing(stance) else str(stance)


def checks(scores: pd.DataFrame) -> list[Check]:
    """Identities of the scores: parts add up, nothing above its most, each rank is given once a place."""
    if scores.empty:
        return [nothing("Blocks add up to the total")]
    parts = scores[list(BLOCKS)].sum(axis=1)
    twice = int(scores.duplicated(["score_date", "fund_id"]).sum())
    sums = pd.DataFrame({name: scores[list(leaves)].sum(axis=1) for name, leaves in BLOCKS.items()})
    spread = float(np.abs(sums - scores[list(BLOCKS)]).to_numpy().max())
    ranked = scores[scores["category_rank"].notna() & (scores["peer_group"] == scores["category"])]
    mean = ranked.groupby(["score_date", "category"])["category_rank"].agg(["max"])
    totals = ranked.groupby(["score_date", "category"])["category_total"].max()
    late = scores["market_score_date"].notna() & (scores["market_score_date"] > scores["score_date"])
    return [
        adds_up("The most points of all sub-scores are 100", float(sum(LEAVES.values())), 100.0),
        close("Blocks add up to the total", parts, scores["total_score"]),
        holds("Sub-scores add up to their block", spread <= 1e-9, f"widest gap {spread:.1g}"),
        within("Scaled scores lie between 0 and 100", scores["score_scaled"], 0.0, 100.0),
        holds(
            "No rank is beyond its category",
            bool((mean["max"] <= totals + 1e-9).all()),
            wording.plural(len(mean), "category and date", "categories and dates"),
        ),
        none("A fund has one score a date", twice, "repeated"),
        none("No market score is of a later day", int(late.sum()), "later"),
    ]
