"""Records, notebooks and manifests as a run leaves them, small and made up, for tests of what people see."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd

from lib import figures
from lib.exhibits import figure_exhibit, source_of, table_exhibit
from lib.pipeline import PIPELINE

ATTACK = "<img src=x onerror=alert(1)>"
AS_OF = "2022-12-28"
SECTORS = ("Technology", "Health care", "Financials", "Energy", "Consumer staples")


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def positions(rows: int = 34, name: str = "") -> pd.DataFrame:
    """Positions with a short, an unpriced one and, where given, one of a hostile name."""
    rng = np.random.default_rng(5)
    value = np.sort(rng.lognormal(10.3, 0.8, rows))[::-1]
    value[4] *= -1
    frame = pd.DataFrame(
        {
            "symbol": [f"SYM{n:02d}" for n in range(rows)],
            "sector": [SECTORS[n % len(SECTORS)] for n in range(rows)],
            "quantity": rng.integers(5, 900, rows),
            "price": rng.uniform(9, 400, rows).round(2),
            "price_date": pd.Timestamp(AS_OF),
            "exposure": value,
            "weight": value / value.sum(),
            "flags": "",
        }
    )
    frame.loc[7, ["price", "exposure", "weight"]] = np.nan
    frame.loc[7, "flags"] = "no price since 12 Dec 2022"
    if name:
        frame.loc[1, "sector"] = name
    return frame


def returns() -> pd.Series:
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2019-01-02", AS_OF)
    return pd.Series(rng.standard_t(4, len(days)) * 0.0075 + 0.0004, index=days, name="return")


def exhibits(portfolio: str = "individual", name: str = "") -> dict:
    """One of each kind of exhibit."""
    context = {"subject": portfolio}
    frame, daily = positions(name=name), returns()
    held = source_of("positions", len(frame), ["real", "constructed"], "portfolio/positions", context)
    past = source_of("portfolio_returns", len(daily), ["real", "generated"], "risk/metrics", context)
    worth = (1 + daily).cumprod()
    low = daily.quantile(0.05)
    tail = daily[daily < low].mean()
    return {
        "positions": table_exhibit(
            frame,
            title="The largest position is a fifth of the book",
            reading="Five positions make up half of the exposure; one has no price and counts nowhere.",
            source=held,
            columns=["symbol", "sector", "quantity", "price", "price_date", "exposure", "weight"],
            labels={"exposure": "Exposure", "price": "Price", "price_date": "Price of"},
            formats={"price": "price", "exposure": "money", "weight": "percent"},
            units={"exposure": "USD", "price": "USD"},
            bars=["exposure"],
            missing={"price": "flags"},
            total={"exposure": float(frame["exposure"].sum()), "weight": 1.0},
            sort_note="Largest first",
        ),
        "line": figure_exhibit(
            figures.line(pd.DataFrame({"Today's book": worth, "S&P 500": worth**0.8})),
            title="Today's book would have grown faster than the index",
            reading="One dollar of 2019 would stand at more today, with larger swings.",
            alt="Growth of one dollar since 2019: today's book ends above the S&P 500.",
            source=past,
            observations=len(daily),
        ),
        "drawdown": figure_exhibit(
            figures.area_below_zero(worth / worth.cummax() - 1),
            title="How far below its last peak would it have been?",
            reading="The deepest fall is marked.",
            alt="Drawdown of today's book since 2019 with the deepest fall marked.",
            source=past,
        ),
        "bars": figure_exhibit(
            figures.diverging_bars(
                ["Equities fall 20%", "Rates up 100 bp", "Rates down 100 bp", "Oil up 40%", "Value rally"],
                [-0.181, -0.032, 0.028, -0.011, 0.044],
            ),
            title="A fall of equities is what would hurt",
            reading="It costs six times as much as the next scenario.",
            alt="Profit by scenario: equities fall 20% costs 18.1% of net asset value.",
            source=past,
        ),
        "histogram": figure_exhibit(
            figures.histogram_with_marks(daily, {"VaR 95%": low, "Expected shortfall 95%": tail}),
            title="One day in twenty would have lost more than the VaR",
            reading="Beyond it the average loss is half as large again.",
            alt=f"Daily returns; VaR 95% at {low:.1%}, expected shortfall at {tail:.1%}.",
            source=past,
            observations=len(daily),
        ),
    }


def shown(cell_id: str, source: str, *outputs: dict) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell(source, outputs=[nbformat.from_dict(one) for one in outputs])
    return nbformat.from_dict({**cell, "id": cell_id, "execution_count": None})


def said(cell_id: str, source: str) -> nbformat.NotebookNode:
    return nbformat.from_dict({**nbformat.v4.new_markdown_cell(source), "id": cell_id})


def display(data: dict) -> dict:
    return {"output_type": "execute_result", "execution_count": None, "data": data, "metadata": {}}


def html_of(exhibit: object) -> dict:
    return display(exhibit._repr_mimebundle_())  # type: ignore[attr-defined]


def notebook(*extra: nbformat.NotebookNode, name: str = "") -> nbformat.NotebookNode:
    """An executed stage with prose, parameters and every kind of exhibit; ``extra`` cells at the end."""
    parts = exhibits(name=name)
    parameters = shown("parameters", 'as_of: str = "2022-12-28"  # day of the run\nwindow: int = 252')
    parameters["metadata"]["tags"] = ["parameters"]
    cells = [
        said(
            "title",
            "# What could the balanced book lose?\n\nToday's book is taken through past markets "
            "([Jorion 2006](https://example.org/jorion)). A VaR between $1,000 and $2,000 is *small*.\n\n"
            "| measure | unit |\n|:--|--:|\n| VaR | 1 |",
        ),
        parameters,
        shown("open-stage", "from lib.run.stage import open_stage\n\nstage = open_stage('risk/metrics')"),
        said("holdings", "## What is held"),
        shown("show-positions", "stage.show_table(positions, 'Positions')", html_of(parts["positions"])),
        said("past", "## What would it have earned?"),
        shown("show-growth", "stage.show_figure(figure)", html_of(parts["line"])),
        shown("show-falls", "stage.show_figure(figure)", html_of(parts["drawdown"])),
        said("losses", "## What could it lose?\n\nScenarios revalue every position in full."),
        shown("show-scenarios", "stage.show_figure(figure)", html_of(parts["bars"])),
        shown(
            "show-days",
            "stage.show_figure(figure)",
            html_of(parts["histogram"]),
            {
                "output_type": "stream",
                "name": "stderr",
                "text": "\x1b[31mWarning\x1b[0m: 3 days were left out\n",
            },
        ),
        said("limits", "## What this does not show\n\nToday's book is not the book of the past."),
        *extra,
    ]
    return nbformat.v4.new_notebook(cells=cells)


def record(stage: str = "risk/metrics", portfolio: str | None = "individual", **changes: object) -> dict:
    """A stage's ``stage.json``."""
    row = PIPELINE.stage(stage)
    inputs = {}
    for table in row.reads:
        made = PIPELINE.writer(table)
        own = f"portfolio={portfolio}/" if made and made.per else ""
        place = f"tables/{own}{table}.parquet" if made else f"inputs/market/{table}.parquet"
        inputs[table] = {
            "sha256": digest(table),
            "rows": 84211,
            "origins": ["real", "constructed"],
            "stage": made.name if made else "prepare",
            "parquet": place,
        }
    known = {
        "stage": stage,
        "kind": row.per,
        "subject": portfolio,
        "as_of": AS_OF,
        "key": digest(stage, portfolio),
        "title": "What could the balanced book lose?",
        "question": row.question,
        "parameters": {
            "as_of": {"value": AS_OF, "default": "2022-12-28", "type": "str", "help": "day of the run"},
            "portfolio": {"value": portfolio, "default": "individual", "type": "str", "help": "whose book"},
            "currency": {"value": "USD", "default": "USD", "type": "str", "help": "of all money"},
            "window": {
                "value": 504,
                "default": 252,
                "type": "int",
                "help": "trading days",
                "limits": "20 ≤ x ≤ 5000",
            },
            "confidence": {"value": 0.95, "default": 0.95, "type": "float", "help": "of VaR, decimal"},
        },
        "parts": {},
        "inputs": inputs,
        "tables": {
            table: {
                "sha256": digest(table, 1),
                "bytes": 9000,
                "rows": 1041,
                "columns": [],
                "origins": ["real"],
            }
            for table in row.writes
        },
        "notebook": digest("notebook"),
        "verdict": "On one day in twenty today's book would have lost more than 1.6% (USD 19,482); its "
        "deepest fall since 2019 was 18.4%, deeper than the index's.",
        "key_figures": key_figures(),
        "checks": [
            {"name": "VaR is not above expected shortfall", "passed": True, "detail": "1.6% and 2.4%"},
            {"name": "weights sum to one", "passed": True, "detail": "1.000000"},
        ],
        "modules": ["lib.stats.tails", "lib.portfolio.valuation"],
        "versions": {"python": "3.11", "pandas": "3.1.1", "numpy": "2.4.6"},
    }
    return {**known, **changes}


