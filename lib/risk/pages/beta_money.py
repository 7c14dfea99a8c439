"""Betas of the book on each base, money by position and factor, and what no factor explains a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import checks as check
from lib import wording
from lib.book import names_of
from lib.checks import Check
from lib.risk.attribution import SPECIFIC, TOTAL
from lib.risk.factor_model import MARKET, METHODS
from lib.tables.columns import fraction, money, text

ORTHOGONAL = METHODS[2]
NO_BETAS = "No position has betas, so there is nothing to measure."
BASES = (text("factor"), "beta_nav", "beta_gross", "magnitude_beta")
ALPHAS = (
    text("symbol", label="Underlying"),
    fraction("alone", label="Market alone: alpha a year", absent="no beta"),
    fraction("alone_error", label="Error", absent="no beta"),
    fraction("together", label="All factors: alpha a year", absent="no beta"),
    fraction("together_error", label="Error", absent="no beta"),
)
TWO_ERRORS = 2.0


def bases(portfolio: pd.DataFrame) -> pd.DataFrame:
    """Betas of the default method by factor: of net asset value, of gross, and in magnitude."""
    rows = portfolio[portfolio["method"] == ORTHOGONAL]
    rows = rows[~rows["factor"].isin([SPECIFIC, TOTAL])].reset_index(drop=True)
    return rows.assign(factor=[wording.sentence_case(name) for name in rows["factor"]])


def bases_sentence(portfolio: pd.DataFrame) -> str:
    """The market beta on each base, and how much of the betas longs and shorts take from each other."""
    rows = portfolio[portfolio["method"] == ORTHOGONAL].set_index("factor")
    own = rows.loc[MARKET] if MARKET in rows.index else rows.iloc[0]
    if wording.is_missing(own["magnitude_beta"]):
        return NO_BETAS
    on_nav = wording.ratio(own["beta_nav"], reason="net asset value is not positive")
    said = (
        f"The market beta is {on_nav} of net asset value and {wording.ratio(own['beta_gross'])} of gross "
        "exposure; without regard to sign the positions' betas come to "
        f"{wording.ratio(own['magnitude_beta'])} of gross"
    )
    if not own["magnitude_beta"] > 0:
        return f"{said}."
    offset = 1.0 - abs(own["beta_gross"]) / own["magnitude_beta"]
    if offset < 0.005:
        return f"{said}, and nothing offsets."
    return f"{said}, of which longs and shorts offset {wording.percent(offset, 0)}."


def factor_dollars(betas: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """Exposure x beta by position and factor of the default method, money, the book first.

    Columns ``position``, then the factors in order, named for people; positions without betas are left out.
    The largest market money comes first.
    """
    wide = _by_position(betas)
    names = pd.Series(names_of(holdings))
    rows = wide.reindex(wide.iloc[:, 0].abs().sort_values(ascending=False, kind="stable").index)
    table = rows.set_axis(names.reindex(rows.index), axis=0)
    whole = wide.sum(min_count=1).to_frame("The book").T
    joined = pd.concat([whole, table]).rename(columns=wording.sentence_case)
    return joined.rename_axis(index="position", columns=None).reset_index()


def dollars_columns(table: pd.DataFrame) -> tuple:
    """The columns of ``factor_dollars`` as an exhibit shows them."""
    return (text("position"), *(money(name, label=name, absent="no betas") for name in table.columns[1:]))


def dollars_sentence(table: pd.DataFrame, currency: str) -> str:
    """The position that adds most market money, the one that takes most; ``table`` as ``factor_dollars``."""
    market = table.iloc[1:].set_index("position").iloc[:, 0] if len(table) else pd.Series(dtype="float64")
    if market.empty:
        return NO_BETAS
    most, least = market.idxmax(), market.idxmin()
    said = (
        f"{most} moves like {wording.money(market.max(), currency)} of the market, the most of "
        f"{wording.plural(len(market), 'position')}"
    )
    if market.min() < 0:
        return f"{said}; {least} takes most from it, {wording.money(-market.min(), currency)}."
    return f"{said}; none takes from it."


def alphas(betas: pd.DataFrame, order: pd.Series) -> pd.DataFrame:
    """One row an underlying in the given order: alpha a year and its error, market alone and all factors."""
    rows = betas[betas["factor"] == MARKET].drop_duplicates(["symbol", "method"])
    alone, together = (
        rows[rows["method"] == method].set_index("symbol").reindex(order)
        for method in (METHODS[0], ORTHOGONAL)
    )
    return pd.DataFrame(
        {
            "symbol": order.to_numpy(),
            "alone": alone["alpha"].to_numpy(),
            "alone_error": alone["alpha_error"].to_numpy(),
            "together": together["alpha"].to_numpy(),
            "together_error": together["alpha_error"].to_numpy(),
        }
    )


def alphas_sentence(table: pd.DataFrame, own: tuple[float, float]) -> str:
    """The book's ``own`` alpha with its error, and how many underlyings' are beyond two errors of zero."""
    known = table.dropna(subset=["together", "together_error"])
    alpha, error = own
    if known.empty or not np.isfinite(alpha):
        return NO_BETAS
    beyond = int((known["together"].abs() > TWO_ERRORS * known["together_error"]).sum())
    sure = "cannot be told from zero" if abs(alpha) <= TWO_ERRORS * error else "is beyond two errors of zero"
    chance, earned = wording.number(0.05 * len(known), 1), wording.percent(alpha, signed=True)
    return (
        f"Beside all factors today's book would have earned {earned} a year, give or take "
        f"{wording.percent(error)}, which {sure}. Of {wording.plural(len(known), 'underlying')}, {beyond} "
        f"{'is' if beyond == 1 else 'are'} beyond two errors, {chance} to be expected by chance. Holdings "
        "chosen with hindsight have an alpha."
    )


def adds_up(betas: pd.DataFrame, portfolio: pd.DataFrame) -> Check:
    """Whether the factor dollars of the positions add up to those of the book, by every method."""
    keys = ["method", "factor"]
    summed = betas.groupby(keys)["dollar_exposure"].sum(min_count=1)
    stated = portfolio.set_index(keys)["dollar_exposure"].reindex(summed.index)
    scale = float(betas["dollar_exposure"].abs().sum()) if len(betas) else None
    return check.close("The positions' factor dollars add up to the book's", summed, stated, scale=scale)


def _by_position(betas: pd.DataFrame) -> pd.DataFrame:
    rows = betas[(betas["method"] == ORTHOGONAL) & betas["dollar_exposure"].notna()]
    factors = list(dict.fromkeys(betas["factor"])) or [MARKET]
    wide = rows.pivot(index="position_id", columns="factor", values="dollar_exposure")  # noqa: PD010
    return wide.reindex(columns=factors)
