"""Manifests of runs as the engine leaves them, small and made up, for tests of what people see."""

from __future__ import annotations

import copy

from pages_fixtures import AS_OF, FAILURE, digest, key_figures

from lib.contracts import Stage
from lib.pipeline import PIPELINE
from lib.run_folder import notebook_path, page_path

ROWS = list(PIPELINE.part(("portfolio",), ("data", "macro", "fund_data")))
"""The stages of a run whose subjects are portfolios."""

OWNERS = [
    {
        "id": "individual",
        "name": "Balanced individual investor",
        "currency": "USD",
        "benchmark": "SPX",
        "cash": 12000.0,
    },
    {"id": "longshort", "name": "Long/short fund", "currency": "USD", "benchmark": "SPX", "cash": 250000.0},
]
VERDICTS = {
    "market/prices": "98.7% of 84,211 prices can be trusted; 12 were set aside and no symbol is missing.",
    "review/portfolio": "The book is worth USD 1,217,640, 0.4% less than the day before; all is well.",
}


def manifest(
    as_of: str = AS_OF,
    finished: str = "2026-11-21T02:24:10+00:00",
    nav: float = 1_217_640.4,
    states: dict[str, str] | None = None,
    owners: list[dict] | None = None,
    **changes: object,
) -> dict:
    """A run's manifest; ``states`` gives ``stage`` or ``stage@portfolio`` another state than done."""
    owners = OWNERS if owners is None else owners
    states = states or {}
    stages, tables = [], {}
    for row in ROWS:
        for portfolio in [one["id"] for one in owners] if row.per else [None]:
            name = f"{row.name}@{portfolio}" if portfolio else row.name
            state = states.get(name) or states.get(row.name) or "done"
            stages.append(_stage(row, portfolio, state, nav))
            for table in row.writes:
                own = f"portfolio={portfolio}/" if portfolio else ""
                tables[f"{table}@{portfolio}" if portfolio else table] = {
                    "path": f"tables/{own}{table}.parquet",
                    "sha256": digest(table, portfolio, as_of),
                    "rows": 34,
                    "origins": ["real"],
                    "stage": row.name,
                }
    for table in ("raw_prices", "raw_yields", "raw_sync_log"):
        tables[table] = {
            "path": f"inputs/market/{table}.parquet",
            "sha256": digest(table, as_of),
            "rows": 84000 + int(as_of[-2:]),
            "origins": ["generated"] if table == "raw_yields" else ["real"],
            "stage": "prepare",
        }
    bad = any(state in ("failed", "not run") for state in states.values())
    fingerprint = digest(as_of, nav, sorted(states.items()))
    known = {
        "schema": 3,
        "run": f"sample-{as_of}-{fingerprint[:8]}" + (".failed-1" if bad else ""),
        "name": "sample",
        "as_of": as_of,
        "fingerprint": fingerprint,
        "state": "failed" if bad else "done",
        "part": None,
        "stopped": None,
        "subjects": {"portfolio": copy.deepcopy(owners)} if owners else {},
        "request": {
            "name": "sample",
            "as_of": as_of,
            "seed": 7,
            "data": {"provider": "sample"},
            "portfolios": [{**one, "positions": f"portfolios/{one['id']}.csv"} for one in owners],
            "stages": {"risk/metrics": {"window": 504}},
        },
        "stages": stages,
        "tables": tables,
        "states": [
            {
                "table": "snapshots",
                "kind": "portfolio",
                "subject": one["id"],
                "as_of": as_of,
                "path": f"tables/portfolio={one['id']}/snapshots.parquet",
                "sha256": digest("snapshots", as_of),
            }
            for one in owners
        ],
        "state_inputs": {},
        "inputs": {
            "params": "inputs/params.yaml",
            "files": {
                f"portfolio/positions@{one['id']}:positions_file": f"inputs/files/ab/{one['id']}.csv"
                for one in owners
            },
        },
        "environment": {
            "lock": digest("lock"),
            "python": "3.11",
            "platform": "linux-x86_64",
            "template": digest("t"),
        },
        "files": {f"inputs/files/ab/{one['id']}.csv": digest(one["id"], nav > 1.2e6) for one in owners},
        "moments": {
            "started": finished.replace(":10+", ":01+"),
            "finished": finished,
            "published": int(finished[8:10]) * 100 + int(finished[11:13]),
            "host": "box",
            "seconds": {"market/prices": 3.2},
            "executed": 3,
            "reused": 8,
            "later_states": [],
        },
    }
    return {**known, **changes}


def _stage(row: Stage, portfolio: str | None, state: str, nav: float) -> dict:
    ran = state in ("done", "failed checks")
    checks = [
        {"name": "long and short add up to net", "passed": True, "detail": "difference 0.00"},
        {"name": "weights sum to one", "passed": state != "failed checks", "detail": "0.9812 of 1"},
    ]
    figures = key_figures(nav) if row.name == "review/portfolio" else []
    if row.name == "market/prices":
        figures = [
            {
                "name": "Prices trusted",
                "value": 0.987,
                "unit": "fraction",
                "better": "higher",
                "sentence": "12 bars of 3 symbols were set aside.",
            },
            {
                "name": "Symbols missing",
                "value": 0.0,
                "unit": "count",
                "better": "lower",
                "sentence": "All 27 that were asked for came.",
            },
        ]
    return {
        "stage": row.name,
        "kind": row.per,
        "subject": portfolio,
        "front": row.front,
        "question": row.question,
        "title": row.question,
        "state": state,
        "key": digest(row.name, portfolio, nav),
        "page": None if state == "not run" else page_path(row.name, portfolio),
        "notebook": None if state == "not run" else notebook_path(row.name, portfolio),
        "verdict": VERDICTS.get(row.name, "It adds up.") if ran else "",
        "key_figures": figures if ran else [],
        "checks": checks if ran else [],
        "failure": FAILURE if state == "failed" else None,
        "blocked_by": [f"risk/metrics@{portfolio}"] if state == "not run" else [],
    }


def failed_manifest() -> dict:
    states = {
        "risk/metrics@longshort": "failed",
        "review/portfolio@longshort": "not run",
        "portfolio/exposures@individual": "failed checks",
    }
    return manifest(finished="2026-11-21T03:10:10+00:00", states=states)


def manifests() -> list[dict]:
    """Five runs of which one failed, oldest first."""
    days = ["2022-12-22", "2022-12-23", "2022-12-27", "2022-12-28"]
    values = [1_190_212.0, 1_198_400.0, 1_222_530.9, 1_217_640.4]
    made = [
        manifest(day, f"2026-11-1{n + 5}T02:24:10+00:00", nav)
        for n, (day, nav) in enumerate(zip(days, values, strict=True))
    ]
    made[1]["moments"]["later_states"] = [
        {"table": "snapshots", "kind": "portfolio", "subject": "individual", "as_of": "2022-12-27"}
    ]
    return [*made, failed_manifest()]
