"""The page risk/scenarios: what a move of the market or of Treasury yields would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lib import checks as check
from lib import codes, wording
from lib.book import BASE_WORDS
from lib.checks import CENT, Check
from lib.contracts import Column, KeyFigure
from lib.conventions import BASIS_POINT
from lib.risk.factor_model import MARKET
from lib.risk.rates import NO_YIELDS
from lib.risk.repricing import RepricingInputs
from lib.tables.columns import fraction, money, ratio, text

WEAK = 2.0
"""A t statistic below this says that a beta cannot be told from zero."""
RISE_BP = 100.0
"""The rise of the yield that betas to it are told by."""

MARKET_MOVES = (
    text("words", label="Move"),
    "linear_pnl",
    "gamma_pnl",
    "pnl",
    "unbounded_pnl",
    "pnl_fraction",
    text("reason", label="Remarks"),
)
RATE_BETAS = (
    "symbol",
    money("money", label="Linear, +100 bp"),
    fraction("return", label="Return for +100 bp"),
    ratio("duration", label="Duration, years"),
    "t_stat",
    "r_squared",
    "observations",
    text("reason", label="Beta"),
)


def moves(table: pd.DataFrame, kind: str, tenor: str | None = None) -> pd.DataFrame:
    """Scenarios of one kind and tenor, the largest rise first, with ``words`` and ``reason``."""
    rows = table[table["kind"] == kind]
    rows = rows if tenor is None else rows[rows["tenor"] == tenor]
    shown = rows.assign(words=_moves_in_words(rows), reason=rows["flags"].map(codes.all_words))
    return shown.sort_values("shock", ascending=False).reset_index(drop=True)


def by_tenor(table: pd.DataFrame) -> pd.DataFrame:
    """Revalued profit of each rate move, a column a tenor: alternatives, not parts."""
    rows = table[table["kind"] == "rates"]
    wide = rows.assign(words=_moves_in_words(rows)).pivot(  # noqa: PD010
        index=["shock", "words"], columns="tenor", values="pnl"
    )
    wide = wide[list(dict.fromkeys(rows["tenor"]))].sort_index(ascending=False)
    return wide.rename_axis(columns=None).reset_index()


def by_tenor_columns(table: pd.DataFrame) -> tuple[Column, ...]:
    """The columns of ``by_tenor``: the move, and the money of each tenor."""
    tenors = [money(name, label=name, absent=reason) for name, reason in _why_none(table).items()]
    return (text("words", label="Move"), *tenors)


def _why_none(table: pd.DataFrame) -> dict[str, str]:
    """Of each tenor, why a move of its yield has no result, where it has none."""
    first = table[table["kind"] == "rates"].drop_duplicates("tenor")
    code = np.where(codes.has(first["flags"], NO_YIELDS), NO_YIELDS, "no_betas")
    return {tenor: codes.words(name) for tenor, name in zip(first["tenor"], code, strict=True)}


def _moves_in_words(rows: pd.DataFrame) -> list[str]:
    """Shocks for people: "Market +5%" or "Yields +100 bp"."""
    return [
        f"Market {wording.percent(shock, 0 if round(shock * 100, 6) % 1 == 0 else 1, signed=True)}"
        if kind == "market"
        else f"Yields {wording.number(shock, 0, signed=True)}\u00a0bp"
        for kind, shock in zip(rows["kind"], rows["shock"], strict=True)
    ]


def rate_betas(table: pd.DataFrame, book: RepricingInputs, tenor: str) -> pd.DataFrame:
    """Betas to one tenor by underlying, the largest money for 100 basis points first.

    ``duration`` is -10,000 x beta, years; ``money`` the linear profit of all its positions for +100 bp, and
    ``reason`` the quality of the beta in words.
    """
    rows = table[table["tenor"] == tenor].reset_index(drop=True)
    exposure = rows["position_id"].map(pd.Series(book.delta_exposure, index=book.holdings["position_id"]))
    profit = exposure * rows["beta_per_bp"] * RISE_BP
    sums = profit.groupby(rows["symbol"]).sum(min_count=1)
    shown = rows.drop_duplicates("symbol")
    shown = shown.assign(
        money=shown["symbol"].map(sums).astype("float64"),
        **{"return": shown["beta_per_bp"] * RISE_BP},
        duration=-shown["beta_per_bp"] / BASIS_POINT,
        reason=shown["quality"].map(codes.all_words),
    )
    order = shown["money"].abs().sort_values(ascending=False, na_position="last", kind="stable").index
    return shown.loc[order].reset_index(drop=True)


def coverage_sentence(book: RepricingInputs) -> str:
    """How many positions take part, and what is left out."""
    reasons = book.holdings["reason"]
    if reasons.empty:
        return "The book holds no positions, so there is nothing to move."
    text = f"{int((reasons == '').sum())} of {wording.plural(len(reasons), 'position')} take part"
    left = codes.counted(reasons).values()
    return f"{text}; left out: {wording.joined(left)}." if left else f"{text}."


def market_sentence(table: pd.DataFrame, currency: str) -> str:
    """What the largest fall and the largest rise would do."""
    rows = moves(table, "market")
    if rows["pnl"].isna().all():
        return _no_result(rows.iloc[0])
    rise = _market_move(rows.iloc[0], currency)
    return f"{_market_move(rows.iloc[-1], currency)}; {rise[0].lower()}{rise[1:]}."


def _market_move(row: pd.Series, currency: str) -> str:
    word = wording.direction(row["pnl"], "gain", "lose", "move by")
    base = BASE_WORDS["gross" if codes.has(row["flags"], "base_gross") else "nav"]
    part = row["pnl_fraction"]
    share = "" if wording.is_missing(part) else f" ({wording.percent(abs(part))} of {base})"
    way, size = "rise" if row["shock"] > 0 else "fall", wording.percent(abs(row["shock"]), 0)
    return f"A {way} of the market by {size} would {word} {wording.money(abs(row['pnl']), currency)}{share}"


def _no_result(row: pd.Series) -> str:
    return f"No result: {row['reason']}."


def generated_sentence(yields: pd.DataFrame, book: RepricingInputs, tenors: Sequence[str]) -> str:
    """Which scenarios rest on generated yields or volatilities, so that none is called worst or best.

    Of table ``yields`` and the ``tenors`` that are moved; empty where nothing is generated.
    """
    told = []
    made = generated_tenors(yields, tenors)
    if made:
        told.append(f"Every move of the {wording.joined(made)} yield rests on generated yields")
    if book.generated:
        option = "what revaluing options adds to a move rests on generated volatilities"
        told.append(option if told else f"{option[0].upper()}{option[1:]}")
    return f" {'; '.join(told)}: never the worst or the best." if told else ""


def generated_tenors(yields: pd.DataFrame, tenors: Sequence[str]) -> list[str]:
    """Those of ``tenors`` of which a yield of the table is generated."""
    if "origin" not in yields:
        return []
    made = set(yields.loc[yields["origin"] == "generated", "tenor"])
    return [tenor for tenor in tenors if tenor in made]


def curvature_sentence(table: pd.DataFrame, currency: str) -> str:
    """How far the straight line is from full revaluation at the largest fall."""
    row = moves(table, "market").iloc[-1]
    gap = row["pnl"] - row["linear_pnl"]
    if wording.is_missing(gap):
        return _no_result(row)
    if abs(gap) < CENT:
        return "No option takes part, so the three answers are the same."
    better = "less bad" if gap > 0 else "worse"
    return (
        f"At {wording.percent(row['shock'], 0, signed=True)} the revalued result is "
        f"{wording.money(abs(gap), currency)} {better} than betas and deltas say; "
        f"gamma alone accounts for {wording.money(row['gamma_pnl'] - row['linear_pnl'], signed=True)} of the "
        "difference."
    )


def rates_sentence(table: pd.DataFrame, tenor: str, currency: str) -> str:
    """What the smallest rise of yields would do by the chosen tenor, and how the tenors differ."""
    rows = table[(table["kind"] == "rates") & (table["shock"] > 0)]
    if not len(rows):
        return "No rise of yields is among the scenarios."
    rows = rows[rows["shock"] == rows["shock"].min()]
    row, known = rows[rows["tenor"] == tenor].iloc[0], rows[rows["pnl"].notna()]
    if wording.is_missing(row["pnl"]):
        none = f"No result by the {tenor} yield: {_why_none(rows)[tenor]}."
        return f"{none} By {_answers(known)}." if len(known) else none
    answer = (
        f"{wording.number(row['shock'], 0)}\u00a0bp more on the {tenor} yield, the market held fixed, would "
        f"{wording.direction(row['pnl'], 'gain', 'lose', 'move by')} "
        f"{wording.money(abs(row['pnl']), currency)}"
    )
    if len(known) == 1:
        return f"{answer}."
    return f"{answer}; by {_answers(known)}. They are alternatives and must not be added."


def _answers(known: pd.DataFrame) -> str:
    """Over which tenors the results run, and from where to where."""
    low, high = wording.money(known["pnl"].min()), wording.money(known["pnl"].max())
    return f"the yields of {wording.joined(known['tenor'])} the answers run from {low} to {high}"


def rate_betas_sentence(shown: pd.DataFrame, tenor: str) -> str:
    """How many of the rate betas can be told from zero."""
    known = shown[shown["beta_per_bp"].notna()]
    if not len(known):
        return f"No underlying has a beta to the {tenor} yield."
    sure = int((known["t_stat"].abs() >= WEAK).sum())
    capped = int(codes.has(known["quality"], "capped").sum())
    bound = f" {wording.plural(capped, 'beta')} reached the cap." if capped else ""
    told = (
        f"{sure} of {wording.plural(len(known), 'beta')} are more than two standard errors (HC1) from zero."
    )
    return f"{told}{bound}"


def verdict(table: pd.DataFrame, book: RepricingInputs, currency: str, made: str = "") -> str:
    """One sentence for the top of the page, what it covers, and ``made`` of ``generated_sentence``."""
    text = market_sentence(table, currency)
    none = len(book.holdings) > 0 and moves(table, "market")["pnl"].isna().all()
    return text if none else f"{text} {coverage_sentence(book)}{made}"


def key_figures(
    table: pd.DataFrame, tenor: str, currency: str, *, generated: Sequence[str] = ()
) -> list[KeyFigure]:
    """The figures to be seen first: the largest fall and rise, what options change, a rise of the yield.

    ``generated`` are the tenors whose yields are generated: said with the figure.
    """
    rows, rates = moves(table, "market"), moves(table, "rates", tenor)
    rise, fall = rows.iloc[0], rows.iloc[-1]
    bend = "What options change in the largest fall, beside betas and deltas."
    bend = _no_result(fall) if wording.is_missing(fall["pnl"]) else bend
    found = [
        _fraction(fall["scenario"], fall, currency),
        _fraction(rise["scenario"], rise, currency),
        KeyFigure("curvature", fall["pnl"] - fall["linear_pnl"], "money", "higher", bend),
    ]
    for _, row in rates[rates["shock"] > 0].tail(1).iterrows():
        figure = _fraction(f"yield_{tenor.lower()}_up_{row['shock']:g}_bp", row, currency)
        made = f"{figure.sentence} On generated yields." if tenor in generated else figure.sentence
        found.append(replace(figure, sentence=made))
    return found


def _fraction(name: str, row: pd.Series, currency: str) -> KeyFigure:
    """The profit of one move as a part of the base, read aloud in money."""
    word = wording.direction(row["pnl"], "A gain of", "A loss of", "A change of")
    sentence = f"{word} {wording.money(abs(row['pnl']), currency)}."
    sentence = _no_result(row) if wording.is_missing(row["pnl"]) else sentence
    return KeyFigure(name, row["pnl_fraction"], "fraction", "higher", sentence)


def checks(table: pd.DataFrame, book: RepricingInputs, position_betas: pd.DataFrame) -> list[Check]:
    """What must hold of table ``scenario_pnl``; the betas are those of table ``position_betas``."""
    market = table[table["kind"] == "market"]
    chosen = (position_betas["method"] == "univariate") & (position_betas["factor"] == MARKET)
    beta = position_betas[chosen].set_index("position_id")["beta"].reindex(book.holdings["position_id"])
    exposure = pd.Series(book.delta_exposure * beta.to_numpy("float64"))
    stated = market["shock"] * exposure.sum(min_count=1)
    same, options = "Without options all three answers agree", (book.holdings["kind"] == "option").any()
    tenors = table[table["kind"] == "rates"].groupby("tenor").size()
    return [
        check.close(
            "Linear profit is the move times exposure times univariate beta",
            market["linear_pnl"],
            stated,
            scale=stated.abs().max(),
        ),
        check.holds(same, True, "the book holds options")
        if options
        else check.same_money(same, table["pnl"], table["linear_pnl"]),
        check.holds(
            "Every tenor has each rate move once",
            (tenors == tenors.max()).all(),
            wording.plural(len(tenors), "tenor"),
        ),
    ]
