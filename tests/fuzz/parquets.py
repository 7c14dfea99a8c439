"""Evil Parquet files: columns of every type, values at the edge, and files that are damaged or lie."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from fuzz.world import Input, frame

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
DAY = 86_400


def _bad_text(rows: int, offsets: str = "i", kind: pa.DataType | None = None) -> pa.Array:
    piece = b"\xff\xfeA"
    ends = struct.pack(f"<{rows + 1}{offsets}", *range(0, 3 * rows + 1, 3))
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(piece * rows)]
    return pa.Array.from_buffers(kind or pa.string(), rows, buffers)


def _dates(unit: str, value: int, zone: str | None = None) -> Callable[[int], pa.Array]:
    value = int(value / 1001) if unit == "s" else value  # which Parquet stores in milliseconds
    return lambda rows: pa.array([value] * rows, pa.int64()).cast(pa.timestamp(unit, zone))


def _dictionary(value: object, kind: pa.DataType) -> Callable[[int], pa.Array]:
    return lambda rows: pa.DictionaryArray.from_arrays(
        pa.array([0] * rows, pa.int32()), pa.array([value], kind)
    )


COLUMNS: dict[str, Callable[[int], pa.Array]] = {
    "lists": lambda rows: pa.array([[1, 2]] * rows),
    "lists of lists of text": lambda rows: pa.array([[["a"]]] * rows),
    "long lists": lambda rows: pa.array([[1]] * rows, pa.large_list(pa.int64())),
    "pairs": lambda rows: pa.array([[1, 2]] * rows, pa.list_(pa.int64(), 2)),
    "maps": lambda rows: pa.array([[("a", 1)]] * rows, pa.map_(pa.string(), pa.int64())),
    "structs": lambda rows: pa.array([{"a": 1, "b": "x"}] * rows),
    "structs of lists": lambda rows: pa.array([{"a": [{"b": [1]}]}] * rows),
    "empty structs": lambda rows: pa.array([{"a": None}] * rows, pa.struct([("a", pa.null())])),
    "nothing": lambda rows: pa.nulls(rows),
    "flags": lambda rows: pa.array([True] * rows),
    "bytes": lambda rows: pa.array([b"\0\xff"] * rows),
    "bytes that are text": lambda rows: pa.array([b"2022-12-28"] * rows),
    "sixteen bytes": lambda rows: pa.array([bytes(16)] * rows, pa.binary(16)),
    "bad text": _bad_text,
    "bad long text": lambda rows: _bad_text(rows, "q", pa.large_string()),
    "long text": lambda rows: pa.array(["AAA"] * rows, pa.large_string()),
    "text with controls": lambda rows: pa.array(["\0\x1b[2J\u202e"] * rows),
    "text of 3,000": lambda rows: pa.array(["x" * 3000] * rows),
    "one text of 1,000,000": _dictionary("x" * 1_000_000, pa.string()),
    "one text of 30,000,000": _dictionary("x" * 30_000_000, pa.string()),
    "a dictionary": _dictionary("2022-12-28", pa.string()),
    "a dictionary of numbers": _dictionary(7, pa.int64()),
    "a dictionary of bad text": lambda rows: pa.DictionaryArray.from_arrays(
        pa.array([0] * rows, pa.int32()), _bad_text(1)
    ),
    "times of day": lambda rows: pa.array([1] * rows, pa.time64("us")),
    "spans": lambda rows: pa.array([INT_MAX] * rows, pa.duration("s")),
    "decimals": lambda rows: pa.array([10**30] * rows, pa.decimal128(38, 2)),
    "wide decimals": lambda rows: pa.array([10**70] * rows, pa.decimal256(76, 2)),
    "halves": lambda rows: pa.array([65504.0] * rows, pa.float16()),
    "floats of four bytes": lambda rows: pa.array([3.0] * rows, pa.float32()),
    "no numbers": lambda rows: pa.array([float("nan")] * rows),
    "endless numbers": lambda rows: pa.array([float("inf")] * rows),
    "the largest whole numbers": lambda rows: pa.array([2**64 - 1] * rows, pa.uint64()),
    "the smallest whole numbers": lambda rows: pa.array([INT_MIN] * rows),
    "first days": lambda rows: pa.array([-(2**31)] * rows, pa.int32()).cast(pa.date32()),
    "last days": lambda rows: pa.array([2**31 - 1] * rows, pa.int32()).cast(pa.date32()),
    "good days": lambda rows: pa.array([19_354] * rows, pa.int32()).cast(pa.date32()),
    "good days in milliseconds": lambda rows: pa.array([19_354 * DAY * 1000] * rows).cast(pa.date64()),
    "days in words": lambda rows: pa.array(["2022-12-28"] * rows),
    **{
        f"{words} moments in {unit}{' of ' + zone if zone else ''}": _dates(unit, value, zone)
        for unit in ("s", "ms", "us", "ns")
        for words, value in (("first", INT_MIN + 1), ("last", INT_MAX), ("odd", 10**15))
        for zone in (None, "UTC", "America/New_York")
    },
}


def written(table: pa.Table, **options: object) -> bytes:
    """The bytes of a Parquet file."""
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def good(name: str, rows: int | None = None) -> pa.Table:
    """A good table of the data folder."""
    return pa.Table.from_pandas(frame(name).head(rows), preserve_index=False)


def columns(name: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The table with each column in turn replaced by each evil one."""
    table = good(name, 5)
    for place, column in enumerate(table.column_names):
        for label, make in COLUMNS.items():
            yield (
                f"{column} holds {label}",
                lambda place=place, column=column, make=make: written(
                    table.set_column(place, column, make(table.num_rows))
                ),
            )
    for label, make in COLUMNS.items():
        yield (
            f"unasked {label}",
            lambda make=make: written(table.append_column("unasked", make(table.num_rows))),
        )


