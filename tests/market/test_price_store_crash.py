"""Kill a writer anywhere, let two write at once: the store is wholly the old or wholly the new.

As a program this file is what the tests kill. ``sweep`` commits in a forked child that dies before its n-th
operation on the disk; in the hard ways every file that was not forced to the disk by then loses its second
half, and its name if the folder was not forced either, as it would when the machine loses power. In the full
ways it does not die: from then on the disk has no room, for anything or for what is longer than a few bytes.
``hold``, ``write`` and ``churn`` are other processes at work.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.errors import LockHeld, StoreError
from lib.market.store import PriceStore, files, writing
from lib.market.store.tables import BARS, SERIES, checked

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = pd.Timestamp("2023-01-02"), pd.Timestamp("2024-01-02")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def bars(symbols, first, last, *, value):
    days = pd.bdate_range(first, last, unit="us")
    frame = pd.DataFrame({"symbol": np.repeat(symbols, len(days)), "date": np.tile(days, len(symbols))})
    numbers = dict.fromkeys(("open", "high", "low", "close"), value) | {
        "volume": 1.0,
        "dividend": 0.0,
        "split": 1.0,
    }
    return checked(frame.assign(**numbers, source="made", origin="generated", fetched_at=OLD), BARS)


def series(symbols, status):
    frame = pd.DataFrame({"symbol": symbols}).assign(status=status, rows=1)
    return checked(frame.assign(**{name: None for name in SERIES.column_names if name not in frame}), SERIES)


def begin(folder):
    """The store before the commit: files of two blocks and a year, a retired file that may go."""
    shutil.rmtree(folder, ignore_errors=True)
    store = PriceStore(folder, grace_seconds=0)
    for value in (1.0, 2.0):
        with store.writing() as writer:
            writer.put(bars(["AAA", "BBB", "CCC", "DDD"], "2019-12-24", "2020-01-08", value=value))
            writer.set_series(series(["AAA", "BBB"], "old"))
    for path in (folder / "data").iterdir():
        os.utime(path, (1e9, 1e9))
    return store


def change(store):
    """The commit: a restated symbol, new days, a new symbol, a new year, a small table."""
    with store.writing() as writer:
        writer.replace(["BBB"], bars(["BBB"], "2019-12-24", "2021-01-05", value=3.0))
        writer.put(bars(["AAA", "EEE"], "2021-01-01", "2021-01-05", value=4.0))
        writer.set_series(series(["BBB", "EEE"], "new"))


def state(store):
    """Everything that a reader can see, checked to be whole."""
    snapshot = store.snapshot()
    assert snapshot.damage().empty
    return snapshot.bars(), snapshot.small("series"), snapshot.version


def alike(left, right):
    return left[0].equals(right[0]) and left[1].equals(right[1]) and left[2] == right[2]


class Sweeper:
    """Begins anew, commits, dies at a given operation; again and again."""

    def __init__(self, folder, way):
        command = [sys.executable, __file__, "sweep", str(folder), way]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def told_at(self, step):
        self.process.stdin.write(f"{step}\n")
        return self.process.stdout.readline().strip()

    def killed_at(self, step):
        answer = self.told_at(step)
        assert answer in ("killed", "finished"), answer
        return answer == "killed"

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


@pytest.mark.parametrize("way", ["soft", "hard", "first"])
def test_a_kill_before_any_operation_leaves_the_old_or_the_new_and_the_next_commit_heals(
    tmp_path, monkeypatch, way
):
    small_files(monkeypatch.setattr)
    store = PriceStore(tmp_path / "expected") if way == "first" else begin(tmp_path / "expected")
    old = state(store)
    change(store)
    new = state(store)
    folder, seen, step = tmp_path / "prices", [], 1
    sweeper = Sweeper(folder, way)
    try:
        while sweeper.killed_at(step):
            found = state(PriceStore(folder))
            assert alike(found, old) or alike(found, new), f"torn at step {step}"
            seen.append(alike(found, new))
            change(PriceStore(folder, grace_seconds=0))
            assert alike(state(PriceStore(folder)), new)
            step += 1
    finally:
        sweeper.close()
    assert alike(state(PriceStore(folder)), new)
    assert step > (15 if way == "first" else 25)
    assert seen == sorted(seen)
    assert {*seen} == {False, True}


@pytest.mark.parametrize("way", ["full", "short"])
def test_a_disk_that_fills_up_is_one_clear_error_and_nothing_is_lost(tmp_path, monkeypatch, way):
    small_files(monkeypatch.setattr)
    store = begin(tmp_path / "expected")
    old = state(store)
    change(store)
    new = state(store)
    folder, told, step = tmp_path / "prices", [], 1
    reason = "No space left on device" if way == "full" else "File too large"
    allowed = [f"{folder} {what}: {reason}" for what in ("cannot be written", "cannot be locked")]
    allowed.append(f"{folder} is written, but old files cannot be removed: {reason}")
    sweeper = Sweeper(folder, way)
    try:
        while (answer := sweeper.told_at(step)) != "finished":
            assert answer in allowed, f"{answer} at step {step}"
            told.append(answer)
            found = state(PriceStore(folder))
            assert alike(found, old) or alike(found, new)
            assert alike(found, new) or "is written" not in answer
            assert way == "full" or not [*folder.glob("data/.*")]
            change(PriceStore(folder, grace_seconds=0))
            assert alike(state(PriceStore(folder)), new)
            step += 1 if way == "full" else 3
    finally:
        sweeper.close()
    assert step > 20
    assert {*told} >= {allowed[0]}


def test_what_a_killed_commit_left_is_removed_by_a_later_one(tmp_path, monkeypatch):
    small_files(monkeypatch.setattr)
    folder = tmp_path / "prices"
    sweeper = Sweeper(folder, "soft")
    assert sweeper.killed_at(12)
    sweeper.close()
    store = PriceStore(folder, grace_seconds=-1)
    left = {path.name for path in (folder / "data").iterdir()}
    assert left > {one.name for one in store.snapshot().index.files()}
    change(store)
    assert {path.name for path in (folder / "data").iterdir()} == {
        one.name for one in store.snapshot().index.files()
    }
    assert {path.name for path in folder.iterdir()} == {"data", "index.json", ".lock"}


def other(*arguments):
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )


def test_two_processes_write_at_once_and_both_sets_are_there(tmp_path):
    folder = tmp_path / "prices"
    writers = [other("write", folder, letter) for letter in "AB"]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    found = PriceStore(folder).bars()
    expected = [f"{letter}{number}" for letter in "AB" for number in range(8)]
    assert list(found["symbol"].unique()) == expected
    assert len(found) == 16 * 5
    assert list(PriceStore(folder).series()["symbol"]) == expected


def test_who_holds_the_lock_is_told_once_and_a_killed_holder_lets_go(tmp_path):
    """The holder has a forked child that outlives it, which must not keep the lock."""
    folder, told = tmp_path / "prices", []
    holder = other("hold", folder)
    child = int(holder.stdout.readline())
    try:
        store = PriceStore(folder)
        named = f"{folder} is being written by process {holder.pid} on .* since .* UTC"
        with pytest.raises(LockHeld, match=named + "; try again"), store.writing():
            pass
        with pytest.raises(LockHeld, match=named), store.writing(wait=0.5, told=told.append):
            pass
        assert len(told) == 1
        assert told[0].startswith(f"the price store {folder} is being written by process {holder.pid} on ")
        holder.kill()
        holder.wait(timeout=10)
        os.kill(child, 0)
        with store.writing(wait=5) as writer:
            writer.put(bars(["AAA"], OLD, NEW, value=1.0))
        assert len(store.bars())
    finally:
        holder.kill()
        os.kill(child, signal.SIGKILL)


def test_a_writer_waits_for_another_one_in_the_same_process(tmp_path):
    store = PriceStore(tmp_path)
    with store.writing(), pytest.raises(LockHeld, match=f"process {os.getpid()} "), store.writing():
        pass
    with store.writing():
        pass


def test_whoever_reads_while_another_process_commits_sees_whole_commits_only(tmp_path):
    folder, seen = tmp_path / "prices", []
    store = PriceStore(folder)
    writer = other("churn", folder)
    try:
        while writer.poll() is None or not seen:
            found = store.snapshot()
            values = {*found.bars()["close"], *found.wide().to_numpy().ravel()}
            assert len(values) <= 1
            states = found.small("series")["status"].tolist()
            assert states == [str(value) for value in values]
            seen += [*values]
    finally:
        writer.kill()
    assert writer.wait(timeout=10) == 0
    assert seen == sorted(seen)
    assert len({*seen}) > 2
    assert {*store.bars()["close"]} == {20.0}


def test_a_reader_needs_no_lock(tmp_path):
    store = begin(tmp_path / "prices")
    expected = state(store)
    with store.writing() as writer:
        writer.put(bars(["AAA"], OLD, NEW, value=9.0))
        assert alike(state(PriceStore(store.folder)), expected)
    assert not alike(state(store), expected)


def small_files(setting):
    setting(writing, "BUCKET_ROWS", 20)
    setting(files, "GROUP_ROWS", 10)


def sweep(folder, way):
    """For each number that is read: begin, commit in a child that dies before that operation."""
    small_files(setattr)
    template = f"{folder}.template"
    begin(Path(template))
    for line in sys.stdin:
        shutil.rmtree(folder, ignore_errors=True)
        if way != "first":
            shutil.copytree(template, folder)
        pid = os.fork()
        if not pid:
            {"full": full, "short": short}.get(way, die)(folder, int(line), way)
        status = os.waitpid(pid, 0)[1]
        if status:
            print({signal.SIGKILL: "killed"}.get(status, f"status {status}"), flush=True)


def die(folder, step, way):
    """Commit, dying before that operation."""
    Killer(folder, step, way != "soft").watch()
    carry_out(folder)


def full(folder, step, way):
    """Commit on a disk that has no room from that operation on."""
    Filler(folder, step, False).watch()
    carry_out(folder)


def short(folder, step, way):
    """Commit on a disk where no file can be longer than some hundred bytes: writing ends halfway."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((step - 1) * 100, resource.RLIM_INFINITY))
    carry_out(folder)


