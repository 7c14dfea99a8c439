"""Which symbols have a fresh price, how the page says which have not, and when the run stops."""

import pandas as pd
import pytest
from bar_worlds import AS_OF, bars, check, found, sync_log

from lib.contracts import conform
from lib.errors import QualityError, SourceLimited, SourceUnreachable
from lib.market import summary
from lib.market.quality import limits
from lib.market.quality.bars import sync_issues
from lib.market.quality.coverage import coverage_of, coverage_reading, coverage_table
from lib.tables import TABLES

REFUSALS = (QualityError, SourceLimited, SourceUnreachable)


def covered(log, *frames):
    good = check(*frames)[0] if frames else bars().iloc[:0]
    return coverage_of(log, good, AS_OF)


def refusal(log, *frames, least=0.95):
    with pytest.raises(REFUSALS) as fault:
        limits.require_coverage(covered(log, *frames), min_coverage=least, as_of=AS_OF)
    return fault


def test_a_missing_symbol_is_an_issue_and_stops_the_run_below_the_least_coverage():
    log = sync_log(AAA="ok", BBB="missing")
    issues = sync_issues(log)
    conform(issues, TABLES["data_issues"])
    assert found(issues) == [("MISSING_SYMBOL", "BBB", "missing")]
    coverage = covered(log, bars("AAA"))
    assert coverage["fresh"].tolist() == [True, False]
    limits.require_coverage(coverage, min_coverage=0.5, as_of=AS_OF)
    message = str(refusal(log, bars("AAA"), least=0.51).value)
    assert message.startswith(
        "1 of 2 symbols have a price within 7 days of 28 Dec 2022; without one: BBB (not in the data). "
        "That is 50.0%, and at least 51.0% is needed."
    )


@pytest.mark.parametrize("status", ["empty", "unknown", "limited", "transport", "invalid"])
def test_every_way_to_get_nothing_is_named(status):
    log = sync_log(AAA="ok", BBB=status)
    issue = sync_issues(log)
    assert found(issue) == [("MISSING_SYMBOL", "BBB", "missing")]
    assert issue["severity"].item() == "error"
    assert issue["detail"].item() == f"{status}: not in prices.csv"


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        ({"B": "missing", "C": "unknown"}, QualityError),
        ({"B": "limited", "C": "limited", "D": "unknown"}, SourceLimited),
        ({"B": "transport", "C": "transport", "D": "unknown"}, SourceUnreachable),
        ({"B": "limited", "C": "unknown"}, QualityError),
        ({"B": "limited", "C": "transport", "D": "transport", "E": "limited", "F": "ok"}, SourceLimited),
        ({"B": "transport", "C": "transport", "D": "limited"}, SourceUnreachable),
        ({"B": "stale"}, QualityError),
    ],
)
def test_the_party_that_must_act_is_that_of_most_missing_symbols(states, kind):
    fault = refusal(sync_log(AAA="ok", **states), bars("AAA"))
    assert fault.type is kind
    assert limits.ADVICE[kind] in str(fault.value)


def test_the_reading_groups_the_symbols_by_reason():
    log = sync_log(A="ok", B="limited", C="limited", D="unknown", E="ok")
    old = bars("E").query("date <= '2022-12-12'")
    assert coverage_reading(covered(log, bars("A"), old), AS_OF) == (
        "1 of 5 symbols have a price within 7 days of 28 Dec 2022; without one: B and C (refused for now), "
        "D (not known to the source), E (last price 12 Dec 2022)."
    )


def test_many_symbols_of_one_reason_are_cut_off_and_counted():
    log = sync_log(**{f"S{n:02}": "limited" for n in range(14)})
    text = coverage_reading(covered(log), AS_OF)
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
    assert said in coverage_reading(coverage, AS_OF)
    assert said in summary.verdict(coverage, issue, 70, AS_OF)
    figures = {one["name"]: one for one in summary.key_figures(coverage, issue)}
    assert figures["older_answers"]["value"] == 1
    assert "BBB" in figures["older_answers"]["sentence"]
    assert coverage_table(coverage).loc[0, ["symbol", "status"]].tolist() == ["BBB", "older answer"]


