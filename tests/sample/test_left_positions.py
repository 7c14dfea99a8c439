"""What left the portfolio file is closed at today's price, whoever else holds it: real runs of two days."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from toy.clones import clone

FIRST, SECOND = "2022-12-27", "2022-12-28"
HEADER = "ticker,quantity,entry_price,entry_date,price,price_date\n"
KEPT = "XOM,10,90,2022-06-01,,\n"
OPTION = "AAPL230616P00120000"
LEFT = f"KO,-300,60,2022-06-01,,\nAMD,50,90,2022-06-01,,\n{OPTION},2,9,2022-06-01,,\n"
BY_HAND = "HOME,1,1000,2022-06-01,1100,2022-12-20\n"
OTHER = f"KO,5,60,2022-06-01,,\nAMD,5,90,2022-06-01,,\nHOME,1,1,2022-06-01,,\n{OPTION},1,9,2022-06-01,,\n"


class Days:
    """A clone whose params of a name are carried out day by day, as far as the snapshot."""

    def __init__(self, root: Path):
        self.bench = clone(root / "clone")
        self.root, self.outputs = root, root / "outputs"
        (root / "other.csv").write_text(HEADER + OTHER)

    def run(self, name: str, as_of: str, rows: str, *, beside: bool = False) -> list:
        (self.root / "own.csv").write_text(HEADER + rows)
        books = "  - {id: own, positions: own.csv}\n" + "  - {id: other, positions: other.csv}\n" * beside
        params = self.root / f"{name}.yaml"
        params.write_text(
            f"name: {name}\nas_of: {as_of}\ndata: {{provider: sample}}\nportfolios:\n{books}"
            "run_stages: [portfolio/snapshot]\n"
        )
        code, events, err = self.bench.run("run", str(params), "--outputs", str(self.outputs), timeout=300)
        assert code == 0, [event for event in events if event.get("state") == "failed"] or err
        return events

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.outputs / f"latest/{name}.parquet")

    def moves(self) -> pd.DataFrame:
        held = self.table("tables/portfolio=own/snapshot_positions")
        return held[held["snapshot_date"] == SECOND].set_index("symbol").drop(columns="snapshot_date")


@pytest.fixture(scope="module")
def days(tmp_path_factory) -> Days:
    return Days(tmp_path_factory.mktemp("left"))


def test_what_left_earns_until_todays_close_whoever_else_holds_it(days):
    """Quantity x multiplier x the change of the close from the day before, by the sample's own bars."""
    for as_of, rows in ((FIRST, KEPT + LEFT + BY_HAND), (SECOND, KEPT)):
        days.run("beside", as_of, rows, beside=True)
    beside, closes = days.moves(), days.table("tables/prices")
    for as_of, rows in ((FIRST, KEPT + LEFT + BY_HAND), (SECOND, KEPT)):
        days.run("alone", as_of, rows)
    alone = days.moves()
    pd.testing.assert_frame_equal(alone, beside)
    closes = closes.pivot(index="date", columns="symbol", values="close")  # noqa: PD010
    change = (closes.loc[SECOND] - closes.loc[FIRST]).loc[["KO", "AMD", OPTION]]
    assert change.abs().gt(0).all()
    assert alone.loc[change.index, "change"].eq("exited").all()
    expected = change * pd.Series({"KO": -300.0, "AMD": 50.0, OPTION: 200.0})
    pd.testing.assert_series_equal(alone.loc[change.index, "pnl"], expected, check_names=False)
    assert alone.loc["HOME", ["change", "pnl", "flags"]].tolist() == ["exited", 0.0, "EXIT_ASSUMED,MANUAL"]
    asked = set(days.table("inputs/market/raw_sync_log")["symbol"])
    assert {"KO", "AMD", OPTION, "AAPL"} <= asked
    assert "HOME" not in asked

    before = days.outputs / f"state/alone/snapshot_positions/portfolio=own/{FIRST}.parquet"
    content = before.read_bytes()
    before.write_bytes(content[:-1])
    assert days.run("alone", SECOND, KEPT)[-1]["status"] == "unchanged"
    assert before.read_bytes() == content
