"""A whole run on a broker's bars: the token reaches the question that needs it, and nothing that stays."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.broker_tokens.grant import Grant
from lib.broker_tokens.store import TokenStore
from lib.market import calendar
from tests.trading.broker.fake_broker import CANARY, FakeBroker
from tests.trading.broker.test_tokens import KEY

ROOT = Path(__file__).resolve().parents[3]
MM, AUTO = "NSE_EQ|INE101A01026", "NSE_EQ|INE917I01010"
PARAMS = f"""\
name: broker
as_of: "2026-02-27"
exchange: XNSE
data:
  provider: upstox
  start: "2024-01-01"
  base_wait: 0.01
  instruments: ["M&M = {MM}", "BAJAJ-AUTO = {AUTO}"]
portfolios:
  - {{id: own, name: Own, positions: own.csv, currency: INR}}
"""
BOOK = "ticker,quantity,entry_price,entry_date\nM&M,10,100,2025-01-02\nBAJAJ-AUTO,5,100,2025-01-02\n"


def candles():
    days = calendar.sessions("2024-01-01", "2026-02-27", "XNSE")
    rows = [(f"{day:%Y-%m-%d}T00:00:00+05:30", 100 + n % 9) for n, day in enumerate(days)]
    return [[moment, close, close + 1, close - 1, close, 1000 + close, 0] for moment, close in rows]


@pytest.fixture
def world(tmp_path):
    (tmp_path / "params.yaml").write_text(PARAMS)
    (tmp_path / "own.csv").write_text(BOOK)
    store = TokenStore(tmp_path / "kept" / "tokens.json", KEY)
    with FakeBroker(candles={MM: candles(), AUTO: candles()}) as fake:
        token = fake.grant()["access_token"]
        store.put("default", Grant(token, "", datetime.now(UTC) + timedelta(days=1)))
        yield tmp_path, fake


def run(folder, fake):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")},
        "WORKBENCH_TOKEN_KEY": KEY,
        "WORKBENCH_TOKENS": str(folder / "kept" / "tokens.json"),
        "WORKBENCH_UPSTOX_ADDRESS": fake.address,
        "WORKBENCH_UPSTOX_ID": "app",
        "WORKBENCH_UPSTOX_SECRET": f"{CANARY}Secret",
        "WORKBENCH_UPSTOX_REDIRECT": "https://127.0.0.1/back",
    }
    command = [sys.executable, str(ROOT / "run_all.py"), "params.yaml", "--outputs", "out"]
    command += ["--only", "market/prices"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_a_run_takes_bars_of_the_broker_and_no_artefact_holds_a_secret(world):
    folder, fake = world
    fake.failing.append((500, {}, CANARY.encode()))
    done = run(folder, fake)
    assert done.returncode == 0, done.stdout + done.stderr
    sync = [json.loads(line) for line in done.stdout.splitlines() if '"sync"' in line]
    assert [one["state"] for one in sync][-2:] == ["again", "done"] and sync[-1]["requests"] == 3
    fake.valid.clear()
    again = run(folder, fake)
    assert again.returncode == 0, "what is kept is not asked for again"
    secrets = (CANARY.encode(), KEY.encode())
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not [path for path in files if any(one in path.read_bytes() for one in secrets)]
    assert not [one for one in secrets if one.decode() in done.stdout + done.stderr + again.stdout]


def test_a_run_without_leave_says_how_to_grant_it(world):
    folder, fake = world
    fake.valid.clear()
    done = run(folder, fake)
    assert done.returncode == 1
    assert "error: REAUTH_REQUIRED: user default may not ask the broker: Upstox does not take" in done.stderr
    assert "`python3 run_all.py token init`" in done.stderr and "Traceback" not in done.stderr
    assert CANARY not in done.stdout + done.stderr
