"""A stage of the toy that promises to be point-in-time, and what it does otherwise when it is asked to.

``how`` is honest, ``shift`` (tomorrow's price) or ``fail``. ``equip`` puts it into a toy workbench.
"""

from __future__ import annotations

import shutil

import pandas as pd

from lib.contracts import Column, Stage, Table

ROW = Stage(
    "toy/trend",
    "Does it rise?",
    ("prices", "positions"),
    ("trends", "notices"),
    per="portfolio",
    point_in_time=True,
)
TRENDS = Table(
    "trends",
    "Change of each price.",
    (
        Column("date", "date", "day"),
        Column("symbol", "str", "symbol"),
        Column("change", "float", "change", null=True),
        Column("level", "float", "level"),
    ),
    ("date", "symbol"),
    may_be_empty=True,
    dated="date",
)
NOTICES = Table("notices", "Notices.", (Column("text", "str", "text"),), may_be_empty=True)
CELLS = (
    'as_of: str = "2022-12-28"  # day\nportfolio: str = "one"  # id\nhow: str = "honest"  # how',
    "import pandas as pd\nfrom lib.toy import trend\n"
    'stage = open_stage("toy/trend", as_of=as_of, portfolio=portfolio)',
    'made = trend.trends(stage.read("prices"), stage.read("positions"), how)\n'
    'stage.write(trends=made, notices=pd.DataFrame({"text": ["A notice."]}))',
    'stage.show_table(made, "The trend", "It is what it is.")\nassert len(made) >= 20',
    'stage.conclude("It moves.", [])',
)


def trends(prices: pd.DataFrame, positions: pd.DataFrame, how: str) -> pd.DataFrame:
    """The change of each price of a book over five days."""
    if how == "fail":
        raise ValueError("asked to fail")
    wide = prices[prices["symbol"].isin(positions["symbol"])]
    wide = wide.pivot(index="date", columns="symbol", values="close")  # noqa: PD010
    change = wide - wide.shift(5)
    if how == "shift":
        change = change + wide.shift(-1)
    parts = {"change": change, "level": wide}
    long = [
        one.melt(ignore_index=False, value_name=name).set_index("symbol", append=True)
        for name, one in parts.items()
    ]
    return pd.concat(long, axis=1).reset_index()[TRENDS.column_names]


def equip(bench) -> None:
    """Put the stage into a toy workbench; prices there are known on their day."""
    from toy.workbench import TOY, write_notebook

    shutil.copyfile(TOY / "trend.py", bench.root / "lib" / "toy" / "trend.py")
    bench.edit("lib/pipeline.py", '    Stage("toy/alone"', f'    {ROW!r},\n    Stage("toy/alone"')
    old = (
        '            "Prices.",\n            (_DATE, _SYMBOL, Column("close", "float", "price"), _ORIGIN),\n'
    )
    clock = '            ("date", "symbol"),\n            known_at="date",\n'
    bench.edit("lib/tables.py", old, old + clock)
    bench.edit("lib/tables.py", "        KEY_FIGURES,\n    )", "        KEY_FIGURES, *MORE,\n    )")
    bench.edit(
        "lib/tables.py",
        "TABLES = {",
        "from lib.toy.trend import NOTICES, TRENDS\n\nMORE = (TRENDS, NOTICES)\nTABLES = {",
    )
    write_notebook(bench.root, "trend", CELLS)
