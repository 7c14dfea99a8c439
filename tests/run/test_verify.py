"""Verify repeats a run from its own inputs; a flipped bit is named; other code is said to be other code."""

from __future__ import annotations


def test_a_run_verifies_also_after_its_files_have_moved_on(ran):
    ran.edit("params/one.csv", "AAA,3", "AAA,300")
    (ran.root / "params" / "two.csv").unlink()
    code, events, err = ran.run("verify")
    assert code == 0, err
    assert "all equal" in events[0]["text"]


def test_a_flipped_bit_is_named(ran):
    table = ran.outputs / "latest/tables/portfolio=one/totals.parquet"
    content = bytearray(table.read_bytes())
    content[100] ^= 4
    table.unlink()
    table.write_bytes(content)
    (ran.outputs / "latest/index.html").unlink()
    (ran.outputs / "latest/tables/more.parquet").write_bytes(b"")
    code, events, _ = ran.run("verify")
    assert code == 1
    said = "\n".join(event["text"] for event in events)
    assert "tables/portfolio=one/totals.parquet: other bytes" in said
    assert "index.html: missing" in said
    assert "tables/more.parquet: not part of the run" in said


def test_other_code_is_named_and_numbers_are_compared_on_request(ran):
    ran.edit("lib/toy/sums.py", '"""Sum of the values."""', '"""The sum."""')
    code, events, _ = ran.run("verify")
    assert code == 2
    assert any("toy/total@one" in event["text"] for event in events)
    lock = ran.root / "requirements.lock"
    lock.write_text(lock.read_text() + "\n# another\n")
    code, events, _ = ran.run("verify")
    assert code == 2
    assert any("another lock" in event["text"] for event in events)
    assert ran.run("verify", "--anyway")[0] == 0
    ran.edit("lib/toy/sums.py", '[positions["value"].sum()]', '[positions["value"].sum() * 1.001]')
    code, events, _ = ran.run("verify", "--anyway")
    assert code == 1
    assert any("totals@one" in event["text"] for event in events)


def test_clean_keeps_what_runs_use(ran):
    assert ran.run("--set", "toy/book.factor=3")[0] == 0
    _, events, _ = ran.run("clean")
    assert "removed 0 runs and 0 stored results" in events[-1]["text"]
    _, events, _ = ran.run("clean", "--keep", "1")
    assert "removed 1 runs and 6 stored results" in events[-1]["text"]
    assert len(list((ran.outputs / "runs").iterdir())) == 1
    assert ran.run("--set", "toy/book.factor=3")[1][-1]["status"] == "unchanged"
    assert ran.run("runs")[1][0]["text"].split()[1] == "done"
