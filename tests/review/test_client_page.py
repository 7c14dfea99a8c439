import numpy as np
import pandas as pd
import pytest
from review_worlds import BEFORE, TODAY, full, holding, move, option, snapshot, tables

from lib.contracts import conform
from lib.review import (
    charts,
    client,
    holdings,
    identities,
    outlook,
    page,
    risk_views,
    sentences,
    sources,
    views,
)
from lib.tables import TABLES

BOOK = [holding("AAA", 3000.0), holding("BBB", -1000.0, sector="Health Care")]


def report_of(*args, **options):
    return page.Report(conform(client.report(tables(*args, **options)), TABLES["portfolio_report"]), "USD")


def everything(report):
    """Every exhibit and sentence of the page."""
    made = [views.glance(report, "A <b>book</b>")]
    made += [one(report) for one in (views.movers, views.trades, views.split, views.holdings)]
    made += [one(report) for one in (risk_views.factors, risk_views.components, risk_views.risk)]
    made += [one(report) for one in (risk_views.stress, risk_views.losers, risk_views.scenarios)]
    made += [one(report) for one in (risk_views.greeks, risk_views.options, risk_views.groups)]
    made += [one(report) for one in (risk_views.what_if, risk_views.proposed)]
    made += [one(report) for one in (views.origins, views.coverage, views.quality, views.assumptions)]
    text = " ".join(
        [
            sentences.headline(report, "A <b>book</b>", "2022-12-28"),
            sentences.sectors_sentence(report),
            outlook.beta_sentence(report),
            outlook.drawdown_sentence(report),
            outlook.stress_sentence(report),
            outlook.scenario_sentence(report),
            outlook.groups_sentence(report),
            *(view.get("reading", "") for view in made),
            *(one["sentence"] for one in outlook.key_figures(report)),
        ]
    )
    return made, text


def test_value_and_shares_come_from_the_tables():
    report = report_of(BOOK, cash=500.0)
    assert report.value("value", "book", "nav") == 2500.0
    assert report.value("value", "book", "leverage") == pytest.approx(4000 / 2500)
    assert report.value("holding", "AAA", "share") == pytest.approx(3000 / 2500)
    assert report.value("sector", "Health Care", "share") == pytest.approx(-1000 / 2500)
    assert report.value("risk", "1y", "var_95_money") == pytest.approx(0.02 * 2500)
    assert report.value("risk", "all", "current_drawdown") == pytest.approx(0.88 - 1)
    assert "(26 Dec 2022 to 27 Dec 2022); at the last day they stand 12.0%" in outlook.drawdown_sentence(
        report
    )


def test_lots_of_one_symbol_are_one_holding_and_sold_ones_none():
    lots = [
        holding("AAA", 1000.0),
        holding("AAA", 500.0, position_id="AAA-2"),
        holding("OLD", 0.0, quantity=0.0),
    ]
    table = report_of(lots).section("holding")
    assert table["item"].tolist() == ["AAA"]
    assert table["exposure"].tolist() == [1500.0]


def test_the_change_is_split_into_profit_and_money_put_in():
    history = [snapshot(BEFORE, 2000.0, np.nan, 0.0), snapshot(TODAY, 2500.0, -100.0, -100.0)]
    report = report_of(BOOK, cash=500.0, snapshots=history)
    assert report.value("change", "snapshot", "other") == 600.0
    text = sentences.change_sentence(report)
    assert "lost USD\u00a0100.00" in text
    assert "600.00 was put in" in text
    assert all(passed for _, passed, _ in identities.identities(report))


def test_the_first_snapshot_has_nothing_to_compare_with_and_says_so():
    report = report_of(BOOK)
    assert report.text("change", "snapshot", "profit") == f"n/a ({holdings.NO_SNAPSHOT})"
    assert "no snapshot before this one" in sentences.change_sentence(report)
    assert "made USD\u00a020.00" in sentences.change_sentence(report)


def test_what_was_traded_is_the_change_of_quantity_since_the_snapshot_before():
    moves = [
        move(BEFORE, "AAA", 4.0, np.nan, "first"),
        move(BEFORE, "OUT", 5.0, np.nan, "first"),
        move(TODAY, "AAA", 10.0, 30.0, "increased"),
        move(TODAY, "BBB", -10.0, -50.0, "new"),
        move(TODAY, "OUT", 0.0, 5.0, "exited"),
    ]
    report = report_of(BOOK, moves=moves)
    trades = report.section("trade").set_index("item")
    assert trades["quantity"].to_dict() == {"AAA": 6.0, "BBB": -10.0, "OUT": -5.0}
    assert trades["note"].to_dict() == {"AAA": "increased", "BBB": "new", "OUT": "exited"}
    assert report.section("mover")["item"].tolist() == ["BBB", "AAA", "OUT"]
    assert "1 position opened" in sentences.trades_sentence(report).lower()


