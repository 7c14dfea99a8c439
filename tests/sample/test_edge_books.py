"""Books at the edge through every stage: one position, options only, shorts only, negative value, nothing.

Settings are none of the defaults: a page that does not hear of another stage's settings fails its check.
"""

from __future__ import annotations

import json

import pandas as pd

HEADER = "ticker,quantity,entry_price,entry_date\n"
BOOKS = {
    "one": "AAPL,100,120,2022-06-01\n",
    "options": "AAPL230616P00120000,10,9,2022-06-01\nMSFT230616C00250000,-5,20,2022-06-01\n",
    "shorts": "KO,-300,60,2022-06-01\nXOM,-200,90,2022-06-01\n",
    "nothing": "",
    "broken": "ZZZ230616C00250000,1,5,2022-06-01\nAAPL,10,120,2022-06-01\nZZZ,5,10,2022-06-01\n",
}
PARAMS = """\
name: edge
as_of: 2022-12-28
data: {provider: sample}
portfolios:
  - {id: one, positions: one.csv}
  - {id: options, positions: options.csv, cash: 1000}
  - {id: shorts, positions: shorts.csv, cash: 100000, benchmark: SP500}
  - {id: negative, positions: one.csv, cash: -500000}
  - {id: nothing, positions: nothing.csv, cash: 1000}
  - {id: broken, positions: broken.csv, cash: 50000}
stages:
  portfolio/positions: {min_coverage: 0.3}
  risk/betas: {window: 120, cap: 1.0, decay: 0.97}
  risk/scenarios: {window: 100, market_moves: [-0.2, -0.1, 0.1]}
  risk/correlations: {window: 60, min_weight: null}
  risk/metrics: {minimum_history: 400}
  risk/stress: {horizon_days: 5, rate_tenor: 2Y}
"""


def test_every_stage_carries_every_book_and_invents_nothing(sample, tmp_path):
    for name, rows in BOOKS.items():
        (tmp_path / f"{name}.csv").write_text(HEADER + rows)
    (tmp_path / "edge.yaml").write_text(PARAMS)
    outputs = tmp_path / "outputs"
    code, events, err = sample.run("run", str(tmp_path / "edge.yaml"), "--outputs", str(outputs), timeout=400)
    assert code == 0, [event for event in events if event.get("state") == "failed"] or err
    manifest = json.loads((outputs / "latest" / "manifest.json").read_text())
    assert {stage["state"] for stage in manifest["stages"]} == {"done"}

    def table(portfolio: str, name: str) -> pd.DataFrame:
        return pd.read_parquet(outputs / f"latest/tables/portfolio={portfolio}/{name}.parquet")

    checked = [check["name"] for stage in manifest["stages"] for check in stage["checks"]]
    assert checked.count("Today's measures are those of the other pages") == 6
    assert checked.count("The betas are those of the page on betas") == 6
    assert set(table("negative", "portfolio_betas")["base"]) == {"gross"}
    assert (table("shorts", "stress_pnl").set_index("scenario")["direct_pnl"]["market_up_10"]) < 0
    assert (table("nothing", "stress_pnl")["direct_pnl"].fillna(0.0) == 0).all()
    option = table("broken", "greeks").set_index("symbol").loc["ZZZ230616C00250000"]
    assert pd.isna(option["delta"])
    assert option["flags"]
    betas = table("broken", "position_betas")
    assert betas.loc[betas["symbol"] == "ZZZ", "beta"].isna().all()
