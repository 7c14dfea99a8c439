"""Whole files and the lock of a folder: what runs and the price store rely on alike."""

import os

import pytest

from lib import disk
from lib.errors import LockHeld
from lib.lock import Lock


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "made" / "whole.txt"
    disk.write_whole(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        disk.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in path.parent.iterdir()] == ["whole.txt"]


def test_a_file_that_is_not_forced_to_the_disk_is_whole_too(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: pytest.fail("forced"))
    disk.write_whole(tmp_path / "data", memoryview(b"bytes"), synced=False)
    assert (tmp_path / "data").read_bytes() == b"bytes"


@pytest.mark.parametrize(("purpose", "said"), [("sample 2022-12-28", r" \(sample 2022-12-28\)"), ("", "")])
def test_who_finds_a_folder_locked_is_told_who_holds_it_and_for_what(tmp_path, purpose, said):
    told = []
    with Lock(tmp_path, held="the folder is held by", purpose=purpose):
        with pytest.raises(LockHeld, match=f"^the folder is held by process .* UTC{said}; try"):
            Lock(tmp_path, held="the folder is held by")
        with pytest.raises(LockHeld):
            Lock(tmp_path, held="it is held by", wait=0.3, told=told.append)
    assert len(told) == 1
    assert told[0].endswith("; waiting up to 0 s")
    Lock(tmp_path, held="").release()


def test_a_folder_that_cannot_be_made_is_said_by_the_system(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="directory"):
        Lock(tmp_path / "file" / "folder", held="")


def test_a_lock_ends_with_what_was_done_under_it_even_if_that_failed(tmp_path):
    with pytest.raises(ZeroDivisionError), Lock(tmp_path, held=""):
        raise ZeroDivisionError
    Lock(tmp_path, held="").release()


def test_a_link_over_something_is_refused_and_leaves_what_that_is_linked_to(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    disk.link(tmp_path / "one", tmp_path / "there")
    with pytest.raises(FileExistsError):
        disk.link(tmp_path / "two", tmp_path / "there")
    assert (tmp_path / "one").read_text() == "one"
