"""What the page of ``portfolio/greeks`` shows and says: the book, its names, its options, their inputs."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.book import names_of
from lib.checks import Check, close, holds, nothing, same_money
from lib.contracts import KeyFigure
from lib.portfolio import tree_reference
from lib.portfolio.mibian_reference import TOLERANCE
from lib.tables.columns import count, money, number, price, text

SOURCE_WORDS = {
    "price": "the option's own price",
    "implied_vols": "the table of volatilities",
    "implied_vols_by_strike": "that table, by strike",
    "prices_by_strike": "prices of other options, by strike",
    "realised_60d": "realised volatility, 60 days",
}
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
WITHOUT_GREEKS = (
    "EXPIRED",
    "UNDERLYING_NOT_TRADABLE",
    "NO_UNDERLYING_PRICE",
    "NO_RATE",
    "NO_VOLATILITY",
)
REMARKS = (
    *WITHOUT_GREEKS,
    "EARLY_EXERCISE",
    "EXPIRES_TODAY",
    "NO_DIVIDEND_YIELD",
    "STALE_PRICE",
    "NO_PRICE",
    "BELOW_INTRINSIC",
    "ABOVE_BOUND",
    "NO_TIME_VALUE",
    "OUT_OF_RANGE",
)
NO_OPTION = "no option"
NO_AMERICAN = "no American option"
LACKING = "an option has no Greeks"
NAMES = (
    "underlying",
    count("shares", label="Shares held"),
    number("option_delta", unit="count", label="Delta of options, shares", absent=LACKING),
    *(money(name, absent=LACKING) for name in GREEK_WORDS),
)
OPTIONS = (
    "symbol",
    count("quantity", label="Contracts"),
    "delta",
    "delta_dollars",
    "gamma_dollars",
    "position_theta",
    "position_vega",
    "position_rho",
)
INPUTS = (
    "symbol",
    "underlying_price",
    price("strike"),
    "years_to_expiry",
    "rate",
    "dividend_yield",
    "implied_vol",
    "implied_vol_source",
    text("model"),
    "model_price",
    text("remark"),
)
GAPS = (
    text("measure", absent=NO_OPTION),
    price("ours", absent=NO_OPTION),
    price("mibian", absent=NO_OPTION),
    text("difference", absent=NO_OPTION),
    text("symbol", absent=NO_OPTION),
)
TREE_GAPS = (
    text("measure", absent=NO_AMERICAN),
    price("ours", absent=NO_AMERICAN),
    price("tree", absent=NO_AMERICAN, label="Plain tree"),
    text("difference", absent=NO_AMERICAN),
    text("symbol", absent=NO_AMERICAN),
)


def book(sums: pd.DataFrame) -> pd.DataFrame:
    """The table ``portfolio_greeks`` with its names in words."""
    return sums.assign(greek=sums["greek"].map(GREEK_WORDS).astype("str"))


def book_sentence(sums: pd.DataFrame, currency: str, *, any_option: bool = True) -> str:
    """What a move, a day, a volatility point and a percentage point of rate do to the book."""
    value, missing = sums.set_index("greek")["value"], "not known"
    if not any_option:
        return (
            "The book holds no option: it moves in a straight line like "
            f"{wording.money(value['delta_dollars'], currency, reason=missing)} of what it holds, and a day, "
            "volatility and the rate are worth nothing to it."
        )
    names = ("gamma_dollars", "theta", "vega")
    gamma, theta, vega = (wording.money(value[name], signed=True, reason=missing) for name in names)
    return (
        f"The book moves like {wording.money(value['delta_dollars'], currency, reason=missing)} of its "
        f"underlyings; a rise of 1% changes that by {gamma}, a day is worth {theta} and a volatility point "
        f"{vega}."
    )


def left_out_sentence(sums: pd.DataFrame) -> str:
    """How many positions the sums have and lack."""
    row = sums.set_index("greek").loc["delta_dollars"]
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
    delta = wording.money(first["delta_dollars"], signed=True, reason=LACKING)
    against = names.loc[names["shares"] * names["option_delta"] < 0, "underlying"].tolist()
    hedged = f"; options reduce the shares in {wording.joined(against)}" if against else ""
    return f"{first['underlying']} has the largest delta, {delta}{hedged}."


def options(positions: pd.DataFrame, greeks: pd.DataFrame) -> pd.DataFrame:
    """Options with contract, source of the volatility and remark, the largest delta first.

    ``words`` is the contract for people; ``reason`` says why there are no Greeks; empty where there are.
    """
    columns = ["quantity", "expiry", "strike", "right", "price", "exposure"]
    table = greeks.join(positions.set_index("position_id")[columns], on="position_id")
    table = table.assign(
        words=table["position_id"].map(names_of(table)).astype("str"),
        implied_vol_source=table["implied_vol_source"].map(SOURCE_WORDS).astype("str"),
        reason=codes.first_words(table["flags"], WITHOUT_GREEKS),
        model=table["model"].map(codes.words, na_action="ignore").astype("str"),
        remark=codes.first_words(table["flags"], REMARKS),
    )
    order = table["delta_dollars"].abs().sort_values(ascending=False, na_position="last", kind="stable").index
    return table.loc[order].reset_index(drop=True)


def written_puts_sentence(positions: pd.DataFrame, greeks: pd.DataFrame) -> str:
    """The delta of written puts, whose sign is often wrong: it is positive."""
    written = positions.loc[positions["position_type"] == "SP", "position_id"]
    deltas = greeks.loc[greeks["position_id"].isin(written), "delta_dollars"].dropna()
    if not len(deltas):
        return "The book has written no put."
    added = wording.money(deltas.sum(), signed=True)
    return f"Written puts add {added} of delta: they gain when their names rise."


def inputs_sentence(greeks: pd.DataFrame) -> str:
    """Where the volatilities come from, and how many options have no Greeks."""
    live = greeks[~codes.has(greeks["flags"], "EXPIRED")]
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


def gaps(found: pd.DataFrame) -> pd.DataFrame:
    """The differences from a reference with powers of ten as text; null where there was no option."""
    difference = found["difference"].map("{:.1e}".format).astype("str")
    return found.assign(measure=found["measure"].map(wording.sentence_case), difference=difference).mask(
        found["options"] == 0
    )


def gaps_sentence(found: pd.DataFrame) -> str:
    """How far mibian is from the Greeks of this run."""
    if not found["options"].max():
        return "No European option to compare."
    worst = found.loc[found["difference"].idxmax()]
    options = wording.plural(int(worst["options"]), "European option")
    return (
        f"mibian reprices {options}; the largest difference is "
        f"{worst['difference']:.1g}, in {worst['measure'].replace('_', ' ')} of {worst['symbol']}."
    )


def tree_sentence(found: pd.DataFrame) -> str:
    """How far a plain tree is from the American prices and deltas of this run."""
    if not found["options"].max():
        return "No American option to compare."
    price_gap, delta_gap = found.set_index("measure").loc[["model_price", "delta"], "difference"]
    options = wording.plural(int(found["options"].max()), "American option")
    return (
        f"A plain tree reprices {options}; the largest difference in price is {price_gap:.1g} of the strike, "
        f"in delta {delta_gap:.1g}."
    )


def checks(
    positions: pd.DataFrame,
    greeks: pd.DataFrame,
    sums: pd.DataFrame,
    found: pd.DataFrame,
    trees: pd.DataFrame,
) -> list[Check]:
    """What must hold of the tables ``greeks`` and ``portfolio_greeks``.

    ``found`` are the gaps to mibian, ``trees`` those to the plain tree.
    """
    rows = positions.set_index("position_id").loc[greeks["position_id"]].reset_index(drop=True)
    spot = rows["underlying_price"].mask(greeks["delta"] == 0, 0.0)
    dollars = greeks["delta"] * rows["multiplier"] * rows["quantity"] * spot
    sign = rows["quantity"] * rows["right"].map({"C": 1.0, "P": -1.0}).astype("float64")
    wrong = int((sign * greeks["position_delta"] < 0).sum())
    unsaid = int((greeks["delta"].isna() & (greeks["flags"] == "")).sum())
    held = int((positions["quantity"] != 0).sum())
    counted = (sums["positions_included"] + sums["positions_excluded"] == held).all()
    own = greeks["implied_vol_source"] == "price"
    return [
        _same_as_mibian(found),
        _same_as_tree(trees),
        same_money(
            "Delta dollars are delta x contracts x price of the underlying", greeks["delta_dollars"], dollars
        ),
        holds("Long calls and short puts have positive delta", wrong == 0, f"{wrong} with the other sign"),
        close(
            "Volatility from a price gives that price",
            greeks.loc[own, "model_price"],
            rows.loc[own, "price"],
            tolerance=1e-6,
        ),
        holds("What has no Greeks says why", unsaid == 0, f"{unsaid} without a reason"),
        holds("Every position is in the sums or counted as left out", counted, f"{held} positions"),
    ]


def key_figures(sums: pd.DataFrame) -> list[KeyFigure]:
    """The Greeks of the book."""
    value = sums.set_index("greek")["value"]
    return [
        KeyFigure(name, value[name], "money", "neither", f"{said}.") for name, said in FIGURE_WORDS.items()
    ]


def _same_as_mibian(found: pd.DataFrame) -> Check:
    name, widest = "mibian has the same Greeks", found["difference"].max()
    if not found["options"].max():
        return nothing(name)
    return holds(name, widest <= TOLERANCE, f"widest difference {widest:.1e}")


def _same_as_tree(trees: pd.DataFrame) -> Check:
    name = "A plain tree has the same American prices and deltas"
    if not trees["options"].max():
        return nothing(name)
    widest = trees.set_index("measure")["difference"]
    same = all(widest[one] <= bound for one, bound in tree_reference.TOLERANCE.items())
    told = f"widest difference {widest['model_price']:.1e} of the strike, {widest['delta']:.1e} of delta"
    return holds(name, same, told)
