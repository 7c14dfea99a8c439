"""Bad settings of the shipped stages never reach a kernel: ``validate`` refuses each with its limits."""

from __future__ import annotations

import pytest

from lib.conventions import TENORS
from lib.portfolio.greeks import ENGINES
from lib.risk.correlations import FILTER_MODES, VIEWS
from lib.run import cli
from lib.run.request import limits, parameter_cell
from lib.run.session import ROOT

DECAY, WINDOW, TENOR = "0 < x <= 1", "20 <= x <= 5000", f"one of {' | '.join(TENORS)}"
CAP, MODES = "0 < x <= 10", "one of both | either | value_only | weight_only"
BAD = [
    ("market/factors", "window", "0", WINDOW),
    ("market/factors", "window", "-252", WINDOW),
    ("market/factors", "decay", "0", DECAY),
    ("market/factors", "decay", "1.01", DECAY),
    ("market/prices", "min_coverage", "95", "0 <= x <= 1"),
    ("market/prices", "min_coverage", "-0.1", "0 <= x <= 1"),
    ("market/prices", "jump_limit", "0", "0 < x <= 1"),
    ("market/prices", "jump_limit", "1e999", "give a finite number with 0 < x <= 1"),
    ("market/prices", "stale_repeats", "1", "2 <= x <= 250"),
    ("portfolio/exposures", "tag_mode", "some", "one of any | all"),
    ("portfolio/greeks", "engine", "mibain", "did you mean `mibian`? one of closed_form | mibian"),
    ("portfolio/greeks", "engine", "Closed_form", "did you mean `closed_form`?"),
    ("portfolio/greeks", "reference_sample", "-1", "0 <= x <= 1000"),
    ("portfolio/snapshot", "retention_days", "0", "1 <= x <= 36500"),
    ("portfolio/what_if", "cost_bp", "-5", "0 <= x <= 1000"),
    ("portfolio/what_if", "target_share", "1", "0 < x < 1"),
    ("portfolio/what_if", "target_share", "15", "0 < x < 1"),
    ("portfolio/what_if", "shock_cap", "-1", CAP),
    ("portfolio/what_if", "rate_tenor", "7Y", TENOR),
    ("risk/betas", "cap", "-1", "0 < x <= 100"),
    ("risk/betas", "cap", "0", "0 < x <= 100"),
    ("risk/betas", "window", "10", WINDOW),
    ("risk/betas", "window", "9999", WINDOW),
    ("risk/betas", "minimum", "253", "20 <= x <= window, where window is 252"),
    ("risk/betas", "minimum", "0", "20 <= x <= window"),
    ("risk/betas", "decay", "-0.94", DECAY),
    ("risk/correlations", "window", "-90", "5 <= x <= 5000"),
    ("risk/correlations", "minimum", "91", "4 <= x <= window, where window is 90"),
    ("risk/correlations", "minimum", "2", "4 <= x <= window"),
    ("risk/correlations", "min_position_value", "-1", "0 <= x <= 1e15"),
    ("risk/correlations", "min_weight", "1.5", "0 <= x <= 1"),
    ("risk/correlations", "filter_mode", "value", f"did you mean `value_only`? {MODES}"),
    ("risk/correlations", "view", "short", "did you mean `shorts`? one of portfolio | longs | shorts"),
    ("risk/correlations", "threshold", "0", "0 < x <= 1"),
    ("risk/correlations", "threshold", "70", "0 < x <= 1"),
    ("risk/metrics", "risk_free", "4.5", "-0.1 <= x <= 1"),
    ("risk/metrics", "minimum_history", "0", "20 <= x <= 5000"),
    ("risk/metrics", "deepest", "0", "1 <= x <= 100"),
    ("risk/scenarios", "market_moves", "[-0.1, -1.5]", "-1 <= x <= 5"),
    ("risk/scenarios", "market_moves", "[-20, 20]", "-1 <= x <= 5"),
    ("risk/scenarios", "rate_moves", "[100, 20000]", "-1000 <= x <= 1000"),
    ("risk/scenarios", "rate_tenor", "10y", "did you mean `10Y`?"),
    ("risk/scenarios", "minimum_observations", "300", "10 <= x <= window, where window is 252"),
    ("risk/scenarios", "rate_beta_cap", "-0.004", "0 < x <= 0.1"),
    ("risk/stress", "shock_cap", "0", CAP),
    ("risk/stress", "shock_cap", "100", CAP),
    ("risk/stress", "rate_tenor", "1Y", TENOR),
    ("risk/stress", "window", "1", WINDOW),
    ("risk/stress", "horizon_days", "0", "1 <= x <= 252"),
    ("risk/stress", "horizon_days", "-1", "1 <= x <= 252"),
    ("risk/stress", "decay", "1e999", "give a finite number"),
]  # fmt: skip
PARAMS = """\
name: mine
as_of: 2022-12-28
data: {{provider: sample}}
portfolios:
  - {{id: individual, positions: portfolios/individual.csv}}
stages:
  {stage}:
    {setting}
"""


