import numpy as np
import pandas as pd
import pytest
from risk_worlds import DAYS, factors, greeks, priced, totals
from risk_worlds import holdings as rows_of
from scipy.stats import norm

from lib.book import base_of, holdings
from lib.contracts import conform
from lib.risk import factor_var, metrics
from lib.risk.benchmark import relative_metrics
from lib.risk.betas import position_betas
from lib.risk.factor_model import factor_model
from lib.risk.historical_simulation import repricing_effect, simulate
from lib.risk.pages import measures, risk_parts
from lib.risk.pages import metrics as page
from lib.stats.drawdowns import drawdown_table
from lib.tables import TABLES

CALL = "AAA200117C00100000"
TABLE, WIDE = factors()


def prices(specific=0.006, seed=5):
    """AAA with market beta 1.2 and a value tilt, BBB with 0.8; specific daily deviation as given."""
    generator = np.random.default_rng(seed)
    betas = np.array([[1.2, 0.8], [0.5, 0.0], [0.0, -0.3]])
    own = generator.normal(0, specific, (len(DAYS), 2))
    values = WIDE.to_numpy() @ betas + own
    return priced(pd.DataFrame(values, index=DAYS, columns=["AAA", "BBB"]))


def model_of(*rows, with_greeks=True, specific=0.006):
    positions = rows_of(*rows)
    table = greeks(positions)
    held = holdings(positions, table if with_greeks else table.iloc[:0])
    return positions, held, factor_model(held, prices(specific), TABLE)


MIXED = (
    ("AAA", "stock", 60_000.0),
    (CALL, "option", -300.0, "AAA"),
    ("BBB", "stock", -20_000.0),
    ("BBB", "stock", 5_000.0),
)


@pytest.mark.parametrize(
    "rows", [MIXED, MIXED[:1], MIXED[1:2], (("AAA", "stock", -9.0), ("BBB", "stock", -4.0))]
)
def test_the_positions_parts_add_up_to_the_factor_value_at_risk(rows):
    _, held, model = model_of(*rows)
    table = conform(factor_var.components(model, held), TABLES["var_components"])
    whole = factor_var.factor_metrics(model, amount=1.0).set_index("metric")["value"]
    sums = table.groupby("method")["value"].sum()
    for metric in ("factor_var_95", "factor_var_99"):
        assert sums[metric] == pytest.approx(whole[metric], rel=1e-9)
    assert table.groupby("method")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert whole["factor_var_99"] / whole["factor_var_95"] == pytest.approx(norm.ppf(0.99) / norm.ppf(0.95))


def test_each_part_is_exposure_times_what_a_little_more_of_it_adds():
    _, held, model = model_of(*MIXED)
    parts = factor_var.components(model, held).set_index(["position_id", "method"])["value"]
    whole = norm.ppf(0.95) * factor_var.deviation(model)
    for place, position in enumerate(held["position_id"]):
        bumped = held.copy()
        bumped.loc[place, "delta_exposure"] *= 1 + 1e-6
        larger = norm.ppf(0.95) * factor_var.deviation(factor_model(bumped, prices(), TABLE))
        assert parts[position, "factor_var_95"] == pytest.approx((larger - whole) / 1e-6, rel=1e-4, abs=1e-2)


def test_a_stock_and_a_call_written_on_it_have_less_risk_than_the_stock():
    """Specific risk by position would add the two up as if they were strangers."""
    _, held, hedged = model_of(*MIXED[:2])
    _, _, plain = model_of(MIXED[0])
    net = abs(hedged.exposure_by_underlying["AAA"])
    assert net < 60_000
    ratio = factor_var.deviation(hedged) / factor_var.deviation(plain)
    assert ratio == pytest.approx(net / 60_000)
    parts = factor_var.components(hedged, held)
    assert (parts.loc[parts["position_id"].str.startswith(CALL), "value"] < 0).all()


