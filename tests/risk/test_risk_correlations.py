import numpy as np
import pandas as pd
import pytest
from risk_worlds import DAYS, greeks, market, priced
from risk_worlds import holdings as rows_of

from lib.book import holdings
from lib.contracts import conform
from lib.exhibits import table_exhibit
from lib.risk import clusters
from lib.risk.correlations import (
    Comparison,
    compare,
    concentration,
    correlation_table,
    effective_positions,
    underlying_table,
)
from lib.risk.pages import correlations as page
from lib.stats.correlation import fisher_p_value
from lib.tables import TABLES

CALL = "AAA200117C00100000"
NAMES = ("AAA", "BBB", "CCC", "DDD")


def book(*rows, priced_options=True):
    positions = rows_of(*rows).assign(tags="", sector=None)
    table = greeks(positions)
    return positions, holdings(positions, table if priced_options else table.iloc[:0])


def factor_market(loadings, *, rows=1600, seed=2, names=NAMES):
    """Prices of series with the given loadings on one factor; pairs correlate at the product of theirs."""
    generator = np.random.default_rng(seed)
    common = generator.standard_normal((rows, 1))
    own = generator.standard_normal((rows, len(loadings)))
    load = np.asarray(loadings)
    values = 0.01 * (common * load + own * np.sqrt(1 - load**2))
    return priced(pd.DataFrame(values, index=DAYS[-rows:], columns=list(names[: len(loadings)])))


def compared(*rows, prices=None, **options):
    positions, held = book(*rows)
    prices = factor_market([0.9, 0.9, 0.9, 0.9]) if prices is None else prices
    return positions, held, compare(held, prices, **options)


EQUAL = tuple((name, "stock", 50_000.0) for name in NAMES)


def test_options_and_lots_of_one_company_are_one_underlying_with_all_its_shares():
    """Not the option's own symbol, not the last lot, not a premium a share without the multiplier."""
    _, held, found = compared(
        ("AAA", "stock", 30_000.0), ("AAA", "stock", 20_000.0), (CALL, "option", 900.0, "AAA"), EQUAL[1]
    )
    row = found.underlyings.set_index("symbol").loc["AAA"]
    delta = held.loc[held["symbol"] == CALL, "delta_exposure"].item()
    assert 4_000 < delta < 6_000
    assert row["value"] == pytest.approx(50_000 + delta)
    assert list(found.matrix.coefficient) == ["AAA", "BBB"]
    assert row["weight"] == pytest.approx((50_000 + delta) / (100_000 + delta))


def test_correlations_are_of_log_returns_of_the_last_90_trading_days():
    prices = factor_market([0.9, 0.9])
    _, _, found = compared(*EQUAL[:2], prices=prices)
    wide = prices.pivot_table(index="date", columns="symbol", values="adj_close")
    logs = np.log(wide / wide.shift(1)).tail(90)
    assert found.days == 90
    assert found.matrix.coefficient.loc["AAA", "BBB"] == pytest.approx(
        logs.corr().loc["AAA", "BBB"], abs=1e-12
    )
    assert found.matrix.observations.loc["AAA", "BBB"] == 90


def test_unequal_histories_are_aligned_by_date_and_not_by_place():
    """A series that starts later, or has a hole, is compared on the days that both have."""
    prices = factor_market([0.999, 0.999])
    late = prices[(prices["symbol"] == "AAA") | (prices["date"] >= DAYS[-50])]
    late = late.drop(late[(late["symbol"] == "BBB") & (late["date"] == DAYS[-20])].index)
    _, _, found = compared(*EQUAL[:2], prices=late)
    assert found.matrix.observations.loc["AAA", "BBB"] == 47
    assert found.matrix.observations.loc["AAA", "AAA"] == 90
    assert found.matrix.coefficient.loc["AAA", "BBB"] > 0.99


