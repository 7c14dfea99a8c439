"""Verify repeats a run from its own inputs; a flipped bit is named; other code is said to be other code."""

from __future__ import annotations

import errno
import shutil

import pytest

from lib import disk
from lib.errors import WorkbenchError
from lib.run.session import Options
from lib.run.store import clean, verify


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


def test_clean_says_what_would_go_and_keeps_what_runs_use_and_the_latest_one(ran):
    assert ran.run("--set", "toy/book.factor=3")[0] == 0
    _, events, _ = ran.run("clean")
    assert "would remove 0 runs and 0 stored results" in events[-1]["text"]
    for wrong in ("0", "-1"):
        code, _, err = ran.run("clean", "--keep", wrong, "--yes")
        assert (code, err.count("\n")) == (2, 1)
        assert "--keep" in err
    _, events, _ = ran.run("clean", "--keep", "1")
    assert "would remove 1 runs and 6 stored results" in events[-1]["text"]
    assert "--yes" in events[-1]["text"]
    assert len(list((ran.outputs / "runs").iterdir())) == 2
    _, events, _ = ran.run("clean", "--keep", "1", "--yes")
    assert "removed 1 runs and 6 stored results" in events[-1]["text"]
    assert len(list((ran.outputs / "runs").iterdir())) == 1
    assert (ran.outputs / "latest" / "manifest.json").is_file()
    assert ran.run("--set", "toy/book.factor=3")[1][-1]["status"] == "unchanged"
    assert ran.run("runs")[1][0]["text"].split()[1] == "done"
    assert "did you mean" in ran.run("clean", ran.manifest()["run"][:-1])[2]


def test_clean_removes_the_one_run_that_is_named(ran):
    first = ran.manifest()["run"]
    assert ran.run("--set", "toy/book.factor=3")[0] == 0
    second = ran.manifest()["run"]
    assert ran.run("clean", second, "--yes")[0] == 0
    assert [path.name for path in (ran.outputs / "runs").iterdir()] == [first]
    assert (ran.outputs / "latest").resolve().name == first
    assert second not in (ran.outputs / "index.html").read_text()


def test_clean_of_a_folder_that_may_not_be_changed_and_verify_beside_clean_say_one_sentence(ran, monkeypatch):
    def refuse(place):
        raise PermissionError(errno.EACCES, "Permission denied", str(place))

    monkeypatch.setattr(disk, "remove", refuse)
    run = ran.manifest()["run"]
    with pytest.raises(WorkbenchError, match=f"not all is removed: .*{run}: Permission denied; "):
        clean.clean(ran.outputs, run, keep=None, sure=True)
    monkeypatch.undo()

    def gone(place, manifest):
        shutil.rmtree(place)
        return (place / name for name in manifest["files"] if (place / name).stat())

    monkeypatch.setattr(verify, "damage", gone)
    with pytest.raises(WorkbenchError, match=f"{run} was removed while it was verified"):
        verify.verify(ran.outputs / "runs" / run, Options(params=ran.root / "params/sample.yaml"))
