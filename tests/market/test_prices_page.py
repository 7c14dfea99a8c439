"""Frames and sentences of the prices page, and checks that fail when they should."""

import pandas as pd
import pytest
from bar_worlds import AS_OF, DAYS, bars, check, check_all, found, sync_log

from lib.errors import QualityError
from lib.market.pages import prices as page
from lib.market.quality import limits
from lib.market.quality.bars import sync_issues
from lib.market.quality.coverage import coverage_of


def covered(log, *frames):
    good = check(*frames)[0] if frames else bars().iloc[:0]
    return coverage_of(log, good, AS_OF)


def figures_of(coverage, issues):
    return {one.name: one for one in page.key_figures(coverage, issues)}


def test_counts_name_the_gravest_first_with_the_newest_example():
    frame = bars()
    frame.loc[[3, 9], "close"] = -1.0
    _, issues, no_repairs = check_all(frame, frame.iloc[[5]])
    table = page.found(issues)
    assert table["check"].tolist() == ["BAD_PRICE", "DUP_KEY"]
    assert table["issues"].tolist() == [2, 1]
    assert table["example"].iloc[0] == "AAA on 14 Nov 2022: close \u22121"
    assert table["meaning"].tolist() == ["price missing, zero or negative", "day came twice alike"]
    assert page.found_sentence(issues, no_repairs, len(frame) + 1) == (
        f"Of {len(frame) + 1} bars 3 were set aside, and 0 issues concern bars that are kept. "
        "No bar was repaired."
    )


def test_checks_fail_when_they_do_not_hold():
    raw = bars(open=100.0, high=110.0, low=90.0)
    raw.loc[2, ["high", "low"]] = [90.0, 110.0]
    good, issues, repairs = check_all(raw)
    coverage = coverage_of(sync_log(AAA="ok"), good, AS_OF)

    def failing(received, kept, covered=coverage, logged=repairs, as_of=AS_OF):
        asked = page.checks(received, kept, issues, logged, covered, as_of)
        return [one.name for one in asked if not one.passed]

    assert failing(raw, good) == []
    assert failing(raw, good.iloc[1:]) == ["Every bar received is kept or accounted for"]
    doubled = pd.concat([good, good.iloc[[0]]])
    assert "One bar a symbol and day" in failing(raw, doubled)
    assert failing(raw, good, as_of="2022-12-01") == ["No bar after the as-of date"]
    assert failing(raw, good.assign(close=-1.0)) == ["Every price kept is positive and finite"]
    wrong = good.assign(price_basis="adjusted", adj_close=1.0)
    assert failing(raw, wrong) == ["On the adjusted basis close equals adjusted close"]
    nothing = coverage_of(sync_log(BBB="missing"), good, AS_OF)
    assert failing(raw, good, covered=nothing) == ["Every symbol without bars is named among the issues"]
    untrue = repairs.assign(after=repairs["after"] + 1.0)
    assert failing(raw, good, logged=untrue) == ["Every repaired figure stands in the prices as logged"]


def test_an_extreme_move_of_the_newest_bar_is_in_doubt_and_stands_in_the_verdict():
    late, early = bars("AAA"), bars("BBB")
    late.loc[len(DAYS) - 1, ["close", "adj_close"]] *= 10
    early.loc[early.index >= 20, ["close", "adj_close"]] /= 10
    good, issues = check(late, early)
    assert found(issues) == [("SPLIT_SUSPECT", "AAA", "kept"), ("SPLIT_SUSPECT", "BBB", "kept")]
    coverage = coverage_of(sync_log(AAA="ok", BBB="ok"), good, AS_OF)
    said = page.verdict(coverage, issues, len(good), AS_OF)
    assert said.endswith("; kept but in doubt: AAA on 28 Dec 2022 (+901.0% in a day).")
    limits.require_sound(issues[issues["symbol"] == "BBB"], strict=True)
    limits.require_sound(issues, strict=False)
    with pytest.raises(QualityError, match=r"^1 bar cannot be trusted, .*: AAA on 28 Dec 2022 SPLIT_SUSPECT"):
        limits.require_sound(issues, strict=True)


def test_the_reading_of_the_history_names_its_start_its_most_and_its_fewest_after_that():
    one, two = bars("AAA"), bars("BBB").iloc[5:]
    assert page.history_sentence(one) == (
        "History begins on 1 Nov 2022 with 1 symbol, and no day since then has fewer."
    )
    assert page.history_sentence(pd.concat([one.drop(index=9), two])) == (
        "History begins on 1 Nov 2022 with 1 symbol; from 8 Nov 2022 there are 2; the fewest since then, 1, "
        "on 14 Nov 2022."
    )
    assert page.symbols_a_day(pd.concat([one, two])).iloc[[0, 5]].tolist() == [1.0, 2.0]


def test_the_figures_name_the_symbols_whose_bars_were_set_aside_or_repaired():
    one, two = bars("AAA", open=100.0, high=110.0, low=90.0), bars("BBB")
    one.loc[3, ["high", "low"]] = [90.0, 110.0]
    two.loc[4, "close"] = -1.0
    good, issues = check(one, two, two.iloc[[6]])
    coverage = coverage_of(sync_log(AAA="ok", BBB="ok"), good, AS_OF)
    told = figures_of(coverage, issues)
    assert (told["bars_set_aside"].value, told["bars_repaired"].value) == (2, 1)
    assert told["bars_set_aside"].sentence == "2 bars of BBB left out of the prices."
    assert told["bars_repaired"].sentence == "1 bar of AAA repaired."
    nothing = figures_of(coverage, issues.iloc[:0])
    assert nothing["bars_set_aside"].sentence == "0 bars left out of the prices."


