"""What the pages of scores and of one fund say: the next step is a true one, and wrong asks are refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import worlds

from lib.errors import InputError
from lib.funds import explaining, profile
from lib.funds.extras import fund_extras, fund_overlap, latest_scores
from lib.funds.measured import inputs_of
from lib.funds.pages import beside
from lib.funds.pages import details as details_page
from lib.funds.pages import scores as page
from lib.funds.pages import why as why_page
from lib.funds.score_rules import LEAVES, Rules
from lib.funds.scores import Peers, fund_scores, leaf_shares

AS_OF = "2022-12-28"
RULES = Rules(exchange="XNYS")


@pytest.fixture(scope="module")
def world():
    return worlds.world(start="2017-06-01")


@pytest.fixture(scope="module")
def inputs(world):
    return inputs_of(vars(world), RULES)


@pytest.fixture(scope="module")
def scores(world):
    return fund_scores(vars(world), as_of=AS_OF, rules=RULES, months=24)[0]


def rescored(latest, fund, leaf, value, rules):
    """Points of one sub-score where a fund's measure is replaced."""
    columns = {one: latest[f"{one}_value"].to_numpy(dtype=float, copy=True) for one in LEAVES}
    columns |= {
        "day": np.zeros(len(latest), dtype=int),
        "category": latest["category"].to_numpy(dtype=object),
    }
    columns["subcategory"] = np.full(len(latest), "", dtype=object)
    place = int(np.flatnonzero(latest["fund_id"] == fund)[0])
    columns[leaf][place] = value
    return leaf_shares(columns, Peers(columns), rules)[0][leaf][place] * LEAVES[leaf]


@pytest.mark.parametrize("drawdown", ["ladder", "peers"])
def test_the_next_step_gives_the_points_that_it_promises(world, drawdown):
    """A fund that reaches the measure, a hair beyond a peer's, wins at least what is said."""
    rules = replace(RULES, drawdown=drawdown)
    latest = latest_scores(fund_scores(vars(world), as_of=AS_OF, rules=rules, months=1)[0])
    steps = 0
    for fund in latest["fund_id"]:
        for one in explaining.why(latest, fund, rules).to_dict("records"):
            if np.isnan(one["next_value"]):
                continue
            better = -1 if one["leaf"] in ("std_dev_1y", "std_dev_3y", "expense_ratio") else 1
            hair = better * 1e-9 if one["rule"] == "peers" else 0.0
            won = rescored(latest, fund, one["leaf"], one["next_value"] + hair, rules)
            assert won >= one["points"] + one["next_points"] - 1e-9, one
            steps += 1
    assert steps > 100


def test_points_lost_and_won_make_up_the_most(scores):
    latest = latest_scores(scores)
    for fund in latest["fund_id"]:
        why = explaining.why(latest, fund, RULES)
        known = why[why["points"].notna()]
        own = latest[latest["fund_id"] == fund].iloc[0]
        assert known["points"].sum() == pytest.approx(own["total_score"])
        assert (known["points"] + known["lost"]).sum() == pytest.approx(own["score_available_max"])
        assert set(why["leaf"]) == set(LEAVES)


def test_the_best_of_a_category_has_no_next_quarter_and_another_has(scores):
    latest = latest_scores(scores)
    large = latest[latest["category"] == "Large Cap Fund"].sort_values("score_scaled", ascending=False)
    assert np.isnan(explaining.next_quartile(latest, large["fund_id"].iloc[0])).all()
    goal, gap = explaining.next_quartile(latest, large["fund_id"].iloc[-1])
    last = large.iloc[-1]
    assert goal in large.loc[large["quartile"] < last["quartile"], "score_scaled"].tolist()
    assert goal == pytest.approx(last["score_scaled"] + gap)


def test_what_is_said_of_a_fund_names_its_largest_loss(scores):
    latest = latest_scores(scores)
    why = explaining.why(latest, "F003", RULES)
    said = why_page.sentence(why, "Fund F003", *explaining.next_quartile(latest, "F003"))
    assert said.startswith("Fund F003 lost")
    rows = why_page.rows(why, "INR")
    assert len(rows) == 14
    assert rows["next"].ne("").all()


def test_every_check_of_the_scores_holds_and_a_wrong_total_fails(scores):
    assert all(one.passed for one in page.checks(scores))
    wrong = scores.assign(total_score=scores["total_score"] + 1)
    assert not all(one.passed for one in page.checks(wrong))


def test_grades_are_told_by_word_and_shape(scores):
    shown = page.newest(scores)
    assert set(shown["quarter"]) <= {"1st ▲", "2nd ●", "3rd ◆", "4th ▼"}
    assert all(one[-1] in "▲●◆▼" for one in shown["advice"])
    assert shown["score_scaled"].is_monotonic_decreasing


