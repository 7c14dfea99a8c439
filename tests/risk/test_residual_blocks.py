import numpy as np
import pandas as pd
import pytest
from risk_worlds import DAYS, factors, priced
from risk_worlds import holdings as rows_of
from scipy.stats import norm

from lib.book import holdings
from lib.risk import factor_var
from lib.risk.factor_model import factor_model, model_options
from lib.risk.pages import residuals as page
from lib.risk.residual_blocks import residual_correlations
from lib.risk.variance import position_parts, specific_parts, total_variance

TABLE, WIDE = factors()
SECTORS = {"CVX": "Energy", "XOM": "Energy", "JPM": "Banks", "BAC": "Banks", "HD": "Shops", "ODD": None}
DEVIATION = 0.012
TRUTH = {("CVX", "XOM"): 0.8, ("JPM", "BAC"): 0.5}
BOOK = (("CVX", 100.0), ("XOM", 60.0), ("JPM", 80.0), ("BAC", -50.0), ("HD", 40.0), ("ODD", 30.0))


def truth(names=tuple(SECTORS)):
    """Correlations of the generated residuals."""
    matrix = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    for (one, other), value in TRUTH.items():
        matrix.loc[one, other] = matrix.loc[other, one] = value
    return matrix


def prices(seed=11):
    """Names of market beta 1 whose residuals have the covariance that is stated."""
    own = np.random.default_rng(seed).normal(0, DEVIATION, (len(DAYS), len(SECTORS)))
    own = own @ np.linalg.cholesky(truth().to_numpy()).T
    return priced(pd.DataFrame(WIDE[["market"]].to_numpy() + own, index=DAYS, columns=list(SECTORS)))


def model_of(rows=BOOK, sectors=SECTORS, **options):
    positions = rows_of(*((name, "stock", money) for name, money in rows))
    sector = positions["underlying"].map(sectors).astype("str")
    held = holdings(positions.assign(sector=sector), pd.DataFrame({"position_id": [], "delta_dollars": []}))
    return held, factor_model(held, prices(), TABLE, window=1500, **options)


def test_the_specific_variance_is_that_of_the_generated_residuals():
    _, model = model_of()
    exposure = model.exposure_by_underlying
    among = truth().loc[exposure.index, exposure.index].to_numpy()
    wanted = DEVIATION**2 * exposure.to_numpy() @ among @ exposure.to_numpy()
    apart, used, measured = model.specific_variances
    assert used == pytest.approx(wanted, rel=0.06)
    assert apart == pytest.approx(DEVIATION**2 * (exposure**2).sum(), rel=0.06)
    assert used > 1.2 * apart
    assert measured == pytest.approx(wanted, rel=0.1)


def test_only_pairs_of_one_sector_that_are_significant_are_kept():
    _, model = model_of()
    pairs = model.residuals.pairs
    assert list(zip(pairs["first"], pairs["second"], strict=True)) == [("CVX", "XOM"), ("BAC", "JPM")]
    assert pairs["correlation"].to_numpy() == pytest.approx([0.8, 0.5], abs=0.05)
    assert model.residuals.tested == 2
    others = model.residuals.used.to_numpy()[~np.eye(6, dtype=bool)]
    assert np.count_nonzero(others) == 4
    none = model_of(residual_level=0.0)[1]
    assert none.residuals.pairs.empty and none.specific_variances[1] == pytest.approx(
        none.specific_variances[0]
    )
    strangers = model_of(sectors={**SECTORS, "XOM": "Oil", "BAC": None})[1]
    assert strangers.residuals.pairs.empty and strangers.residuals.tested == 0


def test_the_parts_of_the_positions_add_up_with_blocks_and_are_what_a_little_more_adds():
    held, model = model_of()
    parts = factor_var.components(model, held)
    size = factor_var.deviation(model)
    assert size**2 == pytest.approx(total_variance(model), rel=1e-12)
    assert size**2 == pytest.approx(position_parts(model).sum(), rel=1e-12)
    for level in (0.95, 0.99):
        own = parts[parts["method"] == factor_var.metric_name(level)]
        assert own["value"].sum() == pytest.approx(norm.ppf(level) * size, rel=1e-12)
    more = [(name, money * (1 + 1e-6 * (name == "XOM"))) for name, money in BOOK]
    slope = norm.ppf(0.95) * (factor_var.deviation(model_of(more)[1]) - size) / 1e-6
    xom = parts[parts["position_id"].str.startswith("XOM")]["value"].iloc[0]
    assert xom == pytest.approx(slope, rel=1e-4)


