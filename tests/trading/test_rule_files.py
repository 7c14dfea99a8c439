"""Files of rules and costs: what they mean, and that every fault is told with its line, field and mend."""

from pathlib import Path

import pytest
import yaml

from lib.errors import InputError
from lib.trading.charges import Charge, CostTable
from lib.trading.costs import ENGINE, Costs
from lib.trading.rule_files import read_costs, read_rules, validate
from lib.trading.strategies import STRATEGIES

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "params" / "trading"


def written(folder, text):
    path = folder / "given.yaml"
    path.write_text(text)
    return path


def refusal(reader, *given, **more):
    with pytest.raises(InputError) as found:
        reader(*given, **more)
    return str(found.value).splitlines()


def test_without_a_file_every_parameter_has_its_default():
    found = read_rules(strategies=["macd_crossover"])
    assert found.settings == {"macd_crossover": STRATEGIES["macd_crossover"].settings({})}
    assert found.account(5_000.0).capital == 5_000.0 and found.limits.daily_loss == 0.05
    assert read_costs(exchange="XNYS") == CostTable(ENGINE)


def test_the_shipped_rules_say_what_the_strategies_have_as_defaults():
    """So that whoever reads the file knows what is used where a value is left out."""
    found = read_rules(SHIPPED / "rules.yaml", strategies=list(STRATEGIES))
    assert found.settings == {name: row.settings({}) for name, row in STRATEGIES.items()}
    named = yaml.safe_load((SHIPPED / "rules.yaml").read_text())["rules"]
    assert {name: set(of) for name, of in named.items()} == {
        name: {one.name for one in row.parameters} for name, row in STRATEGIES.items()
    }


def test_what_a_file_says_reaches_the_account(tmp_path):
    text = """
rules:
  rsi_reversion: {period: 10, trigger: cross}
sizing: {method: share, share: 0.2, lot: 5, most_value: 9000, gate: 0.6}
stops: {kind: atr, multiple: 3}
limits: {positions: 4, strategy_positions: 2, position: 0.25, daily_loss: 0.02, daily_loss_money: 300}
"""
    found = read_rules(written(tmp_path, text), strategies=["rsi_reversion"])
    assert found.settings["rsi_reversion"]["period"] == 10
    assert found.settings["rsi_reversion"]["overbought"] == 70.0
    of = found.account(1e5)
    assert (of.method, of.share, of.most_positions, of.most_in_group, of.gate) == ("share", 0.2, 4, 2, 0.6)
    assert (of.caps.lot, of.caps.most_value, of.caps.leverage) == (5, 9000.0, 0.25)
    assert (found.stops.kind, found.stops.multiple) == ("atr", 3.0)
    assert found.limits.day_limit(10_000.0) == 200.0 and found.limits.day_limit(1e6) == 300.0


def test_every_fault_of_a_file_is_told_with_its_line_field_and_mend(tmp_path):
    text = """rules:
  rsi_reversion: {period: 1.5, oversold: 80}
  rsi_reverson: {}
  macd_crossover: {fast: 30, slow: 20}
sizing: {risk: 0.5, method: shares, lot: 0}
limits: {positions: many}
limit: 3
"""
    told = refusal(read_rules, written(tmp_path, text), "mine.yaml", strategies=["rsi_reversion"])
    assert told == [
        "mine.yaml:2: rules.rsi_reversion.period: found 1.5; give a whole number from 2 to 100",
        "mine.yaml:2: rules.rsi_reversion.oversold: found 80; give a number from 1 to 50",
        "mine.yaml:3: rules.rsi_reverson: unknown key; did you mean `rsi_reversion`?",
        "mine.yaml:4: rules.macd_crossover: fast is 30 and slow 20; fast must be below slow",
        "mine.yaml:5: sizing.risk: found 0.5; give a number from 0.0001 to 0.1",
        "mine.yaml:5: sizing.method: found 'shares'; take one of risk, share",
        "mine.yaml:5: sizing.lot: found 0; give a whole number from 1 to 100000",
        "mine.yaml:6: limits.positions: found 'many', no number; write a decimal such as -0.10 for -10 %",
        "mine.yaml:7: limit: unknown key; did you mean `limits`?",
    ]


