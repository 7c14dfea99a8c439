"""The score end to end: one fund by hand, what must not matter, and what is missing."""

import datetime as dt
import itertools
import math
import statistics
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.codes import has
from lib.contracts import conform
from lib.errors import InputError
from lib.funds.score_rules import BLOCKS, LEAVES, Rules
from lib.funds.scores import fund_scores
from lib.market.calendar import sessions
from lib.tables import TABLES

AS_OF = "2022-12-28"
RULES = Rules(exchange="XNYS")
LARGE, MID, DEBT = worlds.CATEGORIES


@pytest.fixture(scope="module")
def world():
    return worlds.world(start="2017-06-01")


@pytest.fixture(scope="module")
def scored(world):
    return score(world)


def score(world, as_of=AS_OF, rules=RULES, months=6):
    table, _ = fund_scores(vars(world), as_of=as_of, rules=rules, months=months)
    return conform(table, TABLES["fund_scores"])


def last(table):
    return table[table["score_date"] == table["score_date"].max()].set_index("fund_id")


def same(left, right):
    left, right = left.reset_index(drop=True), right.reset_index(drop=True)
    pd.testing.assert_frame_equal(left, right, check_exact=True)


class ByHand:
    """The measures of one fund by plain loops over dates: nothing of the library but the calendar."""

    def __init__(self, world, fund_id, as_of=AS_OF):
        self.day = dt.date.fromisoformat(as_of)
        navs = world.fund_navs[world.fund_navs["fund_id"] == fund_id]
        self.nav = {day.date(): nav for day, nav in zip(navs["date"], navs["nav"], strict=True)}
        levels = world.benchmark_levels
        self.level = {day.date(): one for day, one in zip(levels["date"], levels["level"], strict=True)}
        self.open = {day.date() for day in sessions("2017-01-01", as_of, "XNYS")}

    @staticmethod
    def on(series, day, stale):
        for back in range(stale + 1):
            if (found := series.get(day - dt.timedelta(days=back))) is not None:
                return found, day - dt.timedelta(days=back)
        return math.nan, day

    def before(self, months):
        total = self.day.year * 12 + self.day.month - 1 - months
        return dt.date(total // 12, total % 12 + 1, min(self.day.day, 28))

    def period(self, months):
        end, end_day = self.on(self.nav, self.day, 5)
        start, start_day = self.on(self.nav, self.before(months), 7)
        power = 1 if months <= 12 else 365.25 / (end_day - start_day).days
        return (end / start) ** power - 1

    def daily(self, months):
        start = self.before(months)
        known = sorted(day for day in self.nav if day in self.open)
        return [
            self.nav[day] / self.nav[earlier] - 1
            for earlier, day in itertools.pairwise(known)
            if start < day <= self.day
        ]

    def volatility(self, months):
        return statistics.stdev(self.daily(months)) * math.sqrt(252)

    def drawdown(self):
        wealth, top, worst = 1.0, 1.0, 0.0
        for one in self.daily(36):
            wealth *= 1 + one
            top = max(top, wealth)
            worst = min(worst, wealth / top - 1)
        return worst

    def capture(self, months):
        ends, day = [], self.day + dt.timedelta(days=1)
        for _ in range(months + 1):
            day = day.replace(day=1) - dt.timedelta(days=1)
            ends.insert(0, day)
        own = [self.on(self.nav, one, 7)[0] for one in ends]
        other = [self.on(self.level, one, 7)[0] for one in ends]
        pairs = [(own[n + 1] / own[n] - 1, other[n + 1] / other[n] - 1) for n in range(months)]

        def side(rose):
            chosen = [(f, b) for f, b in pairs if (b > 0 if rose else b < 0)]
            means = [math.prod(1 + one[n] for one in chosen) ** (1 / len(chosen)) - 1 for n in (0, 1)]
            return means[0] / means[1]

        return side(True) - side(False)

    def measures(self):
        return {
            "return_3m": self.period(3),
            "return_6m": self.period(6),
            "return_1y": self.period(12),
            "return_3y": self.period(36),
            "return_5y": self.period(60),
            "std_dev_1y": self.volatility(12),
            "std_dev_3y": self.volatility(36),
            "updown_capture_1y": self.capture(12),
            "updown_capture_3y": self.capture(36),
            "max_drawdown": self.drawdown(),
        }


def test_one_funds_full_score_by_hand(world, scored):
    """Nine large-cap funds; F004 in the middle of the field; market score 60, so neutral."""
    own, fund = last(scored).loc["F004"], "F004"
    peers = [f"F{n:03d}" for n in range(9)]
    by_hand = {one: ByHand(world, one).measures() for one in peers}
    for leaf, value in by_hand[fund].items():
        assert own[f"{leaf}_value"] == pytest.approx(value, abs=1e-9), leaf

    def ranked(values, low=False):
        mine = values[fund]
        better = sum((one < mine) if low else (one > mine) for one in values.values())
        ties = sum(one == mine for one in values.values())
        place = better + (ties + 1) / 2
        return {1: 1.0, 2: 0.75, 3: 0.5, 4: 0.25}[math.ceil(4 * place / len(values))]

    expected = {}
    for leaf in list(LEAVES)[:9]:
        share = ranked({one: by_hand[one][leaf] for one in peers}, low=leaf.startswith("std"))
        expected[leaf] = share * LEAVES[leaf]
    depth = -by_hand[fund]["max_drawdown"]
    ladder = ((0.05, 1.0), (0.10, 0.75), (0.15, 0.5), (0.25, 0.25), (9.0, 0.0))
    expected["max_drawdown"] = 4 * next(share for bound, share in ladder if depth <= bound)

    lists = world.fund_holdings
    newest = lists[(lists["fund_id"] == fund) & (lists["holding_date"] == "2022-11-30")]
    weight = dict(zip(newest["sector"], newest["weight"], strict=True))
    shares = {name: weight[name] for name in worlds.MIX}
    whole = sum(shares.values())
    model = {"Financial Services": 0.30, "Information Technology": 0.20, "Healthcare": 0.15, "Energy": 0.10}
    gap = sum(abs(shares[name] / whole - model[name]) for name in model) + 0.15 + 0.10
    expected["sectoral_similarity"] = 10 * (1 - gap / 2)
    expected["forward_score"] = 10 * (0.6 * (0.8 * 1.0 + 0.2 * (1 - 10 / 15)) + 0.3 * 0.6 + 0.1 * 10 / 30)

    facts = world.fund_facts.set_index(["item", "fund_id"])["value"]
    crore = facts["assets", fund] / 1e7
    steps = ((10_000, 5), (5_000, 4), (2_000, 3), (1_000, 2))
    expected["aum_size"] = next((points for bound, points in steps if crore >= bound), 1)
    expected["expense_ratio"] = 5 * ranked({one: facts["expense_ratio", one] for one in peers}, low=True)

    for leaf in LEAVES:
        assert own[leaf] == pytest.approx(expected[leaf], abs=1e-9), leaf
    assert own["total_score"] == pytest.approx(sum(expected.values()), abs=1e-9)
    assert own["score_available_max"] == 100
    assert own["score_scaled"] == pytest.approx(sum(expected.values()), abs=1e-9)
    totals = {one: last(scored).loc[one, "score_scaled"] for one in peers}
    assert own["quartile"] == math.ceil(4 * sum(one >= totals[fund] for one in totals.values()) / 9)
    assert (own["market_stance"], own["flags"]) == ("neutral", "")


def test_no_score_is_above_its_most_and_parts_add_up(scored):
    for leaf, most in LEAVES.items():
        assert scored[leaf].dropna().between(0, most).all(), leaf
    assert scored["total_score"].between(0, 100).all()
    total = scored[list(LEAVES)].sum(axis=1)
    assert np.allclose(total, scored["total_score"], atol=1e-12)
    assert np.allclose(scored[list(BLOCKS)].sum(axis=1), scored["total_score"], atol=1e-12)


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10_000), points=st.floats(0, 100), scoring=st.sampled_from(["quartile", "percentile"])
)
def test_no_score_is_ever_above_a_hundred(seed, points, scoring):
    made = worlds.world({LARGE: 5, DEBT: 3}, start="2020-06-01", seed=seed, points=points)
    found = score(made, rules=replace(RULES, scoring=scoring), months=1)
    assert found["total_score"].le(found["score_available_max"] + 1e-9).all()
    assert found["score_scaled"].between(0, 100 + 1e-9).all()


