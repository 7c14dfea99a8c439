"""The look-ahead audit on the alphas of a spread: they pass, careless copies of them are named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.contracts import empty
from lib.run.audit.look_ahead import audit
from lib.signals import alpha_study, explained, moving_alphas
from lib.signals.factor_models import MODELS
from lib.tables import TABLES
from tests.signals.spreads import spread_tables

CHOICE = alpha_study.Choice(window_days=120, step_days=5, stretches=4)
LAST = "2013-02-01"
FACTORS, RETURNS = {"factor_sets"}, {"long_short_daily"}


def tables():
    """Nineteen months of which the first thirteen have momentum."""
    made = spread_tables(days=400, trials=0)
    own = made["factor_sets"]
    made["factor_sets"] = own.loc[(own["factor"] != "MOM") | (own["date"] <= LAST)].reset_index(drop=True)
    del made["benchmark"]
    return made


WORLD = tables()


def of_alphas(given, as_of):
    found = alpha_study.alpha_study(
        alpha_study.Inputs(**given, indices=empty(TABLES["signal_benchmarks"])),
        CHOICE,
        as_of=as_of or "2049-01-01",
        hypothesis="higher",
        benchmark=None,
        factor_set="world",
    )
    return {"signal_rolling": found.tables["signal_rolling"]}


def audited():
    return audit(of_alphas, WORLD, TABLES, moments=8, to_first=True)


def factors_of_the_next_day(real):
    def found(*given, **how):
        known = real(*given, **how)
        return {name: one._replace(returns=one.returns.shift(-1)) for name, one in known.items()}

    return found


def returns_of_the_next_day(real):
    return lambda frame: real(frame.shift(-1))


def model_of_the_whole_sample(real):
    """The richest model whose factors all periods have."""

    def found(parts, model, **how):
        whole = parts["day"].factors.dropna(axis=1)
        there = [name for name in reversed(MODELS) if set(MODELS[name]) <= set(whole)]
        return real(parts, (there or [model])[0], **how)

    return found


def windows_about_their_date(real):
    def found(y, x, *, window):
        fit = real(y, x, window=window)
        ahead = window // 2
        moved = [np.concatenate([part[ahead:], part[-ahead:]]) for part in (fit.coefficients, fit.std_errors)]
        return replace(fit, coefficients=moved[0], std_errors=moved[1])

    return found


LEAKS = {
    "factors of the next day": (alpha_study, "factors_of", factors_of_the_next_day, FACTORS),
    "returns of the next day": (explained, "_sides", returns_of_the_next_day, RETURNS),
    "a model chosen on the whole sample": (
        alpha_study,
        "moving_alphas",
        model_of_the_whole_sample,
        FACTORS,
    ),
    "windows about their date": (
        moving_alphas,
        "rolling_ols",
        windows_about_their_date,
        FACTORS | RETURNS,
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_every_way_to_an_alpha_by_what_was_not_known_is_named(monkeypatch, leak):
    owner, name, careless, causes = LEAKS[leak]
    monkeypatch.setattr(owner, name, careless(getattr(owner, name)))
    found = audited().leaks[0]
    assert set(found.cause) & causes, found.cause
    assert found.first is not None and found.first.date <= found.alteration.moment


def test_alphas_themselves_pass_although_a_factor_ends_early():
    rolling = of_alphas(WORLD, None)["signal_rolling"]
    assert list(rolling["model"].unique()) == ["FF6", "FF5"]
    assert rolling["date"].max() > pd.Timestamp(LAST)
    found = audited()
    assert found.passed, found.leaks
    assert "signal_rolling" in found.compared