def test_the_table_has_both_directions_and_p_values_of_the_common_days():
    _, _, found = compared(*EQUAL)
    table = conform(correlation_table(found), TABLES["position_correlations"])
    assert len(table) == 16
    keyed = table.set_index(["symbol_1", "symbol_2"])
    pair = keyed.loc[("AAA", "BBB")]
    assert pair["correlation"] == keyed.loc[("BBB", "AAA"), "correlation"]
    assert pair["p_value"] == fisher_p_value(pair["correlation"], 90)
    assert pair["p_value"] < 1e-6
    assert keyed.loc[("AAA", "AAA"), "correlation"] == 1.0
    assert np.isnan(keyed.loc[("AAA", "AAA"), "p_value"])


def test_a_generated_correlation_is_found_again():
    prices = factor_market([0.9, 0.8, 0.3], rows=1600)
    _, _, found = compared(*EQUAL[:3], prices=prices, window=1500)
    matrix = found.matrix.coefficient
    assert matrix.loc["AAA", "BBB"] == pytest.approx(0.72, abs=0.04)
    assert matrix.loc["AAA", "CCC"] == pytest.approx(0.27, abs=0.06)


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        ("both", ["AAA"]),
        ("either", ["AAA", "BBB", "CCC"]),
        ("value_only", ["AAA", "BBB"]),
        ("weight_only", ["AAA", "CCC"]),
    ],
)
def test_filters_by_money_and_weight(mode, kept):
    """BBB passes by money alone where the weight is set high, CCC by weight alone where money is."""
    rows = (("AAA", "stock", 60_000.0), ("BBB", "stock", 12_000.0), ("DDD", "stock", 800.0))
    limits = {"min_position_value": 10_000.0, "min_weight": 0.2, "filter_mode": mode}
    _, _, found = compared(*rows, **limits)
    assert found.members["symbol"].tolist() == [name for name in kept if name != "CCC"]
    assert (found.underlyings["reason"] == "small").sum() == 3 - len(found.members)
    tiny = (("AAA", "stock", 6_000.0), ("CCC", "stock", 4_000.0))
    _, _, found = compared(*tiny, **limits | {"min_position_value": 5_000.0})
    assert found.members["symbol"].tolist() == [name for name in kept if name != "BBB"]


def test_what_is_just_as_large_as_the_limits_is_compared_and_a_pair_at_the_threshold_is_a_cluster():
    rows = (("AAA", "stock", 40_000.0), ("BBB", "stock", -10_000.0))
    limits = {"min_position_value": 10_000.0, "min_weight": 0.2}
    for mode in ("both", "value_only", "weight_only"):
        assert len(compared(*rows, filter_mode=mode, **limits)[2].members) == 2
    pair = np.array([[1.0, 0.7], [0.7, 1.0]])
    for method in (clusters.linked, clusters.average):
        assert len(set(method(pair, threshold=0.7))) == 1
        assert len(set(method(pair, threshold=0.7001))) == 2


def test_without_thresholds_everything_is_compared_and_an_unknown_mode_is_refused():
    rows = (("AAA", "stock", 60_000.0), ("BBB", "stock", 1.0))
    for mode in ("both", "either", "value_only", "weight_only"):
        _, _, found = compared(*rows, min_position_value=None, min_weight=None, filter_mode=mode)
        assert len(found.members) == 2
    with pytest.raises(ValueError, match="filter_mode"):
        compared(*rows, filter_mode="neither")
    with pytest.raises(ValueError, match="view"):
        compared(*rows, view="hedges")


def test_one_side_alone_can_be_asked_for():
    rows = (("AAA", "stock", 60_000.0), ("BBB", "stock", -50_000.0))
    assert compared(*rows, view="longs")[2].members["symbol"].tolist() == ["AAA"]
    assert compared(*rows, view="shorts")[2].members["symbol"].tolist() == ["BBB"]


def test_constant_prices_and_few_returns_are_left_out_with_their_reason():
    prices = factor_market([0.9, 0.9, 0.9])
    prices.loc[prices["symbol"] == "BBB", "adj_close"] = 50.0
    prices = prices[(prices["symbol"] != "CCC") | (prices["date"] >= DAYS[-20])]
    positions, held, found = compared(*EQUAL[:3], prices=prices)
    assert found.underlyings["reason"].tolist() == ["", "constant", "few_returns"]
    groups = clusters.clusters(found, positions)
    table = concentration(found, groups, held).set_index("measure")
    assert table.loc["excluded_positions", "value"] == 2
    assert table.loc["excluded_positions", "note"] == "constant, few_returns"
    assert np.isnan(table.loc["average_correlation", "value"])
    assert table.loc["average_correlation", "note"] == "one underlying: nothing to compare"
    assert table.loc["effective_positions", "value"] == 1.0