def test_the_order_of_rows_and_funds_does_not_matter(world, scored):
    same(score(world.shuffled()), scored)


def test_a_fund_of_another_category_changes_nothing(world, scored):
    other = worlds.world({"Gilt Fund": 5}, start="2017-06-01", seed=11, prefix="G")
    more = score(world.joined(other))
    same(more[more["category"] != "Gilt Fund"], scored)


def test_a_day_on_which_only_another_category_has_navs_changes_not_a_digit(world):
    """Nor does a fund with an older history: rows are added to the panel, and a score must not see them."""
    other = worlds.world({"Gilt Fund": 5}, start="2015-01-01", seed=11, prefix="G")
    navs = world.fund_navs[~world.fund_navs["date"].isin(pd.to_datetime(["2022-03-15", "2020-05-12"]))]
    holed = world.but(fund_navs=navs)
    more = score(holed.joined(other))
    same(more[more["category"] != "Gilt Fund"], score(holed))


def test_a_nav_of_all_funds_that_is_published_a_day_later_changes_not_a_digit(world):
    """At a month end the row of that day is there and empty in the one case, and absent in the other."""
    late = world.fund_navs.assign(known_at=world.fund_navs["known_at"] + pd.Timedelta(days=1))
    whole = score(world.but(fund_navs=late))
    known = score(world.but(fund_navs=late).cut("2022-09-30"), as_of="2022-09-30", months=2)
    same(whole[whole["score_date"].isin(known["score_date"])], known[known["score_date"] >= "2022-07-31"])