def test_the_deviation_is_that_of_the_books_weighted_past():
    """Without specific risk the model's variance is the weighted mean square of B' f over the window."""
    _, _, model = model_of(*MIXED, specific=1e-9)
    profit = model.orthogonal(model.returns) @ model.dollar_betas
    weights = 0.94 ** np.arange(len(profit))[::-1]
    expected = np.sqrt((weights / weights.sum()) @ profit**2)
    assert factor_var.deviation(model) == pytest.approx(expected, rel=1e-5)


def test_the_specific_part_is_the_one_that_was_generated():
    _, _, model = model_of(("AAA", "stock", 1000.0), specific=0.02)
    factors_only = model.dollar_betas @ model.orthogonal_covariance @ model.dollar_betas
    specific = np.sqrt(factor_var.deviation(model) ** 2 - factors_only)
    assert specific == pytest.approx(20.0, rel=0.1)


def test_positions_without_betas_are_missing_with_a_flag_and_never_zero():
    rows = (*MIXED, ("GONE", "stock", 5_000.0), ("HOUSE", "manual", 9_000.0))
    _, held, model = model_of(*rows)
    table = factor_var.components(model, held).set_index("position_id")
    assert table.loc[["GONE-4", "HOUSE-5"], "value"].isna().all()
    assert set(factor_var.factor_metrics(model, amount=1.0)["flag"]) == {"positions_without_betas"}


@pytest.mark.parametrize("rows", [(), (("HOUSE", "manual", 9_000.0),), (("GONE", "stock", 5_000.0),)])
def test_a_book_without_betas_has_no_factor_value_at_risk(rows):
    positions, held, model = model_of(*rows)
    found = factor_var.factor_metrics(model, amount=1.0)
    assert found["value"].isna().all()
    assert set(found["flag"]) == {"no_betas"}
    parts = page.parts(factor_var.components(model, held), positions)
    assert "no factor value at risk" in page.parts_sentence(parts, "USD")


def test_with_too_few_days_of_factors_only_the_factor_value_at_risk_is_missing_and_says_why():
    """The other figures of the page rest on prices alone; under 60 days of factors must not cost them."""
    positions, held, _ = model_of(*MIXED)
    few = TABLE[TABLE["date"] >= DAYS[-59]]
    model = factor_model(held, prices(), few)
    exposures = totals(positions)
    today = simulate(positions, greeks(positions), exposures, prices())
    rows = factor_var.factor_metrics(model, amount=today.amount)
    assert rows["value"].isna().all()
    assert rows[["flag", "observations"]].drop_duplicates().to_numpy().tolist() == [
        ["short_factor_history", 59]
    ]
    parts = conform(factor_var.components(model, held), TABLES["var_components"])
    assert parts["position_id"].nunique() == len(MIXED)
    assert parts[["value", "share"]].isna().all(axis=None)
    relative = relative_metrics(today.compounding, None, risk_free=0.0, total_return=False, symbol=None)
    figures = conform(
        metrics.risk_metrics(today.returns, compounding=today.compounding, relative=relative, factor=rows),
        TABLES["risk_metrics"],
    )
    assert np.isfinite(metrics.look_up(figures, "var_95", "1y"))
    falls = drawdown_table(today.compounding, base_date=today.base_date)
    assert all(check.passed for check in page.checks(today, figures, falls, exposures, parts))
    shown = measures.by_window(figures, measures.METHODS).set_index("measure").loc["Factor model"]
    assert (np.isnan(shown["1y"]), shown["1y_reason"]) == (True, "too few days of factors")
    table = position_betas(held, prices(), few)
    assert page.same_betas(model, table).passed


