"""The page of one portfolio: its figures, sentences, checks, and the one declaration of every exhibit."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from review_worlds import (
    BEFORE,
    TODAY,
    backtest_rows,
    full,
    holding,
    move,
    option,
    snapshot,
    tables,
)
from review_worlds import rows as rows_of

from lib.contracts import BY_ROW, conform
from lib.exhibits import table_exhibit
from lib.review import holdings, rows
from lib.review.pages import portfolio as page
from lib.review.report import make_report
from lib.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
BOOK = [holding("AAA", 3000.0), holding("BBB", -1000.0, sector="Health Care")]
WHOLE = [*BOOK, option("PUT", -50.0)]


def review_of(book, *, name="A <b>book</b>", **options):
    made = tables(book, **options)
    report = conform(make_report(made), TABLES["portfolio_report"])
    return page.Review(made, report, name=name, as_of="2022-12-28", currency="USD")


def reading(review, name):
    return page.BY_NAME[name].reading(review)


def shown(review, name):
    return page.section(review, name)["frame"]


def everything(review):
    """Every sentence of the page."""
    told = [page.verdict(review), *(one.sentence for one in page.key_figures(review))]
    for one in page.BY_NAME.values():
        told += [one.reading(review), *([one.alt(review)] if one.alt else [])]
    return told


def test_value_and_shares_come_from_the_tables():
    review = review_of(BOOK, cash=500.0)
    assert review.value("value", "book", "nav") == 2500.0
    assert review.value("value", "book", "leverage") == pytest.approx(4000 / 2500)
    assert review.value("holding", "AAA", "share") == pytest.approx(3000 / 2500)
    assert review.value("sector", "Health Care", "share") == pytest.approx(-1000 / 2500)
    assert review.value("risk", "1y", "var_95_money") == pytest.approx(0.02 * 2500)
    assert review.value("risk", "all", "current_drawdown") == pytest.approx(0.88 - 1)
    fell = reading(review, "falls")
    assert "(26 Dec 2022 to 27 Dec 2022); at the last day they stand 12.0%" in fell


def test_99_percent_ten_days_and_five_years_stand_beside_the_bad_day():
    made = tables(BOOK, cash=500.0)
    values = {"var_99": 0.04, "cvar_99": 0.05, "var_95_10d": 0.06, "cvar_95_10d": 0.08}
    risk = made.risk_metrics.assign(value=made.risk_metrics["metric"].map(values).fillna(0.02))
    root = risk[risk["metric"] == "var_95_10d"].assign(method="root_time", value=0.07)
    made = replace(made, risk_metrics=pd.concat([risk, root], ignore_index=True))
    review = page.Review(made, make_report(made), name="Book", as_of="2022-12-28", currency="USD")
    table = shown(review, "risk").set_index(["figure", "window"])
    assert table.loc[("Loss exceeded on one day in a hundred", "3 years"), "money"] == "USD\u00a0100.00"
    assert table.loc[("Loss exceeded on one day in a hundred", "3 years"), "value"] == "4.0%"
    stretch = table.loc[("Loss exceeded in one stretch of ten days in twenty", "5 years")]
    assert stretch.tolist() == ["6.0%", "USD\u00a0150.00"]
    other = table.loc[("The same by one day times \u221a10", "5 years")]
    assert other.tolist() == ["7.0%", "USD\u00a0175.00"]
    assert {"5 years", "all days"} == {window for name, window in table.index if name == "Deepest fall"}
    assert "through three years more than USD\u00a0100.00 on one in a hundred" in reading(review, "risk")


def test_cash_is_told_with_what_of_it_is_free_of_what_is_short():
    short = review_of(BOOK, cash=500.0)
    assert short.value("value", "book", "free_cash") == -500.0
    assert "USD\u00a0500.00 short of buying back what is short" in page.key_figures(short)[0].sentence
    rich = page.key_figures(review_of(BOOK, cash=5000.0))[0].sentence
    assert rich == "Cash: USD\u00a05,000, USD\u00a04,000 once what is short is bought back."
    none = page.key_figures(review_of([holding("AAA", 1000.0)], cash=500.0))[0].sentence
    assert none == "Cash: USD\u00a0500.00."


def test_lots_of_one_symbol_are_one_holding_and_sold_ones_none():
    lots = [
        holding("AAA", 1000.0),
        holding("AAA", 500.0, position_id="AAA-2"),
        holding("OLD", 0.0, quantity=0.0),
    ]
    table = review_of(lots).figures("holding")
    assert table["item"].tolist() == ["AAA"]
    assert table["exposure"].tolist() == [1500.0]


def test_the_change_is_split_into_profit_and_money_put_in():
    history = [snapshot(BEFORE, 2000.0, np.nan, 0.0), snapshot(TODAY, 2500.0, -100.0, -100.0)]
    review = review_of(BOOK, cash=500.0, snapshots=history)
    assert review.value("change", "snapshot", "other") == 600.0
    text = reading(review, "mover")
    assert "lost USD\u00a0100.00" in text
    assert "600.00 was put in" in text
    assert all(one.passed for one in page.checks(review))


def test_the_first_snapshot_has_nothing_to_compare_with_and_says_so():
    review = review_of(BOOK)
    assert review.text("change", "snapshot", "profit") == f"n/a ({holdings.NO_SNAPSHOT})"
    assert "no snapshot before this one" in reading(review, "mover")
    assert "made USD\u00a020.00" in reading(review, "mover")


def test_what_was_traded_is_the_change_of_quantity_since_the_snapshot_before():
    moves = [
        move(BEFORE, "AAA", 4.0, np.nan, "first"),
        move(BEFORE, "OUT", 5.0, np.nan, "first"),
        move(TODAY, "AAA", 10.0, 30.0, "increased"),
        move(TODAY, "BBB", -10.0, -50.0, "new"),
        move(TODAY, "OUT", 0.0, 5.0, "exited"),
    ]
    review = review_of(BOOK, moves=moves)
    trades = review.figures("trade").set_index("item")
    assert trades["quantity"].to_dict() == {"AAA": 6.0, "BBB": -10.0, "OUT": -5.0}
    assert trades["note"].to_dict() == {"AAA": "increased", "BBB": "new", "OUT": "exited"}
    assert review.figures("mover")["item"].tolist() == ["BBB", "AAA", "OUT"]
    assert "1 position opened" in reading(review, "trade").lower()


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
    table = review_of([*BOOK, option]).figures("holding").set_index("item")
    assert table.loc["AAA230616P00120000", "note"] == "Put on AAA at 120 to 16 Jun 2023"


def test_the_parts_by_origin_and_cash_add_up_to_net_asset_value():
    book = [*BOOK, holding("HOUSE", 500.0, kind="manual", origin="manual"), holding("GONE", np.nan)]
    review = review_of(book, cash=-250.0, flag="manual_left_out,unpriced_left_out")
    origins = review.figures("origin").set_index("item")
    assert origins["share"].sum() == pytest.approx(1.0)
    assert origins["share"]["manual"] == pytest.approx(500 / 2250)
    assert "valued by hand (22.2% of net asset value)" in reading(review, "risk")
    headline = page.verdict(review)
    assert page.faults(review) == ["1 position has no price and is in no total."]
    assert page.document(review)["lead"] == f"1 position has no price and is in no total. {headline}"
    assert headline.endswith("or more, holdings valued by hand and positions without a price not counted.")


def test_the_basis_of_valuation_stands_in_the_headline():
    adjusted = review_of(BOOK, flag="price_index,adjusted_prices")
    assert holdings.VALUED_ON_ADJUSTED in page.verdict(adjusted)
    assert "adjusted" not in page.verdict(review_of(BOOK))


def test_without_positive_net_asset_value_shares_are_of_gross_exposure():
    review = review_of([holding("BBB", -1000.0)], flag="base_gross")
    assert review.base_words == "gross exposure"
    assert review.value("holding", "BBB", "share") == -1.0
    assert review.note("value", "book", "leverage") == rows.NOT_POSITIVE
    assert np.isnan(review.value("origin", "real", "share"))


def test_remarks_on_data_count_for_what_is_held_only():
    issues = [
        (3, "rejected", "QTY_ZERO", "zero"),
        (4, "warning", "OLD_ENTRY", "old"),
        (4, "warning", "STALE", "stale"),
    ]
    data = [("AAA", "error"), ("ELSE", "error"), ("BBB", "warning")]
    counts = shown(review_of(BOOK, issues=issues, data=data), "quality").set_index("item")["count"]
    assert counts.tolist() == [1, 1, 0, 0, 1, 1]
    backwards = review_of(BOOK, issues=issues[::-1])
    assert shown(backwards, "row_issues")["severity"].tolist() == ["rejected", "warning", "warning"]
    assert reading(backwards, "row_issues") == "The file gave 1 rejection and 2 warnings."


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
    review = review_of(book, **options)
    text = " ".join(everything(review))
    cells = " ".join(shown(review, name).astype(str).to_numpy().ravel().sum() for name in ("glance", "risk"))
    assert "nan" not in text.replace("finance", "") + cells
    if options.get("value", 0.0) != options.get("value", 0.0):
        assert "n/a (history too short)" in cells
        assert "cannot be measured" in text
    assert all(one.passed for one in page.checks(review))
    figures = page.key_figures(review)
    assert [one.name for one in figures][::2] == ["nav", "var_95_money", "real_share"]
    assert all(one.sentence.count(".") - one.sentence.count("0.") <= 2 for one in figures)
    assert all(len(one.sentence) <= 90 for one in figures)


def test_the_checks_see_parts_that_do_not_add_up():
    review = review_of(BOOK)
    frame = review.report
    frame.loc[(frame["section"] == "origin") & (frame["measure"] == "exposure"), "value"] = 1.0
    failed = [one.name for one in page.checks(review) if not one.passed]
    assert failed == ["Parts by origin and cash add up to net asset value"]


def test_without_a_snapshot_before_the_last_days_profit_is_the_key_figure_and_says_so():
    first = page.key_figures(review_of(BOOK))[1]
    assert (first.name, first.value) == ("last_day_profit", 20.0)
    assert "no snapshot before" in first.sentence
    history = [snapshot(BEFORE, 2000.0, np.nan, 0.0), snapshot(TODAY, 2500.0, -100.0, -100.0)]
    later = page.key_figures(review_of(BOOK, snapshots=history))[1]
    assert (later.name, later.value) == ("profit", -100.0)
    assert later.sentence == "Lost USD\u00a0100.00 since 27 Dec 2022."


def test_a_book_without_shorts_says_nothing_short():
    lines = shown(review_of([holding("AAA", 100.0)]), "glance").set_index("figure")
    assert lines.loc["Long and short", "beside"] == "nothing short"


def test_the_error_of_a_books_beta_adds_underlyings_and_not_positions():
    """A stock of 3,000 and its put of 400 are one estimate; the short of 1,000 is another."""
    review = review_of(WHOLE, cash=550.0, **full())
    nav = 3000 - 1000 - 50 + 550
    expected = np.hypot(3400 * 0.1, 1000 * 0.1) / nav
    assert review.value("beta", "market", "std_error") == pytest.approx(expected)
    table = page.frame(review, "beta").set_index("item")
    assert table.loc["market", "high"] - table.loc["market", "beta"] == pytest.approx(1.96 * expected)
    assert table.loc["market", "beta"] == 0.8
    assert review.figures("beta_share")["share"].sum() == pytest.approx(1.0)


def test_what_could_be_lost_comes_worst_first_with_five_at_each_end():
    review = review_of(WHOLE, **full())
    ends = page.frame(review, "stress_ends")
    assert ends["note"].tolist()[:2] == ["Story 1", "Story 6"]
    assert ends["note"].tolist()[-1] == "Story 3"
    assert len(ends) == 10
    assert review.figures("stress_position")["item"].tolist() == ["AAA", "PUT"]
    text = reading(review, "stress_ends")
    assert "Story 1, the book would lose USD\u00a0900.00, 36.0%" in text
    assert "story" not in text
    worst = page.key_figures(review)[3]
    assert (worst.value, worst.sentence) == (-900.0, "Story 1, of 11 stress scenarios that may speak.")


def test_the_payoff_goes_through_today_and_has_a_straight_line_where_options_bend_it():
    bent = page.frame(review_of(WHOLE, **full()), "payoff")
    assert bent.index.tolist() == [-0.2, -0.1, 0.0, 0.1, 0.2]
    assert bent.loc[0.0].tolist() == [0.0, 0.0]
    assert bent.columns.tolist() == ["The book", "Straight line"]
    assert page.frame(review_of(BOOK), "payoff").empty
    plain = full() | {"greeks": tables(BOOK).greeks}
    assert page.frame(review_of(BOOK, **plain), "payoff").columns.tolist() == ["The book"]


def test_tenors_are_alternatives_and_one_is_shown():
    moves = shown(review_of(WHOLE, **full()), "scenario")
    assert moves["item"].tolist()[-1] == "10Y Treasury yield +100 basis points"
    assert len(moves) == 5


def test_the_map_of_correlations_has_groups_together_and_the_heaviest_first():
    whole, nothing = review_of(WHOLE, **full()), review_of(BOOK)
    square = page.frame(whole, "correlations")
    assert square.index.tolist() == square.columns.tolist() == ["BBB", "AAA"]
    assert "correlation of 0.25" in page.chart(whole, "correlations")["alt"]
    none = page.frame(nothing, "correlations")
    assert none.isna().all(axis=None) and none.size == 1
    assert page.chart(nothing, "correlations")["alt"].startswith("Not available")


def test_trades_that_are_thought_of_show_what_changes_only():
    review = review_of(WHOLE, **full())
    changed = shown(review, "what_if")
    assert changed["item"].tolist() == ["Net exposure", "Loss exceeded on one day in twenty"]
    assert changed["change"].tolist() == [500.0, 0.01]
    html_of_it = table_exhibit(**page.section(review, "what_if") | {"source": None}).html
    assert 'class="n" data-v="500">+500.00<' in html_of_it
    assert 'class="n" data-v="0.01">+1.00 points<' in html_of_it
    assert reading(review, "what_if").startswith("1 trade tried")
    suggested = full() | {"what_if_trades": full()["what_if_trades"].tail(1)}
    unasked = review_of(WHOLE, **suggested)
    assert shown(unasked, "what_if").empty
    assert "no trades were given" in reading(unasked, "what_if")
    assert len(shown(unasked, "what_if_trade")) == 1


def test_what_is_not_computed_is_not_available_and_says_why():
    review = review_of(WHOLE)
    coverage = review.figures("coverage").set_index("item")
    assert coverage.loc["Option sensitivities", ["done", "asked"]].tolist() == [0.0, 1.0]
    assert coverage.loc["Option sensitivities", "note"] == "not computed (1)"
    for name in ("beta", "stress_ends", "correlations", "scenario", "factors"):
        assert reading(review, name).startswith("Not available: ")
    rho = review_of(WHOLE, **full())
    assert np.isnan(rho.value("greek", "rho", "value"))
    assert rho.note("greek", "rho", "value") == "not computed for any position"


def test_what_correlations_leave_out_is_named_with_what_is_meant():
    left = [("AAA", "hedged"), ("BBB", "small"), ("CCC", "small"), ("DDD", "small"), ("EEE", "small")]
    book = [holding(name, 10_000.0) for name, _ in left]
    compared = rows_of("compared_underlyings", [{"symbol": name, "reason": why} for name, why in left])
    review = review_of(book, compared_underlyings=compared)
    told = shown(review, "coverage").set_index("item").loc["Correlations"]
    assert (told["done"], told["asked"]) == (0.0, 5.0)
    assert told["note"] == (
        "too small net of options and shorts: AAA; "
        "too small by the limits of money and weight: BBB, CCC, DDD and others"
    )


def test_every_part_is_there_for_a_whole_book():
    review = review_of(WHOLE, cash=550.0, instruments=[{"symbol": "AAA", "name": "Apple <b>"}], **full())
    frames = [
        one.frame(review)
        for one in page.BY_NAME.values()
        if one.source not in ("snapshot_positions", "row_issues")
    ]
    assert all(len(frame) for frame in frames)
    assert "nan" not in " ".join(everything(review))
    assert review.figures("holding")["note"].iloc[0] == "Apple <b>"
    assert all(one.passed for one in page.checks(review))


def notebook():
    """(heading, source) of every code cell under a second heading, in order."""
    cells = json.loads((ROOT / "notebooks" / "review" / "portfolio.ipynb").read_text())["cells"]
    heading, found = "", []
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            heading = source.splitlines()[0].removeprefix("## ")
        else:
            found.append((heading, source))
    return found


def test_the_notebook_shows_every_section_once_and_in_order_under_the_heading_of_its_part():
    calls = [
        (heading, name)
        for heading, source in notebook()
        for name in re.findall(r'page\.(?:section|chart)\(review, "(\w+)"\)', source)
    ]
    assert calls == [(heading, one.name) for heading, part in page.SECTIONS.items() for one in part]


@pytest.mark.parametrize("one", page.BY_NAME.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("book", [BOOK, WHOLE, []], ids=["book", "whole", "empty"])
def test_a_section_has_its_columns_its_sentence_and_an_exhibit(one, book):
    review = review_of(book, **(full() if book == WHOLE else {}))
    table = one.table(review)
    assert {column.name for column in one.columns} | set(one.bars) <= set(table["frame"])
    assert re.fullmatch(r"[A-Z0-9].*\.", table["reading"])
    assert "{" not in table["title"] + "".join(column.label for column in table["columns"])
    assert all(column.label for column in one.columns)
    if not one.chart:
        assert one.columns
        assert table["title"] in html.unescape(table_exhibit(**table | {"source": None}).html)


def test_columns_have_the_units_of_the_figures_that_they_show():
    report = review_of(WHOLE, **full()).report
    units = report.drop_duplicates(["section", "measure"]).set_index(["section", "measure"])["unit"]
    for one in page.BY_NAME.values():
        for column in one.columns:
            stored = units.get((one.name, column.name), column.unit)
            written = one.rows is not None and column.unit in ("text", *BY_ROW)
            assert column.unit == stored or written or (column.unit, stored) == ("number", "count"), column


def test_what_the_losses_leave_out_is_said_by_its_code():
    flags = "no_greeks_left_out,manual_left_out,short_history_left_out,thin_tail"
    left = review_of(BOOK, flag=flags).left_out_of_risk
    assert list(left) == flags.split(",")[:3]
    assert left["manual_left_out"] == "holdings valued by hand"
    assert not [words for words in left.values() if "_" in words or words.endswith("out")]


def test_a_price_by_hand_that_is_old_counts_as_old_and_other_flags_do_not():
    flags = ("MANUAL,MANUAL_STALE", "STALE", "MANUAL", "")
    book = [holding(f"S{n}", 100.0, flags=flag) for n, flag in enumerate(flags)]
    assert review_of(book).value("quality", "data", "stale_positions") == 2


def test_the_table_of_snapshots_says_from_where_to_where():
    history = [snapshot(BEFORE, 2000.0, np.nan, 0.0), snapshot(TODAY, 2500.0, -100.0, -100.0)]
    assert reading(review_of(BOOK, snapshots=history), "history") == (
        "Over 2 snapshots since 27 Dec 2022 the value went from USD\u00a02,000 to USD\u00a02,500; "
        "since the first of all, the positions lost USD\u00a0100.00."
    )
    assert "one snapshot" in reading(review_of(BOOK), "history")


def test_each_table_of_a_whole_book_is_read_aloud_with_its_numbers():
    review = review_of(WHOLE, cash=550.0, **full())
    assert reading(review, "glance").startswith("Gross exposure is 1.62 times net asset value")
    assert reading(review, "factors").startswith("The market makes 60.0% of the variance")
    assert reading(review, "stress_position").endswith("the 2 shown lose USD\u00a01,300 together.")
    assert reading(review, "stress") == (
        "Of 12 scenarios the book would lose in 3 and gain in 8; 1 could not be computed."
    )
    assert "10Y Treasury yield the book would lose USD\u00a09.00." in reading(review, "scenario")
    assert reading(review, "what_if_trade").startswith("SELL BBB moves most money, USD\u00a0200.00")
    assert reading(review, "assumption").endswith("the betas on 252 days at most.")
    assert reading(review, "cluster").startswith("1 group found")


def test_the_worst_backtest_comes_first_with_its_zone_and_in_the_headline_when_it_fails():
    bad = pd.DataFrame(backtest_rows((95, "all", 5000, 255, 0.70), (99, "3y", 756, 17, 0.998)))
    made = tables(BOOK)
    risk = made.risk_metrics[made.risk_metrics["method"] == ""]
    made = replace(made, risk_metrics=pd.concat([risk, bad], ignore_index=True))
    review = page.Review(made, make_report(made), name="Book", as_of="2022-12-28", currency="USD")
    assert reading(review, "backtest") == (
        "The worst test, 99% over 3 years, is in the yellow zone of the Basel Committee: 17 days lost more "
        "than was said the evening before, 8 were to be expected; 1 of 2 tests is green."
    )
    assert shown(review, "backtest")["note"].tolist() == ["yellow", "green"]
    assert page.verdict(review).endswith(
        "that figure is in the yellow zone of its backtest (99% over 3 years)."
    )
    assert "backtest" not in page.verdict(review_of(BOOK))


def stressed(flags):
    """The review of the whole book with the flags of single scenarios."""
    made = full()
    pnl = made["stress_pnl"]
    own = pnl["scenario"].map(flags).fillna(pnl["flags"])
    return review_of(WHOLE, **(made | {"stress_pnl": pnl.assign(flags=own, direct_pnl=-60.0)}))


def test_stories_are_ranked_apart_and_generated_scenarios_are_in_no_headline():
    review = stressed({"s1": "far_outside", "s3": "generated_data", "s4": "implausible_yield"})
    ends = page.frame(review, "stress_ends")["note"].tolist()
    assert ends[0] == "Story 6" and not {"Story 1", "Story 3", "Story 4"} & set(ends)
    text = reading(review, "stress_ends")
    assert text.startswith("In the worst, Story 6, the book would lose USD\u00a070.00")
    assert "(its named shocks alone: \u221260.00)" in text
    assert "ranked apart, the worst Story 1 at \u2212900.00." in text
    assert "2 scenarios rest on generated yields or volatilities" in text
    assert shown(review, "stress")["note"].tolist()[-4:-1] == ["Story 1", "Story 4", "Story 3"]
    worst = page.key_figures(review)[3]
    assert (worst.value, worst.sentence) == (-70.0, "Story 6, of 8 stress scenarios that may speak.")


def test_where_only_stories_are_computed_the_worst_story_speaks_as_a_story():
    every = {f"s{n}": "far_outside" for n in range(12)}
    text = reading(stressed(every), "stress_ends")
    assert text.startswith("In the worst, Story 1,") and text.endswith("a story, not a forecast.")
    silent = stressed(dict.fromkeys(every, "generated_data"))
    assert reading(silent, "stress_ends").startswith("Not available: ")
    assert np.isnan(page.key_figures(silent)[3].value)


def test_concentration_is_told_by_underlying_a_stock_with_its_options():
    """The stock of 60 and its put of 10 are one bet of 70 of the 50 that is left after a hedge of 20."""
    review = review_of(WHOLE, **full())
    table = shown(review, "underlying").set_index("item")
    assert table.loc["AAA", ["value", "positions"]].tolist() == [70.0, 2.0]
    assert table.loc["BBB", "value"] == -20.0
    assert reading(review, "underlying") == "AAA in 2 positions makes 140.0% of the factor value at risk."
    assert len(shown(review, "component")) == 3


def test_the_share_on_real_data_is_of_gross_exposure_and_cash_so_that_a_neutral_book_has_one():
    neutral = [holding("AAA", 3000.0), holding("BBB", -3000.0), holding("PUT", 500.0, origin="generated")]
    review = review_of(neutral, cash=1500.0)
    figure = page.key_figures(review)[4]
    assert figure.value == pytest.approx((6000 + 1500) / 8000)
    assert review.value("origin", "generated", "gross_share") == pytest.approx(500 / 8000)
    assert reading(review, "origin").startswith("Of gross exposure and cash: 75.0% observed market prices")
    assert review.figures("origin")["gross_share"].sum() == pytest.approx(1.0)


def test_the_unbounded_loss_stands_beside_where_a_share_would_lose_more_than_all():
    tables = full()
    worst = tables["stress_pnl"]["conditional_pnl"].idxmin()
    flagged = tables["stress_pnl"].assign(conditional_unbounded=tables["stress_pnl"]["conditional_pnl"])
    flagged.loc[worst, ["conditional_unbounded", "flags"]] = [-4321.0, "below_zero"]
    review = review_of(WHOLE, **(tables | {"stress_pnl": flagged}))
    assert "by its betas alone the result would be \u22124,321" in reading(review, "stress_ends")
    shown = page.frame(review, "stress")["conditional_unbounded"]
    assert shown.notna().sum() == 1 and shown.min() == -4321.0
    assert "by its betas" not in reading(review_of(WHOLE, **full()), "stress_ends")


def test_what_holdings_valued_by_hand_do_not_lose_in_stress_is_said_with_their_share():
    house = holding("HOUSE", 2000.0, kind="manual", origin="manual")
    text = reading(review_of([*WHOLE, house], cash=50.0, **full()), "stress_ends")
    assert "Holdings valued by hand, 50.0% of net asset value, are taken to lose nothing." in text
    assert "by hand" not in reading(review_of(WHOLE, **full()), "stress_ends")
