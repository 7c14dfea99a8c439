"""Alphas of a spread with planted alpha and betas, refusals, attribution, and what luck leaves."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from spreads import ALPHA, BETAS, CASH, spread_tables

from lib import codes
from lib.contracts import empty
from lib.errors import InputError
from lib.signals import alphas, selection, spread_risk
from lib.signals.alpha_study import Choice, Inputs, alpha_study, attributed
from lib.signals.explained import explained
from lib.signals.factor_models import (
    MODELS,
    compounded,
    factors_of,
    frequency_of,
    least_observations,
    months_of,
)
from lib.signals.pages import alphas as page
from lib.signals.pages import alphas_luck as luck_page
from lib.signals.pages import alphas_time as time_page
from lib.stats.effective_trials import effective_by_eigenvalues
from lib.stats.hac import hac_ols
from lib.tables import TABLES

AS_OF = "2049-01-01"


def study_of(tables, choice=None, **subject):
    index = tables["benchmark"].rename_axis("date").reset_index().assign(benchmark="world index")
    own = {name: table for name, table in tables.items() if name != "benchmark"}
    known = {"as_of": AS_OF, "hypothesis": "higher", "benchmark": "world index", "factor_set": "world"}
    return alpha_study(Inputs(**own, indices=index), choice or Choice(), **known | subject)


@pytest.fixture(scope="module")
def tables():
    return spread_tables()


@pytest.fixture(scope="module")
def study(tables):
    return study_of(tables)


def row_of(study, portfolio="long_short", series="holding", model="FF6"):
    table = study.tables["signal_alphas"]
    same = (table["portfolio"] == portfolio) & (table["series"] == series) & (table["model"] == model)
    return table.loc[same & table["by_rule"]].iloc[0]


def test_carhart_is_three_factors_and_momentum_and_six_are_five_and_momentum():
    assert set(MODELS["Carhart"]) == {*MODELS["FF3"], "MOM"}
    assert set(MODELS["FF6"]) == {*MODELS["FF5"], "MOM"}


@pytest.mark.parametrize("seed", range(4))
def test_the_planted_alpha_and_betas_lie_in_their_intervals_on_days(seed):
    found = study_of(spread_tables(seed=seed))
    row = row_of(found, series="day")
    assert row["low"] <= 252 * ALPHA <= row["high"]
    betas = found.tables["signal_betas"]
    own = betas.loc[
        (betas["portfolio"] == "long_short") & (betas["series"] == "day") & (betas["model"] == "FF6")
    ]
    for one in own.itertuples():
        assert abs(one.beta - BETAS[one.factor]) < 4 * one.error


def test_the_regression_on_holding_periods_is_that_of_statsmodels_on_factors_compounded_by_hand(
    tables, study
):
    held = tables["long_short"].query("sort == 'base' and weighting == 'equal'")
    wide = tables["factor_sets"].pivot_table(index="date", columns="factor", values="return")
    rows = []
    for one in held.itertuples():
        days = wide.loc[(wide.index > one.start) & (wide.index <= one.date)]
        cash = np.prod(1 + days["RF"]) - 1
        rows.append([np.prod(1 + days[name] + days["RF"]) - 1 - cash for name in MODELS["FF6"]])
    lags = int(row_of(study)["lags"])
    oracle = sm.OLS(held["return"].to_numpy(), sm.add_constant(np.array(rows))).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    row = row_of(study)
    assert row["alpha"] == pytest.approx(oracle.params[0], rel=1e-9)
    assert row["error"] == pytest.approx(oracle.bse[0], rel=1e-9)
    assert row["p"] == pytest.approx(oracle.pvalues[0], rel=1e-7)
    assert (row["low"], row["high"]) == pytest.approx(tuple(12 * oracle.conf_int()[0]), rel=1e-8)
    assert row["adjusted"] == pytest.approx(oracle.rsquared_adj, rel=1e-9)


def test_cash_is_taken_off_what_is_paid_for_and_not_off_the_spread(tables):
    rich = {**tables, "factor_sets": tables["factor_sets"].copy()}
    cash = rich["factor_sets"]["factor"] == "RF"
    rich["factor_sets"].loc[cash, "return"] = 10 * CASH
    plain, changed = study_of(tables), study_of(rich)
    spread = [row_of(one, series="day")["alpha"] for one in (plain, changed)]
    long = [row_of(one, "long", "day")["alpha"] for one in (plain, changed)]
    assert spread[0] == pytest.approx(spread[1], abs=1e-12)
    assert long[0] - long[1] == pytest.approx(9 * CASH, rel=1e-9)
    assert row_of(plain, "long")["alpha"] - row_of(plain, "short")["alpha"] == pytest.approx(
        row_of(plain)["alpha"], rel=1e-9
    )


def test_factors_of_days_over_a_month_are_the_factors_of_that_month():
    monthly, daily = spread_tables(factors_by="monthly"), spread_tables()
    found, whole = study_of(monthly), study_of(daily)
    assert set(found.parts) == {"holding", "month"}
    for model in MODELS:
        ours, theirs = row_of(found, series="month", model=model), row_of(whole, model=model)
        assert ours["alpha"] == pytest.approx(theirs["alpha"], abs=2e-5)
    assert row_of(found)["code"] == ""


def test_monthly_factors_are_not_put_beside_quarters_or_weeks():
    for every in ("Q", "W"):
        found = study_of(spread_tables(every=every, factors_by="monthly"))
        expected = "" if every == "Q" else "FACTOR_FREQUENCY"
        code = row_of(found, model="CAPM")["code"]
        assert code in (expected, "FACTOR_FREQUENCY") and row_of(found, model="CAPM").isna()["alpha"]
        assert found.best["series"] == "month" and found.best["model"] == "FF6"
        assert any("other periods" in one for one in page.faults(found, ["real"]))


def test_eleven_quarters_are_refused_six_factors_and_days_are_used_instead():
    found = study_of(spread_tables(every="Q", days=800))
    row = row_of(found)
    assert row["observations"] == 11 and row["needed"] == 30
    assert row["code"] == "TOO_SHORT" and np.isnan(row["alpha"])
    assert found.best["series"] == "day" and found.best["model"] == "FF6"
    said = page.faults(found, ["real"])
    assert "11 quarters cannot carry 6 factors (30 are needed); days are used instead." in said


def test_what_a_regression_needs():
    assert [least_observations(factors) for factors in (1, 3, 4, 5, 6)] == [24, 24, 24, 25, 30]


def test_a_model_whose_factors_the_set_lacks_says_so(tables):
    few = {
        **tables,
        "factor_sets": tables["factor_sets"].loc[~tables["factor_sets"]["factor"].isin(["RMW", "CMA"])],
    }
    found = study_of(few)
    assert row_of(found, model="FF5")["code"] == row_of(found, model="FF6")["code"] == "NO_FACTORS"
    assert found.best["model"] == "Carhart"
    assert any("lacks factors of FF5 and FF6" in one for one in page.faults(found, ["real"]))


def test_factors_that_end_before_the_spread_are_told_of(tables):
    early = tables["factor_sets"]["date"] < "2016-01-01"
    found = study_of({**tables, "factor_sets": tables["factor_sets"].loc[early]})
    said = " ".join(page.faults(found, ["real"]))
    assert "FF6 end on 31 Dec 2015: the last 24 months" in said
    assert not any("end on" in one for one in page.faults(study_of(tables), ["real"]))


def test_without_a_rate_of_cash_only_the_spread_has_an_alpha(tables):
    bare = {**tables, "factor_sets": tables["factor_sets"].loc[tables["factor_sets"]["factor"] != "RF"]}
    found = study_of(bare)
    assert row_of(found, "long")["code"] == "NO_CASH_RATE" and row_of(found)["code"] == ""
    joint = found.tables["signal_joint_alphas"].query("portfolios == 'groups'")
    assert set(joint["code"]) == {"NO_CASH_RATE"}


@pytest.mark.parametrize("factor_set", [None, "unknown"])
def test_no_factor_set_is_an_answer_without_alphas(tables, factor_set):
    found = study_of(tables, factor_set=factor_set)
    assert found.best is None and set(found.tables["signal_alphas"]["code"]) == {"NO_FACTOR_SET"}
    assert "no alpha" in " ".join(page.faults(found, ["real"]))
    assert "No factor model could be fitted" in page.verdict(found)
    assert all(one.passed for one in page.checks(found))


@pytest.mark.parametrize(("factor", "frequency"), [("Mkt-RF", "daily"), ("SMB", "monthly"), ("RF", "daily")])
def test_percent_is_found_by_its_size_and_named(factor, frequency):
    table = spread_tables(factors_by=frequency)["factor_sets"]
    table.loc[table["factor"] == factor, "return"] *= 100
    with pytest.raises(InputError, match=f"factor set world, {factor}: .*percent.*divide the file by 100"):
        factors_of(table, "world", as_of=AS_OF)


def test_the_factors_of_a_century_are_not_taken_for_percent():
    months = np.random.default_rng(0).standard_normal(600) * 0.18
    table = spread_tables(factors_by="monthly")["factor_sets"].query("factor == 'SMB'").iloc[:1]
    table = pd.concat([table] * 600).assign(**{"return": months})
    table["date"] = pd.date_range("1930-01-31", periods=600, freq="ME")
    assert len(factors_of(table, "world", as_of=AS_OF)["monthly"].returns) == 600


def test_a_period_with_a_day_without_factors_has_none(tables):
    daily = factors_of(tables["factor_sets"], "world", as_of=AS_OF)["daily"]
    sessions = daily.returns.index
    start, end = pd.Series(sessions[[0, 20]]), pd.Series(sessions[[20, 40]])
    holed = daily._replace(returns=daily.returns.drop(sessions[30]))
    blank = daily._replace(
        returns=daily.returns.assign(SMB=daily.returns["SMB"].where(sessions != sessions[5]))
    )
    assert compounded(holed, start, end, sessions=sessions)["SMB"].isna().tolist() == [False, True]
    assert compounded(blank, start, end)["SMB"].isna().tolist() == [True, False]
    assert compounded(blank, start, end)["HML"].notna().all()
    with pytest.raises(ValueError, match="cannot be compounded"):
        compounded(daily._replace(frequency="monthly"), start, end)


def test_months_made_of_days_are_whole():
    days = pd.DataFrame({"date": pd.bdate_range("2020-01-16", "2020-04-30"), "a": 0.001})
    found = months_of(days, ("a",))
    assert [day.month for day in found.index] == [2, 3, 4]
    assert found["a"].iloc[0] == pytest.approx(1.001**20 - 1)


@pytest.mark.parametrize(
    ("step", "name"), [("W", "weekly"), ("ME", "monthly"), ("QE", "quarterly"), ("YE", "annual")]
)
def test_the_frequency_is_measured_on_the_periods(step, name):
    ends = pd.date_range("2015-01-31", periods=12, freq=step)
    assert frequency_of(pd.Series(ends[:-1]), pd.Series(ends[1:])) == name


def test_attribution_adds_up_to_each_return_and_the_spread_has_no_cash(study):
    table = study.tables["signal_attribution"]
    sums = table.groupby(["portfolio", "date"])["value"].sum()
    for portfolio in ("long_short", "long", "short"):
        gap = sums[portfolio] - study.parts["holding"].returns[portfolio]
        assert np.abs(gap).max() < 1e-15 * 10
    own = table.loc[table["part"] == "cash"].groupby("portfolio")["value"].sum()
    assert own["long_short"] == 0.0 and own["long"] > 0.1
    assert attributed(study)["residual"].iloc[-1] == pytest.approx(0.0, abs=1e-12)


def test_moving_alphas_are_regressions_on_their_windows(study):
    table = study.tables["signal_rolling"]
    last = table.loc[table["date"] == table["date"].max()].set_index("term")
    one = study.parts["day"]
    both = pd.concat([one.returns["long_short"], one.factors[list(MODELS["FF6"])]], axis=1).dropna()
    both = both.loc[: table["date"].max()].tail(260)
    oracle = sm.OLS(both["long_short"], sm.add_constant(both.drop(columns="long_short"))).fit()
    assert last["value"]["alpha"] == pytest.approx(252 * oracle.params["const"], rel=1e-8)
    assert last["error"]["alpha"] == pytest.approx(252 * oracle.bse["const"], rel=1e-8)
    assert last["value"]["MOM"] == pytest.approx(oracle.params["MOM"], rel=1e-8)
    dates = pd.DatetimeIndex(table["date"].unique())
    assert set(np.diff(one.returns.index.get_indexer(dates))) == {20}


def ended_and_begun(tables):
    """The factors with MOM to the end of 2014 and RMW from 2015 on."""
    own = tables["factor_sets"]
    ended = (own["factor"] == "MOM") & (own["date"] > "2014-12-31")
    ahead = (own["factor"] == "RMW") & (own["date"] < "2015-01-01")
    return {**tables, "factor_sets": own.loc[~ended & ~ahead]}


def test_a_moving_window_has_the_richest_model_whose_factors_it_has_throughout(tables):
    study = study_of(ended_and_begun(tables))
    found = study.tables["signal_rolling"]
    alpha = found.loc[found["term"] == "alpha"].set_index("date")
    days = study.parts["day"].returns.index
    starts = days[days.get_indexer(alpha.index) - 259]
    expected = np.where(
        alpha.index <= "2014-12-31", "Carhart", np.where(starts >= pd.Timestamp("2015-01-01"), "FF5", "FF3")
    )
    assert alpha["model"].tolist() == expected.tolist()
    assert set(expected) == {"Carhart", "FF3", "FF5"}
    said = time_page.rolling_sentence(study)
    assert "richest model whose factors it knows throughout" in said and "Carhart in " in said
    one = study.parts["day"]
    for date in alpha.index[[0, len(alpha) // 2, -1]]:
        names = list(MODELS[alpha.loc[date, "model"]])
        both = one.returns[["long_short"]].join(one.factors[names]).loc[:date].tail(260)
        oracle = sm.OLS(both["long_short"], sm.add_constant(both[names])).fit()
        assert alpha.loc[date, "value"] == pytest.approx(252 * oracle.params["const"], rel=1e-7)
        assert alpha.loc[date, "error"] == pytest.approx(252 * oracle.bse["const"], rel=1e-7)


def test_a_named_model_moves_over_the_windows_that_have_it_and_months_stand_beside_days(tables):
    months = spread_tables(factors_by="monthly")["factor_sets"]
    both = {**tables, "factor_sets": pd.concat([tables["factor_sets"], months])}
    found = study_of(both, Choice(model="FF3", window_months=24)).tables["signal_rolling"]
    assert set(found["model"]) == {"FF3"} and set(found["series"]) == {"day", "month"}
    assert study_of(tables, Choice(window_days=2000)).tables["signal_rolling"].empty


def test_the_alpha_test_rejects_a_true_null_as_often_as_it_says_and_too_often_where_periods_are_few():
    draw = np.random.default_rng(8)
    shares = {}
    for count, lags in ((1200, None), (24, 6)):
        factors = draw.standard_normal((count, 3)) * 0.01
        returns = factors @ draw.standard_normal((3, 2000)) + 0.01 * draw.standard_normal((count, 2000))
        fit = hac_ols(returns, np.column_stack([np.ones(count), factors]), lags=lags)
        shares[count] = float(np.mean(fit.p[0] < 0.05))
    assert 0.04 <= shares[1200] <= 0.06
    assert shares[24] > 0.08


def test_the_groups_of_a_priced_market_are_priced_and_a_planted_alpha_is_found():
    priced = study_of(spread_tables(alpha=0.0, seed=3)).tables["signal_joint_alphas"]
    planted = study_of(spread_tables(alpha=0.002, seed=3)).tables["signal_joint_alphas"]
    own = [
        table.query("portfolios == 'groups' and model == 'FF6' and test == 'grs'")
        for table in (priced, planted)
    ]
    assert own[0]["p"].iloc[0] > 0.05 and own[1]["p"].iloc[0] < 0.001
    assert own[0]["numerator"].iloc[0] == 5


def test_the_order_of_rows_changes_nothing(tables, study):
    mixed = {
        name: table.sample(frac=1.0, random_state=3) if name != "benchmark" else table
        for name, table in tables.items()
    }
    again = study_of(mixed)
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name], check_exact=name != "signal_joint_alphas")


def test_every_version_is_counted_once_and_one_without_returns_as_independent(tables):
    found = selection.candidates(
        tables["long_short"],
        tables["group_returns"],
        tables["trials"],
        tables["trial_returns"],
        weighting="equal",
        hypothesis="higher",
    )
    kinds = found.table["kind"].value_counts()
    assert kinds.to_dict() == {"earlier": 5, "neighbour": 3, "own": 1}
    assert found.gone == 1 and found.versions == 9
    inner = found.returns[("group 4 and group 2", "neighbour")]
    groups = tables["group_returns"].pivot_table(index="date", columns="group", values="return")
    assert inner.to_numpy() == pytest.approx((groups[4.0] - groups[2.0]).to_numpy())
    alone = selection.deflation(found, periods_a_year=12.0, stretches=8, purge=0, level=0.95)[0]
    figures = alone.set_index("figure")["value"]
    known = effective_by_eigenvalues(np.corrcoef(found.returns.to_numpy(), rowvar=False))
    assert figures["effective_by_eigenvalues"] == pytest.approx(known + 1.0)
    assert figures["effective_by_clusters"] == found.table["cluster"].nunique() + 1
    assert figures["effective_trials"] == max(
        figures["effective_by_eigenvalues"], figures["effective_by_clusters"]
    )


def test_a_ratio_of_other_periods_is_counted_and_not_compared(tables):
    strange = tables["trials"].assign(sharpe=50.0)
    found, plain = study_of({**tables, "trials": strange}), study_of(tables)
    assert found.figure("trials") == plain.figure("trials")
    assert found.figure("variance_of_trials") == plain.figure("variance_of_trials")


def test_trials_of_days_are_compounded_over_the_periods_of_this_spread(tables):
    days = tables["long_short_daily"][["date", "return"]].assign(specification="by-day")
    found = selection.candidates(
        tables["long_short"],
        tables["group_returns"],
        tables["trials"].iloc[:0],
        days,
        weighting="equal",
        hypothesis="higher",
    )
    column = found.returns[("by-day", "earlier")]
    first = tables["long_short"].sort_values("date").iloc[0]
    inside = days.loc[(days["date"] > first["start"]) & (days["date"] <= first["date"]), "return"]
    assert column.iloc[0] == pytest.approx(np.prod(1 + inside) - 1)


def test_more_tries_leave_less_of_the_same_ratio():
    left = []
    for trials in (0, 3, 30):
        found = study_of(spread_tables(trials=trials))
        left.append(found.figure("deflated_sharpe"))
        assert found.figure("earlier_trials") == (trials + 1 if trials else 0)
    assert left[0] > left[1] > left[2]
    assert left[0] < study_of(spread_tables(trials=0)).figure("probabilistic_sharpe")


def test_alone_it_is_not_deflated_and_overfitting_has_no_answer(tables):
    one = tables["long_short"].query("weighting == 'equal'")
    bare = {**tables, "long_short": one, "trials": tables["trials"].iloc[:0]}
    bare |= {"trial_returns": tables["trial_returns"].iloc[:0]}
    bare["group_returns"] = (
        tables["group_returns"]
        .query("group in [1.0, 5.0]")
        .assign(groups=2.0, group=lambda t: 1.0 + (t["group"] > 1.0))
    )
    found = study_of(bare)
    assert found.figure("effective_trials") == 1.0 and found.figure("best_by_luck") == 0.0
    assert found.figure("deflated_sharpe") == found.figure("probabilistic_sharpe")
    assert found.code("overfitting") == "TOO_FEW_TRIALS" and np.isnan(found.figure("overfitting"))
    assert any("Overfitting cannot be judged" in one for one in page.faults(found, ["real"]))


def test_risk_of_the_spread_has_its_own_periods_a_year_and_a_first_fall_counts(tables):
    table = spread_risk.spread_risk(
        tables["long_short"], tables["long_short_daily"], tables["benchmark"], weighting="equal"
    )
    assert table.groupby("series")["periods_a_year"].unique().map(list).to_dict() == {
        "holding": [12],
        "day": [252],
    }
    held = tables["long_short"].query("weighting == 'equal'")["return"].to_numpy()
    own = table.query("portfolio == 'long_short' and series == 'holding'").set_index("metric")["value"]
    assert own["sharpe"] == pytest.approx(held.mean() / held.std(ddof=1) * np.sqrt(12))
    beta = table.query("portfolio == 'short' and series == 'day' and metric == 'beta'")["value"].iloc[0]
    assert beta == pytest.approx(1.0, abs=0.03)
    falling = tables["long_short"].query("weighting == 'equal'").iloc[:2].assign(**{"return": [-0.2, 0.1]})
    empty = tables["long_short_daily"].iloc[:0]
    found = spread_risk.spread_risk(falling, empty, tables["benchmark"].iloc[:0], weighting="equal")
    fall = found.query("portfolio == 'long_short'").set_index("metric")
    assert fall.loc["max_drawdown", "value"] == pytest.approx(-0.2)
    assert (
        fall.loc["beta", "code"] == "no_benchmark" and fall.loc["annual_return", "code"] == "under_one_year"
    )


def test_generated_data_few_firms_and_the_hurdle_of_three_are_said(tables):
    few = {**tables, "group_returns": tables["group_returns"].assign(firms=4.0)}
    said = page.faults(study_of(few), ["generated"])
    assert said[0].startswith("The returns are generated") and "4 firms" in said[1]
    strong = study_of(spread_tables(alpha=0.003))
    assert "more than the hurdle of 3" in page.alpha_sentence(strong)
    against = study_of(spread_tables(alpha=-0.003))
    assert "against the hypothesis" in page.alpha_sentence(against)


def test_every_sentence_of_the_page_is_written_for_whole_and_for_empty_answers(tables, study):
    for found in (study, study_of(tables, factor_set=None), study_of(spread_tables(every="Q", days=400))):
        sentences = [
            function(found)
            for module in (page, time_page, luck_page)
            for name, function in vars(module).items()
            if name.endswith("_sentence") and function.__module__ == module.__name__
        ]
        assert len(sentences) >= 12
        for one in sentences:
            assert one.endswith(".") and "nan" not in one.replace("nance", "") and "None" not in one
        assert time_page.risk(found)["words"].notna().all()
        assert set(luck_page.luck(found)["words"]) == set(luck_page.FIGURES.values())
    used = {
        code for table in study.tables.values() if "code" in table for code in table["code"].unique() if code
    }
    assert used <= set(codes.CODES)


def test_a_weighting_that_was_not_sorted_by_has_days_alone(tables):
    found = study_of(tables, Choice(weighting="none such"))
    assert found.best["series"] == "day" and found.periods == 0
    assert np.isnan(found.figure("sharpe"))
    assert (
        explained(
            tables["long_short"], tables["long_short_daily"], tables["group_returns"], {}, weighting="equal"
        )["holding"].code
        == "NO_FACTOR_SET"
    )
    assert alphas.RICHEST[0] == "FF6"


def test_a_sort_that_found_nothing_is_an_answer(tables):
    names = ("long_short", "long_short_daily", "group_returns")
    found = study_of({**tables, **{name: empty(TABLES[name]) for name in names}})
    assert found.best is None and np.isnan(found.figure("deflated_sharpe"))
    assert "no period with both sides" in " ".join(page.faults(found, ["real"]))
    assert time_page.risk_sentence(found) == "There is no spread to measure."
    assert time_page.risk(found).empty and len(page.key_figures(found)) == 5
    assert all(one.passed for one in page.checks(found))
    assert page.verdict(found).startswith("No factor model could be fitted")
