"""The toy with rules of alerts: a hook over its prices, and what a section of the params may hold."""

from __future__ import annotations

from pathlib import Path

from toy.workbench import PARAMS, Workbench

CONDITIONS = '''"""The toy's types of rules."""

from __future__ import annotations

import pandas as pd

from lib.settings import Condition, Setting

TYPES = {
    "price": Condition(
        "the close",
        "the close is {value}, {side} {threshold}",
        "price",
        ("above", "below"),
        Setting("number", most=1e9),
    ),
    "high": Condition(
        "the close",
        "the close is {value}, over {threshold}, the highest of {period} days",
        "price",
        settings={"period": Setting("count", 3, above=1, most=9)},
    ),
}


def look(bars: pd.DataFrame, rules: dict[str, dict]) -> pd.DataFrame:
    """Closes against levels."""
    found = []
    for name, rule in rules.items():
        own = bars[bars["symbol"] == rule["symbol"]].sort_values("date")
        level = own["close"].shift(1).rolling(rule["period"]).max() if rule["type"] == "high" else None
        if level is None:
            level = rule.get("above") or rule.get("below")
        rows = pd.DataFrame({"date": own["date"], "value": own["close"], "threshold": level})
        less = rows["value"] < rows["threshold"]
        held = less if rule.get("below") else rows["value"] > rows["threshold"]
        found.append(rows.assign(rule=name, held=held))
    return pd.concat(found)
'''
ROW = """        latest="lib.toy.hooks:latest",
        alerts=AlertHook("lib.toy.conditions:look", "prices", "lib.toy.conditions:TYPES"),
"""


def with_hook(bench: Workbench) -> Workbench:
    """Give the row of the toy's source the hook of rules over its prices."""
    (bench.root / "lib/toy/conditions.py").write_text(CONDITIONS)
    bench.edit("lib/pipeline.py", '        latest="lib.toy.hooks:latest",\n', ROW)
    bench.edit("lib/pipeline.py", "import Prepare, Stage", "import AlertHook, Prepare, Stage")
    return bench


def watch(bench: Workbench, section: str) -> Path:
    """Write the params with a section of alerts; the file."""
    path = bench.root / "params/sample.yaml"
    path.write_text(PARAMS + section)
    return path