def test_twenty_returns_are_enough_and_nineteen_are_not():
    prices = factor_market([0.9, 0.9])
    for days, enough in ((21, True), (20, False)):
        short = prices[(prices["symbol"] == "AAA") | (prices["date"] >= DAYS[-days])]
        _, _, found = compared(*EQUAL[:2], prices=short)
        assert (found.underlyings["reason"] == "").all() == enough


def test_effective_positions_of_a_known_market():
    prices = factor_market([np.sqrt(0.5)] * 4)
    positions, held, found = compared(*EQUAL, prices=prices, window=1500)
    table = concentration(found, clusters.clusters(found, positions), held).set_index("measure")["value"]
    assert table["effective_positions"] == pytest.approx(1.6, abs=0.05)
    assert table["kish_positions"] == pytest.approx(4.0)
    assert table["hhi"] == pytest.approx(0.25)
    assert table["average_correlation"] == pytest.approx(0.5, abs=0.03)


def test_with_signs_a_hedge_diversifies_and_without_it_does_not():
    prices = factor_market([0.95] * 4)
    rows = [(name, "stock", sign * 50_000.0) for name, sign in zip(NAMES, (1, 1, -1, -1), strict=True)]
    positions, held, found = compared(*rows, prices=prices)
    table = concentration(found, clusters.clusters(found, positions), held).set_index("measure")["value"]
    assert table["effective_positions"] < 1.2
    assert table["signed_effective_positions"] > 4
    assert table["average_correlation"] > 0.8
    assert table["signed_average_correlation"] < 0


def test_effective_positions_are_missing_where_weights_offset_or_a_pair_is_missing():
    same = np.ones((2, 2))
    assert np.isnan(effective_positions(np.array([1.0, -1.0]), same))
    assert np.isnan(effective_positions(np.array([1.0, 1.0]), np.array([[1.0, np.nan], [np.nan, 1.0]])))
    assert np.isnan(effective_positions(np.array([]), np.empty((0, 0))))


def test_a_chain_is_linked_but_broken_by_average_linkage_and_its_weak_end_is_shown():
    chain = np.array([[1.0, 0.75, 0.2], [0.75, 1.0, 0.75], [0.2, 0.75, 1.0]])
    assert len(set(clusters.linked(chain))) == 1
    assert len(set(clusters.average(chain))) == 2


def test_a_hedge_is_no_twin():
    """By the size of correlations alone, these two would be one cluster."""
    opposed = np.array([[1.0, -0.95], [-0.95, 1.0]])
    assert len(set(clusters.linked(opposed))) == 2
    assert len(set(clusters.average(opposed))) == 2


def test_a_pair_without_a_correlation_is_not_joined_and_spoils_nothing():
    holed = np.array([[1.0, np.nan, 0.9], [np.nan, 1.0, 0.1], [0.9, 0.1, 1.0]])
    for method in (clusters.linked, clusters.average):
        label = method(holed)
        assert label[0] == label[2]
        assert label[0] != label[1]


def cluster_of(positions, found, method="linked"):
    table = conform(clusters.clusters(found, positions), TABLES["clusters"])
    return table[table["method"] == method].set_index("symbol")


def test_each_members_correlation_is_its_own_mean_with_the_others():
    positions, _, found = compared(*EQUAL[:3], prices=factor_market([0.99, 0.95, 0.9]))
    table = cluster_of(positions, found)
    matrix = found.matrix.coefficient
    assert table.loc["AAA", "correlation_to_cluster"] == pytest.approx(
        matrix.loc["AAA", ["BBB", "CCC"]].mean()
    )
    assert table["correlation_to_cluster"].nunique() == 3
    pairs = matrix.to_numpy()[np.triu_indices(3, 1)]
    assert table["average_correlation"].unique() == pytest.approx([pairs.mean()])
    assert table["min_correlation"].unique() == pytest.approx([pairs.min()])


