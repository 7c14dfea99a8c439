"""All inputs in one numbered list: those made by hand, then random changes of good files."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache, partial

from fuzz import mutations, options, parquets, texts
from fuzz.world import GOOD, TABLES, Input

Make = Callable[[], Input]
WEIGHTS = {
    "params.yaml": 4,
    "book.csv": 3,
    "trades.csv": 3,
    "scenarios/own.yaml": 3,
    "data/prices.csv": 2,
    "signal.csv": 3,
}
BY_HAND = 0.55
"""The share of inputs that are made by hand."""


@cache
def chosen(seed: int, number: int) -> list[tuple[str, Make]]:
    """``number`` inputs by seed, in a random order: what each is called, and its maker."""
    rng = random.Random(seed)
    kinds = by_hand()
    each = round(number * BY_HAND / len(kinds))
    taken = [one for kind in kinds for one in rng.sample(kind, min(len(kind), each))]
    made = [(f"seed {seed}, change {n}", partial(changed, seed, n)) for n in range(number - len(taken))]
    found = [*taken, *made]
    rng.shuffle(found)
    return found


def by_hand() -> list[list[tuple[str, Make]]]:
    """Every input made by hand: odd files, options, texts, Parquet files as a whole and by column."""
    ready = [
        [(one.label, partial(_same, one)) for one in kind]
        for kind in (options.odd_files(), options.options())
    ]
    written = [
        (f"{name}: {label}", partial(_text, name, label, make)) for name, label, make in texts.makers()
    ]
    parquet = [
        [
            (f"data/{name}.parquet: {label}", partial(_parquet, name, label, make))
            for name in TABLES
            for label, make in makers(name)
        ]
        for makers in (parquets.whole, parquets.columns)
    ]
    return [*ready, written, *parquet]


def changed(seed: int, n: int) -> Input:
    """The n-th random change of a seed."""
    rng = random.Random(f"{seed}:{n}")
    if rng.random() < 0.15:
        table = rng.choice(TABLES)
        return parquets.place(table, parquets.mutated(rng, table), f"seed {seed}, change {n}")
    name = rng.choice([one for one in GOOD for _ in range(WEIGHTS.get(one, 1))])
    command = "plan" if rng.random() < 0.1 else "validate"
    content = mutations.mutated(rng, GOOD[name])
    return Input(f"seed {seed}, change {n} ({name})", {name: content}, (command, "params.yaml"))


def _same(one: Input) -> Input:
    return one


def _text(name: str, label: str, make: Callable[[], bytes]) -> Input:
    return Input(f"{name}: {label}", {name: make()})


def _parquet(table: str, label: str, make: Callable[[], bytes]) -> Input:
    return parquets.place(table, make(), label)
