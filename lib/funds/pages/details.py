"""The page of funds/details: one fund as an adviser would hand it to a client."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, adds_up, close, holds, nothing, within
from lib.contracts import KeyFigure
from lib.funds.pages import grades
from lib.funds.score_rules import BLOCKS
from lib.tables.columns import count, fraction, number, text

MASTER = (text("item", label="About the fund"), text("said", label="As known on the date"))
ITEMS = {
    "name": "Name",
    "house": "House",
    "manager": "Manager",
    "category": "Category",
    "subcategory": "Subcategory",
    "benchmark": "Benchmark",
    "plan": "Plan",
    "option": "Option",
    "currency": "Currency",
    "inception_date": "First unit",
    "expense_ratio": "Expense ratio a year",
    "assets": "Assets",
    "entry_load": "Entry load",
    "exit_load": "Exit load",
    "exit_load_days": "Exit load within",
    "minimum_investment": "Least investment",
}
BLOCK_COLUMNS = (
    text("block", label="Part of the score"),
    number("points", label="Points"),
    number("most", unit="count", label="Of"),
)
YEARS = (
    text("label", label="Year"),
    fraction("fund", label="Fund", absent="no NAV"),
    fraction("benchmark", label="Benchmark", absent="no benchmark"),
    fraction("gap", label="Difference", absent="no benchmark"),
)
SECTORS = (
    text("sector", label="Sector or kind"),
    fraction("weight", label="Share of assets"),
    count("holdings", label="Holdings"),
)
ROLLING_ABSENT = "The fund is too young for a distribution of holding periods."


def master(found: dict[str, object]) -> pd.DataFrame:
    """What the fund is, an item a row."""
    money = str(found.get("currency", ""))
    rows = [(ITEMS[item], _said(item, value, money)) for item, value in found.items()]
    return pd.DataFrame(rows, columns=["item", "said"]).astype("str")


def _said(item: str, value: object, currency: str) -> str:
    if item in ("expense_ratio", "entry_load", "exit_load"):
        return wording.percent(value, 2)
    if item in ("assets", "minimum_investment"):
        return wording.money(value, currency)
    if item == "exit_load_days":
        return wording.plural(int(float(str(value))), "day")
    return wording.date(value) if item == "inception_date" else str(value)


def master_sentence(found: dict[str, object]) -> str:
    """Which items are not known."""
    absent = [ITEMS[item].lower() for item in ("house", "manager", "benchmark", "expense_ratio", "assets")]
    known = [ITEMS[item].lower() for item in found]
    missing = [one for one in absent if one not in known]
    return f"Not known: {wording.joined(missing)}." if missing else "All that is asked of a fund is known."


def blocks(own: pd.Series) -> pd.DataFrame:
    """The three parts of the score and their sum."""
    rows = [
        (grades.BLOCKS[name].capitalize(), own[name], float(sum(leaves.values())))
        for name, leaves in BLOCKS.items()
    ]
    return pd.DataFrame(rows, columns=["block", "points", "most"])


def verdict(own: pd.Series) -> str:
    """What is advised, the score, and the fund's place."""
    place = (
        f"rank {wording.number(own['category_rank'], 0 if own['category_rank'] % 1 == 0 else 1)} of "
        f"{own['category_total']:,} in {own['peer_group']}"
        if not wording.is_missing(own["category_rank"])
        else "no rank"
    )
    advice = grades.RECOMMENDATIONS[own["recommendation"]]
    return f"{own['name']}: {advice}, {wording.number(own['score_scaled'], 1)} of 100, {place}."


def faults(own: pd.Series) -> list[str]:
    """That the fund is no real one, and what the score lacks, where it is a warning."""
    found = []
    if own["origin"] != "real":
        found.append(f"No advice for real money: this score rests on {own['origin']} data.")
    warned = [code for code in own["flags"].split(",") if code in codes.CODES and codes.CODES[code].warning]
    return [*found, f"Mind: {wording.joined(codes.words(code) for code in warned)}."] if warned else found


def key_figures(own: pd.Series, by_year: pd.DataFrame) -> list[KeyFigure]:
    """Score, quarter, last year and drawdown."""
    last = by_year.iloc[0]
    against = (
        f"{wording.percent(last['fund'] - last['benchmark'], signed=True)} against its benchmark."
        if not wording.is_missing(last["benchmark"])
        else "No benchmark to compare with."
    )
    return [
        KeyFigure(
            "score",
            float(own["score_scaled"]),
            "ratio",
            "higher",
            f"{grades.quartile(own['quartile'])} quarter.",
        ),
        KeyFigure("return_of_the_year", float(last["fund"]), "fraction", "higher", against),
        KeyFigure(
            "deepest_fall",
            float(own["max_drawdown_value"]),
            "fraction",
            "higher",
            "From the highest NAV of three years.",
        ),
        KeyFigure(
            "expense_ratio",
            float(own["expense_ratio_value"]),
            "fraction",
            "lower",
            "A year, taken from the NAV.",
        ),
    ]