def test_a_fund_that_leaves_moves_its_own_category_alone(world, scored):
    fewer = score(world.without("F000"))
    same(fewer[fewer["category"] != LARGE], scored[scored["category"] != LARGE])
    assert last(fewer).loc["F001", "category_total"] == 8


@pytest.mark.parametrize("date", ["2021-06-30", "2022-03-31"])
def test_the_past_is_the_same_whatever_came_after(world, date):
    whole = score(world, months=24)
    known = score(world.cut(date), as_of=date, months=3)
    both = whole[whole["score_date"].isin(known["score_date"])]
    same(both, known)


def test_noise_in_place_of_the_future_changes_no_score_before_it(world):
    rng, day = np.random.default_rng(9), pd.Timestamp("2022-08-31")
    columns = {
        "fund_navs": "nav",
        "benchmark_levels": "level",
        "fund_facts": "value",
        "fund_holdings": "weight",
    }
    later = worlds.facts(*((one, "assets", 2e9, "2022-10-01") for one in world.funds["fund_id"]))
    whole = world.but(fund_facts=pd.concat([world.fund_facts, later], ignore_index=True))
    noisy = {}
    for name, column in columns.items():
        frame = getattr(whole, name).copy()
        future = frame["known_at"] > day
        assert future.any(), name
        frame.loc[future, column] *= rng.uniform(0.2, 5.0, int(future.sum()))
        noisy[name] = frame
    found, truth = score(world.but(**noisy)), score(whole)
    same(found[found["score_date"] <= day], truth[truth["score_date"] <= day])
    assert not found[found["score_date"] > day].equals(truth[truth["score_date"] > day])


def test_what_was_published_later_is_not_seen_before(world):
    navs = world.fund_navs.copy()
    late = (navs["fund_id"] == "F003") & (navs["date"] == "2022-10-31")
    navs.loc[late, "known_at"] = pd.Timestamp("2022-11-15")
    held = score(world.but(fund_navs=navs), months=3)
    absent = score(world.but(fund_navs=navs[~late]), months=3)
    october, november = (held["score_date"] == day for day in ("2022-10-31", "2022-11-30"))
    same(held[october], absent[absent["score_date"] == "2022-10-31"])
    whole = score(world, months=3)
    same(held[november], whole[whole["score_date"] == "2022-11-30"])


@pytest.mark.parametrize(
    ("item", "value"), [("category", MID), ("benchmark", "None such"), ("name", "Renamed")]
)
def test_an_attribute_of_today_is_none_of_yesterday(world, item, value):
    change = worlds.attributes(("F000", item, value, "2022-12-01"))
    both = pd.concat([world.fund_attributes, change], ignore_index=True)
    before, after = score(world), score(world.but(fund_attributes=both))
    earlier = after["score_date"] < "2022-12-01"
    same(after[earlier], before[before["score_date"] < "2022-12-01"])
    assert not last(after).loc["F000"].equals(last(before).loc["F000"])