def test_an_option_is_named_in_words():
    option = holding(
        "AAA230616P00120000",
        50.0,
        underlying="AAA",
        kind="option",
        right="P",
        strike=120.0,
        expiry="2023-06-16",
    )
    table = report_of([*BOOK, option]).section("holding").set_index("item")
    assert table.loc["AAA230616P00120000", "note"] == "Put on AAA at 120 to 16 Jun 2023"


def test_the_parts_by_origin_and_cash_add_up_to_net_asset_value():
    book = [*BOOK, holding("HOUSE", 500.0, kind="manual", origin="manual"), holding("GONE", np.nan)]
    report = report_of(book, cash=-250.0, flag="manual_left_out,unpriced_left_out")
    origins = report.section("origin").set_index("item")
    assert origins["share"].sum() == pytest.approx(1.0)
    assert origins["share"]["manual"] == pytest.approx(500 / 2250)
    assert "valued by hand (22.2% of net asset value)" in outlook.risk_sentence(report)
    headline = sentences.headline(report, "X", "2022-12-28")
    assert "leaving out 1 position without a price" in headline
    assert headline.endswith("or more, holdings valued by hand and positions without a price not counted.")


def test_the_basis_of_valuation_stands_in_the_headline():
    assert holdings.VALUED_ON_ADJUSTED in sentences.headline(
        report_of(BOOK, flag="adjusted_prices"), "X", "2022-12-28"
    )
    assert "adjusted" not in sentences.headline(report_of(BOOK), "X", "2022-12-28")


def test_without_positive_net_asset_value_shares_are_of_gross_exposure():
    report = report_of([holding("BBB", -1000.0)], flag="base_gross")
    assert report.base_words == "gross exposure"
    assert report.value("holding", "BBB", "share") == -1.0
    assert report.note("value", "book", "leverage") == sources.NOT_POSITIVE
    assert np.isnan(report.value("origin", "real", "share"))


def test_remarks_on_data_count_for_what_is_held_only():
    issues = [
        (3, "rejected", "QTY_ZERO", "zero"),
        (4, "warning", "OLD_ENTRY", "old"),
        (4, "warning", "STALE", "stale"),
    ]
    data = [("AAA", "error"), ("ELSE", "error"), ("BBB", "warning")]
    counts = views.quality(report_of(BOOK, issues=issues, data=data))["frame"].set_index("item")["count"]
    assert counts.tolist() == [1, 1, 0, 0, 1, 1]
    listed = views.issues(tables(BOOK, issues=issues[::-1]).row_issues)["frame"]
    assert listed["severity"].tolist() == ["rejected", "warning", "warning"]


@pytest.mark.parametrize(
    ("book", "options"),
    [
        (BOOK, {}),
        ([holding("BBB", -1000.0)], {"flag": "base_gross"}),
        ([holding("AAA", 100.0, sector=None)], {"value": np.nan, "flag": "short_history"}),
        ([holding("GONE", np.nan)], {"value": np.nan, "flag": "short_history,unpriced_left_out"}),
        ([], {"value": np.nan, "flag": "short_history", "cash": 100.0}),
        ([], {"value": np.nan, "flag": "short_history"}),
    ],
)
def test_every_book_has_its_page_without_an_invented_number(book, options):
    report = report_of(book, **options)
    made, text = everything(report)
    shown = " ".join(map(str, pd.concat([view["frame"].astype(str) for view in made[:1]]).to_numpy().ravel()))
    shown += " ".join(risk_views.risk(report)["frame"].to_numpy().ravel())
    assert "nan" not in text.replace("finance", "")
    if options.get("value", 0.0) != options.get("value", 0.0):
        assert "n/a (history too short)" in shown
        assert "cannot be measured" in text
    assert all(passed for _, passed, _ in identities.identities(report))
    figures = outlook.key_figures(report)
    assert [one["name"] for one in figures][::2] == ["nav", "var_95_money", "real_share"]
    assert all(one["sentence"].count(".") - one["sentence"].count("0.") <= 2 for one in figures)
    assert all(len(one["sentence"]) <= 90 for one in figures)


def test_the_checks_see_parts_that_do_not_add_up():
    frame = client.report(tables(BOOK))
    frame.loc[(frame["section"] == "origin") & (frame["measure"] == "exposure"), "value"] = 1.0
    failed = [name for name, passed, _ in identities.identities(page.Report(frame, "USD")) if not passed]
    assert failed == ["Parts by origin and cash add up to net asset value"]


WHOLE = [*BOOK, option("PUT", -50.0)]


def test_without_a_snapshot_before_the_last_days_profit_is_the_key_figure_and_says_so():
    first = outlook.key_figures(report_of(BOOK))[1]
    assert (first["name"], first["value"]) == ("last_day_profit", 20.0)
    assert "no snapshot before" in first["sentence"]
    history = [snapshot(BEFORE, 2000.0, np.nan, 0.0), snapshot(TODAY, 2500.0, -100.0, -100.0)]
    later = outlook.key_figures(report_of(BOOK, snapshots=history))[1]
    assert (later["name"], later["value"]) == ("profit", -100.0)
    assert later["sentence"] == "Lost USD\u00a0100.00 since 27 Dec 2022."


