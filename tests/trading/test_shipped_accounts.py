"""The params files of accounts as they are shipped: what they name is there and passes the check of a run."""

from pathlib import Path

import pytest
import yaml

from lib.trading.rule_files import validate
from lib.trading.strategies import STRATEGIES

ROOT = Path(__file__).resolve().parents[2]
FILES = ("params/trading.yaml", "params/trading-closes.yaml", "params/templates/account.yaml")
ACCOUNTS = [
    (name, account) for name in FILES for account in yaml.safe_load((ROOT / name).read_text())["accounts"]
]


@pytest.mark.parametrize(("name", "account"), ACCOUNTS, ids=[account["id"] for _, account in ACCOUNTS])
def test_the_rules_and_costs_of_an_account_pass_the_check(name, account):
    beside = (ROOT / name).parent
    files = {
        f"{key}_file": {"path": str(beside / account[key]), "name": account[key]}
        for key in ("rules", "costs")
    }
    told = validate({"account": account, "settings": {"exchange": "XNYS"}, "files": files})
    assert told == {"strategies": len(account["strategies"]), "symbols": account["symbols"]}


def test_an_account_of_the_sample_follows_every_rule_and_another_one_alone():
    of = {account["id"]: account for _, account in ACCOUNTS}
    assert set(of["four-rules"]["strategies"]) == set(of["twenty-closes"]["strategies"]) == set(STRATEGIES)
    assert len(of["averages"]["strategies"]) == 1 and len(of["twenty-closes"]["symbols"]) == 20