def carry_out(folder):
    """Commit and say how it ended; this process ends."""
    said = "finished"
    try:
        change(PriceStore(folder, grace_seconds=0))
    except StoreError as fault:
        said = str(fault)
    os.write(1, f"{said}\n".encode())
    os._exit(0)


class Killer:
    """Counts what changes the disk below a folder, and kills this process when its turn has come."""

    def __init__(self, folder, limit, hard):
        self.folder, self.limit, self.hard, self.count = folder, limit, hard, 0
        self.fresh = []
        self.safe = {path.stat().st_ino for path in Path(folder).rglob("*")}

    def watch(self):
        sys.addaudithook(self.heard)
        forced = os.fsync

        def fsync(handle):
            self.step()
            forced(handle)
            number = os.fstat(handle).st_ino
            self.safe.add(number)
            self.fresh = [path for path in self.fresh if path.parent.stat().st_ino != number]

        os.fsync = fsync

    def heard(self, event, arguments):
        changes = event in ("os.rename", "os.remove", "os.utime", "os.mkdir", "os.truncate")
        changes |= event == "open" and bool(arguments[2] and arguments[2] & WRITES)
        if changes and any(self.folder in os.fspath(a) for a in arguments if isinstance(a, (str, Path))):
            self.step()
            path = Path(arguments[1 if event == "os.rename" else 0])
            if path.exists() and event in ("open", "os.rename", "os.remove"):
                self.safe.discard(path.stat().st_ino)
            elif event == "os.rename":
                self.fresh.append(path)

    def step(self):
        self.count += 1
        if self.count == self.limit:
            if self.hard:
                self.limit = 0
                self.lose()
            os.kill(os.getpid(), signal.SIGKILL)

    def lose(self):
        for path in self.fresh:
            path.unlink(missing_ok=True)
        for path in Path(self.folder).rglob("*"):
            if path.is_file() and path.stat().st_ino not in self.safe:
                os.truncate(path, path.stat().st_size // 2)


class Filler(Killer):
    """Refuses instead of killing, from its turn on, what needs room."""

    def step(self):
        self.count += 1
        if self.count >= self.limit:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def churn(folder):
    """Twenty commits, each of which changes every bar and what is known of the series."""
    small_files(setattr)
    store, symbols = PriceStore(folder), ["AAA", "BBB", "CCC", "DDD"]
    for number in range(1, 21):
        with store.writing(wait=60) as writer:
            writer.put(bars(symbols, "2019-12-24", "2020-01-08", value=float(number)))
            writer.set_series(series(["AAA"], str(float(number))))


def hold(folder):
    """Hold the lock for ever, with a forked child beside."""
    with PriceStore(folder).writing():
        child = os.fork()
        if child:
            print(child, flush=True)
        time.sleep(600)


def write(folder, letter):
    """Eight commits, one symbol each."""
    store = PriceStore(folder)
    for number in range(8):
        with store.writing(wait=60) as writer:
            writer.put(bars([f"{letter}{number}"], "2024-01-01", "2024-01-05", value=float(number)))
            writer.set_series(series([f"{letter}{number}"], "ok"))


if __name__ == "__main__":
    {"sweep": sweep, "hold": hold, "write": write, "churn": churn}[sys.argv[1]](*sys.argv[2:])