def test_a_book_without_shorts_says_nothing_short():
    lines = views.glance(report_of([holding("AAA", 100.0)]), "X")["frame"].set_index("figure")
    assert lines.loc["Long and short", "beside"] == "nothing short"


def test_the_error_of_a_books_beta_adds_underlyings_and_not_positions():
    """A stock of 3,000 and its put of 400 are one estimate; the short of 1,000 is another."""
    report = report_of(WHOLE, cash=550.0, **full())
    nav = 3000 - 1000 - 50 + 550
    expected = np.hypot(3400 * 0.1, 1000 * 0.1) / nav
    assert report.value("beta", "market", "std_error") == pytest.approx(expected)
    table = outlook.beta_table(report).set_index("item")
    assert table.loc["market", "high"] - table.loc["market", "beta"] == pytest.approx(1.96 * expected)
    assert table.loc["market", "beta"] == 0.8
    assert report.section("beta_share")["share"].sum() == pytest.approx(1.0)


def test_what_could_be_lost_comes_worst_first_with_five_at_each_end():
    report = report_of(WHOLE, **full())
    ends = charts.stress_ends(report)
    assert ends["note"].tolist()[:2] == ["Story 1", "Story 6"]
    assert ends["note"].tolist()[-1] == "Story 3"
    assert len(ends) == 10
    assert report.section("stress_position")["item"].tolist() == ["AAA", "PUT"]
    text = outlook.stress_sentence(report)
    assert "Story 1, the book would lose USD\u00a0900.00, 36.0%" in text
    assert text.endswith("a story, not a forecast.")
    worst = outlook.key_figures(report)[3]
    assert (worst["value"], worst["sentence"]) == (-900.0, "Story 1, of 11 stress scenarios.")


def test_the_payoff_goes_through_today_and_has_a_straight_line_where_options_bend_it():
    bent = charts.payoff(report_of(WHOLE, **full()))
    assert bent.index.tolist() == [-0.2, -0.1, 0.0, 0.1, 0.2]
    assert bent.loc[0.0].tolist() == [0.0, 0.0]
    assert bent.columns.tolist() == ["The book", "Straight line"]
    assert charts.payoff(report_of(BOOK)).empty
    plain = full() | {"greeks": tables(BOOK).greeks}
    assert charts.payoff(report_of(BOOK, **plain)).columns.tolist() == ["The book"]


def test_tenors_are_alternatives_and_one_is_shown():
    moves = risk_views.scenarios(report_of(WHOLE, **full()))["frame"]
    assert moves["item"].tolist()[-1] == "10Y Treasury yield +100 basis points"
    assert len(moves) == 5


def test_the_map_of_correlations_has_groups_together_and_the_heaviest_first():
    made = full()
    square = charts.matrix(made["position_correlations"], made["clusters"])
    assert square.index.tolist() == square.columns.tolist() == ["BBB", "AAA"]
    assert "correlation of 0.25" in charts.matrix_alt(square)
    nothing = tables(BOOK)
    none = charts.matrix(nothing.position_correlations, nothing.clusters)
    assert none.isna().all(axis=None) and none.size == 1
    assert charts.matrix_alt(none).startswith("Not available")


def test_trades_that_are_thought_of_show_what_changes_only():
    report = report_of(WHOLE, **full())
    shown = risk_views.what_if(report)["frame"]
    assert shown["item"].tolist() == ["Net exposure", "Loss exceeded on one day in twenty"]
    assert shown["change"].tolist() == ["500.00", "1.0%"]
    assert outlook.what_if_sentence(report).startswith("1 trade tried")
    suggested = full() | {"what_if_trades": full()["what_if_trades"].tail(1)}
    unasked = report_of(WHOLE, **suggested)
    assert risk_views.what_if(unasked)["frame"].empty
    assert "no trades were given" in outlook.what_if_sentence(unasked)
    assert len(risk_views.proposed(unasked)["frame"]) == 1


def test_what_is_not_computed_is_not_available_and_says_why():
    report = report_of(WHOLE)
    coverage = report.section("coverage").set_index("item")
    assert coverage.loc["Option sensitivities", ["done", "asked"]].tolist() == [0.0, 1.0]
    assert coverage.loc["Option sensitivities", "note"] == "not computed (1)"
    for sentence in (outlook.beta_sentence, outlook.stress_sentence, outlook.groups_sentence):
        assert sentence(report).startswith("Not available: ")
    rho = report_of(WHOLE, **full())
    assert np.isnan(rho.value("greek", "rho", "value"))
    assert rho.note("greek", "rho", "value") == "not computed for any position"


def test_every_part_is_there_for_a_whole_book():
    report = report_of(WHOLE, cash=550.0, instruments=[{"symbol": "AAA", "name": "Apple <b>"}], **full())
    made, text = everything(report)
    assert all(len(view["frame"]) for view in made if view["source"] != "snapshot_positions")
    assert "nan" not in text
    assert report.section("holding")["note"].iloc[0] == "Apple <b>"
    assert all(passed for _, passed, _ in identities.identities(report))
