import hashlib
import json

import pandas as pd
import pytest

from lib import published
from lib.errors import StoreError
from lib.run import browse


@pytest.fixture(autouse=True)
def no_chosen_run(monkeypatch):
    monkeypatch.delenv(published.RUN_VARIABLE, raising=False)


def make_run(outputs, name, *, number=2, as_of="2022-12-28", state="done", part=None, portfolios=("one",)):
    """A run folder as docs/formats.md describes it, as far as it is read here."""
    folder = outputs / "runs" / name
    tables = {"prices": ("tables/prices.parquet", "market/prices")}
    for portfolio in portfolios:
        tables[f"positions@{portfolio}"] = (
            f"tables/portfolio={portfolio}/positions.parquet",
            "portfolio/positions",
        )
    digests = {}
    for key, (path, _) in tables.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame({"key": [key]}).to_parquet(target, index=False)
        digests[key] = hashlib.sha256(target.read_bytes()).hexdigest()
    manifest = {
        "schema": published.SCHEMA,
        "run": name,
        "as_of": as_of,
        "state": state,
        "part": part,
        "subjects": {"portfolio": [{"id": one} for one in portfolios]},
        "tables": {
            key: {"path": path, "sha256": digests[key], "rows": 1, "origins": ["real"], "stage": stage}
            for key, (path, stage) in tables.items()
        },
        "moments": {"finished": "2026-01-02T10:00:00", "published": number},
    }
    (folder / "manifest.json").write_text(json.dumps(published.sealed(manifest)))
    return folder


def test_the_latest_run_is_the_last_one_published_of_the_newest_day_that_is_whole(tmp_path):
    make_run(tmp_path, "b-old", number=1)
    make_run(tmp_path, "a-new", number=3)
    make_run(tmp_path, "day-before", number=4, as_of="2022-12-27")
    make_run(tmp_path, "c.failed-1", number=5, state="failed")
    make_run(tmp_path, "d-part", number=6, part={"stages": ["market/prices"], "subjects": {}})
    (make_run(tmp_path, "e-damaged", number=7) / "manifest.json").write_text("{")
    run = browse.latest_run(tmp_path)
    assert (run.name, run.as_of, run.subjects) == ("a-new", "2022-12-28", {"portfolio": ["one"]})


def test_a_run_can_be_chosen_by_the_environment(tmp_path, monkeypatch):
    make_run(tmp_path, "new", number=3)
    monkeypatch.setenv(published.RUN_VARIABLE, str(make_run(tmp_path, "chosen")))
    assert browse.latest_run(tmp_path).name == "chosen"


def test_a_chosen_folder_that_is_no_run_is_named(tmp_path, monkeypatch):
    make_run(tmp_path, "new")
    monkeypatch.setenv(published.RUN_VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(LookupError, match="gone, which is no run"):
        browse.latest_run(tmp_path)


def test_without_a_run_the_message_says_how_to_make_one(tmp_path):
    with pytest.raises(LookupError, match=r"run_all\.py"):
        browse.latest_run(tmp_path)


def test_tables_are_read_by_name_and_subject(tmp_path):
    make_run(tmp_path, "run", portfolios=("one", "two"))
    run = browse.latest_run(tmp_path)
    assert run.table("prices")["key"].tolist() == ["prices"]
    assert run.table("positions", "two")["key"].tolist() == ["positions@two"]
    assert run.tables["subject"].tolist() == ["", "one", "two"]


def test_the_only_subject_need_not_be_named(tmp_path):
    make_run(tmp_path, "run")
    assert browse.latest_run(tmp_path).table("positions")["key"].tolist() == ["positions@one"]


@pytest.mark.parametrize(
    ("name", "portfolio", "message"),
    [
        ("betas", None, "it has positions, prices"),
        ("positions", None, "name one of one, two"),
        ("positions", "three", "three has no table positions; name one of one, two"),
        ("prices", "one", "leave one out"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(tmp_path, name, portfolio, message):
    make_run(tmp_path, "run", portfolios=("one", "two"))
    with pytest.raises(LookupError, match=message):
        browse.latest_run(tmp_path).table(name, portfolio)


def test_a_table_of_ones_own_goes_to_scratch(tmp_path):
    frame = pd.DataFrame({"a": [1, 2]})
    assert browse.to_scratch(frame, "mine", outputs=tmp_path).endswith("mine.parquet, 2 rows")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "scratch" / "by-hand" / "mine.parquet"), frame)
    for name in ("../mine", "a/b", ".hidden", ""):
        with pytest.raises(ValueError, match="no plain file name"):
            browse.to_scratch(frame, name, outputs=tmp_path)


def test_a_table_with_one_flipped_bit_is_named_and_not_read(tmp_path):
    path = make_run(tmp_path, "run") / "tables/prices.parquet"
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << place % 8
        path.write_bytes(spoilt)
        with pytest.raises(StoreError, match=rf"{path} is damaged: .*; `python3 run_all.py` makes it anew"):
            browse.latest_run(tmp_path).table("prices")
    path.unlink()
    with pytest.raises(StoreError, match="is damaged: it is missing"):
        browse.latest_run(tmp_path).table("prices")


def test_an_older_run_does_not_answer_for_a_newest_one_that_is_damaged(tmp_path):
    make_run(tmp_path, "old", number=1)
    newest = make_run(tmp_path, "new", number=2)
    (tmp_path / "latest").symlink_to("runs/new")
    assert browse.latest_run(tmp_path).name == "new"
    (newest / "manifest.json").write_text("{")
    with pytest.raises(LookupError, match=r"the newest run new is damaged .* makes it anew"):
        browse.latest_run(tmp_path)
