"""A whole run of signals, as a person meets it: done, honest about its data, counted, repeatable."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import yaml
from plain_kernel import SURROUNDINGS, by_hand
from toy.clones import clone

from lib.ledger import Ledger
from lib.pipeline import PIPELINE
from lib.signals.sample import bank_truth

SIGNALS = ("momentum", "bank-opacity", "bank-noise")
PARAMS = "params/few.yaml"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A clone in which three of the shipped signals were carried out; only to be added to."""
    bench = clone(tmp_path_factory.mktemp("signals") / "clone")
    params = yaml.safe_load((bench.root / "params/signals.yaml").read_text())
    params["signals"] = [one for one in params["signals"] if one["id"] in SIGNALS]
    (bench.root / PARAMS).write_text(yaml.safe_dump({**params, "name": "few"}))
    code, events, err = bench.run("run", PARAMS)
    assert code == 0, err or [one for one in events if one.get("state") == "failed"]
    return bench


def entries(bench):
    return {(one["stage"], one["subject"]): one for one in bench.manifest()["stages"]}


def table(bench, signal, name):
    return pd.read_parquet(bench.outputs / f"latest/tables/signal={signal}/{name}.parquet")


def test_every_stage_is_done_and_every_check_holds(ran):
    found = entries(ran)
    per = [row.name for row in PIPELINE if row.per == "signal"]
    assert {stage for stage, _ in found} == {"signals/data", *per}
    assert len(found) == 1 + len(SIGNALS) * len(per)
    assert {one["state"] for one in found.values()} == {"done"}
    assert all(check["passed"] for one in found.values() for check in one["checks"])


def test_a_second_run_costs_nothing_and_the_ledger_has_each_specification_once(ran):
    code, events, _ = ran.run("run", PARAMS)
    assert (code, events[-1]["status"]) == (0, "unchanged")
    trials = {row.name for row in PIPELINE if row.per == "signal" and row.trial}
    for signal in SIGNALS:
        known = Ledger(ran.outputs, "signal", signal).trials()
        assert sorted(one["stage"] for one in known.values()) == sorted(trials)


def test_one_signal_elsewhere_in_other_surroundings_gives_the_same_bytes(ran, tmp_path):
    there = ran.copy(tmp_path / "else where", outputs=False)
    params = yaml.safe_load((there.root / PARAMS).read_text())
    params["signals"] = [one for one in params["signals"] if one["id"] == "bank-opacity"]
    (there.root / PARAMS).write_text(yaml.safe_dump(params))
    code, _, err = there.run("run", PARAMS, "--jobs", "1", env=SURROUNDINGS)
    assert code == 0, err
    own = {name: one for name, one in ran.manifest()["files"].items() if "bank-opacity" in name}
    assert len(own) > 50
    assert {name: there.manifest()["files"].get(name) for name in own} == own


def test_notebooks_run_by_hand_give_the_tables_of_the_run_and_add_no_trial(ran, bare_environment):
    stages = ["signals/data", *(row.name for row in PIPELINE if row.per == "signal")]
    before = {one: Ledger(ran.outputs, "signal", one).head() for one in SIGNALS}
    done = by_hand(ran, bare_environment, *(ran.root / f"notebooks/{name}.ipynb" for name in stages))
    assert done.returncode == 0, done.stderr[-2000:]
    for name, text in zip(stages, done.stdout.split("<done "), strict=False):
        assert f"Inputs from run {ran.manifest()['run']}" in text, name
        written = {path.stem: path for path in (ran.outputs / "scratch" / name).rglob("*.parquet")}
        assert {*PIPELINE.stage(name).writes, "key_figures"} <= written.keys()
        of_run = ran.outputs / "latest/tables"
        of_run = of_run / "signal=bank-opacity" if PIPELINE.stage(name).per else of_run
        for one in PIPELINE.stage(name).writes:
            here, there = pd.read_parquet(written[one]), pd.read_parquet(of_run / f"{one}.parquet")
            pd.testing.assert_frame_equal(here, there, rtol=1e-9, obj=f"{name}: {one}")
    assert {one: Ledger(ran.outputs, "signal", one).head() for one in SIGNALS} == before


def test_pages_say_first_what_the_data_are_not(ran):
    for (stage, subject), one in entries(ran).items():
        if subject == "momentum":
            assert "generated" not in one["verdict"], (stage, one["verdict"])
        if subject == "bank-opacity" and stage not in ("signals/did",):
            assert "generated" in one["verdict"].split(".")[0], (stage, one["verdict"])
    assert "prove nothing" in entries(ran)["signals/report", "momentum"]["verdict"]


def test_the_planted_effect_lies_in_the_reported_interval_and_the_noise_is_no_signal(ran):
    panel = table(ran, "bank-opacity", "signal_panel").query(
        "speaks and model == 'fama_macbeth' and term == 'signal' and regressors == 'alone'"
    )
    quarter = 3.0 * bank_truth.EFFECT_A_MONTH
    assert panel["low"].iloc[0] < quarter < panel["high"].iloc[0]
    noise = table(ran, "bank-noise", "signal_bar").set_index("criterion")["verdict"]
    assert noise["t of the spread"] == noise["p-value when values are handed out anew"] == "failed"
    assert table(ran, "bank-noise", "signal_best_of_many")["p"].min() > 0.05


def test_another_specification_is_counted_and_told_by_the_report(ran):
    code, _, err = ran.run(
        "run",
        PARAMS,
        "--signal",
        "bank-noise",
        "--only",
        "signals/deciles",
        "--set",
        "signals/deciles.n_groups=5",
    )
    assert code == 0, err
    states = ran.executed("run", PARAMS)
    anew = {task for task, state in states.items() if state != "reused"}
    assert anew == {f"signals/{name}@bank-noise" for name in ("alphas", "robustness", "report")}
    report = entries(ran)["signals/report", "bank-noise"]
    told = {one["name"]: one for one in report["key_figures"]}
    assert told["other_trials"]["value"] == 1
    assert "1 other specification" in told["other_trials"]["sentence"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hypothesis": "up"}, "one of higher | lower"),
        ({"values": "absent.csv"}, "absent.csv"),
        ({"values": "bare.csv"}, "a moment without a zone"),
    ],
)
def test_wrong_input_is_refused_in_one_line_before_anything_runs(ran, change, said):
    params = yaml.safe_load((ran.root / PARAMS).read_text())
    params["signals"] = [{**params["signals"][0], **change}]
    (ran.root / "params/bare.csv").write_text("entity,known_at,value\nAAPL,2020-01-31T16:00:00,1\n")
    (ran.root / "params/wrong.yaml").write_text(yaml.safe_dump(params))
    code, _, err = ran.run("validate", "params/wrong.yaml")
    assert code == 2
    assert said in err and "Traceback" not in err


def test_a_question_is_registered_for_a_signal_that_there_is(ran):
    code, _, err = ran.run("register", "nobody", PARAMS)
    assert code == 2 and "nobody" in err
    code, _, err = ran.run("register", "momentum", PARAMS)
    assert code == 0, err
    content = yaml.safe_load((ran.root / "params/registered/momentum.yaml").read_text())
    assert content["settings"]["signals/report"]["bar_t"] == 3.0
    assert content["tried_before"] == 4
    assert json.dumps(content["question"]["universe"]) == '"us-stocks"'
