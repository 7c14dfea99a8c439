"""A run whose manifest or files are damaged is named; everything else goes on, and its next run mends it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lib.published import sealed
from lib.run.browse import latest_run
from lib.run.session import Options
from lib.run.store import clean, verify


def rewritten(change):
    def damage(path):
        manifest = json.loads(path.read_text())
        change(manifest)
        path.write_text(json.dumps(manifest, indent=1, sort_keys=True))

    return damage


DAMAGES = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:1000]),
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "a list": lambda path: path.write_text("[]"),
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe{}"),
    "without moments": rewritten(lambda one: one.pop("moments")),
    "another key": rewritten(lambda one: one["stages"][0].update(key="0" * 64)),
    "another verdict": rewritten(lambda one: one["stages"][0].update(verdict="All is well.")),
    "another figure": rewritten(lambda one: one["stages"][-2]["checks"].append({})),
    "old and not whole": rewritten(
        lambda one: [one.pop(name) for name in ("seal", "states")] and one.update(schema=2)
    ),
    "of another version": lambda path: path.write_text(
        json.dumps(sealed({**json.loads(path.read_text()), "schema": 99}))
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_manifest_is_named_and_nothing_is_removed_for_it(finished_toy, tmp_path, capsys, damage):
    outputs = finished_toy.copy(tmp_path / "copy").outputs
    run = (outputs / "latest").resolve()
    results = set(outputs.glob("store/*/*/*"))
    DAMAGES[damage](run / "manifest.json")
    assert verify.newest(outputs).resolve() == run
    assert verify.verify(run, Options(params=Path("params/sample.yaml"))) == 1
    assert f"{run.name} is damaged" in capsys.readouterr().out
    assert clean.list_runs(outputs) == 0
    assert capsys.readouterr().out.split()[:2] == [run.name, "damaged"]
    assert clean.clean(outputs, None, keep=None, sure=True) == 0
    assert set(outputs.glob("store/*/*/*")) == results
    with pytest.raises(LookupError, match=f"{run.name} is damaged"):
        latest_run(outputs)


def test_a_damaged_run_is_passed_over_and_made_anew_by_its_next_run(ran):
    run = (ran.outputs / "latest").resolve()
    (run / "manifest.json").write_text("{")
    code, events, err = ran.run("--as-of", "2022-12-29")
    assert (code, err) == (0, "")
    newest = events[-1]["run"]
    assert (ran.outputs / "latest").resolve().name == newest
    assert f"{run.name}</code> is damaged" in (ran.outputs / "index.html").read_text()
    code, events, err = ran.run()
    assert (code, err) == (0, "")
    assert any(run.name in event.get("message", "") for event in events)
    assert (events[-1]["run"], events[-1]["executed"]) == (run.name, 0)
    assert (ran.outputs / "latest").resolve().name == newest
    assert "damaged" not in (ran.outputs / "index.html").read_text()


@pytest.mark.parametrize("damage", ["flipped", "cut", "emptied", "deleted"])
def test_a_damaged_page_of_every_run_is_written_anew_by_a_run_that_is_unchanged(ran, damage):
    page = ran.outputs / "index.html"
    whole = page.read_bytes()
    place = whole.index(b"unchanged") if b"unchanged" in whole else len(whole) // 2
    flipped = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    content = {"flipped": flipped, "cut": whole[:place], "emptied": b""}.get(damage)
    page.unlink()
    if content is not None:
        page.write_bytes(content)
    code, events, err = ran.run()
    assert (code, events[-1]["status"], err) == (0, "unchanged", "")
    assert page.read_bytes() == whole


FILES = ("pages/toy/total.one.html", "notebooks/toy/alone.ipynb", "inputs/params.yaml", "index.html")
TABLES = ("tables/portfolio=one/totals.parquet", "inputs/market/raw_prices.parquet")


@pytest.mark.parametrize("how", ["deleted", "emptied", "flipped"])
def test_lost_and_damaged_files_of_a_run_are_restored_by_its_next_run(ran, how):
    run = (ran.outputs / "latest").resolve()
    files = [run / name for name in (*FILES, *TABLES, *ran.manifest()["inputs"]["files"].values())]
    before = {path: path.read_bytes() for path in files}
    for path in files:
        path.chmod(0o644)
        if how == "deleted":
            path.unlink()
        else:
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(bytes(content) if how == "flipped" else b"")
    code, events, err = ran.run()
    assert (code, err) == (0, "")
    assert events[-1]["run"] == run.name
    assert {path: path.read_bytes() for path in files} == before
    assert ran.run()[1][-1]["status"] == "unchanged"
    assert ran.run("verify")[0] == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"stage": "toy/alone"}', b"\xff"])
def test_a_damaged_record_is_made_again(ran, content):
    record = next(ran.outputs.glob("store/toy/alone/*/stage.json"))
    record.chmod(0o644)
    record.write_bytes(content)
    code, events, err = ran.run()
    assert (code, err, events[-1]["executed"]) == (0, "", 1)
    assert any("stage.json was damaged in the store" in event.get("message", "") for event in events)


def test_half_written_files_of_killed_runs_are_swept_and_nothing_else(ran):
    entry = next(ran.outputs.glob("store/toy/alone/*"))
    run = (ran.outputs / "latest").resolve()
    left = [
        ran.outputs / ".cache.json.77",
        ran.outputs / ".index.html.77",
        ran.outputs / ".latest.77",
        run / ".manifest.json.77",
        run.parent / f".{run.name}.removed.77" / "index.html",
        entry.parent / f".{entry.name}.77" / "stage.json",
        entry / "pages" / ".abc.html",
        next(ran.outputs.glob("state/toy/days/*")) / ".2022-12-28.parquet.77",
    ]
    foreign = run.parent / ".git" / "config"
    for path in (*left, foreign):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    assert ran.run()[1][-1]["status"] == "unchanged"
    assert not [path for path in left if path.exists()]
    assert foreign.read_text() == "half"
    shutil.rmtree(foreign.parent)