def test_a_name_that_hedges_its_sector_takes_specific_risk_away():
    _, model = model_of((("CVX", 100.0), ("XOM", -60.0)))
    assert specific_parts(model)["XOM"] < 0
    apart, used, _ = model.specific_variances
    assert used == pytest.approx(apart * (1e4 + 3.6e3 - 2 * 0.8 * 6e3) / (1e4 + 3.6e3), rel=0.1)


def test_false_pairs_are_as_rare_as_the_level_says():
    """Of 400 books of twenty independent names in one sector, about one in twenty finds a pair."""
    draws = np.random.default_rng(3).normal(size=(400, 60, 20))
    names = [f"N{place}" for place in range(20)]
    sectors = pd.Series("One", index=names)
    terms = {"factors": 0, "minimum": 20}
    found = [
        len(residual_correlations(pd.DataFrame(one, columns=names), sectors, **terms).pairs) > 0
        for one in draws
    ]
    assert 0.02 < np.mean(found) < 0.085


def test_factors_count_as_lost_observations():
    draws = np.random.default_rng(8).normal(size=(30, 2)) @ np.array([[1.0, 0.55], [0.0, 0.835]])
    frame, sectors = pd.DataFrame(draws, columns=["A", "B"]), pd.Series("One", index=["A", "B"])
    r = np.corrcoef(draws.T)[0, 1]
    for factor_count in (0, 7):
        found = residual_correlations(frame, sectors, factors=factor_count, minimum=20, level=0.9999)
        wanted = 2 * norm.sf(abs(np.arctanh(r)) * np.sqrt(30 - factor_count - 3))
        assert found.pairs["p_value"].iloc[0] == pytest.approx(wanted, rel=1e-9)


def test_the_matrix_is_never_indefinite_and_keeps_its_diagonal():
    """Two names close to a third and not to each other: as measured on different days, impossible."""
    generator = np.random.default_rng(2)
    base = generator.normal(size=(600, 3))
    days = base.copy()
    days[:200, 1] = days[:200, 0]
    days[:200, 2] = np.nan
    days[200:400, 2] = days[200:400, 1]
    days[200:400, 0] = np.nan
    days[400:, 2] = -days[400:, 0]
    days[400:, 1] = np.nan
    frame = pd.DataFrame(days, columns=list("ABC"))
    found = residual_correlations(frame, pd.Series("One", index=list("ABC")), factors=0, minimum=50)
    assert len(found.pairs) == 3 and found.shrinkage == pytest.approx(0.5, abs=0.01)
    assert np.linalg.eigvalsh(found.used.to_numpy())[0] == pytest.approx(0.0, abs=1e-9)
    assert np.diag(found.used.to_numpy()) == pytest.approx(1.0)
    assert np.linalg.eigvalsh(found.measured.to_numpy())[0] < -0.5


def test_the_setting_reaches_every_stage_that_repeats_the_betas():
    assert model_options({"residual_level": 0.01, "other": 1}) == {"residual_level": 0.01}


def test_the_page_says_which_residuals_move_together_and_by_how_much_it_matters():
    _, model = model_of()
    said = page.residual_sentence(model)
    assert "Residuals of 2 of 2 pairs within sectors move together" in said
    assert "CVX and XOM (0.8" in said and "times what it would be with names apart" in said
    none = model_of(residual_level=0.0)[1]
    assert "none has residuals that surely move together" in page.residual_sentence(none)
    assert page.residual_sentence(model_of((("HD", 1.0),))[1]) == ""


def test_a_factor_that_holds_what_the_book_holds_is_named_with_another_proxy():
    _, model = model_of()
    proxies = pd.Series({"market": "SP500", "growth": "HD,ODD,LLY", "value": "CVX", "size": "HD"})
    said = page.overlap_sentence(model, proxies)
    assert "What stands for growth, a basket of 3 symbols, holds HD and ODD, 19.4% of" in said
    assert "such as the fund VUG or the members that are not held (LLY)" in said
    assert "CVX, 27.8% of the gross delta-adjusted exposure, is itself what stands for value" in said
    assert "size" not in said
    both = page.overlap_sentence(model, pd.Series({"market": "JPM", "value": "CVX", "growth": ""}))
    assert (
        both.startswith(" JPM and CVX, 50.0% of") and "are themselves what stand for market and value" in both
    )
    assert page.overlap_sentence(model, pd.Series({"growth": "LLY"})) == ""
