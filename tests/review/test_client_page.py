import numpy as np
import pandas as pd
import pytest
from review_worlds import BEFORE, TODAY, holding, move, snapshot, tables

from lib.contracts import conform
from lib.review import client, page, sentences
from lib.tables import TABLES

BOOK = [holding("AAA", 3000.0), holding("BBB", -1000.0, sector="Health Care")]


def report_of(*args, **options):
    return page.Report(conform(client.report(tables(*args, **options)), TABLES["portfolio_report"]), "USD")


def everything(report):
    """Every exhibit and sentence of the page."""
    frames = [
        page.at_a_glance(report),
        page.risk_table(report),
        page.quality_table(report),
        page.sectors(report),
    ]
    frames += [report.section(name) for name in ("mover", "trade", "holding", "origin")]
    text = " ".join(
        [
            sentences.headline(report, "A <b>book</b>", "2022-12-28"),
            sentences.change_sentence(report),
            sentences.trades_sentence(report),
            sentences.holdings_sentence(report),
            sentences.sectors_sentence(report),
            sentences.risk_sentence(report),
            sentences.drawdown_sentence(report),
            sentences.origin_sentence(report),
            sentences.quality_sentence(report),
        ]
    )
    return frames, text


def test_value_and_shares_come_from_the_tables():
    report = report_of(BOOK, cash=500.0)
    assert report.value("value", "book", "nav") == 2500.0
    assert report.value("value", "book", "leverage") == pytest.approx(4000 / 2500)
    assert report.value("holding", "AAA", "share") == pytest.approx(3000 / 2500)
    assert report.value("sector", "Health Care", "share") == pytest.approx(-1000 / 2500)
    assert report.value("risk", "1y", "var_95_money") == pytest.approx(0.02 * 2500)
    assert report.value("risk", "all", "current_drawdown") == pytest.approx(0.88 - 1)
    assert "(26 Dec 2022 to 27 Dec 2022); at the last day they stand 12.0%" in sentences.drawdown_sentence(
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
    assert all(passed for _, passed, _ in sentences.identities(report))


def test_the_first_snapshot_has_nothing_to_compare_with_and_says_so():
    report = report_of(BOOK)
    assert report.text("change", "snapshot", "profit") == f"n/a ({client.NO_SNAPSHOT})"
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
    assert "valued by hand (22.2% of net asset value)" in sentences.risk_sentence(report)
    headline = sentences.headline(report, "X", "2022-12-28")
    assert "leaving out 1 position without a price" in headline
    assert headline.endswith("or more, holdings valued by hand and positions without a price not counted.")


def test_the_basis_of_valuation_stands_in_the_headline():
    assert client.VALUED_ON_ADJUSTED in sentences.headline(
        report_of(BOOK, flag="adjusted_prices"), "X", "2022-12-28"
    )
    assert "adjusted" not in sentences.headline(report_of(BOOK), "X", "2022-12-28")


def test_without_positive_net_asset_value_shares_are_of_gross_exposure():
    report = report_of([holding("BBB", -1000.0)], flag="base_gross")
    assert report.base_words == "gross exposure"
    assert report.value("holding", "BBB", "share") == -1.0
    assert report.note("value", "book", "leverage") == client.NOT_POSITIVE
    assert np.isnan(report.value("origin", "real", "share"))


def test_remarks_on_data_count_for_what_is_held_only():
    issues = [
        (3, "rejected", "QTY_ZERO", "zero"),
        (4, "warning", "OLD_ENTRY", "old"),
        (4, "warning", "STALE", "stale"),
    ]
    data = [("AAA", "error"), ("ELSE", "error"), ("BBB", "warning")]
    counts = page.quality_table(report_of(BOOK, issues=issues, data=data)).set_index("item")["count"]
    assert counts.tolist() == [1, 1, 0, 0, 1, 1]
    listed = page.issue_table(tables(BOOK, issues=issues[::-1]).row_issues)
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
    frames, text = everything(report)
    shown = " ".join(map(str, pd.concat([frame.astype(str) for frame in frames[:2]]).to_numpy().ravel()))
    assert "nan" not in text.replace("finance", "")
    if options.get("value", 0.0) != options.get("value", 0.0):
        assert "n/a (history too short)" in shown
        assert "cannot be measured" in text
    assert all(passed for _, passed, _ in sentences.identities(report))
    assert [one["name"] for one in sentences.key_figures(report)] == [
        "nav",
        "profit",
        "var_95_money",
        "real_share",
    ]


def test_the_checks_see_parts_that_do_not_add_up():
    frame = client.report(tables(BOOK))
    frame.loc[(frame["section"] == "origin") & (frame["measure"] == "exposure"), "value"] = 1.0
    failed = [name for name, passed, _ in sentences.identities(page.Report(frame, "USD")) if not passed]
    assert failed == ["Parts by origin and cash add up to net asset value"]
