"""Profit, Greeks and counts of the parts of a book, against loops over the rows and figures by hand."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.errors import InputError
from lib.portfolio.exposure_groups import GREEKS, group_exposures
from lib.portfolio.exposures import chosen_tags
from lib.portfolio.pages import exposures as exposures_page
from lib.portfolio.pages import group_profits as page
from lib.portfolio.tag_sets import chosen_tag_sets, common_tag_sets, read_tag_sets, validate
from lib.tables import TABLES

AS_OF = "2022-12-28"
MONEY = ("daily_pnl", "unrealized_pnl", "realized_pnl")


def mixed(size=400, seed=5):
    """Positions long and short, options, some without a price or a profit of the day, some closed."""
    rng = np.random.default_rng(seed)
    option, closed = rng.random(size) < 0.3, rng.random(size) < 0.1
    exposure = np.where(closed, 0.0, rng.normal(0, 1e5, size).round(2))
    exposure[(rng.random(size) < 0.05) & ~closed] = np.nan
    tags = ["core", "income", "#strategy:long", "#strategy:hedge"]
    expiry = pd.Timestamp(AS_OF) + pd.to_timedelta(rng.integers(1, 500, size), unit="D")
    positions = pd.DataFrame(
        {
            "position_id": [f"P{number}" for number in range(size)],
            "kind": np.where(option, "option", "stock"),
            "quantity": np.where(closed, 0.0, np.sign(exposure) + (exposure == 0)),
            "exposure": exposure,
            "underlying": rng.choice(["A", "B", "C"], size),
            "sector": rng.choice(["Tech", "Energy"], size),
            "position_type": np.where(option, "LC", "LONG"),
            "expiry": pd.Series(expiry).where(option).astype("datetime64[us]"),
            "tags": [",".join(rng.choice(tags, rng.integers(0, 4), replace=False)) for _ in range(size)],
            "daily_pnl": np.where(rng.random(size) < 0.1, np.nan, rng.normal(0, 100, size)),
            "unrealized_pnl": np.where(closed, 0.0, exposure * 0.1),
            "realized_pnl": np.where(closed, rng.normal(0, 500, size), np.nan),
        }
    )
    positions["quantity"] = positions["quantity"].fillna(1.0)
    held = positions[(positions["kind"] == "option") & (positions["quantity"] != 0)]
    columns = ["delta_dollars", *GREEKS.values()]
    greeks = pd.DataFrame(rng.normal(0, 50, (len(held), len(columns))), columns=columns)
    return positions, greeks.assign(position_id=held["position_id"].to_numpy())


def by_loop(positions, greeks, keys):
    """Sums by group, row by row; ``keys`` says in which groups a row is."""
    known = greeks.set_index("position_id")
    sums = defaultdict(lambda: defaultdict(float))
    for row in positions.itertuples():
        for key in keys(row):
            group = sums[key]
            for name in MONEY:
                value = getattr(row, name)
                group[name] += 0.0 if np.isnan(value) else value
            if row.position_id in known.index:
                for name, column in GREEKS.items():
                    group[name] += known.loc[row.position_id, column]
            if row.quantity != 0:
                group["long_positions"] += row.exposure > 0
                group["short_positions"] += row.exposure < 0
                group["without_daily_pnl"] += np.isnan(row.daily_pnl)
    return sums


def only(groups, dimension):
    return groups[groups["dimension"] == dimension].set_index("group")


@pytest.mark.parametrize(
    ("dimension", "keys"),
    [
        ("underlying", lambda row: [row.underlying]),
        ("sector", lambda row: [row.sector]),
        ("position_type", lambda row: [row.position_type]),
        ("tag", lambda row: [tag for tag in row.tags.split(",") if tag and tag[0] != "#"]),
        ("strategy", lambda row: [tag[10:] for tag in row.tags.split(",") if tag[:1] == "#"]),
    ],
)
def test_profit_greeks_and_counts_of_a_group_are_those_of_a_loop_over_its_rows(dimension, keys):
    positions, greeks = mixed()
    groups = conform(group_exposures(positions, as_of=AS_OF, greeks=greeks), TABLES["exposure_groups"])
    found, sums = only(groups, dimension), by_loop(positions, greeks, keys)
    assert set(found.index) == set(sums)
    for group, values in sums.items():
        for name in (*MONEY, *GREEKS, "long_positions", "short_positions", "without_daily_pnl"):
            assert found.loc[group, name] == pytest.approx(values[name], abs=1e-6), (group, name)


def test_the_checks_hold_of_a_book_and_fail_when_a_group_loses_a_profit_or_a_greek():
    positions, greeks = mixed()
    groups = group_exposures(positions, as_of=AS_OF, greeks=greeks)
    assert all(one.passed for one in page.checks(groups, positions, greeks))
    for name in ("daily_pnl", "realized_pnl", "vega"):
        broken = groups.copy()
        broken.loc[broken["dimension"] == "underlying", name] += 1.0
        assert not all(one.passed for one in page.checks(broken, positions, greeks)), name


def test_a_set_of_tags_counts_what_carries_all_of_them_or_any_of_them():
    positions, greeks = mixed()
    sets = chosen_tag_sets(["core+Income", "core|income", "core+long", "core+nobody"], positions["tags"])
    groups = group_exposures(positions, as_of=AS_OF, greeks=greeks, tag_sets=sets)
    found = only(groups, "tag_set")
    cells = positions["tags"].map(lambda cell: set(cell.split(",")))
    masks = {
        "core + Income": cells.map(lambda one: {"core", "income"} <= one),
        "core | income": cells.map(lambda one: bool({"core", "income"} & one)),
        "core + long": cells.map(lambda one: {"core", "#strategy:long"} <= one),
    }
    assert list(found.index) == list(masks), "in the order asked for, and without what nobody carries"
    for name, mask in masks.items():
        assert found.loc[name, "daily_pnl"] == pytest.approx(positions.loc[mask, "daily_pnl"].sum())
        assert found.loc[name, "gross"] == pytest.approx(positions.loc[mask, "exposure"].abs().sum())


def test_without_a_setting_the_sets_are_the_combinations_that_most_positions_carry():
    cells = pd.Series(["b,a", "a,b", "a,c", "a", "", "a,b,#strategy:x"])
    assert [one.name for one in common_tag_sets(cells)] == ["a + b", "x + a + b", "a + c"]
    many = pd.Series([f"t{number},z" for number in range(20)])
    assert len(common_tag_sets(many)) == 10


@pytest.mark.parametrize("written", ["core", "core+", "+", "", "core+CORE", "a+b|c", " | "])
def test_what_is_no_set_of_two_tags_is_refused_with_its_place(written):
    with pytest.raises(InputError, match=r"names no two tags|has both") as refused:
        validate({"settings": {"tag_sets": ["a+b", written]}})
    assert refused.value.field == "stages.portfolio/exposures.tag_sets[1]"
    assert read_tag_sets(["a b + c"])[0].tags == ("a b", "c")


def test_profit_that_was_realised_keeps_its_group_when_nothing_is_held_there_any_more():
    positions, _ = mixed(3)
    positions = positions.assign(
        kind="stock", quantity=[1.0, 0.0, 0.0], exposure=[10.0, 0.0, 0.0], sector=["Tech", "Energy", "Steel"]
    )
    positions = positions.assign(
        realized_pnl=[np.nan, -7.0, np.nan], daily_pnl=[1.0, 0.0, 0.0], unrealized_pnl=[2.0, 0.0, 0.0]
    )
    sectors = only(group_exposures(positions, as_of=AS_OF), "sector")
    assert list(sectors.index) == ["Tech", "Energy"]
    assert sectors.loc["Energy", ["realized_pnl", "gross", "delta_adjusted", "positions"]].tolist() == [
        -7,
        0,
        0,
        0,
    ]


def test_a_group_with_an_option_without_greeks_has_no_greeks_and_keeps_its_profit():
    positions, greeks = mixed()
    option = positions[(positions["kind"] == "option") & positions["exposure"].notna()]
    first = option[option["quantity"] != 0].iloc[0]
    greeks.loc[greeks["position_id"] == first["position_id"], greeks.columns != "position_id"] = np.nan
    sectors = only(group_exposures(positions, as_of=AS_OF, greeks=greeks), "sector")
    other = next(name for name in sectors.index if name != first["sector"])
    assert sectors.loc[first["sector"], [*GREEKS, "delta_adjusted"]].isna().all()
    assert sectors.loc[other, [*GREEKS, "delta_adjusted"]].notna().all()
    assert sectors["daily_pnl"].notna().all()


def test_the_sentence_names_who_made_and_who_lost_most_and_whose_profit_is_lacking():
    positions, greeks = mixed()
    groups = group_exposures(positions, as_of=AS_OF, greeks=greeks)
    totals = pd.DataFrame({"measure": ["gross"], "value": [1.0]})
    shown = exposures_page.groups_of(groups, "sector", totals)
    shown = shown.assign(daily_pnl=[500.0, -20.0], unrealized_pnl=[-1.0, 3_000.0], without_daily_pnl=[0, 2])
    first, second = shown["words"]
    said = page.profit_sentence(shown, "sector", "USD")
    assert f"{first} made USD\u00a0500.00 and {second} lost USD\u00a020.00" in said
    assert f"unrealised profit is that of {second}, +3,000" in said
    assert said.endswith(f"Without the profit of some position: {second}.")
    assert "made" not in page.profit_sentence(shown.assign(daily_pnl=-1.0), "sector", "USD")
    assert page.profit_sentence(shown.head(0), "sector", "USD") == "No priced position has a sector."


def test_greeks_are_columns_of_the_page_only_where_an_option_has_some():
    positions, greeks = mixed()
    totals = pd.DataFrame({"measure": ["gross"], "value": [1.0]})
    with_options = group_exposures(positions, as_of=AS_OF, greeks=greeks)
    without = group_exposures(positions[positions["kind"] == "stock"], as_of=AS_OF)
    shown = [exposures_page.groups_of(groups, "sector", totals) for groups in (with_options, without)]
    assert {*GREEKS} <= {*page.columns_of("sector", shown[0])[1:]}
    assert not {*GREEKS} & {*page.columns_of("sector", shown[1])[1:]}


def test_the_largest_tag_may_be_a_strategy_and_is_then_chosen_with_its_prefix():
    positions, greeks = mixed()
    groups = group_exposures(positions, as_of=AS_OF, greeks=greeks)
    largest = groups[groups["dimension"].isin(["tag", "strategy"])].sort_values("gross").iloc[-1]
    prefix = "#strategy:" if largest["dimension"] == "strategy" else ""
    assert chosen_tags([], groups) == [prefix + largest["group"]]
    assert chosen_tags(["x"], groups) == ["x"]
