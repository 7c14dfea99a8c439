"""Which symbols have a fresh price, and when the run stops."""

import pytest
from bar_worlds import AS_OF, bars, check, found, sync_log

from lib.contracts import conform
from lib.errors import QualityError, SourceLimited, SourceUnreachable
from lib.market.pages import prices as page
from lib.market.quality import limits
from lib.market.quality.bars import sync_issues
from lib.market.quality.coverage import coverage_of
from lib.tables import TABLES

REFUSALS = (QualityError, SourceLimited, SourceUnreachable)


def covered(log, *frames):
    good = check(*frames)[0] if frames else bars().iloc[:0]
    return coverage_of(log, good, AS_OF)


def refusal(log, *frames):
    with pytest.raises(REFUSALS) as fault:
        require(covered(log, *frames))
    return fault


def require(coverage):
    limits.require_any(coverage, told=page.coverage_sentence(coverage, AS_OF))


def test_a_missing_symbol_is_an_issue_and_stops_the_run_only_where_no_other_has_a_price():
    log = sync_log(AAA="ok", BBB="missing")
    issues = sync_issues(log)
    conform(issues, TABLES["data_issues"])
    assert found(issues) == [("MISSING_SYMBOL", "BBB", "missing")]
    coverage = covered(log, bars("AAA"))
    assert coverage["fresh"].tolist() == [True, False]
    require(coverage)
    assert str(refusal(log).value) == (
        "0 of 2 symbols have a price within 7 days of 28 Dec 2022; without one: AAA (no bar passed "
        "the checks), BBB (not in the data). Add prices for these symbols, or take a day that the data reach."
    )


@pytest.mark.parametrize("status", ["empty", "unknown", "limited", "transport", "invalid"])
def test_every_way_to_get_nothing_is_named(status):
    log = sync_log(AAA="ok", BBB=status)
    issue = sync_issues(log)
    assert found(issue) == [("MISSING_SYMBOL", "BBB", "missing")]
    assert issue["severity"].item() == "error"
    assert issue["detail"].item() == f"{status}: not in prices.csv"


@pytest.mark.parametrize(
    ("states", "kind", "advice"),
    [
        ({"B": "missing", "C": "unknown"}, QualityError, "ask it anew with --refresh"),
        ({"B": "limited", "C": "limited", "D": "unknown"}, SourceLimited, "run again later"),
        ({"B": "transport", "C": "transport", "D": "unknown"}, SourceUnreachable, "once it does"),
        ({"B": "limited", "C": "unknown"}, QualityError, "ask it anew with --refresh"),
        (
            {"B": "limited", "C": "transport", "D": "transport", "E": "limited", "F": "empty"},
            SourceLimited,
            "run again later",
        ),
        ({"B": "transport", "C": "transport", "D": "limited"}, SourceUnreachable, "once it does"),
        ({"B": "missing"}, QualityError, "Add prices for these symbols"),
        ({"B": "stale"}, QualityError, "Add prices for these symbols"),
    ],
)
def test_the_party_that_must_act_is_that_of_most_missing_symbols(states, kind, advice):
    fault = refusal(sync_log(**states))
    assert fault.type is kind
    assert advice in str(fault.value)


def test_a_price_of_eight_days_before_is_not_fresh():
    log = sync_log(AAA="ok")
    old = bars("AAA").query("date <= '2022-12-21'")
    assert coverage_of(log, old, "2022-12-28")["fresh"].tolist() == [True]
    assert coverage_of(log, old, "2022-12-29")["fresh"].tolist() == [False]


def test_no_bars_at_all_is_a_low_coverage_and_not_a_crash():
    assert refusal(sync_log(AAA="missing")).type is QualityError
    assert str(refusal(sync_log()).value).startswith("No symbol was asked for")


def test_the_due_day_is_that_of_the_exchange():
    """On 26 January 2023 New York traded and India kept Republic Day."""
    log = sync_log(AAA="ok")
    last = bars(closes=[100.0]).assign(date="2023-01-18").astype({"date": "datetime64[us]"})
    assert coverage_of(log, last, "2023-01-26", "XNSE")["fresh"].tolist() == [True]
    assert coverage_of(log, last, "2023-01-26", "XNYS")["fresh"].tolist() == [False]