def growth_lines(grown: pd.DataFrame, name: str, benchmark: str) -> pd.DataFrame:
    """The lines by their names, week by week so that they can be drawn."""
    return grown.rename(columns={"fund": name, "benchmark": benchmark}).resample("W-FRI").last().dropna()


def growth_sentence(grown: pd.DataFrame, name: str, benchmark: str, currency: str) -> str:
    """What 10,000 became."""
    first, last = grown.index[0], grown.iloc[-1]
    said = f"{currency} 10,000 put into {name} on {wording.date(first)} became {wording.money(last['fund'])}"
    if "benchmark" in grown and not wording.is_missing(last["benchmark"]):
        return f"{said}; in {benchmark} it became {wording.money(last['benchmark'])}."
    return f"{said}; there is no benchmark to set beside it."


def falls_sentence(fallen: pd.Series) -> str:
    """The deepest fall, and where it stands now."""
    if not len(fallen) or fallen.min() >= 0:
        return "The NAV never fell below an earlier one."
    return (
        f"The deepest fall was {wording.percent(fallen.min())} on {wording.date(fallen.idxmin())}; "
        f"it now stands {wording.percent(abs(fallen.iloc[-1]))} below its highest."
    )


def years(by_year: pd.DataFrame) -> pd.DataFrame:
    """Calendar years with the difference; a part of a year says so."""
    label = by_year["year"].astype("str") + np.where(by_year["whole"], "", ", part of the year")
    return by_year.assign(label=label.astype("str"), gap=by_year["fund"] - by_year["benchmark"])


def years_sentence(frame: pd.DataFrame) -> str:
    """In how many whole years it was ahead of its benchmark."""
    whole = frame[frame["whole"] & frame["gap"].notna()]
    if whole.empty:
        return "There is no whole year to compare with a benchmark."
    ahead = int((whole["gap"] > 0).sum())
    return f"It was ahead of its benchmark in {ahead} of {wording.plural(len(whole), 'whole year')}."


def history_sentence(past: pd.Series) -> str:
    """Its score now and at its highest and lowest."""
    known = past.dropna()
    if known.empty:
        return "It has no score of earlier dates."
    low, high, now = (wording.number(one, 1) for one in (known.min(), known.max(), known.iloc[-1]))
    dates = wording.plural(len(known), "date")
    return f"Over {dates} its score lay between {low} and {high}; it is now {now}."


def history(scores: pd.DataFrame, own: pd.Series) -> pd.DataFrame:
    """The fund's scaled score by date beside the median of its category."""
    mine = scores[scores["fund_id"] == own["fund_id"]].set_index("score_date")["score_scaled"]
    same = scores[scores["category"] == own["category"]].groupby("score_date")["score_scaled"].median()
    return pd.DataFrame({own["name"]: mine, "Median of its category": same.reindex(mine.index)})


def sectors_sentence(frame: pd.DataFrame, day: pd.Timestamp | None) -> str:
    """The largest sector, and the day of the list."""
    if frame.empty or day is None:
        return "No list of holdings of the last 95 days is known."
    first = frame.iloc[0]
    return f"As of {wording.date(day)}, {wording.percent(first['weight'])} lay in {first['sector']}."


def checks(
    own: pd.Series, grown: pd.DataFrame, by_year: pd.DataFrame, by_sector: pd.DataFrame
) -> list[Check]:
    """Parts add up to the score, years compound to the growth, shares to the whole."""
    parts = pd.Series({name: own[name] for name in BLOCKS})
    compounded = float((1 + by_year["fund"]).prod())
    whole = (
        within("Shares of sectors add up to about 1", float(by_sector["weight"].sum()), 0.9, 1.1)
        if len(by_sector)
        else nothing("Shares of sectors add up to about 1")
    )
    became = float(grown["fund"].iloc[-1] / grown["fund"].iloc[0])
    return [
        adds_up("Parts add up to the total", parts, float(own["total_score"])),
        close("Years compound to the growth", compounded, became),
        holds("Growth starts at 10,000", abs(grown["fund"].iloc[0] - 10_000) < 1e-6, "10,000"),
        whole,
    ]