def test_between_the_limit_and_all_the_missing_symbols_stand_in_verdict_figures_and_first_row():
    log = sync_log(**{f"S{n:02}": "ok" for n in range(19)}, LOST="unknown")
    coverage = covered(log, *(bars(f"S{n:02}") for n in range(19)))
    issues = sync_issues(log)
    limits.require_coverage(coverage, min_coverage=0.95, as_of=AS_OF)
    assert "without one: LOST (not known to the source)" in summary.verdict(coverage, issues, 741, AS_OF)
    figures = {one["name"]: one for one in summary.key_figures(coverage, issues)}
    assert figures["coverage"]["value"] == pytest.approx(0.95)
    assert figures["missing_symbols"]["value"] == 1
    assert "LOST (not known to the source)" in figures["missing_symbols"]["sentence"]
    assert coverage_table(coverage).loc[0, ["symbol", "fresh"]].tolist() == ["LOST", "NO"]


@pytest.mark.parametrize(("fresh", "asked", "enough"), [(19, 20, True), (57, 60, True), (56, 60, False)])
def test_coverage_of_exactly_the_limit_is_enough_and_less_is_not(fresh, asked, enough):
    log = sync_log(**{f"S{n:02}": "ok" if n < fresh else "unknown" for n in range(asked)})
    coverage = covered(log, *(bars(f"S{n:02}").iloc[-2:] for n in range(fresh)))
    if enough:
        limits.require_coverage(coverage, min_coverage=0.95, as_of=AS_OF)
        return
    with pytest.raises(QualityError, match=r"56 of 60 symbols .* That is 93\.3%, and at least 95\.0%"):
        limits.require_coverage(coverage, min_coverage=0.95, as_of=AS_OF)


def test_a_price_of_eight_days_before_is_not_fresh():
    log = sync_log(AAA="ok")
    old = bars("AAA").query("date <= '2022-12-21'")
    assert coverage_of(log, old, "2022-12-28")["fresh"].tolist() == [True]
    assert coverage_of(log, old, "2022-12-29")["fresh"].tolist() == [False]


def test_a_symbol_whose_bars_were_all_quarantined_is_without_one():
    log = sync_log(AAA="ok")
    coverage = covered(log, bars(closes=[-1.0, -2.0]))
    assert coverage["bars"].tolist() == [0]
    assert "AAA (no bar passed the checks)" in coverage_reading(coverage, AS_OF)


def test_no_bars_at_all_is_a_low_coverage_and_not_a_crash():
    assert refusal(sync_log(AAA="missing"), least=0.8).type is QualityError
    assert str(refusal(sync_log()).value).startswith("No symbol was asked for")


def test_the_due_day_is_that_of_the_exchange():
    """On 26 January 2023 New York traded and India kept Republic Day."""
    log = sync_log(AAA="ok")
    last = bars(closes=[100.0]).assign(date="2023-01-18").astype({"date": "datetime64[us]"})
    assert coverage_of(log, last, "2023-01-26", "XNSE")["fresh"].tolist() == [True]
    assert coverage_of(log, last, "2023-01-26", "XNYS")["fresh"].tolist() == [False]


def test_the_yields_say_their_slope_and_which_tenors_have_none():
    day = pd.Timestamp(AS_OF)
    quoted = {"3M": 0.04, "5Y": 0.045, "10Y": 0.0525, "30Y": 0.05}
    yields = pd.DataFrame(
        {"date": day, "tenor": list(quoted), "rate": list(quoted.values()), "origin": "real", "source": "toy"}
    )
    told = summary.rates_reading(yields, AS_OF)
    assert told.replace("\xa0", " ") == (
        "The curve is rising: ten years yield 125 bp more than three months. There is no yield of 2Y."
    )
    without = summary.rates_reading(yields[yields["tenor"] != "10Y"], AS_OF)
    assert without.endswith("is unknown. There is no yield of 2Y and 10Y.")
