"""A second kind of subject for the toy: baskets, their stages, and one that brings both kinds together."""

from __future__ import annotations

from toy.workbench import DAY, WHO, Workbench, write_notebook

KIND = """

BASKET = Kind(
    "basket",
    "baskets",
    (
        Field("members", "file", "symbols, a CSV", required=True),
        Field("currency", "currency", "money of the basket", "EUR"),
        Field("proxies", "symbols", "what stands for it"),
        Field("floor", "number", "lowest price that counts", 0.0),
        Field("since", "date", "first day"),
    ),
)

KINDS = {kind.name: kind for kind in (PORTFOLIO, BASKET, FUND_LIST, SIGNAL, ACCOUNT)}
"""

ROWS = """    Stage(
        "toy/basket",
        "What is in it?",
        ("prices",),
        ("members",),
        per="basket",
        validate="lib.toy.hooks:validate_basket",
        front="subject",
    ),
    Stage("toy/growth", "How did it grow?", ("members",), ("levels",), per="basket", states=("levels",)),
    Stage(
        "toy/again",
        "What was it?",
        ("positions",),
        ("agains",),
        per="portfolio",
        histories=("days",),
        repeats=("toy/book",),
    ),
    Stage(
        "toy/together", "Who has what?", ("totals", "members"), ("overview",), histories=("levels",)
    ),
)
"""

TABLES = """        Table("members", "Members.", (_SYMBOL, _VALUE), ("symbol",)),
        Table("levels", "Levels.", (_DATE, _VALUE), ("date",)),
        Table("agains", "Again.", (Column("measure", "str", "name"), _VALUE), ("measure",)),
        Table("overview", "All.", (Column("whose", "str", "whose"), Column("name", "str", "name"), _VALUE)),
        KEY_FIGURES,
"""

HOOK = '''

def validate_basket(request: dict) -> dict:
    """The symbols of a basket's file; its other fields come under the name of the kind."""
    rows = Path(request["files"]["members_file"]["path"]).read_text().split()
    return {"symbols": sorted(rows[1:]), "rows": len(rows) - 1, "since": request["basket"]["since"]}
'''

WHICH = 'basket: str = "one"  # id\n'
NOTEBOOKS = {
    "basket": (
        f'{DAY}{WHICH}members_file: str = "north.csv"  # symbols\n'
        'floor: float = 0.0  # lowest price\ncurrency: str = "EUR"  # money',
        "import pandas as pd\nfrom lib.contracts import KeyFigure\n"
        'stage = open_stage("toy/basket", as_of=as_of, basket=basket)',
        'last = stage.read("prices").sort_values("date").groupby("symbol")["close"].last()\n'
        'names = pd.read_csv(stage.file("members_file", members_file))["symbol"]\n'
        'members = pd.DataFrame({"symbol": names, "value": names.map(last)})\n'
        'members = members[members["value"] >= floor]',
        "stage.write(members=members)\n"
        'figure = KeyFigure("price", float(members["value"].sum()), "money", "higher", "It.")\n'
        'stage.conclude(f"{len(members)} members.", [figure])',
    ),
    "growth": (
        f"{DAY}{WHICH}",
        'import pandas as pd\nstage = open_stage("toy/growth", as_of=as_of, basket=basket)',
        'today = pd.DataFrame({"date": pd.to_datetime([as_of]).as_unit("us")})\n'
        'today["value"] = stage.read("members")["value"].sum()\n'
        'levels = pd.concat([stage.state("levels"), today], ignore_index=True)',
        'stage.write(levels=levels)\nstage.conclude("It grew.", [])',
    ),
    "again": (
        f"{DAY}{WHO}",
        'import pandas as pd\nstage = open_stage("toy/again", as_of=as_of, portfolio=portfolio)',
        'own = stage.settings("toy/book")\n'
        'book = pd.read_csv(stage.file("positions_file", of="toy/book"))\n'
        'rows = {"factor": own["factor"], "shares": book["quantity"].sum() * own["factor"],'
        ' "days": len(stage.history("days"))}',
        'agains = pd.DataFrame({"measure": list(rows), "value": [float(one) for one in rows.values()]})\n'
        'stage.write(agains=agains)\nstage.conclude("Again.", [])',
    ),
    "together": (
        DAY,
        'import pandas as pd\nstage = open_stage("toy/together", as_of=as_of)',
        'totals, members = stage.read("totals"), stage.read("members")\n'
        'levels = stage.history("levels")\n'
        "columns = [list(one.columns)[0] for one in (totals, members, levels)]",
        'own = totals.rename(columns={"portfolio": "whose", "measure": "name"})\n'
        'theirs = members.rename(columns={"basket": "whose", "symbol": "name"})\n'
        'older = levels.rename(columns={"basket": "whose"}).assign(name="level").drop(columns="date")\n'
        'stage.show_table(own, "Totals", "All.", source="totals")',
        "stage.write(overview=pd.concat([own, theirs, older], ignore_index=True))\n"
        'stage.conclude(" ".join(columns), [])',
    ),
}

SECTION = """\
baskets:
  - {id: one, name: The north, members: north.csv, proxies: [ZZZ], floor: 1}
  - {id: south, members: south.csv, currency: USD}
"""


def add_baskets(bench: Workbench) -> Workbench:
    """Declare the kind, its stages, tables and notebooks, and give the params two baskets."""
    bench.edit(
        "lib/subjects.py",
        "\n\nKINDS = {kind.name: kind for kind in (PORTFOLIO, FUND_LIST, SIGNAL, ACCOUNT)}\n",
        KIND,
    )
    pipeline = (bench.root / "lib/pipeline.py").read_text()
    (bench.root / "lib/pipeline.py").write_text(pipeline.removesuffix(")\n") + ROWS)
    bench.edit("lib/tables.py", "        KEY_FIGURES,\n", TABLES)
    with (bench.root / "lib/toy/hooks.py").open("a") as hooks:
        hooks.write(HOOK)
    for stage, cells in NOTEBOOKS.items():
        write_notebook(bench.root, stage, cells)
    with (bench.root / "params/sample.yaml").open("a") as params:
        params.write(SECTION)
    (bench.root / "params/north.csv").write_text("symbol\nAAA\nCCC\n")
    (bench.root / "params/south.csv").write_text("symbol\nBBB\n")
    return bench
