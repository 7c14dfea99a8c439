"""Whatever a user names as a file is opened in one way: plain and small enough, or refused at once."""

import hashlib
import os
import socket
import stat
import time
from pathlib import Path

import pytest

from lib import user_files
from lib.errors import InputError, printable

OPENERS = (user_files.read, user_files.digest, user_files.check)


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """One of each kind of thing that is no plain file, by name."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "nowhere").symlink_to(tmp_path / "absent")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "piped").symlink_to(tmp_path / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)
    listening.bind("socket")
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(3 * 1024**3)
    yield tmp_path
    listening.close()


@pytest.mark.parametrize("opener", OPENERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pipe", "it is a pipe, not a plain file"),
        ("piped", "it is a pipe, not a plain file"),
        ("folder", "it is a folder, not a plain file"),
        ("device", "it is a device, not a plain file"),
        ("socket", "it is a socket, not a plain file"),
        ("nowhere", "it is a link that leads nowhere"),
        ("circle", "it is a link that leads in a circle"),
        ("absent", "no such file"),
        ("pipe/inside", "a part of its path is no folder"),
        ("n" * 300, "its name is too long"),
        ("a\0b", "no path of a file can look like this"),
        ("large", "3,072.0 MB (FILE_TOO_LARGE)"),
    ],
)
def test_what_is_no_plain_file_is_refused_at_once(odd, opener, name, found):
    started = time.monotonic()
    with pytest.raises(InputError) as refused:
        opener(f"{odd}/{name}", "as written.csv")
    assert time.monotonic() - started < 1
    assert (refused.value.found, refused.value.file) == (found, "as written.csv")
    assert refused.value.mend and str(odd) not in str(refused.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    (tmp_path / "shut").write_text("x")
    (tmp_path / "shut").chmod(0)
    with pytest.raises(InputError, match="may not be read"):
        user_files.read(tmp_path / "shut", "shut")


def test_content_and_digest_are_of_the_same_bytes(tmp_path):
    (tmp_path / "plain").write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "plain")
    expected = hashlib.sha256(b"abc").hexdigest()
    assert user_files.read(tmp_path / "link", "link") == user_files.UserFile(b"abc", expected)
    assert user_files.digest(tmp_path / "plain", "plain") == expected
    with pytest.raises(InputError, match="keep the file within 0 MB"):
        user_files.read(tmp_path / "plain", "plain", most=2)


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_descriptor_is_left_open(odd):
    before = open_descriptors()
    for name in ("pipe", "folder", "device", "large", "absent"):
        with pytest.raises(InputError):
            user_files.read(odd / name, name)
    assert open_descriptors() == before
    assert stat.S_ISFIFO((odd / "pipe").stat().st_mode)


def test_a_message_holds_nothing_that_is_not_seen_and_nothing_endless():
    fault = InputError("found 'a\0b\x1b[31m\n\u202e'", file="x\ny.csv", field="z" * 5000, mend="w" * 5000)
    assert not [one for one in str(fault) if ord(one) < 32 or one in "\u202e"]
    assert "\\x00" in str(fault) and "\\x1b[31m" in str(fault) and "x\\ny.csv" in str(fault)
    assert len(str(fault)) < 2500
    assert printable("Überschuss “x” − 3\u00a0%") == "Überschuss “x” − 3\u00a0%"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pipe", "a part of its path is no folder"),
        ("nowhere", "it is a link that leads nowhere"),
        ("circle", "it is a link that leads in a circle"),
        ("absent", "no such file"),
        ("n" * 300, "its name is too long"),
        ("a\0b", "no path of a file can look like this"),
    ],
)
def test_what_cannot_be_listed_is_refused(odd, name, found):
    with pytest.raises(InputError) as refused:
        user_files.listed(odd / name, "as written")
    assert (refused.value.found, refused.value.file) == (found, "as written")
    assert not user_files.is_folder(odd / name)


def test_a_folder_of_too_many_files_is_not_listed(tmp_path, monkeypatch):
    for name in "cab":
        (tmp_path / name).touch()
    assert [one.name for one in user_files.listed(tmp_path, "here")] == ["a", "b", "c"]
    monkeypatch.setattr(user_files, "MOST_NAMES", 2)
    with pytest.raises(InputError, match="here: a folder of more than 2 files"):
        user_files.listed(tmp_path, "here")


def test_the_contents_of_a_folder_name_what_cannot_be_read_and_do_not_wait_for_it(odd):
    (odd / "plain").write_bytes(b"abc")
    started = time.monotonic()
    found = user_files.contents(odd, "here")
    assert time.monotonic() - started < 1
    assert found["plain"] == hashlib.sha256(b"abc").hexdigest()
    assert found["pipe"] == "it is a pipe, not a plain file"
    assert found["large"] == "3,072.0 MB (FILE_TOO_LARGE)"
    assert found["circle"] == "it is a link that leads in a circle"
    assert "folder" not in found
    assert user_files.contents(odd / "plain", "here") == {"plain": found["plain"]}
    assert user_files.contents(odd / "absent", "here") == {}


def test_a_file_that_gives_more_than_its_size_is_not_read_to_its_end(tmp_path):
    """The files of the kernel have a size of 0."""
    for opener in (user_files.read, user_files.digest):
        with pytest.raises(InputError, match="FILE_TOO_LARGE"):
            opener("/proc/cpuinfo", "cpuinfo", most=10)


def test_a_folder_to_be_made_is_absent_or_a_folder(odd):
    user_files.check_folder(odd / "folder", "x")
    user_files.check_folder(odd / "absent" / "below", "x")
    for name in ("pipe", "pipe/below", "device", "nowhere", "circle", "n" * 300, "a\0b"):
        with pytest.raises(InputError):
            user_files.check_folder(f"{odd}/{name}", "x")
    with pytest.raises(InputError, match="it is no folder"):
        user_files.check_folder("", "x")
