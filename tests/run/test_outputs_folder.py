"""A folder that the workbench did not make is left alone, whatever it is called and whoever names it."""

from __future__ import annotations

import pytest

from lib.errors import InputError
from lib.run.store import outputs_folder
from lib.run.store.outputs_folder import MARKER


def contents(folder):
    return {path.relative_to(folder): path.lstat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture
def foreign(tmp_path):
    folder = tmp_path / "mine"
    for name in ("store/a/b/c/data.txt", "runs/.git/HEAD", "index.html", "runs/one/manifest.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    return folder


@pytest.mark.parametrize("command", [[], ["clean"], ["clean", "--keep", "1"], ["plan"]])
def test_a_folder_of_other_things_is_refused_and_keeps_them(finished_toy, foreign, command):
    before = contents(foreign)
    code, events, err = finished_toy.run(*command, "--outputs", str(foreign))
    assert (code, events) == (2, [])
    assert err.count("\n") == 1
    assert "--outputs" in err
    assert f"{foreign} was not made by the workbench" in err
    assert contents(foreign) == before


def test_what_was_done_by_hand_before_the_first_run_does_not_refuse_it_and_stays(finished_toy, tmp_path):
    bench = finished_toy.copy(tmp_path / "bench", outputs=False)
    work = bench.outputs / "scratch" / "mine.ipynb"
    work.parent.mkdir(parents=True)
    work.write_text("{}")
    code, _, err = bench.run()
    assert code == 0, err
    assert (work.read_text(), (bench.outputs / MARKER).is_file()) == ("{}", True)


def test_a_lock_that_is_a_link_is_refused_and_its_target_stays(ran, tmp_path):
    target = tmp_path / "precious.txt"
    target.write_text("dear")
    (ran.outputs / ".lock").unlink()
    (ran.outputs / ".lock").symlink_to(target)
    for command in ([], ["clean"]):
        code, _, err = ran.run(*command)
        assert code == 2
        assert ".lock is no plain file" in err
    assert target.read_text() == "dear"


def test_a_run_marks_its_folder_and_the_marker_says_what_it_is(finished_toy):
    said = (finished_toy.outputs / MARKER).read_text()
    assert said.startswith("The research workbench keeps its runs here")
    assert said.count("\n") == 1


@pytest.mark.parametrize("content", [None, b"", b"The research workbench"])
def test_a_folder_of_a_run_without_its_marker_is_taken_and_marked_again(finished_toy, tmp_path, content):
    outputs = finished_toy.copy(tmp_path / "copy").outputs
    (outputs / MARKER).unlink()
    if content is not None:
        (outputs / MARKER).write_bytes(content)
    outputs_folder.refuse_foreign(outputs)
    outputs_folder.claim(outputs)
    assert (outputs / MARKER).read_bytes() == outputs_folder.CONTENT
    (outputs / MARKER).unlink()
    (outputs / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="was not made by the workbench"):
        outputs_folder.refuse_foreign(outputs)


def test_an_empty_folder_an_absent_one_and_what_a_killed_first_run_left_are_taken(tmp_path):
    outputs_folder.refuse_foreign(tmp_path / "absent")
    outputs_folder.refuse_foreign(tmp_path)
    (tmp_path / ".lock").write_text("{}")
    (tmp_path / f".{MARKER}.17").write_text("The res")
    outputs_folder.refuse_foreign(tmp_path)


def test_a_file_and_a_dangling_link_are_no_outputs_folder(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(InputError, match="is no folder"):
            outputs_folder.refuse_foreign(tmp_path / name)
