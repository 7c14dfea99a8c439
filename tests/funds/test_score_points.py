"""From measures to points: ranks, quartiles, ladders and lists, at and around every bound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from lib.errors import InputError
from lib.funds import bands, forward, similarity
from lib.funds.points import Ranks, peer_shares, quartiles, ranks
from lib.funds.score_rules import Rules
from lib.funds.scores import recommendations
from lib.tables.fund_scores import HISTORICAL, LEAVES, OTHER, RISK_GRADE


def test_the_most_points_add_up_to_forty_thirty_and_thirty():
    assert [sum(block.values()) for block in (HISTORICAL, RISK_GRADE, OTHER)] == [40, 30, 30]
    assert len(LEAVES) == 14


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5) | st.just(None)), min_size=1, max_size=40),
    high=st.booleans(),
)
def test_ranks_are_those_of_scipy_in_each_group(rows, high):
    group = np.array([one for one, _ in rows])
    value = np.array([np.nan if one is None else float(one) for _, one in rows])
    found = ranks(value, group, high_best=high)
    for name in set(group):
        own = (group == name) & ~np.isnan(value)
        assert found.position[own].tolist() == rankdata(-value[own] if high else value[own]).tolist()
        assert set(found.peers[group == name]) == {int(own.sum())}
    assert np.isnan(found.position[np.isnan(value)]).all()


def test_values_that_differ_by_rounding_alone_are_tied():
    found = ranks(np.array([0.1 + 0.2, 0.3, 0.5, 0.1]), np.zeros(4, dtype=int))
    assert found.position.tolist() == [2.5, 2.5, 1, 4]


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        (4, [1, 2, 3, 4]),
        (5, [1, 2, 3, 4, 4]),
        (8, [1, 1, 2, 2, 3, 3, 4, 4]),
        (10, [1, 1, 2, 2, 2, 3, 3, 4, 4, 4]),
    ],
)
def test_the_quartile_is_four_times_the_place_over_the_peers_rounded_up(peers, expected):
    rank = Ranks(np.arange(1.0, peers + 1), np.full(peers, peers))
    assert quartiles(rank).tolist() == expected
    assert peer_shares(rank).tolist() == [1.25 - one / 4 for one in expected]


def test_under_four_peers_half_the_points_are_given_and_no_quartile():
    rank = ranks(np.array([3.0, 2.0, 1.0]), np.zeros(3, dtype=int))
    assert np.isnan(quartiles(rank)).all()
    assert peer_shares(rank).tolist() == [0.5, 0.5, 0.5]
    assert peer_shares(rank, "percentile").tolist() == [0.5, 0.5, 0.5]


def test_percentile_points_run_from_all_to_none():
    rank = ranks(np.array([5.0, 4.0, 3.0, 2.0, 1.0]), np.zeros(5, dtype=int))
    assert peer_shares(rank, "percentile").tolist() == [1.0, 0.75, 0.5, 0.25, 0.0]


@pytest.mark.parametrize(
    ("spread", "share"),
    [(0.2, 1), (0.1999, 0.8), (0.1, 0.8), (0.0, 0.6), (-1e-9, 0.4), (-0.1, 0.4), (-0.1001, 0.2)],
)
def test_the_bands_of_capture_at_and_around_their_bounds(spread, share):
    assert bands.at_least(np.array([spread]), bands.CAPTURE)[0] == share


@pytest.mark.parametrize(
    ("depth", "share"),
    [(0, 1), (0.05, 1), (0.0501, 0.75), (0.1, 0.75), (0.15, 0.5), (0.25, 0.25), (0.2501, 0)],
)
def test_the_ladder_of_drawdown_at_and_around_its_bounds(depth, share):
    assert bands.at_most(np.array([depth]), bands.DRAWDOWN)[0] == share


@pytest.mark.parametrize(
    ("category", "crore", "share"),
    [
        ("Small Cap Fund", [2000, 2001, 5001, 10001, 15001], [1, 0.8, 0.6, 0.4, 0.2]),
        ("Mid Cap Fund", [5000, 15001, 20001, 25001, 30001, 499], [1, 0.8, 0.6, 0.4, 0.2, 0.2]),
        ("Large Cap Fund", [10000, 9999, 4999, 1999, 999], [1, 0.8, 0.6, 0.4, 0.2]),
        ("Flexi Cap Fund", [1e6, 5000], [1, 0.8]),
        ("Corporate Bond Fund", [5000, 20001, 30001, 40001, 500, 499], [1, 0.8, 0.6, 0.4, 0.4, 0.2]),
    ],
)
def test_assets_are_judged_by_the_words_of_the_category(category, crore, share):
    names = np.full(len(crore), category, dtype=object)
    assert bands.asset_shares(np.array(crore, dtype=float), names).tolist() == share


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("Large Cap Fund", "equity"),
        ("Index Funds", "index"),
        ("Banking and PSU Fund", "debt"),
        ("Short Duration", "debt"),
        ("Balanced Hybrid", "hybrid"),
        ("Dynamic Asset Allocation", "hybrid"),
        ("Value and Dividend Yield", "equity"),
        ("Sectoral Healthcare", "equity"),
        ("Low Volatility", "equity"),
        ("Mystery", "other"),
    ],
)
def test_the_kind_of_fund_follows_from_its_category(category, kind):
    assert bands.kind_of(category) == kind


@pytest.mark.parametrize(
    ("category", "stance", "fit", "listed"),
    [
        ("Flexi Cap Fund", "bullish", 1.0, True),
        ("Banking and PSU Fund", "bullish", 0.2, False),
        ("Sectoral Banking", "bullish", 1.0, True),
        ("Small Cap Fund", "bullish", 0.7, True),
        ("Value Fund", "bullish", 0.4, True),
        ("Value Fund", "neutral", 1.0, True),
        ("Short Duration Fund", "neutral", 0.4, True),
        ("Short Duration Fund", "bearish", 1.0, True),
        ("Gilt Fund", "bearish", 0.7, True),
        ("Large Cap Fund", "bearish", 0.4, True),
        ("Sectoral Healthcare", "bearish", 0.2, False),
    ],
)
def test_the_lists_of_fit_know_their_categories(category, stance, fit, listed):
    assert forward.category_fit(category, stance) == (fit, listed)


def test_a_category_that_no_list_knows_is_not_guessed():
    shares, listed = forward.forward_shares(np.array(["Mystery"], dtype=object), 60.0, "neutral")
    assert np.isnan(shares[0])
    assert not listed[0]


def test_the_forward_share_by_hand():
    """E 80: R = 1, A' = .8 x 1 + .2 = 1, C = 1, M = 1; E 60 neutral: R = 1/3, C = .6, M = 1/3."""
    bull, _ = forward.forward_shares(np.array(["Mid Cap Fund"], dtype=object), 80.0, "bullish")
    assert bull[0] == pytest.approx(1.0, abs=1e-12)
    calm, _ = forward.forward_shares(np.array(["Large Cap Fund"], dtype=object), 60.0, "neutral")
    assert calm[0] == pytest.approx(0.6 * (0.8 + 0.2 / 3) + 0.3 * 0.6 + 0.1 / 3, abs=1e-12)