def named(tags, sectors, values=(50_000.0,) * 4):
    rows = [(name, "stock", value) for name, value in zip(NAMES, values, strict=True)]
    positions, _, found = compared(*rows, prices=factor_market([0.98] * 4))
    positions = positions.assign(tags=list(tags), sector=list(sectors))
    return cluster_of(positions, found)["nickname"].unique().tolist()


def test_a_cluster_is_named_by_tag_then_sector_then_its_largest_then_its_first():
    assert named(["core,tech", "tech", "#strategy:tech", ""], ["x"] * 4) == ["tech"]
    assert named(["tech", "tech", "", ""], ["Energy", "Energy", "Energy", None]) == ["Energy"]
    values = (50_000.0, 80_000.0, 50_000.0, 50_000.0)
    assert named([""] * 4, [None] * 4, values) == ["BBB lookalikes"]
    assert named([""] * 4, [None] * 4) == ["Cluster AAA"]
    assert named(["b,a"] * 4, [None] * 4) == ["a"]
    assert len(named(["t" * 300] * 4, [None] * 4)[0]) == 100


def test_the_larger_cluster_comes_first_and_lone_underlyings_are_in_none():
    names = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
    generator = np.random.default_rng(8)
    base = generator.standard_normal((1600, 3))
    values = base[:, [0, 0, 1, 1, 1, 2]] + 0.1 * generator.standard_normal((1600, 6))
    prices = priced(pd.DataFrame(0.01 * values, index=DAYS, columns=list(names)))
    rows = [(name, "stock", 50_000.0) for name in names]
    positions, held, found = compared(*rows, prices=prices)
    table = cluster_of(positions, found)
    assert table["cluster"].to_dict() == {"CCC": 1, "DDD": 1, "EEE": 1, "AAA": 2, "BBB": 2}
    score = concentration(found, clusters.clusters(found, positions), held).set_index("measure")["value"]
    assert score["concentration_score"] == pytest.approx(5 / 6)


BOOKS = [
    EQUAL,
    EQUAL[:1],
    (("AAA", "stock", -50_000.0), ("BBB", "stock", -60_000.0)),
    ((CALL, "option", 900.0, "AAA"),),
    ((CALL, "option", -900.0, "AAA"), ("AAA", "stock", 4_000.0)),
    (("HOUSE", "manual", 60_000.0),),
    (("GONE", "stock", np.nan), ("ZZZ", "stock", 50_000.0)),
    (),
]


@pytest.mark.parametrize("rows", BOOKS)
@pytest.mark.parametrize("priced_options", [True, False])
def test_every_book_has_its_tables_sentences_and_passing_checks(rows, priced_options):
    positions, held = book(*rows, priced_options=priced_options)
    prices = pd.concat([factor_market([0.9] * 4), market(("IDX",))])
    found = compare(held, prices, min_position_value=None)
    pairs = conform(correlation_table(found), TABLES["position_correlations"])
    groups = conform(clusters.clusters(found, positions), TABLES["clusters"])
    table = conform(concentration(found, groups, held), TABLES["concentration"])
    assert (table["value"].notna() | table["note"].notna()).all()
    every = conform(underlying_table(found, held), TABLES["compared_underlyings"])
    assert set(every["symbol"]) == set(held["underlying"])
    words = [
        page.underlyings_sentence(found, every, held),
        page.matrix_sentence(pairs),
        page.clusters_sentence(groups, 0.7),
        page.members_sentence(groups),
        page.verdict(found, table),
        *[figure.sentence for figure in page.key_figures(table)],
        table_exhibit(page.concentration(table), title="T", columns=page.CONCENTRATION).html,
    ]
    assert not [text for text in words if "nan" in text.lower()]
    assert len(clusters.ordered(found.matrix.coefficient)) == len(found.members)
    assert not page.underlyings(every)["reason"].isin(["", *every["reason"]]).any()
    assert len(page.clusters(groups)) == groups.groupby(["method", "cluster"]).ngroups
    assert len(page.strongest(found, pairs)) == len(found.members) * (len(found.members) - 1) // 2
    assert [check.name for check in page.checks(found, groups, table) if not check.passed] == []


