"""Bad settings of the shipped stages never reach a kernel: ``validate`` refuses all at once."""

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
    ("portfolio/positions", "min_coverage", "95", "0 <= x <= 1"),
    ("portfolio/positions", "min_coverage", "-0.1", "0 <= x <= 1"),
    ("market/prices", "jump_limit", "0", "0 < x <= 1"),
    ("market/prices", "stale_repeats", "1", "2 <= x <= 250"),
    ("portfolio/exposures", "tag_mode", "some", "one of any | all"),
    ("portfolio/greeks", "engine", "mibain", "did you mean `mibian`? one of closed_form | mibian"),
    ("portfolio/greeks", "engine", "Closed_form", "did you mean `closed_form`?"),
    ("portfolio/greeks", "reference_sample", "-1", "0 <= x <= 1000"),
    ("portfolio/snapshot", "retention_days", "0", "1 <= x <= 36500"),
    ("portfolio/what_if", "cost_bp", "-5", "0 <= x <= 1000"),
    ("portfolio/what_if", "target_share", "1", "0 < x < 1"),
    ("portfolio/what_if", "target_share", "15", "0 < x < 1"),
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
]  # fmt: skip
HEAD = """\
name: mine
as_of: 2022-12-28
data: {provider: sample}
portfolios:
  - {id: individual, positions: portfolios/individual.csv}
"""
BOUNDS = ("window", "minimum", "minimum_observations")


def rounds():
    """The bad settings such that each round has a setting once, and a bound not beside what it bounds."""
    found: list[list[tuple]] = []
    for case in BAD:
        what = (case[0], "bound" if case[1] in BOUNDS else case[1])
        free = [
            one for one in found if what not in [(c[0], "bound" if c[1] in BOUNDS else c[1]) for c in one]
        ]
        if not free:
            found.append([])
        (free or found[-1:])[0].append(case)
    return found


@pytest.fixture
def validate(tmp_path, monkeypatch, capsys):
    """The lines that ``validate`` says of settings in a params file, and of some given by ``--set``."""
    monkeypatch.setattr(cli, "heed_signals", lambda: None)
    monkeypatch.setattr(cli, "_shorter", lambda path: path.relative_to(tmp_path))
    monkeypatch.chdir(tmp_path)

    def told(stages="", by_hand=()):
        path = tmp_path / "mine.yaml"
        path.write_text(HEAD + (f"stages:\n{stages}" if stages else ""))
        given = ["--set", *by_hand] if by_hand else []
        code = cli.main(["validate", str(path), "--outputs", str(tmp_path / "outputs"), *given])
        assert code == 2
        assert not (tmp_path / "outputs").exists()
        return capsys.readouterr().err.splitlines()

    return told


@pytest.mark.parametrize("cases", rounds(), ids=lambda cases: f"{len(cases)} settings")
def test_settings_outside_their_limits_are_refused_together_at_their_lines_and_on_the_command_line(
    validate, cases
):
    told = validate("".join(f"  {stage}: {{{name}: {value}}}\n" for stage, name, value, _ in cases[:1]))
    assert told[0].startswith(f"error: mine.yaml:7: stages.{cases[0][0]}.{cases[0][1]}")
    assert len(told) == 1
    told = validate(by_hand=[f"{stage}.{name}={value}" for stage, name, value, _ in cases])
    for stage, name, _, words in cases:
        lines = [one for one in told if one.startswith(f"error: --set: {stage}.{name}")]
        assert lines, f"{stage}.{name} is not among what was refused"
        assert all(": found " in line and words in line for line in lines)


def test_what_is_no_finite_number_and_an_item_of_a_list_are_refused_each_at_its_line(validate):
    stages = """\
  risk/betas: {cap: .nan}
  risk/stress: {shock_cap: '3', decay: -.inf}
  portfolio/what_if: {cost_bp: [3]}
  risk/metrics: {risk_free: true}
  market/factors: {decay: ~}
  risk/scenarios:
    market_moves:
      - -0.1
      - -1.5
  risk/correlations:
    window: 3
"""
    told = validate(stages)
    assert sum("expected float" in line for line in told) == 6
    assert "error: mine.yaml:15: stages.risk/scenarios.market_moves[1]: found -1.5; give a number" in told[-2]
    assert len(told) == 8


def test_where_only_the_bound_was_set_the_message_stands_there(validate):
    (told,) = validate("  risk/betas:\n    window: 30\n")
    assert told.startswith(
        "error: mine.yaml:8: stages.risk/betas.window: found 30, while minimum is 60; for minimum"
    )
    assert "20 <= x <= window, where window is 30" in told


def test_every_choice_is_that_of_the_code():
    """What a notebook lists is what the functions behind it take."""
    wanted = {
        ("portfolio/greeks", "engine"): ENGINES,
        ("risk/correlations", "filter_mode"): FILTER_MODES,
        ("risk/correlations", "view"): VIEWS,
        ("risk/scenarios", "rate_tenor"): TENORS,
        ("risk/stress", "rate_tenor"): TENORS,
    }
    for (stage, name), choices in wanted.items():
        notebook = parameter_cell.read_notebook(ROOT / "notebooks" / f"{stage}.ipynb")
        found = next(one for one in notebook.parameters if one.name == name)
        assert set(limits.parse(found.limits).choices) == set(choices), stage
