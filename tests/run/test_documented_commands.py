"""The commands of the README that are cheap, carried out by the toy workbench one after another."""

import pytest
from documented_commands import commands_in, filled
from toy.workbench import REPOSITORY

README = commands_in(REPOSITORY / "README.md")
DEAR = {"alerts", "audit", "bench", "check", "lab", "paper", "register", "test", "token"}
"""Commands that have tests of their own."""


@pytest.fixture(scope="module")
def bench(finished_toy, tmp_path_factory):
    made = finished_toy.copy(tmp_path_factory.mktemp("commands") / "bench")
    for name in ("mine", "signals", "trading", "yahoo"):
        (made.root / f"params/{name}.yaml").write_text((made.root / "params/sample.yaml").read_text())
    return made


def test_every_cheap_command_does_what_it_says_and_ends_well(bench):
    run = (bench.outputs / "latest").resolve().name
    carried = []
    for command in README:
        arguments = [run if "-00000000" in one else one for one in filled(command)]
        if not arguments or arguments[0] not in DEAR:
            code, said, err = bench.run(*arguments)
            assert code == 0, (command, said, err)
            carried.append(arguments[0] if arguments else "")
    assert {"", "run", "plan", "validate", "verify", "runs", "clean"} <= set(carried)
