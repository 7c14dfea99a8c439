"""The retry and rate policy: what is repeated, how long is waited, and when it ends; no real clock."""

import random
from datetime import UTC, datetime

import pytest

from lib.errors import InputError
from lib.policy import AskAgain, Pace, Policy, retry_after

NOW = datetime(2026, 1, 5, 12, 0, 0, tzinfo=UTC)


def run(policy, outcomes, generator=None):
    """Calls a function that raises the given AskAgain one after the other; the waits, and the calls made."""
    waits, told, calls = [], [], []

    def step():
        calls.append(1)
        if len(calls) <= len(outcomes):
            raise outcomes[len(calls) - 1]
        return "done"

    retrying = policy.retrying(
        before_wait=lambda attempt, wait: told.append((attempt, wait)),
        sleep=waits.append,
        generator=generator or random.Random(1),
    )
    result = retrying(step)
    assert [wait for _, wait in told] == waits
    assert [attempt for attempt, _ in told] == list(range(1, len(waits) + 1))
    return result, waits, len(calls)


def test_a_step_that_goes_well_is_called_once():
    assert run(Policy(), []) == ("done", [], 1)


def test_the_attempts_are_counted_with_the_first_one():
    result, waits, calls = run(Policy(attempts=3), [AskAgain()] * 9)
    assert result is None
    assert (len(waits), calls) == (2, 3)


def test_what_is_not_to_be_repeated_is_raised_at_once():
    with pytest.raises(KeyError):
        run(Policy(), [KeyError("x")])


def test_waits_are_uniform_between_nothing_and_a_doubling_limit():
    policy = Policy(attempts=5, base_wait=2.0, max_wait=10.0)
    drawn = [run(policy, [AskAgain()] * 9, generator=random.Random(seed))[1] for seed in range(400)]
    for number, limit in enumerate([2.0, 4.0, 8.0, 10.0]):
        waits = [one[number] for one in drawn]
        assert 0 <= min(waits) < 0.05 * limit
        assert 0.95 * limit < max(waits) <= limit
        assert sum(waits) / len(waits) == pytest.approx(limit / 2, rel=0.1)


def test_a_generator_gives_the_same_waits_again():
    first, second = (run(Policy(), [AskAgain()] * 9, generator=random.Random(7))[1] for _ in range(2))
    assert first == second


def test_a_time_that_the_source_names_is_waited_even_above_the_limit():
    _, waits, _ = run(Policy(base_wait=1.0, max_wait=2.0), [AskAgain(120.0)])
    assert waits == [120.0]


def test_no_wait_begins_that_would_end_after_the_deadline():
    result, waits, calls = run(Policy(deadline=30.0), [AskAgain(31.0)])
    assert (result, waits, calls) == (None, [], 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Mon, 05 Jan 2026 12:01:30 GMT", 90.0),
        ("Mon, 05 Jan 2026 11:00:00 GMT", 0.0),
        (None, 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("²", 0.0),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(header, seconds):
    assert retry_after(header, NOW) == seconds


def test_requests_keep_their_distance_from_start_to_start():
    clock = [100.0]
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        clock[0] += seconds

    pace = Pace(4.0, clock=lambda: clock[0], sleep=sleep)
    starts = []
    for took in (0.0, 0.1, 0.0, 5.0, 0.0):
        pace.wait()
        starts.append(clock[0])
        clock[0] += took
    assert starts == pytest.approx([100.0, 100.25, 100.5, 100.75, 105.75])
    assert slept == pytest.approx([0.25, 0.15, 0.25])


@pytest.mark.parametrize(
    ("name", "value"),
    [("attempts", 0), ("batch", 0), ("breaker", 0), ("base_wait", -1.0), ("max_wait", float("nan"))]
    + [(name, 0.0) for name in ("deadline", "calls_per_second", "timeout")],
)
def test_a_policy_that_could_ask_nothing_is_refused(name, value):
    with pytest.raises(InputError, match=f"data.{name}"):
        Policy(**{name: value})
