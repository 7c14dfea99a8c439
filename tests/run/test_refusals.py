"""Wrong input is refused before anything is written: exit 2, one message, its place and the mend."""

from __future__ import annotations

import pytest

CASES = {
    "no such params": (["params/nothing.yaml"], None, "params/nothing.yaml: no such file"),
    "unknown command": (["rnu"], None, "did you mean `run`"),
    "unknown option": (["--jbos", "2"], None, "--jbos"),
    "unknown key": (
        [],
        ("seed: 7", "sede: 7"),
        "params/sample.yaml:3: sede: unknown key; did you mean `seed`",
    ),
    "unknown stage": ([], ("seed: 7", "stages: {toy/bok: {}}"), "did you mean `toy/book`"),
    "unknown setting": (
        [],
        ("seed: 7", "stages: {toy/book: {fator: 2}}"),
        "params/sample.yaml:3: stages.toy/book.fator: unknown setting; did you mean `factor`",
    ),
    "ill-typed setting": (
        [],
        ("seed: 7", "stages: {toy/book: {factor: two}}"),
        "params/sample.yaml:3: stages.toy/book.factor: expected float, found 'two'",
    ),
    "run-level setting": ([], ("seed: 7", "stages: {toy/book: {as_of: x}}"), "set for the whole run"),
    "set on the command line": (["--set", "toy/book.fator=2"], None, "did you mean `factor`"),
    "no portfolio file": (
        [],
        ("one.csv", "none.csv"),
        "params/sample.yaml:6: portfolios[0].positions: none.csv: no such file",
    ),
    "folder as a file": ([], ("one.csv", "."), "is a folder"),
    "id with a slash": ([], ("id: one", "id: a/b"), "params/sample.yaml:6: portfolios[0].id"),
    "a hook refuses": (
        ["--set", "toy/book.factor=1"],
        ("seed: 7", "seed: 8"),
        "one.csv:2: quantity: found 'x'",
    ),
    "unknown run stage": ([], ("seed: 7", "run_stages: [toyy]"), "did you mean `toy`"),
    "unknown only": (["--only", "toy/sorce"], None, "did you mean `toy/source`"),
    "unknown date": (["--as-of", "yesterday"], None, "YYYY-MM-DD"),
    "no jobs": (["--jobs", "0"], None, "must be positive"),
}


@pytest.fixture(scope="module")
def shared_toy(tmp_path_factory):
    from toy.workbench import make

    return make(tmp_path_factory.mktemp("refusals") / "bench")


@pytest.mark.parametrize("case", CASES)
def test_wrong_input_is_refused_with_one_message_and_nothing_written(shared_toy, case):
    arguments, change, words = CASES[case]
    params, book = shared_toy.root / "params/sample.yaml", shared_toy.root / "params/one.csv"
    good, rows = params.read_text(), book.read_text()
    try:
        if change:
            shared_toy.edit("params/sample.yaml", *change)
        if "hook" in case:
            book.write_text("symbol,quantity\nAAA,x\n")
        code, events, err = shared_toy.run(*arguments)
    finally:
        params.write_text(good)
        book.write_text(rows)
    assert code == 2, err
    assert events == []
    assert words in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert not shared_toy.outputs.exists()