def whole(name: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Files that are odd as a whole."""
    table = good(name)
    plain = written(table)
    first = table.column_names[0]
    huge = _dictionary("x" * 1_000_000, pa.string())
    yield "no columns", lambda: written(pa.table({}))
    yield "no columns and rows", lambda: written(table.select([]))
    yield "no rows", lambda: written(table.slice(0, 0))
    yield (
        "5,000 columns",
        lambda: written(
            pa.table({**{f"c{n}": [1] for n in range(5000)}, **{c: table[c][:1] for c in table.column_names}})
        ),
    )
    yield "3,000 groups of rows", lambda: written(_rows(table, 3000), row_group_size=1)
    yield (
        "a column twice",
        lambda: written(
            pa.Table.from_arrays([*table.columns, table.column(0)], [*table.column_names, first])
        ),
    )
    yield "a column twice in other letters", lambda: written(table.append_column(first.upper(), table[first]))
    yield "names with controls", lambda: written(table.append_column("\0\x1b[2J\u202e", table[first]))
    yield "a name of 100,000", lambda: written(table.append_column("n" * 100_000, table[first]))
    yield "an empty name", lambda: written(table.append_column("", table[first]))
    yield "everything nested", lambda: written(pa.table({"all": table.to_struct_array().combine_chunks()}))
    yield "a dotted name beside", lambda: written(table.append_column(f"{first}.x", table[first]))
    yield "unasked 2 GB", lambda: written(_rows(table, 2000).append_column("notes", huge(2000)))
    yield "unasked 200 GB", lambda: written(_rows(table, 200_000).append_column("notes", huge(200_000)))
    yield "asked 2 GB", lambda: written(_rows(table, 2000).set_column(1, table.column_names[1], huge(2000)))
    yield "12,000,000 rows of one byte", lambda: written(pa.table({first: pa.nulls(12_000_000, pa.int8())}))
    yield "a pandas index", lambda: written(pa.Table.from_pandas(frame(name).set_index(first)))
    yield "pandas words that are none", lambda: written(table.replace_schema_metadata({"pandas": "{"}))
    yield "a schema that is none", lambda: written(table.replace_schema_metadata({"ARROW:schema": "x"}))
    yield "encrypted", lambda: _encrypted(table, plain_footer=False)
    yield "encrypted, footer in clear", lambda: _encrypted(table, plain_footer=True)
    yield "compressed by brotli", lambda: written(table, compression="brotli")
    yield "of version 1.0", lambda: written(table, version="1.0", data_page_version="1.0")
    yield "moments of 12 bytes", lambda: written(table, use_deprecated_int96_timestamps=True)
    yield "nothing", lambda: b""
    yield "the first word", lambda: b"PAR1"
    yield "the first and last word", lambda: b"PAR1PAR1"
    yield "a footer of 4 GB", lambda: plain[:-8] + b"\xff\xff\xff\xff" + b"PAR1"
    yield "a footer of 0", lambda: plain[:-8] + b"\0\0\0\0" + b"PAR1"
    yield "a CSV", lambda: frame(name).to_csv(index=False).encode()
    yield "an Arrow file", lambda: b"ARROW1\0\0" + plain
    yield "the half", lambda: plain[: len(plain) // 2]
    yield "the end", lambda: plain[len(plain) // 2 :]
    yield "all but a byte", lambda: plain[:-1]
    yield "zeros within", lambda: plain[:4] + bytes(len(plain) // 2) + plain[4 + len(plain) // 2 :]


def _rows(table: pa.Table, rows: int) -> pa.Table:
    return table.take(pa.array([n % table.num_rows for n in range(rows)]))


def _encrypted(table: pa.Table, *, plain_footer: bool) -> bytes:
    from pyarrow.parquet import encryption

    class Keys(encryption.KmsClient):
        def wrap_key(self, key: bytes, name: str) -> bytes:
            return b"wrapped:" + key.hex().encode()

        def unwrap_key(self, key: bytes, name: str) -> bytes:
            return bytes.fromhex(key.removeprefix(b"wrapped:").decode())

    factory = encryption.CryptoFactory(lambda settings: Keys())
    asked = encryption.EncryptionConfiguration(
        footer_key="f", column_keys={"c": table.column_names}, plaintext_footer=plain_footer
    )
    properties = factory.file_encryption_properties(encryption.KmsConnectionConfig(), asked)
    return written(table, encryption_properties=properties)


def mutated(rng: random.Random, name: str) -> bytes:
    """A good file with bits turned, more often in the footer, or cut."""
    content = bytearray(written(good(name, 8), compression=rng.choice(("none", "snappy", "zstd", "gzip"))))
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        low = rng.choice((0, len(content) // 2, len(content) - 200))
        content[rng.randrange(max(low, 0), len(content))] ^= 1 << rng.randrange(8)
    return bytes(content[: rng.choice((len(content), len(content), rng.randrange(len(content))))])


def place(name: str, content: bytes, label: str) -> Input:
    """The Parquet file in the place of the CSV."""
    files = {f"data/{name}.csv": None, f"data/{name}.parquet": content}
    return Input(f"data/{name}.parquet: {label}", files)
