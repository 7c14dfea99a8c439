"""Sentences, frames and checks of the option Greeks, written from the numbers they stand beside."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.market import occ
from lib.portfolio.marks import has_flag
from lib.portfolio.mibian_check import TOLERANCE

SOURCE_WORDS = {
    "price": "the option's own price",
    "implied_vols": "the table of volatilities",
    "realised_60d": "realised volatility, 60 days",
}
REASON_WORDS = {
    "EXPIRED": "expired",
    "UNDERLYING_NOT_TRADABLE": "its underlying cannot be traded",
    "NO_UNDERLYING_PRICE": "no price of the underlying",
    "NO_RATE": "no yield for the rate",
    "EARLY_EXERCISE": "worth no more than exercising it",
    "NO_VOLATILITY": "no volatility explains its price or is known",
}
REMARK_WORDS = {
    "EXPIRES_TODAY": "expires today",
    "NO_DIVIDEND_YIELD": "no dividend yield known, taken as 0",
    "STALE_PRICE": "its price is older than the last trading day",
    "NO_PRICE": "it has no price",
    "BELOW_INTRINSIC": "its price is below its exercise value",
    "ABOVE_BOUND": "its price is more than it can be worth",
    "NO_TIME_VALUE": "its price has no time value",
    "OUT_OF_RANGE": "its price asks for a volatility out of all range",
}
INPUT_COLUMNS = (
    "symbol",
    "underlying_price",
    "strike",
    "years_to_expiry",
    "rate",
    "dividend_yield",
    "implied_vol",
    "source",
    "model_price",
    "remark",
)
GREEK_WORDS = {
    "delta_dollars": "Delta: moves like so much of the underlyings",
    "gamma_dollars": "Gamma: change of delta for a rise of 1%",
    "theta": "Theta: a calendar day",
    "vega": "Vega: a volatility point",
    "rho": "Rho: a percentage point of rate",
}
FIGURE_WORDS = {
    "delta_dollars": "Money in the underlyings that the book moves like",
    "gamma_dollars": "Change of delta when every underlying rises by 1%",
    "theta": "What one calendar day brings or costs",
    "vega": "What one more volatility point brings or costs",
    "rho": "What one more percentage point of rate brings or costs",
}
Identity = tuple[str, bool, str]


def book_table(book: pd.DataFrame) -> pd.DataFrame:
    """The table ``portfolio_greeks`` with its names in words."""
    return book.assign(words=book["greek"].map(GREEK_WORDS).astype("str"))


def options_table(positions: pd.DataFrame, greeks: pd.DataFrame) -> pd.DataFrame:
    """Options with contract, exposure, source of the volatility and remark, the largest delta first.

    ``words`` is the contract for people; ``reason`` says why there are no Greeks; empty where there are.
    """
    columns = ["quantity", "expiry", "strike", "right", "price", "exposure"]
    table = greeks.join(positions.set_index("position_id")[columns], on="position_id")
    table = table.assign(
        words=[getattr(occ.parse(symbol), "name", symbol) for symbol in table["symbol"]],
        source=table["implied_vol_source"].map(SOURCE_WORDS).astype("str"),
        reason=_words(table, REASON_WORDS),
        remark=_words(table, {**REASON_WORDS, **REMARK_WORDS}),
    )
    order = table["delta_dollars"].abs().sort_values(ascending=False, na_position="last", kind="stable").index
    return table.loc[order].reset_index(drop=True)


def gaps_table(gaps: pd.DataFrame) -> pd.DataFrame:
    """The differences from mibian with powers of ten as text; null where there was no option."""
    text = gaps["difference"].map("{:.1e}".format).astype("str")
    return gaps.assign(measure=gaps["measure"].map(wording.sentence_case), difference=text).mask(
        gaps["options"] == 0
    )


def inputs_sentence(greeks: pd.DataFrame) -> str:
    """Where the volatilities come from, and how many options have no Greeks."""
    live = greeks[~has_flag(greeks, "EXPIRED")]
    if not len(live):
        return "The book holds no option."
    counts = live["implied_vol_source"].value_counts()
    named = [(counts[name], words) for name, words in SOURCE_WORDS.items() if name in counts]
    came = wording.joined([f"{wording.count(number)} from {words}" for number, words in named])
    without = int(live["delta"].isna().sum())
    lacking = f"{wording.plural(without, 'option')} without Greeks" if without else "every option has Greeks"
    if not came:
        return f"{wording.sentence_case(lacking)}."
    return f"Of {wording.plural(len(live), 'option')} the volatility comes: {came}; {lacking}."


def book_sentence(book: pd.DataFrame, currency: str) -> str:
    """What a move, a day, a volatility point and a percentage point of rate do to the book."""
    value, missing = book.set_index("greek")["value"], "not known"
    names = ("gamma_dollars", "theta", "vega")
    gamma, theta, vega = (wording.money(value[name], signed=True, reason=missing) for name in names)
    return (
        f"The book moves like {wording.money(value['delta_dollars'], currency, reason=missing)} of its "
        f"underlyings; a rise of 1% changes that by {gamma}, a day is worth {theta} and a volatility point "
        f"{vega}."
    )


def excluded_sentence(book: pd.DataFrame) -> str:
    """How many positions the sums have and lack."""
    row = book.set_index("greek").loc["delta_dollars"]
    lacking = int(row["positions_excluded"])
    without = (
        f"; left out: {wording.plural(lacking, 'position')} without price, Greeks or market"
        if lacking
        else ""
    )
    return f"{wording.plural(int(row['positions_included']), 'position')} in the sum of deltas{without}."


def names_sentence(names: pd.DataFrame) -> str:
    """Which underlying with options has the largest delta, and where options oppose the shares."""
    if not len(names):
        return "The book holds no option."
    first = names.iloc[0]
    money = wording.money(first["delta_dollars"], signed=True, reason="an option has no Greeks")
    against = names.loc[names["shares"] * names["option_delta"] < 0, "underlying"].tolist()
    hedged = f"; options reduce the shares in {wording.joined(against)}" if against else ""
    return f"{first['underlying']} has the largest delta, {money}{hedged}."


def short_puts_sentence(positions: pd.DataFrame, greeks: pd.DataFrame) -> str:
    """The delta of written puts, whose sign is often wrong: it is positive."""
    written = positions.loc[positions["position_type"] == "SP", "position_id"]
    deltas = greeks.loc[greeks["position_id"].isin(written), "delta_dollars"].dropna()
    if not len(deltas):
        return "The book has written no put."
    added = wording.money(deltas.sum(), signed=True)
    return f"Written puts add {added} of delta: they gain when their names rise."


def mibian_sentence(gaps: pd.DataFrame) -> str:
    """How far mibian is from the Greeks of this run."""
    if not gaps["options"].max():
        return "No option to compare."
    worst = gaps.loc[gaps["difference"].idxmax()]
    return (
        f"mibian reprices {wording.plural(int(worst['options']), 'option')}; the largest difference is "
        f"{worst['difference']:.1g}, in {worst['measure'].replace('_', ' ')} of {worst['symbol']}."
    )


def greek_identities(
    positions: pd.DataFrame, greeks: pd.DataFrame, book: pd.DataFrame, gaps: pd.DataFrame
) -> list[Identity]:
    """What must hold of the tables ``greeks`` and ``portfolio_greeks``; ``gaps`` are those to mibian."""
    rows = positions.set_index("position_id").loc[greeks["position_id"]].reset_index(drop=True)
    dollars = greeks["delta"] * rows["multiplier"] * rows["quantity"] * rows["underlying_price"]
    off = float((dollars - greeks["delta_dollars"]).abs().max()) if len(greeks) else 0.0
    sign = rows["quantity"] * rows["right"].map({"C": 1.0, "P": -1.0}).astype("float64")
    wrong = int((sign * greeks["position_delta"] < 0).sum())
    unsaid = int((greeks["delta"].isna() & (greeks["flags"] == "")).sum())
    held = positions[positions["quantity"] != 0]
    counted = (book["positions_included"] + book["positions_excluded"] == len(held)).all()
    own = greeks["implied_vol_source"] == "price"
    back = (greeks["model_price"] - rows["price"])[own].abs()
    gap = float(gaps["difference"].max()) if gaps["options"].max() else 0.0
    return [
        ("mibian has the same Greeks", gap <= TOLERANCE, f"widest difference {gap:.1e}"),
        (
            "Delta dollars are delta x contracts x price of the underlying",
            not off > 0.005,
            f"off by {off:.1e}",
        ),
        ("Long calls and short puts have positive delta", wrong == 0, f"{wrong} with the other sign"),
        ("Volatility from a price gives that price", not back.max() > 1e-6, f"off by {_largest(back):.1e}"),
        ("What has no Greeks says why", unsaid == 0, f"{unsaid} without a reason"),
        ("Every position is in the sums or counted as left out", bool(counted), f"{len(held)} positions"),
    ]


def greeks_figures(book: pd.DataFrame, currency: str) -> list[dict]:
    """Key figures of the stage portfolio/greeks."""
    value = book.set_index("greek")["value"]
    return [
        {"name": name, "value": value[name], "unit": "money", "better": "neither", "sentence": f"{words}."}
        for name, words in FIGURE_WORDS.items()
    ]


def _words(table: pd.DataFrame, words: dict[str, str]) -> pd.Series:
    """The first of the codes that a row's flags hold, in words; empty when none."""
    text = pd.Series("", index=table.index, dtype="str")
    for code, said in reversed(words.items()):
        text = text.mask(has_flag(table, code), said)
    return text


def _largest(values: pd.Series) -> float:
    return float(values.max()) if values.notna().any() else 0.0
