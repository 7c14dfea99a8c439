"""The toy with a trial: the total of a book is tried again and again, and a judge reads the ledger."""

from __future__ import annotations

from toy.workbench import DAY, SUMS, WHO, Workbench, write_notebook

TABLES = """        Table(
            "trials",
            "Trials.",
            (
                Column("specification", "str", "of"),
                Column("stage", "str", "of"),
                Column("settings", "str", "of"),
                Column("observations", "float", "of"),
                Column("sharpe", "float", "of", True),
            ),
            may_be_empty=True,
        ),
        Table(
            "trial_returns",
            "What they earned.",
            (
                Column("specification", "str", "of"),
                Column("date", "date", "of"),
                Column("return", "float", "of"),
            ),
            may_be_empty=True,
        ),
        Table("verdicts", "How many there are.", (_SYMBOL, _VALUE), ("symbol",)),
"""
FIELD = """        Field("registration", "file", "its question", found_at="registered/{id}.yaml"),
"""
TOTAL = (
    f'{DAY}{WHO}scale: float = 1.0  # of the total\nlabel: str = "plain"  # of no use',
    f'{SUMS}stage = open_stage("toy/total", as_of=as_of, portfolio=portfolio)',
    'totals = sums.total(stage.read("positions"))\n'
    "stage.note_result(dates=['2022-12-01', '2022-12-02', '2022-12-05'], returns=[0.01, scale, 0.03])\n"
    "stage.write(totals=totals)",
    'stage.conclude("It is worth something.", [])',
)
JUDGE = (
    f"{DAY}{WHO}bar: float = 3.0  # to pass\nregistration_file: str | None = None  # its question",
    'import pandas as pd\nstage = open_stage("toy/judge", as_of=as_of, portfolio=portfolio)',
    'trials, returns = stage.read("trials"), stage.read("trial_returns")\n'
    'pairs = {"trials": len(trials), "returns": len(returns)}\n'
    'verdicts = pd.DataFrame({"symbol": list(pairs), "value": [float(one) for one in pairs.values()]})\n'
    "stage.write(verdicts=verdicts)",
    'stage.conclude("Judged.", [])',
)


def with_trials(bench: Workbench) -> Workbench:
    """Make ``toy/total`` a trial, and add ``toy/judge``, which reads the ledger."""
    bench.edit(
        "lib/pipeline.py",
        'per="portfolio", front="subject"),',
        'per="portfolio", front="subject", trial=True),\n'
        '    Stage("toy/judge", "Is it enough?", ("totals", "trials", "trial_returns"), ("verdicts",),'
        ' per="portfolio"),',
    )
    bench.edit("lib/tables.py", '        Table("notes"', f'{TABLES}        Table("notes"')
    cash = '        Field("cash", "money", "cash of the portfolio'
    bench.edit("lib/subjects.py", cash, FIELD + cash)
    write_notebook(bench.root, "total", TOTAL)
    write_notebook(bench.root, "judge", JUDGE)
    return bench
