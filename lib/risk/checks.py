"""Identities that must hold of the risk figures of this very book."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.risk.factor_model import FactorModel
from lib.risk.historical_simulation import HistoricalSimulation
from lib.risk.metrics import look_up
from lib.stats.returns import cumulative_return

CLOSE = 1e-9


def identities(
    book: HistoricalSimulation,
    metrics: pd.DataFrame,
    drawdowns: pd.DataFrame,
    exposures: pd.DataFrame,
    components: pd.DataFrame,
) -> list[tuple[str, bool, str]]:
    """Name, whether it holds, and the numbers, for each identity."""
    values = metrics.drop_duplicates(["metric", "window"]).set_index(["metric", "window"])["value"]
    return [
        _ordered("Value at risk is not above expected shortfall, 95%", values, "var_95", "cvar_95"),
        _ordered("Value at risk is not above expected shortfall, 99%", values, "var_99", "cvar_99"),
        _ordered("Value at risk at 95% is not above that at 99%", values, "var_95", "var_99"),
        _ordered("The worst day lost at least the 99% shortfall", values, "cvar_99", "worst_day", sign=-1.0),
        _equal(
            "The deepest row of the drawdowns is the maximum drawdown",
            drawdowns["depth"].min() if len(drawdowns) else 0.0,
            values.get(("max_drawdown", "all"), np.nan),
            empty=book.returns.empty,
        ),
        _equal(
            "The written returns compound to the cumulative return",
            cumulative_return(book.returns),
            values.get(("cumulative_return", "all"), np.nan),
            empty=book.returns.empty,
        ),
        _exposure(book, exposures),
        *[_components(book, metrics, components, metric) for metric in ("factor_var_95", "factor_var_99")],
    ]


def same_betas(model: FactorModel, position_betas: pd.DataFrame) -> tuple[str, bool, str]:
    """Whether the betas behind the factor value at risk are those of table ``position_betas``."""
    name = "The betas are those of the page on betas"
    rows = position_betas[position_betas["method"] == "orthogonal"].set_index(["position_id", "factor"])
    own = model.betas.rename_axis(columns="factor").stack()  # noqa: PD013
    other = rows["beta"].reindex(own.index)
    gap = float((own - other).abs().max()) if own.notna().any() else 0.0
    wide = wording.number(gap, 6, reason="none in common")
    detail = f"{wording.plural(int(own.count()), 'beta')}, largest difference {wide}"
    return name, bool(own.isna().equals(other.isna()) and gap <= CLOSE), detail


def _ordered(
    name: str, values: pd.Series, low: str, high: str, *, sign: float = 1.0
) -> tuple[str, bool, str]:
    pairs = pd.DataFrame({"low": values.loc[low], "high": sign * values.loc[high]}).dropna()
    if pairs.empty:
        return name, True, "nothing to compare"
    gap = float((pairs["high"] - pairs["low"]).min())
    detail = f"{wording.plural(len(pairs), 'window')}, smallest distance {wording.percent(gap, 2)}"
    return name, gap >= -CLOSE, detail


def _equal(name: str, one: float, other: float, *, empty: bool) -> tuple[str, bool, str]:
    if empty:
        return name, True, "nothing to compare"
    detail = f"{wording.percent(one, 4)} and {wording.percent(other, 4)}"
    return name, bool(abs(one - other) <= CLOSE), detail


def _components(
    book: HistoricalSimulation, metrics: pd.DataFrame, components: pd.DataFrame, metric: str
) -> tuple[str, bool, str]:
    name = f"The positions' parts add up to the {wording.measure(metric)}"
    whole = look_up(metrics, metric, "1y") * book.amount
    if not np.isfinite(whole):
        return name, True, "nothing to compare"
    summed = float(components.loc[components["method"] == metric, "value"].sum())
    close = abs(summed - whole) <= CLOSE * max(whole, 1.0)
    return name, close, f"{wording.money(summed)} and {wording.money(whole)}"


def _exposure(book: HistoricalSimulation, exposures: pd.DataFrame) -> tuple[str, bool, str]:
    net = float(exposures.set_index("measure")["value"]["net"])
    summed = float(book.coverage["exposure"].sum())
    detail = f"{wording.money(summed)} and {wording.money(net)}"
    close = abs(summed - net) <= CLOSE * max(1.0, book.gross)
    return "Covered and left out add up to net exposure", close, detail