@pytest.fixture
def validate(tmp_path, monkeypatch, capsys):
    """What ``validate`` says of settings in a params file, and of one given by ``--set``."""
    monkeypatch.setattr(cli, "_heed_signals", lambda: None)
    monkeypatch.setattr(cli, "_shorter", lambda path: path.relative_to(tmp_path))
    monkeypatch.chdir(tmp_path)

    def told(stage="risk/betas", setting="cap: 2.0", by_hand=()):
        path = tmp_path / "mine.yaml"
        path.write_text(PARAMS.format(stage=stage, setting=setting))
        given = ["--set", *by_hand] if by_hand else []
        code = cli.main(["validate", str(path), "--outputs", str(tmp_path / "outputs"), *given])
        assert code == 2
        assert not (tmp_path / "outputs").exists()
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        return error

    return told


@pytest.mark.parametrize(("stage", "name", "value", "words"), BAD)
def test_a_setting_outside_its_limits_is_refused_at_its_line_and_on_the_command_line(
    validate, stage, name, value, words
):
    told = validate(stage, f"{name}: {value}")
    assert told.startswith(f"error: mine.yaml:8: stages.{stage}.{name}")
    assert ": found " in told
    assert words in told
    told = validate(by_hand=[f"{stage}.{name}={value}"])
    assert told.startswith(f"error: --set: {stage}.{name}")
    assert words in told


@pytest.mark.parametrize("value", [".nan", "nan", "NaN", ".inf", "-.inf", "'3'", "[3]", "true", "~"])
def test_what_is_no_finite_number_is_refused(validate, value):
    assert "expected float" in validate("risk/betas", f"cap: {value}")


def test_an_item_of_a_list_is_named_by_its_place_and_line(validate):
    told = validate("risk/scenarios", "market_moves:\n      - -0.1\n      - -1.5")
    assert told.startswith(
        "error: mine.yaml:10: stages.risk/scenarios.market_moves[1]: found -1.5; give a number"
    )


def test_where_only_the_bound_was_set_the_message_stands_there(validate):
    told = validate("risk/betas", "window: 30")
    assert told.startswith(
        "error: mine.yaml:8: stages.risk/betas.window: found 30, while minimum is 60; for minimum"
    )
    assert "20 <= x <= window, where window is 30" in told


def test_every_choice_is_that_of_the_code():
    """What a notebook lists is what the functions behind it take."""
    wanted = {
        ("portfolio/greeks", "engine"): ENGINES,
        ("portfolio/what_if", "rate_tenor"): TENORS,
        ("risk/correlations", "filter_mode"): FILTER_MODES,
        ("risk/correlations", "view"): VIEWS,
        ("risk/scenarios", "rate_tenor"): TENORS,
        ("risk/stress", "rate_tenor"): TENORS,
    }
    for (stage, name), choices in wanted.items():
        notebook = parameter_cell.read_notebook(ROOT / "notebooks" / f"{stage}.ipynb")
        found = next(one for one in notebook.parameters if one.name == name)
        assert set(limits.parse(found.limits).choices) == set(choices), stage
