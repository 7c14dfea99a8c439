"""What must hold of the risk figures of a book, whatever its positions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import checks as check
from lib import wording
from lib.book import totals_of
from lib.checks import Check
from lib.conventions import TRADING_DAYS
from lib.risk.factor_model import FactorModel
from lib.risk.historical_simulation import HistoricalSimulation
from lib.risk.metrics import look_up


def checks(
    past: HistoricalSimulation,
    metrics: pd.DataFrame,
    drawdowns: pd.DataFrame,
    exposures: pd.DataFrame,
    components: pd.DataFrame,
) -> list[Check]:
    """What must hold of the risk figures of this very book."""
    by_name = metrics.drop_duplicates(["metric", "window"]).set_index(["metric", "window"])["value"]
    var, cvar, var_99, cvar_99 = (by_name.loc[name] for name in ("var_95", "cvar_95", "var_99", "cvar_99"))
    compounded = float((1.0 + past.compounding).clip(lower=0.0).prod() - 1.0)
    deepest = float(drawdowns["depth"].min()) if len(drawdowns) else 0.0
    same: dict[str, tuple[str, float, check.Words]] = {
        "The deepest row of the drawdowns is the maximum drawdown": ("max_drawdown", deepest, _finely),
        "The written returns compound to the cumulative return, told a year": (
            "cumulative_return",
            compounded,
            _yearly(len(past.compounding)),
        ),
    }
    return [
        _ordered("Value at risk is not above expected shortfall, 95%", var, cvar),
        _ordered("Value at risk is not above expected shortfall, 99%", var_99, cvar_99),
        _ordered("Value at risk at 95% is not above that at 99%", var, var_99),
        _ordered("The worst day lost at least the 99% shortfall", cvar_99, -by_name.loc["worst_day"]),
        *(
            check.nothing(name)
            if past.returns.empty
            else check.close(name, value, look_up(metrics, metric, "all"), scale=max(1.0, value), words=words)
            for name, (metric, value, words) in same.items()
        ),
        check.close(
            "Covered and left out add up to net exposure",
            float(past.coverage["exposure"].sum()),
            float(totals_of(exposures)["net"]),
            scale=past.gross,
            words=wording.money,
        ),
        *(_whole(past, metrics, components, name) for name in ("factor_var_95", "factor_var_99")),
    ]


def same_betas(model: FactorModel, position_betas: pd.DataFrame) -> Check:
    """Whether the betas behind the factor value at risk are those of table ``position_betas``."""
    rows = position_betas[position_betas["method"] == "orthogonal"].set_index(["position_id", "factor"])
    own = model.betas.rename_axis(columns="factor").stack()  # noqa: PD013
    return check.close("The betas are those of the page on betas", own, rows["beta"].reindex(own.index))


def _ordered(name: str, low: pd.Series, high: pd.Series) -> Check:
    return check.ordered(name, low, high, noun="window", words=lambda gap: wording.percent(gap, 2))


def _finely(value: float) -> str:
    return wording.percent(value, 4)


def _yearly(days: int) -> check.Words:
    """A return over so many days in words, as one of a year: over decades the whole says nothing."""
    return lambda whole: f"{_finely((1.0 + whole) ** (TRADING_DAYS / max(days, 1)) - 1.0)} a year"


def _whole(past: HistoricalSimulation, metrics: pd.DataFrame, components: pd.DataFrame, metric: str) -> Check:
    name = f"The positions' parts add up to the {wording.measure(metric)}"
    whole = look_up(metrics, metric, "1y") * past.amount
    if not np.isfinite(whole):
        return check.nothing(name)
    summed = components.loc[components["method"] == metric, "value"].sum()
    return check.adds_up(name, float(summed), whole, words=wording.money)
