"""Whatever is handed in, the command says in one sentence what is wrong, at once, or takes it as it is.

A test run takes ``FUZZ_INPUTS`` inputs (200 where it is not given; all are 2,000) of the seed ``FUZZ_SEED``.
"""

from __future__ import annotations

import os

import pytest
from forked_command import Done, ForkedCommand

from fuzz import inputs, parquets, verdict, world

SEED = int(os.environ.get("FUZZ_SEED", "7"))
NUMBER = int(os.environ.get("FUZZ_INPUTS", "200"))
PIECES = 8
"""Tests that share the inputs, so that several processes can."""


@pytest.fixture(scope="module")
def command():
    with ForkedCommand() as running:
        yield running


@pytest.mark.parametrize("piece", range(PIECES))
def test_no_input_brings_a_traceback_a_hang_a_wrong_code_or_what_is_not_seen(command, tmp_path, piece):
    chosen = inputs.chosen(SEED, NUMBER)[piece::PIECES]
    found = []
    for label, make in chosen:
        _, faults = verdict.carry_out(command, make(), tmp_path / "world")
        found += [f"{label}: {fault}" for fault in faults]
    print(f"seed {SEED}: {len(chosen)} inputs")
    assert not found, f"seed {SEED}:\n" + "\n".join(found)


def test_the_good_world_is_good(command, tmp_path):
    for name in ("validate", "plan"):
        one = world.Input("good", {}, (name, "params.yaml"), (0,))
        done, faults = verdict.carry_out(command, one, tmp_path / "world")
        assert not faults, done
        assert done.out
    one = world.Input("good", {"signal.csv": world.OF_SIGNALS["signal.csv"]}, codes=(0,))
    done, faults = verdict.carry_out(command, one, tmp_path / "world")
    assert (done.code, faults) == (0, [])
    one = parquets.place("prices", parquets.written(parquets.good("prices")), "good")
    done, faults = verdict.carry_out(command, one, tmp_path / "world")
    assert (done.code, faults) == (0, [])


def test_the_same_seed_gives_the_same_inputs_and_another_seed_others():
    def content(seed):
        return [(label, make().files) for label, make in inputs.chosen(seed, 40) if "change" in label]

    assert content(7) == content(7) != content(8)


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (
            Done(1, "", "Traceback (most recent call last):\nOSError: x\n", 0.1, 0.1, 90),
            "a traceback: OSError: x",
        ),
        (Done(-9, "", "", 5.0, 5.0, 90), "exit code -9"),
        (Done(1, "", "error: x\n", 0.1, 0.1, 90), "exit code 1, not 0 or 2"),
        (Done(2, "", "error: x\n", 5.1, 5.2, 90), "5.1 s of processor time"),
        (Done(2, "", "error: x\n", 0.1, 31.0, 90), "hung for 31 s"),
        (Done(2, "", "error: \x1b[2J\n", 0.1, 0.1, 90), "'\\x1b' in"),
        (Done(2, "", f"error: {'x' * 2500}\n", 0.1, 0.1, 90), "a message of 2,507 characters"),
        (Done(2, "", "usage: x\n", 0.1, 0.1, 90), "no message"),
    ],
)
def test_each_fault_of_a_call_is_seen(done, words):
    (found,) = verdict.faults(done, (0, 2))
    assert words in found


def test_what_a_call_leaves_behind_is_seen(tmp_path):
    def untidy(*arguments, cwd):
        (cwd / "out").mkdir()
        return Done(0, "", "", 0.1, 0.1, 90)

    _, faults = verdict.carry_out(untidy, world.Input("good"), tmp_path / "world")
    assert faults == ["out was made, changed or removed"]
    assert not (tmp_path / "world").exists()


def test_a_call_in_a_fork_has_limits_and_obeys_modes(command, tmp_path):
    (tmp_path / "shut.yaml").write_text("name: x")
    (tmp_path / "shut.yaml").chmod(0)
    done = command("validate", "shut.yaml", "--outputs", "out", cwd=tmp_path)
    assert (done.code, done.err) == (
        2,
        "error: shut.yaml: it may not be read; give the path of a plain file\n",
    )
