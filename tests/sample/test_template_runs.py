"""The templates as they are shipped, through every stage of a real run, as CSV and as Parquet."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from toy.clones import clone

RAW = ("raw_prices", "raw_yields", "raw_implied_vols", "raw_instruments", "raw_sync_log")


def carried_out(bench, params: Path, outputs: Path) -> Path:
    """The folder of the run of a params file, which must succeed."""
    code, events, err = bench.run("run", str(params), "--outputs", str(outputs), timeout=400)
    assert code == 0, [event for event in events if event.get("state") == "failed"] or err
    return Path(events[-1]["report"]).parent


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return clone(tmp_path_factory.mktemp("templates") / "clone")


@pytest.fixture(scope="module")
def shipped(bench, tmp_path_factory) -> Path:
    return carried_out(
        bench, bench.root / "params/templates/folder.yaml", tmp_path_factory.mktemp("templates") / "outputs"
    )


def test_the_templates_go_through_every_stage_as_they_are(shipped):
    manifest = json.loads((shipped / "manifest.json").read_text())
    assert {stage["state"] for stage in manifest["stages"]} == {"done"}
    book = pd.read_parquet(shipped / "tables/portfolio=example/positions.parquet")
    assert book["symbol"].tolist() == ["EXA", "EXB", "EXC", "EXA230317C00050000"]
    assert book["exposure"].notna().all()
    assert pd.read_parquet(shipped / "tables/portfolio=example/row_issues.parquet").empty


def test_the_data_of_the_templates_are_faultless_and_every_page_says_that_they_are_made_up(shipped):
    assert pd.read_parquet(shipped / "tables/data_issues.parquet").empty
    assert pd.read_parquet(shipped / "tables/data_quality.parquet")["score"].eq(100.0).all()
    for page in ("market/prices", "market/quality", "portfolio/positions@example"):
        text = next(shipped.glob(f"pages/{page.partition('@')[0]}*.html")).read_text()
        assert "generated" in text, page


def test_the_split_and_the_dividends_of_the_template_leave_no_jump_in_returns(shipped):
    prices = pd.read_parquet(shipped / "tables/prices.parquet").set_index(["symbol", "date"]).loc["EXB"]
    day = pd.Timestamp("2022-11-14")
    assert prices.loc[day, "split"] == 2.0
    assert prices["close"].pct_change()[day] < -0.4
    assert prices["adj_close"].pct_change().abs().max() < 0.1


def test_the_templates_as_parquet_give_the_same_tables(shipped, bench, tmp_path):
    """Only the names of the files differ."""
    folder = tmp_path / "templates"
    shutil.copytree(bench.root / "params/templates", folder)
    for path in (folder / "data").glob("*.csv"):
        pd.read_csv(path).to_parquet(path.with_suffix(".parquet"))
        path.unlink()
    params = (folder / "folder.yaml").read_text()
    (folder / "folder.yaml").write_text(params + "run_stages: [market/quality]\n")
    other = carried_out(bench, folder / "folder.yaml", tmp_path / "outputs")
    for name in RAW:
        one, two = (pd.read_parquet(run / f"inputs/market/{name}.parquet") for run in (shipped, other))
        if "source" in one:
            assert two["source"].str.endswith(".parquet").any(), name
            one, two = one.drop(columns="source"), two.drop(columns="source")
        pd.testing.assert_frame_equal(one, two)
    for name in ("data_quality", "prices"):
        one, two = (pd.read_parquet(run / f"tables/{name}.parquet") for run in (shipped, other))
        pd.testing.assert_frame_equal(one.drop(columns="source"), two.drop(columns="source"))