def test_issues_of_whole_symbols_stand_first_and_then_the_newest():
    frame = bars()
    frame.loc[[3, 9], "close"] = -1.0
    lost = sync_issues(sync_log(LOST="unknown"))
    table = page.every_issue(pd.concat([check(frame)[1], lost], ignore_index=True))
    assert table["symbol"].tolist() == ["LOST", "AAA", "AAA"]
    assert table["date"].tolist()[1:] == [DAYS[9], DAYS[3]]
    assert table["meaning"].tolist() == ["no bar at all", *["price missing, zero or negative"] * 2]


def test_yields_of_every_quoted_tenor_are_listed_from_short_to_long():
    tenors = ["30Y", "5Y", "3M", "10Y"]
    yields = pd.DataFrame({"tenor": tenors, "rate": 0.04, "origin": "real"}).assign(date=pd.Timestamp(AS_OF))
    assert page.latest_yields(yields, AS_OF)["tenor"].tolist() == ["3M", "5Y", "10Y", "30Y"]
    table = page.latest_yields(yields.assign(date=pd.Timestamp("2021-12-01")), AS_OF)
    assert table[["rate", "year_before"]].to_numpy() == pytest.approx(4.0)


def test_the_reading_groups_the_symbols_by_reason():
    log = sync_log(A="ok", B="limited", C="limited", D="unknown", E="ok")
    old = bars("E").query("date <= '2022-12-12'")
    assert page.coverage_sentence(covered(log, bars("A"), old), AS_OF) == (
        "1 of 5 symbols have a price within 7 days of 28 Dec 2022; without one: B and C (refused for now), "
        "D (not known to the source), E (last price 12 Dec 2022)."
    )


def test_many_symbols_of_one_reason_are_cut_off_and_counted():
    log = sync_log(**{f"S{n:02}": "limited" for n in range(14)})
    text = page.coverage_sentence(covered(log), AS_OF)
    assert text.endswith("S08, S09 and 4 others (refused for now).")


def test_an_older_answer_that_was_asked_for_is_never_silent():
    log = sync_log(AAA="ok", BBB="stale")
    old = bars("BBB").query("date <= '2022-12-23'")
    issue = sync_issues(log)
    assert found(issue) == [("STALE_ANSWER", "BBB", "kept")]
    assert issue["severity"].item() == "warning"
    coverage = covered(log, bars("AAA"), old)
    assert coverage["fresh"].all()
    said = "older answers were taken, as asked, for BBB (last price 23 Dec 2022)"
    assert said in page.coverage_sentence(coverage, AS_OF)
    assert said in page.verdict(coverage, issue, 70, AS_OF)
    figures = figures_of(coverage, issue)
    assert figures["older_answers"].value == 1
    assert "BBB" in figures["older_answers"].sentence
    assert page.coverage(coverage).loc[0, ["symbol", "status"]].tolist() == ["BBB", "older answer"]


def test_between_the_limit_and_all_the_missing_symbols_stand_in_verdict_figures_and_first_row():
    log = sync_log(**{f"S{n:02}": "ok" for n in range(19)}, LOST="unknown")
    coverage = covered(log, *(bars(f"S{n:02}") for n in range(19)))
    issues = sync_issues(log)
    limits.require_any(coverage, told="")
    assert page.faults(coverage, issues, 741) == [
        "1 of 20 symbols has no fresh price: LOST (not known to the source)."
    ]
    assert "LOST" not in page.verdict(coverage, issues, 741, AS_OF)
    assert page.coverage_sentence(coverage, AS_OF).endswith("without one: LOST (not known to the source).")
    figures = figures_of(coverage, issues)
    assert figures["coverage"].value == pytest.approx(0.95)
    assert figures["missing_symbols"].value == 1
    assert "LOST (not known to the source)" in figures["missing_symbols"].sentence
    assert page.coverage(coverage).loc[0, ["symbol", "fresh"]].tolist() == ["LOST", "NO"]


def test_a_symbol_whose_bars_were_all_quarantined_is_without_one():
    log = sync_log(AAA="ok")
    coverage = covered(log, bars(closes=[-1.0, -2.0]))
    assert coverage["bars"].tolist() == [0]
    assert "AAA (no bar passed the checks)" in page.coverage_sentence(coverage, AS_OF)


def test_the_yields_say_their_slope_and_which_tenors_have_none():
    day = pd.Timestamp(AS_OF)
    quoted = {"3M": 0.04, "5Y": 0.045, "10Y": 0.0525, "30Y": 0.05}
    yields = pd.DataFrame(
        {"date": day, "tenor": list(quoted), "rate": list(quoted.values()), "origin": "real", "source": "toy"}
    )
    told = page.yields_sentence(yields, AS_OF)
    assert told.replace("\xa0", " ") == (
        "The curve is rising: ten years yield 125 bp more than three months. There is no yield of 2Y."
    )
    without = page.yields_sentence(yields[yields["tenor"] != "10Y"], AS_OF)
    assert without.endswith("is unknown. There is no yield of 2Y and 10Y.")