@given(st.floats(0, 100))
def test_conviction_is_the_same_on_both_sides_of_fifty(market):
    assert forward.conviction(50 + (market - 50)) == forward.conviction(50 - (market - 50))
    assert forward.conviction(15.0) == forward.conviction(85.0) == 1.0


@pytest.mark.parametrize("stance", similarity.MIXES)
def test_a_model_mix_is_whole_and_like_itself(stance):
    mix = similarity.mix_of(stance)
    assert mix.sum() == pytest.approx(1.0)
    assert similarity.similarity(mix[None, :] * 0.9, stance)[0] == pytest.approx(1.0)


def test_similarity_by_hand():
    """All in technology, neutral: 1 - (0.8 + 0.3 + 0.15 + 0.15 + 0.1 + 0.1) / 2 = 0.2, the model's weight."""
    shares = np.zeros((2, len(similarity.SECTORS)))
    shares[0, similarity.SECTORS.index("Technology")] = 0.7
    found = similarity.similarity(shares, "neutral")
    assert found[0] == pytest.approx(0.2, abs=1e-12)
    assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("quartile", "total", "available", "expected"),
    [
        (1, 40, 100, "BUY"),
        (2, 65, 100, "HOLD"),
        (2, 64.99, 100, "REVIEW"),
        (3, 50, 100, "REVIEW"),
        (3, 49.99, 100, "SELL"),
        (4, 99, 100, "SELL"),
        (1, 40, 59, "REVIEW"),
        (4, 40, 59, "SELL"),
        (np.nan, 90, 100, "REVIEW"),
    ],
)
def test_four_levels_of_advice(quartile, total, available, expected):
    assert _advice(quartile, total, available, "four_level") == expected


@pytest.mark.parametrize(
    ("quartile", "total", "risk", "other", "expected"),
    [
        (2, 70, 0, 0, "STRONG_BUY"),
        (1, 65, 25, 0, "STRONG_BUY"),
        (1, 65, 24, 0, "BUY"),
        (2, 55, 0, 20, "BUY"),
        (3, 55, 0, 20, "HOLD"),
        (3, 45, 20, 0, "HOLD"),
        (4, 45, 20, 0, "SELL"),
        (4, 30, 15, 0, "SELL"),
        (4, 30, 14, 0, "STRONG_SELL"),
    ],
)
def test_five_levels_of_advice(quartile, total, risk, other, expected):
    assert _advice(quartile, total, 100, "five_level", risk, other) == expected


def _advice(quartile, total, available, scheme, risk=0, other=0):
    blocks = {"risk_grade": np.array([float(risk)]), "other_metrics": np.array([float(other)])}
    one = [np.array([float(value)]) for value in (total, quartile, available)]
    return recommendations(*one, blocks, scheme)[0]


@pytest.mark.parametrize("wrong", [{"scoring": "stars"}, {"plan": "gold"}, {"assets_unit": 0.0}])
def test_a_choice_that_does_not_exist_is_refused(wrong):
    with pytest.raises(InputError):
        Rules(**wrong)
