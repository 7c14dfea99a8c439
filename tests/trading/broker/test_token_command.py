"""``run_all.py token``: a grant from standard input or a variable, told and taken back, never shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trading.broker.fake_broker import CANARY, CODE, FakeBroker
from tests.trading.broker.test_tokens import KEY, state_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def fake():
    with FakeBroker() as running:
        yield running


@pytest.fixture
def world(tmp_path, fake):
    """Calls the command in an environment of its own; what it prints goes through the canary's check."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")},
        "WORKBENCH_TOKEN_KEY": KEY,
        "WORKBENCH_TOKENS": str(tmp_path / "kept" / "tokens.json"),
        "WORKBENCH_UPSTOX_ADDRESS": fake.address,
        "WORKBENCH_UPSTOX_ID": "app",
        "WORKBENCH_UPSTOX_SECRET": f"{CANARY}Secret",
        "WORKBENCH_UPSTOX_REDIRECT": "https://127.0.0.1/back",
    }

    def call(*arguments, given="", **more):
        command = [sys.executable, str(ROOT / "run_all.py"), "token", *arguments]
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, env={**environment, **more}, cwd=tmp_path
        )
        assert CANARY not in done.stdout + done.stderr
        return done

    return call


def granted(world, **more):
    address = world("init").stdout.splitlines()[-1]
    answer = f"https://127.0.0.1/back?code={CODE}&state={state_of(address)}"
    return world("init", "--code-from-env", "ANSWER", ANSWER=answer, **more)


def test_a_grant_is_taken_from_a_variable_told_and_taken_back(world, fake, tmp_path):
    done = granted(world)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("default: serves until ") and done.stdout.endswith(" 22:00 UTC; 0 calls\n")
    assert world("status").stdout == done.stdout
    assert world("revoke").stdout == "the token of default is forgotten; the broker has ended it too\n"
    assert fake.valid == set()
    assert world("status").stdout.startswith("default: revoked ")
    held = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert held == []


def test_a_grant_is_taken_from_standard_input(world, tmp_path):
    command = [sys.executable, "-u", str(ROOT / "run_all.py"), "token", "init", "--user", "asha"]
    environment = {**os.environ, **_environment_of(world)}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    ) as running:
        running.stdout.readline()
        state = state_of(running.stdout.readline().strip())
        out, err = running.communicate(f"https://127.0.0.1/back?code={CODE}&state={state}\n", timeout=60)
    assert (running.returncode, err) == (0, "")
    assert out.startswith("asha: serves until ") and CANARY not in out


def _environment_of(world):
    return next(one.cell_contents for one in world.__closure__ if isinstance(one.cell_contents, dict))


def test_no_address_and_another_state_are_refused_in_one_line(world):
    done = world("init")
    assert done.returncode == 2
    assert done.stderr.startswith("error: no address was handed in; ") and done.stderr.count("\n") == 1
    done = world("init", "--code-from-env", "ANSWER", ANSWER=f"?code={CODE}&state=other")
    assert (done.returncode, "its state differs" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"WORKBENCH_TOKEN_KEY": ""}, "WORKBENCH_TOKEN_KEY: the environment has no key"),
        ({"WORKBENCH_TOKEN_KEY": "no"}, "WORKBENCH_TOKEN_KEY: is no key for the tokens"),
        ({"WORKBENCH_UPSTOX_ID": ""}, "WORKBENCH_UPSTOX_ID: the environment does not have it"),
    ],
)
def test_what_the_environment_lacks_is_said_in_one_line(world, more, words):
    done = world("init", **more)
    assert done.returncode == 2
    assert words in done.stderr and done.stderr.count("\n") == 1


def test_status_of_nothing_and_a_key_of_ones_own(world):
    assert world("status").stdout == "no tokens are kept\n"
    key = world("key").stdout.strip()
    assert len(key) == 44 and key != world("key").stdout.strip()
