"""The ledger of an account: whole after any crash, one writer at a time, damage named and nothing lost."""

import json
import multiprocessing
import os
from datetime import UTC, datetime

import pytest

from lib import sealed_lines
from lib.account_ledger import AccountLedger, read
from lib.account_tables import ledger_table
from lib.errors import InputError, StoreError
from lib.trading.paper.book import lines_of_table
from lib.trading.paper.standing import refuse_clock

OPENED = {"capital": 1000.0, "start": "2024-01-01", "currency": "USD"}
DAYS = [(f"2024-01-{day:02d}", json.dumps({"orders": [], "day": day})) for day in range(1, 11)]


@pytest.fixture
def ledger(tmp_path):
    return AccountLedger(tmp_path, "one")


def sessions(ledger):
    return [one.session for one in ledger.lines() if one.kind == "decisions"]


def test_decisions_are_entered_once_and_what_differs_is_told_and_not_changed(ledger):
    assert ledger.note(DAYS[:4], as_of="2024-01-04", opened=OPENED) == []
    before = ledger.path.read_bytes()
    assert ledger.note(DAYS[:4], as_of="2024-01-09", opened=OPENED) == []
    other = [("2024-01-02", json.dumps({"orders": ["other"]}))]
    assert ledger.note(other, as_of="2024-01-09", opened=OPENED) == ["2024-01-02"]
    assert ledger.path.read_bytes() == before
    assert ledger.note(DAYS, as_of="2024-01-10", opened=OPENED) == []
    assert sessions(ledger) == [day for day, _ in DAYS]


def test_a_crash_at_every_byte_of_every_write_loses_and_doubles_nothing(ledger):
    ledger.note(DAYS[:3], as_of="2024-01-03", opened=OPENED)
    ledger.say("order", "2024-01-04", {"symbol": "AAA"})
    whole = ledger.path.read_bytes()
    for cut in range(0, len(whole) + 1, 7):
        ledger.path.write_bytes(whole[:cut])
        kept = whole[:cut].count(b"\n")
        assert len(ledger.lines()) == kept
        ledger.note(DAYS, as_of="2024-01-10", opened=OPENED)
        assert sessions(ledger) == [day for day, _ in DAYS]
        assert ledger.faults() == []
        assert [one.number for one in ledger.lines()] == list(range(1, len(ledger.lines()) + 1))


class Killed(BaseException):
    """A process that ends at a write."""


def test_a_writer_killed_at_each_of_its_writes_is_taken_up_by_the_next(ledger, monkeypatch):
    real, left = os.write, [0]

    def dying(handle, content):
        left[0] -= 1
        if left[0] < 0:
            real(handle, content[: len(content) // 2])
            raise Killed
        return real(handle, content)

    for writes in range(11):
        ledger.path.unlink(missing_ok=True)
        left[0] = writes
        monkeypatch.setattr(sealed_lines.os, "write", dying)
        with pytest.raises(Killed):
            ledger.note(DAYS, as_of="2024-01-10", opened=OPENED)
        monkeypatch.setattr(sealed_lines.os, "write", real)
        assert len(ledger.lines()) == writes
        ledger.note(DAYS, as_of="2024-01-10", opened=OPENED)
        assert sessions(ledger) == [day for day, _ in DAYS]


@pytest.mark.parametrize("line", [0, 3, 5])
def test_a_damaged_line_is_named_and_nothing_is_read_or_added(ledger, line):
    ledger.note(DAYS[:5], as_of="2024-01-05", opened=OPENED)
    lines = ledger.path.read_bytes().split(b"\n")
    lines[line] = lines[line].replace(b"2024", b"2023")
    ledger.path.write_bytes(b"\n".join(lines))
    before = ledger.path.read_bytes()
    for use in (
        ledger.lines,
        lambda: ledger.told("2024-02-01"),
        lambda: ledger.say("order", "2024-02-01", {}),
        lambda: ledger.note(DAYS, as_of="2024-01-10", opened=OPENED),
        lambda: ledger.archive("reset", "2024-02-01", {}),
    ):
        with pytest.raises(StoreError, match=rf"accounts/one/ledger.jsonl: line {line + 1} is not"):
            use()
    assert ledger.path.read_bytes() == before


def test_a_line_that_was_taken_out_is_found(ledger):
    ledger.note(DAYS[:5], as_of="2024-01-05", opened=OPENED)
    lines = ledger.path.read_bytes().split(b"\n")
    del lines[2]
    ledger.path.write_bytes(b"\n".join(lines))
    with pytest.raises(StoreError, match="before line 3 was changed, removed or put in"):
        ledger.lines()


def test_a_run_is_told_what_earlier_runs_wrote_and_persons_said_up_to_its_day(ledger, tmp_path):
    ledger.note(DAYS[:2], as_of="2024-01-02", opened=OPENED)
    ledger.say("order", "2024-01-03", {"symbol": "AAA"})
    ledger.note(DAYS[:3], as_of="2024-01-03", opened=OPENED)
    ledger.say("order", "2024-01-04", {"symbol": "BBB"})
    told = tmp_path / "told.jsonl"
    seen = {}
    for day in ("2024-01-02", "2024-01-03", "2024-01-04"):
        told.write_bytes(ledger.told(day))
        seen[day] = [(one.kind, one.session) for one in read(told)]
    assert seen["2024-01-02"] == []
    own = [("open", "2024-01-01"), ("decisions", "2024-01-01"), ("decisions", "2024-01-02")]
    assert seen["2024-01-03"] == [*own, ("order", "2024-01-03")]
    assert len(seen["2024-01-04"]) == 6
    from lib.run.planning.code_digests import file_digest

    table = ledger_table(str(told), file_digest(told))
    assert lines_of_table(table)[3].body == {"order_id": "m4", "symbol": "AAA"}
    assert table["moment"].notna().tolist() == [one.kind == "order" for one in read(told)]
    assert ledger_table(None, "").empty


def _write(path, name, count):
    ledger = AccountLedger(path, "one")
    for number in range(count):
        ledger.say("order", "2024-01-03", {"symbol": f"{name}{number}"})


def test_two_processes_on_one_account_write_one_after_the_other(tmp_path):
    start = multiprocessing.get_context("fork")
    both = [start.Process(target=_write, args=(tmp_path, name, 40)) for name in ("A", "B")]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    ledger = AccountLedger(tmp_path, "one")
    lines = ledger.lines()
    assert [one.number for one in lines] == list(range(1, 81))
    assert len({one.body["order_id"] for one in lines}) == 80
    assert sorted(one.body["symbol"] for one in lines) == sorted(
        f"{name}{n}" for name in "AB" for n in range(40)
    )


def test_a_reset_puts_the_ledger_away_and_what_lies_before_it_stays_out(ledger):
    ledger.note(DAYS[:5], as_of="2024-01-05", opened=OPENED)
    before = ledger.path.read_bytes()
    place = ledger.archive("reset", "2024-01-08", {"start": "2024-01-08", "note": "again"})
    assert place.read_bytes() == before
    ledger.note(DAYS, as_of="2024-01-10", opened=OPENED)
    assert sessions(ledger) == ["2024-01-08", "2024-01-09", "2024-01-10"]
    assert ledger.lines()[0].body["lines"] == 6


def test_a_clock_that_went_back_is_refused(ledger):
    ledger.say("order", "2024-01-03", {"symbol": "AAA"})
    refuse_clock(ledger.lines())
    with pytest.raises(InputError, match="the clock says 2020-01-01"):
        refuse_clock(ledger.lines(), datetime(2020, 1, 1, tzinfo=UTC))