def test_the_checks_find_what_is_wrong():
    positions, held, found = compared(*EQUAL)
    groups = clusters.clusters(found, positions)
    table = concentration(found, groups, held)
    matrix = found.matrix.coefficient.copy()
    matrix.iloc[0, 1] = 1.2
    broken = Comparison(
        found.underlyings.assign(weight=found.underlyings["weight"] * 2),
        found.matrix._replace(coefficient=matrix),
        found.days,
    )
    smaller = table.assign(value=table["value"].where(table["measure"] != "kish_positions", 0.5))
    wrong = page.checks(broken, pd.concat([groups, groups.iloc[:1]]), smaller)
    assert [check.name for check in wrong if check.passed] == []


def test_what_is_not_compared_says_why_in_words():
    prices = factor_market([0.9, 0.9, 0.9])
    prices.loc[prices["symbol"] == "BBB", "adj_close"] = 50.0
    _, held, found = compared(*EQUAL[:3], ("HOUSE", "manual", 60_000.0), prices=prices)
    every = underlying_table(found, held)
    assert page.underlyings(every)["reason"].tolist() == [
        "Compared",
        "Price did not move",
        "Compared",
        "Valued by hand",
    ]
    said = page.underlyings_sentence(found, every, held)
    assert said == (
        "2 of 3 underlyings are compared over 90 returns; price did not move: BBB; "
        "left out: 1 holding valued by hand."
    )


def test_a_large_holding_that_is_hedged_is_told_from_a_small_one():
    """AAA is held at 50,000 and hedged to 1,000 net; BBB is 3,000 of shares; CCC is offset to nothing."""
    rows = [("AAA", "stock", 50_000.0), ("AAA", "stock", -49_000.0), ("BBB", "stock", 3_000.0)]
    rows += [("CCC", "stock", 20_000.0), ("CCC", "stock", -20_000.0), ("DDD", "stock", 90_000.0)]
    positions, held, found = compared(*rows)
    every = underlying_table(found, held).set_index("symbol")
    assert every["reason"].to_dict() == {"DDD": "", "BBB": "small", "AAA": "hedged", "CCC": "offset"}
    assert every.loc["AAA", ["exposure", "gross"]].tolist() == [1_000.0, 99_000.0]
    assert every.loc["CCC", ["exposure", "gross", "weight"]].tolist() == [0.0, 40_000.0, 0.0]
    assert page.underlyings_sentence(found, every.reset_index(), held) == (
        "1 of 3 underlyings are compared over 90 returns; "
        "too small by the limits of money and weight: BBB; "
        "too small net of options and shorts: AAA; options and shorts offset it: CCC."
    )
    table = concentration(found, clusters.clusters(found, positions), held).set_index("measure")
    assert table.loc["excluded_positions", "note"] == "hedged, offset, small"


def test_the_page_puts_what_moves_together_side_by_side():
    generator = np.random.default_rng(9)
    base = generator.standard_normal((1600, 2))
    values = base[:, [0, 1, 0, 1]] + 0.2 * generator.standard_normal((1600, 4))
    prices = priced(pd.DataFrame(0.01 * values, index=DAYS, columns=list(NAMES)))
    _, _, found = compared(*EQUAL, prices=prices)
    order = list(clusters.ordered(found.matrix.coefficient).columns)
    assert {frozenset(order[:2]), frozenset(order[2:])} == {
        frozenset(("AAA", "CCC")),
        frozenset(("BBB", "DDD")),
    }


def test_the_number_of_independent_positions_counts_shorts_as_hedges_as_the_review_does():
    names = (
        "effective_positions",
        "signed_effective_positions",
        "average_correlation",
        "concentration_score",
    )
    table = pd.DataFrame({"measure": names, "value": [4.0, 2.5, 0.3, 0.1], "note": None})
    first = page.key_figures(table)[0]
    assert (first.name, first.value) == ("signed_effective_positions", 2.5)
    assert first.sentence.endswith("as many independent positions as the book amounts to.")