def test_an_expense_ratio_counts_from_the_day_on_which_it_was_known(world):
    told = worlds.facts(("F000", "expense_ratio", 0.049, "2022-06-01", "2022-12-10"))
    found = score(world.but(fund_facts=pd.concat([world.fund_facts, told], ignore_index=True)))
    own = found[found["fund_id"] == "F000"].set_index("score_date")["expense_ratio_value"]
    assert own.loc["2022-11-30"] < 0.02
    assert own.loc["2022-12-28"] == 0.049


def test_holdings_count_from_their_disclosure(world):
    late = worlds.holdings("F000", {"Healthcare": 1.0}, date="2022-12-15", disclosed="2022-12-29")
    found = score(world.but(fund_holdings=pd.concat([world.fund_holdings, late], ignore_index=True)))
    same(found, score(world))


def test_three_peers_have_no_quartile_and_half_the_points():
    found = last(score(worlds.world({LARGE: 3}, start="2017-06-01")))
    assert found["quartile"].isna().all()
    assert has(found["flags"], "THIN_PEERS").all()
    assert found["return_1y"].eq(5.0).all()
    assert set(found["recommendation"]) == {"REVIEW"}


def test_eight_of_a_subcategory_are_ranked_among_themselves(world):
    named = [(f"F{n:03d}", "subcategory", "Blend") for n in range(8)]
    both = pd.concat([world.fund_attributes, worlds.attributes(*named)], ignore_index=True)
    found = last(score(world.but(fund_attributes=both)))
    assert found.loc["F000", "peer_group"] == f"{LARGE} / Blend"
    assert (found.loc["F000", "category_total"], found.loc["F008", "category_total"]) == (8, 9)
    assert found.loc["F008", "peer_group"] == LARGE


def test_a_young_fund_is_scaled_to_what_it_could_win(world):
    navs = world.fund_navs
    young = navs[(navs["fund_id"] != "F002") | (navs["date"] >= "2021-06-01")]
    own = last(score(world.but(fund_navs=young))).loc["F002"]
    absent = ["return_3y", "return_5y", "std_dev_3y", "updown_capture_3y"]
    assert own[absent].isna().all()
    assert own["score_available_max"] == 100 - sum(LEAVES[leaf] for leaf in absent)
    assert own["score_scaled"] == pytest.approx(100 * own["total_score"] / own["score_available_max"])
    assert has(own["flags"], "YOUNG")
    assert has(own["flags"], "SHORT_WINDOW")


def test_a_fund_with_249_navs_has_no_score_and_is_named(world):
    days = sorted(world.fund_navs["date"].unique())
    short, enough = days[-249], days[-250]
    for first, there in ((short, False), (enough, True)):
        navs = world.fund_navs
        cut = navs[(navs["fund_id"] != "F002") | (navs["date"] >= first)]
        table, issues = fund_scores(vars(world.but(fund_navs=cut)), as_of=AS_OF, rules=RULES, months=1)
        assert ("F002" in last(table).index) is there
        named = issues[(issues["fund_id"] == "F002") & (issues["score_date"] == AS_OF)]["check"].tolist()
        assert named == ([] if there else ["NAV_TOO_SHORT"])


def test_a_nav_of_six_days_ago_is_no_end_and_one_of_five_is(world):
    navs = world.fund_navs
    for last_day, stale in (("2022-12-23", False), ("2022-12-21", True)):
        cut = navs[(navs["fund_id"] != "F002") | (navs["date"] <= last_day)]
        own = last(score(world.but(fund_navs=cut), months=1)).loc["F002"]
        assert has(own["flags"], "STALE_NAV") is stale
        assert pd.isna(own["return_1y_value"]) is stale