def key_figures(nav: float = 1_217_640.4) -> list[dict]:
    rows = [
        ("Net asset value", nav, "money", "higher", "34 positions and 12,000 of cash."),
        ("VaR 95%, one day", -0.016, "fraction", "higher", "A worse day came one time in twenty."),
        ("Deepest fall", -0.184, "fraction", "higher", "From Feb to Mar 2020, made good in 148 days."),
        ("Beta to S&P 500", 1.08, "ratio", "neither", "Moves slightly more than the index."),
        ("Coverage", None, "fraction", "higher", "Not known: one position has no price."),
    ]
    return [dict(zip(("name", "value", "unit", "better", "sentence"), row, strict=True)) for row in rows]


FAILURE = {
    "reason": "error",
    "cell": 6,
    "cell_id": "show-growth",
    "message": "DataError: prices end on 12 Dec 2022, 16 days before the as-of date; at most 7 are allowed",
    "ename": "DataError",
    "evalue": "prices end on 12 Dec 2022, 16 days before the as-of date; at most 7 are allowed",
    "traceback": [
        "\x1b[0;31mDataError\x1b[0m  Traceback (most recent call last)",
        "Cell In[6], line 1\n----> 1 stage.show_figure(figure)",
        "\x1b[0;31mDataError\x1b[0m: prices end on 12 Dec 2022 <script>alert(1)</script>",
    ],
}


def failed_notebook() -> nbformat.NotebookNode:
    """A notebook whose sixth code cell raised; what follows was not run."""
    made = notebook()
    place = next(n for n, cell in enumerate(made.cells) if cell.id == "show-growth")
    for cell in made.cells[place:]:
        if cell.cell_type == "code":
            cell.outputs = []
    made.cells[place].outputs = [
        nbformat.from_dict(
            {
                "output_type": "error",
                "ename": FAILURE["ename"],
                "evalue": FAILURE["evalue"],
                "traceback": FAILURE["traceback"],
            }
        )
    ]
    return made


def write(folder: Path, cells: nbformat.NotebookNode, known: dict) -> dict:
    """Notebook and record on disk, and the payload that asks for their page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stage.ipynb").write_text(json.dumps(cells))
    (folder / "stage.json").write_text(json.dumps(known))
    payload = {
        "notebook": folder / "stage.ipynb",
        "record": folder / "stage.json",
        "page": folder / "page.html",
    }
    return {name: str(path) for name, path in payload.items()}
