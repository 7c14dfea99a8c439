"""New bars over old ones: which rows are new, which differ, which stay, without a loop over rows.

Bars are Arrow tables, texts dictionary-encoded, sorted by symbol and day. A row that differs from the old one
in nothing but the time of its receipt is not new: the old row stays.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import ContractError
from lib.market.store.files import decoded, decoded_used
from lib.market.store.tables import BARS, CLOCK, schema

COMPARED = [name for name in BARS.column_names if name not in (*BARS.key, *CLOCK)]
DAY_BITS = 32


def encode(frame: pd.DataFrame) -> pa.Table:
    """A checked frame of bars as a sorted table. ContractError when a symbol has a day twice."""
    table = pa.Table.from_pandas(frame, schema=schema(BARS), preserve_index=False, nthreads=1)
    table = table.replace_schema_metadata(None).cast(schema(BARS, encoded=True))
    (key,) = keys(table)
    table, key = in_order(table, key)
    twice = np.flatnonzero(key[1:] == key[:-1])
    if len(twice):
        symbol, day = (table[name][int(twice[0])].as_py() for name in BARS.key)
        raise ContractError(f"bars: {symbol} has {day:%Y-%m-%d} twice in one put")
    return table


def keys(*tables: pa.Table) -> list[np.ndarray]:
    """One integer a row that orders by symbol, then day, and is comparable between the tables."""
    parts = [decoded_used(table["symbol"]) for table in tables]
    names = sorted(set().union(*(symbols.tolist() for _, symbols in parts)))
    rank = {name: number for number, name in enumerate(names)}
    found = []
    for table, (codes, symbols) in zip(tables, parts, strict=True):
        ranks = np.array([rank[name] for name in symbols.tolist()], dtype=np.int64)
        days = table["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
        found.append((ranks[codes] << DAY_BITS) + days + (1 << (DAY_BITS - 1)))
    return found


def in_order(table: pa.Table, key: np.ndarray) -> tuple[pa.Table, np.ndarray]:
    """Table and keys sorted; rows of equal keys keep their order."""
    if (key[1:] >= key[:-1]).all():
        return table, key
    order = np.argsort(key, kind="stable")
    return table.unify_dictionaries().combine_chunks().take(pa.array(order)), key[order]


def latest(tables: list[pa.Table]) -> pa.Table:
    """All tables as one; of a key that is there twice the row of the later table."""
    if len(tables) == 1:
        return tables[0]
    table = pa.concat_tables(tables).unify_dictionaries()
    table, key = in_order(table, keys(table)[0])
    last = np.append(key[1:] != key[:-1], True)
    return table if last.all() else table.filter(pa.array(last))


def merge(old: pa.Table, new: pa.Table, cleared: set[str]) -> pa.Table | None:
    """``old`` with ``new`` over it, of ``cleared`` symbols nothing but ``new``; None when nothing changes."""
    old_key, new_key = keys(old, new)
    at = np.searchsorted(old_key, new_key)
    known = at < len(old_key)
    known[known] = old_key[at[known]] == new_key[known]
    same = np.zeros(len(new_key), dtype=bool)
    same[known] = _equal(old.take(pa.array(at[known])), new.filter(pa.array(known)))
    kept = ~of(old, cleared)
    kept[at[known]] = same[known]
    if same.all() and kept.all():
        return None
    both = pa.concat_tables([old.filter(pa.array(kept)), new.filter(pa.array(~same))])
    return in_order(both, np.concatenate([old_key[kept], new_key[~same]]))[0]


def of(table: pa.Table, symbols: set[str]) -> np.ndarray:
    """Which rows are of the symbols."""
    codes, names = decoded(table["symbol"])
    return np.array([name in symbols for name in names.tolist()], dtype=bool)[codes]


def _equal(left: pa.Table, right: pa.Table) -> np.ndarray:
    """Row by row, whether all but key and clock agree; two missing values agree."""
    same = np.ones(len(left), dtype=bool)
    for name in COMPARED:
        a, b = left[name], right[name]
        if pa.types.is_dictionary(a.type):
            a, b = a.cast(pa.string()), b.cast(pa.string())
        agree = pc.fill_null(pc.equal(a, b), False).to_numpy()
        same &= agree | (a.is_null().to_numpy() & b.is_null().to_numpy())
    return same