def test_a_fund_that_fell_silent_or_ended_is_no_peer(world):
    navs = world.fund_navs
    silent = world.but(fund_navs=navs[(navs["fund_id"] != "F002") | (navs["date"] <= "2022-11-01")])
    assert "F002" not in last(score(silent, months=1)).index
    closed = world.but(fund_events=worlds.events(("F002", "closed", "2022-12-01")))
    found = score(closed, months=3)
    assert "F002" in found.loc[found["score_date"] == "2022-11-30", "fund_id"].tolist()
    assert "F002" not in last(found).index
    assert last(found).loc["F000", "category_total"] == 8
    told = worlds.events(
        ("F002", "closed", "2022-12-01"), ("F002", "closed", "2022-10-01", None, "2022-12-27")
    )
    corrected = score(world.but(fund_events=told), months=3)
    same(corrected[corrected["score_date"] < AS_OF], found[found["score_date"] < AS_OF])
    announced = world.but(fund_events=worlds.events(("F002", "merged", "2023-01-15", "F003", "2022-12-15")))
    assert has(last(score(announced, months=1)).loc["F002", "flags"], "ENDING")
    taken = world.but(fund_events=worlds.events(("F002", "taken_over", "2022-12-01")))
    assert "F002" in last(score(taken, months=1)).index


def renamed(world, *, factor=1.0, event="code_changed"):
    """F002 becomes N002 on 1 June 2022, known a week later."""
    navs, change = world.fund_navs, pd.Timestamp("2022-06-01")
    own = navs[navs["fund_id"] == "F002"]
    later = own[own["date"] >= change].assign(fund_id="N002", nav=lambda one: one["nav"] * factor)
    kept = navs[(navs["fund_id"] != "F002") | (navs["date"] < change)]
    said = world.fund_attributes
    told = [one[one["fund_id"] == "F002"].assign(fund_id="N002") for one in (said, world.fund_facts)]
    return world.but(
        fund_navs=pd.concat([kept, later], ignore_index=True),
        funds=pd.concat([world.funds, worlds.funds(["N002"], inception="2022-06-01")], ignore_index=True),
        fund_attributes=pd.concat([said, told[0]], ignore_index=True),
        fund_facts=pd.concat([world.fund_facts, told[1]], ignore_index=True),
        fund_events=worlds.events(("F002", event, "2022-05-31", "N002", "2022-06-08")),
    )


def test_a_fund_whose_code_changed_keeps_its_history_from_the_day_that_was_known(world):
    found, whole = score(renamed(world), months=12), score(world, months=12)
    for day, there in (("2022-05-31", "F002"), ("2022-06-30", "N002"), (AS_OF, "N002")):
        own = found[(found["score_date"] == day) & (found["fund_id"] == there)].iloc[0]
        as_was = whole[(whole["score_date"] == day) & (whole["fund_id"] == "F002")].iloc[0]
        assert own["return_5y_value"] == pytest.approx(as_was["return_5y_value"], abs=1e-12, nan_ok=True)
        assert own["std_dev_3y_value"] == as_was["std_dev_3y_value"]
        assert has(own["flags"], "CODE_CHANGED") is (there == "N002")
    known = score(renamed(world).cut("2022-05-31"), as_of="2022-05-31", months=3)
    same(found[found["score_date"].isin(known["score_date"])], known)


@pytest.mark.parametrize("other", [{"factor": 10.0}, {"event": "merged"}])
def test_units_exchanged_at_another_value_or_a_merger_bring_no_history(world, other):
    found = last(score(renamed(world, **other), months=1))
    assert "N002" not in found.index
    assert "F002" not in found.index


def test_missing_and_bad_facts_give_half_the_points_and_say_so(world):
    facts = world.fund_facts
    gone = facts[~((facts["fund_id"] == "F000") & facts["item"].isin(["expense_ratio", "assets"]))].copy()
    gone.loc[(gone["fund_id"] == "F001") & (gone["item"] == "expense_ratio"), "value"] = -0.01
    gone.loc[(gone["fund_id"] == "F002") & (gone["item"] == "expense_ratio"), "value"] = 0.0501
    gone.loc[(gone["fund_id"] == "F003") & (gone["item"] == "assets"), "value"] = 0.0
    found = last(score(world.but(fund_facts=gone), months=1))
    assert found.loc[["F000", "F001", "F002"], "expense_ratio"].tolist() == [2.5, 2.5, 2.5]
    assert found.loc[["F000", "F003"], "aum_size"].tolist() == [2.5, 2.5]
    assert has(found["flags"], "TER_MISSING").sum() == 1
    assert has(found["flags"], "BAD_TER").sum() == 2
    assert has(found["flags"], "AUM_MISSING").sum() == 2
    assert found.loc["F000", "score_available_max"] == 100