def test_the_verdict_names_the_best_fund_and_faults_come_first(world, scores):
    shown = page.newest(scores)
    assert shown["name"].iloc[0] in page.verdict(shown)
    assert page.faults(shown.assign(origin="real"), pd.DataFrame()) == []
    (unreal,) = page.faults(shown, pd.DataFrame())
    assert f"{len(shown)} on generated" in unreal
    unsure = world.but(market_score=worlds.market(float("nan")))
    table, _ = fund_scores(vars(unsure), as_of=AS_OF, rules=RULES, months=1)
    assert any("market score" in one for one in page.faults(page.newest(table), pd.DataFrame()))


def test_an_empty_ranking_says_so_everywhere(world):
    table, skipped = fund_scores(vars(world.cut("2017-08-01")), as_of="2017-08-01", rules=RULES)
    shown = page.newest(table)
    assert page.faults(shown, pd.DataFrame())
    assert page.verdict(shown)
    assert len(page.key_figures(shown, skipped)) == 1
    assert all(one.passed for one in page.checks(table))
    assert page.flags(shown).empty
    assert page.categories(shown).empty


def test_what_stands_beside_the_score_is_told_of_the_best_first(world, inputs, scores):
    extras = fund_extras(inputs, scores)
    names = page.newest(scores).set_index("fund_id")["name"]
    spread = beside.rolling(extras, names)
    assert spread["name"].iloc[0] == names.iloc[0]
    assert spread["lowest"].le(spread["median"]).all()
    assert names.iloc[0] in beside.rolling_sentence(spread)
    assert "a year" in beside.had_sentence(beside.had(extras, names))
    assert "No index fund" in beside.tracking_sentence(beside.tracking(extras, names))
    pairs = beside.overlap(fund_overlap(inputs, world.fund_holdings, world.funds, scores), names)
    assert "in common" in beside.overlap_sentence(pairs)


def test_a_fund_is_found_by_id_or_name_and_the_best_where_none_is_asked(scores):
    best = page.newest(scores)["fund_id"].iloc[0]
    assert profile.chosen_fund(scores, "") == best
    assert profile.chosen_fund(scores, "f003") == profile.chosen_fund(scores, "Fund F003") == "F003"


def test_an_unknown_fund_is_refused_with_the_nearest(scores):
    with pytest.raises(InputError, match="did you mean `F003`"):
        profile.chosen_fund(scores, "F0033")
    with pytest.raises(InputError, match="no fund has a score"):
        profile.chosen_fund(scores.head(0), "")


def test_years_compound_to_the_growth_and_shares_to_the_whole(world, inputs, scores):
    tables = vars(world)
    grown = profile.growth(inputs, "F000", worlds.BENCHMARK, AS_OF)
    assert grown.iloc[0].tolist() == [10_000, 10_000]
    by_year = profile.years(grown)
    for name in ("fund", "benchmark"):
        assert (1 + by_year[name]).prod() == pytest.approx(grown[name].iloc[-1] / 10_000)
    assert by_year["whole"].tolist() == [True] * 5 + [False]
    fallen = profile.falls(grown)
    assert fallen.min() == pytest.approx((grown["fund"] / grown["fund"].cummax() - 1).min())
    by_sector, day = profile.sectors(inputs, tables, "F000", AS_OF)
    assert by_sector["weight"].sum() == pytest.approx(1.0)
    assert str(day.date()) == "2022-11-30"
    own = latest_scores(scores).set_index("fund_id", drop=False).loc["F000"]
    assert all(one.passed for one in details_page.checks(own, grown, by_year, by_sector))


def test_a_fund_without_benchmark_or_holdings_has_a_page_all_the_same(world, inputs, scores):
    grown = profile.growth(inputs, "F020", "No such index", AS_OF)
    assert list(grown) == ["fund"]
    by_year = profile.years(grown)
    assert by_year["benchmark"].isna().all()
    by_sector, day = profile.sectors(inputs, vars(world), "F020", AS_OF)
    assert by_sector.empty
    assert day is None
    own = latest_scores(scores).set_index("fund_id", drop=False).loc["F020"]
    table = profile.details_table("F020", grown, by_year, by_sector)
    assert set(table["part"]) == {"growth", "year"}
    assert "no benchmark" in details_page.growth_sentence(grown, "x", "", "INR")
    assert details_page.years_sentence(details_page.years(by_year))
    assert len(details_page.key_figures(own, by_year)) == 4


def test_what_a_fund_is_is_told_as_it_was_known(world, inputs):
    found = profile.master(inputs, world.funds, "F000", AS_OF)
    assert found["category"] == "Large Cap Fund"
    rows = details_page.master(found).set_index("item")["said"]
    assert rows["Exit load within"] == "365 days"
    assert rows["Assets"].startswith("INR")
    assert "manager" not in found