@pytest.mark.parametrize(
    "rows",
    [
        MIXED,
        MIXED[:1],
        MIXED[1:2],
        ((CALL, "option", 300.0, "AAA"),),
        (("AAA", "stock", -9.0), ("BBB", "stock", -4.0)),
        (("AAA", "stock", 10.0), ("BBB", "stock", -40.0)),
        (("HOUSE", "manual", 9_000.0),),
        (),
    ],
)
@pytest.mark.parametrize("with_greeks", [True, False])
def test_the_whole_page_of_every_book(rows, with_greeks):
    positions, held, model = model_of(*rows, with_greeks=with_greeks)
    table = greeks(positions) if with_greeks else greeks(positions).iloc[:0]
    exposures = totals(positions)
    today = simulate(positions, table, exposures, prices())
    assert (today.amount, today.base) == base_of(exposures)[:2]
    relative = relative_metrics(today.compounding, None, risk_free=0.0, total_return=False, symbol=None)
    figures = metrics.risk_metrics(
        today.returns,
        compounding=today.compounding,
        relative=relative,
        factor=factor_var.factor_metrics(model, amount=today.amount),
        flags=today.flags,
        revalued=today.options > 0,
    )
    conform(figures, TABLES["risk_metrics"])
    methods = set(figures.loc[figures["metric"] == "var_95", "method"])
    assert methods == {"historical_revaluation" if today.options else "historical"}
    parts = factor_var.components(model, held)
    falls = drawdown_table(today.compounding, base_date=today.base_date)
    found = page.checks(today, figures, falls, exposures, parts)
    assert [check.name for check in found if not check.passed] == []
    shown = page.parts(parts, positions)
    effect = repricing_effect(today)
    text = [
        page.parts_sentence(shown, "USD"),
        page.methods_sentence(figures),
        page.repricing_sentence(today, effect),
    ]
    assert not [words for words in text if "nan" in words.lower()]
    assert page.repricing(effect)["measure"].tolist() == [
        "Value at risk 95%",
        "Expected shortfall 95%",
        "Worst day",
    ]


def test_the_check_sees_parts_that_do_not_add_up():
    positions, held, model = model_of(*MIXED)
    exposures = totals(positions)
    today = simulate(positions, greeks(positions), exposures, prices())
    relative = relative_metrics(today.compounding, None, risk_free=0.0, total_return=False, symbol=None)
    rows = factor_var.factor_metrics(model, amount=today.amount)
    figures = metrics.risk_metrics(
        today.returns, compounding=today.compounding, relative=relative, factor=rows
    )
    parts = factor_var.components(model, held).assign(value=1.0)
    falls = drawdown_table(today.compounding)
    found = page.checks(today, figures, falls, exposures, parts)
    assert len([check for check in found if not check.passed]) == 2


def test_betas_that_differ_from_the_table_of_betas_are_seen():
    _, _, model = model_of(*MIXED)
    table = model.betas.rename_axis(columns="factor").stack().rename("beta").reset_index()  # noqa: PD013
    table = table.assign(method="orthogonal")
    assert page.same_betas(model, table).passed
    assert not page.same_betas(model, table.assign(beta=table["beta"] + 1e-6)).passed
    assert not page.same_betas(model, table.iloc[1:]).passed
    _, _, none = model_of()
    assert page.same_betas(none, table.iloc[:0]).passed


def test_the_deviation_is_that_of_fresh_days_of_the_same_market():
    _, _, model = model_of(("AAA", "stock", 1.0), specific=0.01)
    size = factor_var.deviation(model)
    generator = np.random.default_rng(12)
    common = generator.normal(0, 0.004, 40_000)
    value = common + generator.normal(0, 0.004, 40_000)
    fresh = 1.2 * common + 0.5 * value + generator.normal(0, 0.01, 40_000)
    assert size == pytest.approx(fresh.std(), rel=0.1)


def test_parts_by_underlying_put_a_stock_and_its_options_together():
    positions = pd.DataFrame({"position_id": ["s", "c", "p", "o"], "underlying": ["M", "M", "M", "O"]})
    rows = pd.DataFrame({"position_id": ["s", "c", "p", "o"], "value": [20.0, 18.0, 10.0, 52.0]})
    rows = rows.assign(method="factor_var_95", share=rows["value"] / 100.0)
    table = risk_parts.parts_by_underlying(rows, positions).set_index("underlying")
    assert table.loc["M", ["positions", "value"]].tolist() == [3.0, 48.0]
    assert table.loc["M", "share"] == pytest.approx(0.48)
    without = risk_parts.parts_by_underlying(rows.iloc[:3], positions)
    assert risk_parts.underlyings_sentence(without).startswith("M in 3 positions makes 48.0% of")
