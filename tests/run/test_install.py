"""Settings handed from pip to uv, and what is said when an installation does not work."""

import pytest

from lib.run.environment import install
from lib.run.environment.install import pip_settings, uv_environment
from lib.run.environment.venv import SetupError

MIRROR = "https" + "://mirror.invalid/simple"


def test_a_mirror_of_pip_becomes_the_default_of_uv():
    found = uv_environment({"index-url": MIRROR, "timeout": "60"}, {})
    assert found == {"UV_DEFAULT_INDEX": MIRROR, "UV_HTTP_TIMEOUT": "60"}


def test_further_indexes_are_equals_as_they_are_for_pip():
    found = uv_environment({"extra-index-url": f"{MIRROR}/a\n{MIRROR}/b"}, {})
    assert found["UV_INDEX"] == f"{MIRROR}/a {MIRROR}/b"
    assert found["UV_INDEX_STRATEGY"] == "unsafe-best-match"


def test_what_uv_was_told_itself_holds():
    given = {"UV_DEFAULT_INDEX": "mine", "SSL_CERT_FILE": "mine.pem"}
    assert uv_environment({"index-url": MIRROR, "cert": "other.pem"}, given) == given


def test_local_folders_that_are_not_there_are_passed_over(tmp_path):
    gone, there = tmp_path / "gone", tmp_path / "wheels"
    there.mkdir()
    settings = {"extra-index-url": gone.as_uri(), "find-links": f"{there} {gone}"}
    assert uv_environment(settings, {}) == {"UV_FIND_LINKS": str(there)}


def test_the_environment_comes_before_the_files_of_pip(monkeypatch):
    listed = "global.index-url='from-file'\nglobal.cert='file.pem'\ninstall.find-links='one\\ntwo'\n"
    done = type("Done", (), {"stdout": listed})
    monkeypatch.setattr(install.subprocess, "run", lambda *_, **__: done)
    for name in install.FOR_UV:
        monkeypatch.delenv("PIP_" + name.upper().replace("-", "_"), raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "from-environment")
    found = pip_settings(["pip"])
    assert found == {"index-url": "from-environment", "cert": "file.pem", "find-links": "one\ntwo"}


def failing(monkeypatch, tmp_path, output, pip=("pip",), uv=None):
    """The sentence when every installer ends with this output."""
    commands = []

    def run(command, *_):
        commands.append(command)
        return 1, output

    monkeypatch.setattr(install, "_run", run)
    monkeypatch.setattr(install, "_pip", lambda _: list(pip) if pip else None)
    monkeypatch.setattr(install, "_fetched_uv", lambda *_: None)
    monkeypatch.setattr(install.shutil, "which", lambda _: uv)
    monkeypatch.setattr(install, "pip_settings", lambda _: {})
    with pytest.raises(SetupError) as fault:
        install.install(tmp_path, tmp_path / ".venv", tmp_path / "requirements.lock", fresh=False)
    return str(fault.value), commands


@pytest.mark.parametrize(
    "output",
    [
        "error: Request failed after 3 retries\n  dns error",
        "NewConnectionError('<pip._vendor...>: Failed to establish a new connection: [Errno 111]')",
        "Temporary failure in name resolution",
    ],
)
def test_no_network_is_said_plainly(monkeypatch, tmp_path, output):
    sentence, _ = failing(monkeypatch, tmp_path, output)
    assert "out of reach" in sentence
    assert "PIP_INDEX_URL" in sentence


def test_pip_is_tried_when_uv_fails(monkeypatch, tmp_path):
    sentence, commands = failing(monkeypatch, tmp_path, "odd\n", uv="/bin/uv")
    assert [command[0] for command in commands] == ["/bin/uv", "pip"]
    assert all("--require-hashes" in command for command in commands)
    assert "odd" in sentence


def test_without_any_installer_it_says_what_to_install(monkeypatch, tmp_path):
    sentence, _ = failing(monkeypatch, tmp_path, "", pip=None)
    assert "apt-get install python3-venv" in sentence


def test_a_file_with_another_hash_is_named_as_such(monkeypatch, tmp_path):
    sentence, _ = failing(monkeypatch, tmp_path, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n numpy")
    assert "not the one that requirements.lock pins" in sentence


def test_a_full_disk_is_named_as_such(monkeypatch, tmp_path):
    assert "disk is full" in failing(monkeypatch, tmp_path, "OSError: [Errno 28] No space left on device")[0]


def test_a_password_in_an_address_is_not_repeated(monkeypatch, tmp_path):
    output = "bad answer from https" + "://me:secret@mirror.invalid"
    assert "secret" not in failing(monkeypatch, tmp_path, output)[0]
