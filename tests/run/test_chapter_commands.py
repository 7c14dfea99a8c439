"""A command of a chapter has the caller's terminal, folder and environment, and refuses as all others do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib import commands
from lib.run import cli

ROOT = Path(__file__).resolve().parents[2]
TARGETS = "tests.run.chapter_command_targets"
CALL = f"""
import sys
from lib import commands
commands.COMMANDS = (commands.Command("wheels", "say what was given", {TARGETS!r} + sys.argv[1]),)
from lib.run import cli
sys.exit(cli.main(sys.argv[2:]))
"""


def call(function, *arguments, cwd, **more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "WORKBENCH_TEST": "seen"}
    command = [sys.executable, "-P", "-c", CALL, f":{function}", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, **more)


def test_the_function_gets_arguments_outputs_input_environment_and_folder_of_the_caller(tmp_path):
    given = ("wheels", "turn", "--fast", "--outputs", "here", "M&M")
    done = call("tell", *given, cwd=tmp_path, input="a line\n")
    assert done.returncode == 7
    assert json.loads(done.stdout) == {
        "arguments": ["turn", "--fast", "M&M"],
        "outputs": str(tmp_path / "here"),
        "folder": str(tmp_path),
        "input": "a line\n",
        "key": "seen",
    }


def test_a_refusal_is_one_line_and_exit_code_2(tmp_path):
    done = call("refuse", "wheels", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: --wheels: three wheels; take four\n"


def test_the_help_lists_it(tmp_path):
    done = call("tell", "--help", cwd=tmp_path)
    assert "wheels" in done.stdout and "say what was given" in done.stdout


def test_a_mistyped_name_is_told_with_the_one_meant(tmp_path):
    done = call("tell", "weels", cwd=tmp_path)
    assert (done.returncode, "wheels" in done.stderr) == (2, True)


@pytest.mark.parametrize("name", [one.name for one in commands.COMMANDS])
def test_no_chapter_takes_a_name_of_the_command_line(name):
    assert name not in cli.COMMANDS