@pytest.mark.parametrize("kind", ["percent", "atr", "trailing", "fixed"])
def test_a_stop_for_all_rules_needs_its_size(tmp_path, kind):
    (told,) = refusal(read_rules, written(tmp_path, f"stops: {{kind: {kind}}}"), strategies=[])
    assert told.startswith(f"given.yaml:1: stops: a {kind} stop needs its size above 0")


def test_an_unknown_or_repeated_strategy_is_refused_with_the_nearest_name():
    account = {"id": "a", "capital": 0.0, "symbols": [], "strategies": ["rsi_reverson", "x"]}
    told = refusal(validate, {"account": account, "settings": {"exchange": "XNYS"}})
    assert told[0] == "accounts.a.capital: found 0; give money above 0"
    assert "accounts.a.symbols: none; name at least one symbol" in told
    assert "accounts.a.strategies[0]: unknown strategy 'rsi_reverson'; did you mean `rsi_reversion`?" in told
    account |= {"capital": 1.0, "symbols": ["A"], "strategies": ["average_cross", "average_cross"]}
    (told,) = refusal(validate, {"account": account, "settings": {"exchange": "XNYS"}})
    assert told == "accounts.a.strategies[1]: 'average_cross' stands twice; keep one"


def test_a_sound_account_is_let_through_with_its_symbols():
    account = {"id": "a", "capital": 1.0, "symbols": ["M&M", "BAJAJ-AUTO"], "strategies": ["average_cross"]}
    files = {key: {"path": str(SHIPPED / name), "name": name} for key, name in (
        ("rules_file", "rules.yaml"), ("costs_file", "costs-india.yaml")
    )}  # fmt: skip
    told = validate({"account": account, "settings": {"exchange": "NSE"}, "files": files})
    assert told == {"strategies": 1, "symbols": ["M&M", "BAJAJ-AUTO"]}


def test_charges_of_an_indian_purchase_are_those_worked_out_by_hand():
    """14,507.25 of value: 24.35 commission; 18 % of it and of exchange and regulator's charges is the tax."""
    table = read_costs(SHIPPED / "costs-india.yaml", exchange="NSE")
    value = 14_507.25
    found = table.charged(side=1, quantity=10, value=value)
    commission = 20.0 + 0.0003 * value
    assert commission == pytest.approx(24.352175)
    exchange, board = 0.0000297 * value, 0.000001 * value
    assert found == pytest.approx(
        {
            "Exchange transaction charge": exchange,
            "SEBI turnover fee": board,
            "Goods and services tax": 0.18 * (commission + exchange + board),
            "Securities transaction tax": 0.001 * value,
            "Stamp duty": 0.00015 * value,
        }
    )
    assert "Stamp duty" not in table.charged(side=-1, quantity=10, value=value)


def test_a_round_trip_at_even_costs_pays_what_the_table_says():
    for name, exchange in (("costs-india.yaml", "XNSE"), ("costs-us.yaml", "NYSE")):
        table = read_costs(SHIPPED / name, exchange=exchange)
        value = 14_507.25
        whole = sum(
            float(table.costs.fee(value)) + sum(table.charged(side=side, quantity=0, value=value).values())
            for side in (1, -1)
        )
        assert 2 * float(table.even_costs.fee(value)) == pytest.approx(whole, rel=1e-12)


def test_a_charge_on_shares_is_a_rate_a_share():
    table = CostTable(Costs(0.0, 0.0, 0.0), (Charge("fee", "sell", "shares", 0.000119, "x"),))
    assert table.charged(side=-1, quantity=1_000, value=5.0) == {"fee": pytest.approx(0.119)}
    assert table.charged(side=1, quantity=1_000, value=5.0) == {}


def test_another_exchange_pays_no_charges(tmp_path):
    assert read_costs(SHIPPED / "costs-india.yaml", exchange="XNYS").charges == ()


def test_faults_of_costs_are_told_with_their_place(tmp_path):
    text = """commission: -1
charges:
  XNYS:
    - {name: a, side: up, base: value, rate: 2, source: x}
    - {name: a, side: buy}
"""
    told = refusal(read_costs, written(tmp_path, text), exchange="XNYS")
    assert told == [
        "given.yaml:1: commission: found -1; give a number from 0 to 0.1",
        "given.yaml:4: charges.XNYS[0].side: found 'up'; take one of buy, sell, both",
        "given.yaml:4: charges.XNYS[0].rate: found 2; give a number from 0 to 1",
        "given.yaml:5: charges.XNYS[1]: no key `base`; give name, side, base, rate, source",
    ]