def test_old_holdings_and_none_give_half_the_points(world):
    lists = world.fund_holdings
    old = lists[(lists["fund_id"] != "F000") | (lists["holding_date"] <= "2022-08-31")]
    found = last(score(world.but(fund_holdings=old[old["fund_id"] != "F001"]), months=1))
    assert found.loc[["F000", "F001"], "sectoral_similarity"].tolist() == [5.0, 5.0]
    assert has(found.loc["F000", "flags"], "STALE_HOLDINGS")
    assert has(found.loc["F001", "flags"], "NO_HOLDINGS")
    debt = found[found["category"] == DEBT]
    assert debt["sectoral_similarity"].eq(5.0).all()
    assert has(debt["flags"], "NOT_EQUITY").all()


def test_without_a_benchmark_there_is_no_capture(world):
    said = world.fund_attributes
    none = world.but(fund_attributes=said[(said["item"] != "benchmark") | (said["fund_id"] != "F000")])
    own = last(score(none, months=1)).loc["F000"]
    assert pd.isna(own["updown_capture_1y_value"])
    assert has(own["flags"], "NO_BENCHMARK")
    assert own["score_available_max"] == 84
    given = last(score(none, rules=replace(RULES, benchmark=worlds.BENCHMARK), months=1)).loc["F000"]
    assert given["score_available_max"] == 100


def test_without_a_stance_sectors_and_fit_give_half(world):
    found = last(score(world.but(market_score=worlds.market(float("nan"))), months=1))
    assert found["market_stance"].isna().all()
    assert found[["sectoral_similarity", "forward_score"]].eq(5.0).all().all()


def test_a_market_score_counts_for_a_month(world):
    for day, stance in (("2022-11-27", "bearish"), ("2022-11-26", None)):
        found = last(score(world.but(market_score=worlds.market({pd.Timestamp(day): 20.0})), months=1))
        said = found["market_stance"].iloc[0]
        assert said == stance if stance else pd.isna(said)


def test_of_each_scheme_one_plan_is_scored(world):
    funds = world.funds.copy()
    funds.loc[funds["fund_id"] == "F001", ["scheme", "plan"]] = ["F000", "regular"]
    found = last(score(world.but(funds=funds), months=1))
    assert "F001" not in found.index
    assert "F000" in found.index
    other = last(score(world.but(funds=funds), rules=replace(RULES, plan="regular"), months=1))
    assert list(other.index) == ["F001"]
    either = last(score(world.but(funds=funds), rules=replace(RULES, plan="any"), months=1))
    assert len(either) == len(found)


def test_categories_can_be_chosen_and_an_unknown_one_is_refused_with_the_nearest(world):
    found = last(score(world, rules=replace(RULES, categories=(MID,)), months=1))
    assert set(found["category"]) == {MID}
    with pytest.raises(InputError, match="Mid Cap Fund"):
        score(world, rules=replace(RULES, categories=("Mid Cap Fnd",)))


def test_navs_that_are_not_positive_are_no_navs(world):
    navs = world.fund_navs.copy()
    navs.loc[(navs["fund_id"] == "F000") & (navs["date"] == "2022-06-15"), "nav"] = 0.0
    absent = navs[navs["nav"] > 0]
    same(score(world.but(fund_navs=navs), months=1), score(world.but(fund_navs=absent), months=1))


def test_a_world_without_a_fund_to_score_has_no_rows(world):
    table, _ = fund_scores(vars(world.cut("2017-08-01")), as_of="2017-08-01", rules=RULES)
    assert conform(table, TABLES["fund_scores"]).empty


def test_score_dates_are_so_many_month_ends_and_the_as_of_date(world):
    found = score(world, months=2)["score_date"].unique()
    assert [str(one)[:10] for one in found] == ["2022-10-31", "2022-11-30", AS_OF]
    every = score(world, as_of="2020-06-30", months=0)["score_date"]
    assert str(every.min())[:7] == "2018-05"
    assert every.nunique() == 26
