"""A notebook's parameter cell is the schema of its settings: read without a kernel and without papermill.

One line a parameter: ``name: type = literal  # unit, meaning, limits``. Types are ``bool int float str
list[T] dict[str, T]`` or any of them ``| None``; limits (``lib.run.request.limits``) are a range such as
``0 < x ≤ window`` or a choice such as ``one of any | all``.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.errors import GraphError
from lib.run.request import limits
from lib.run.request.limits import Limits

TAG = "parameters"
LARGEST = 2**1023
SIMPLE = {"bool": bool, "int": int, "float": float, "str": str}


@dataclass(frozen=True)
class Parameter:
    """One setting of a stage: its name, type as written, default, meaning, and limits as written or empty."""

    name: str
    type: str
    default: Any
    help: str
    limits: str = ""

    def fits(self, value: Any) -> Any:
        """The value as this type (whole numbers become floats where a float is declared).

        Raises TypeError saying what was expected and found.
        """
        return _fit(ast.parse(self.type, mode="eval").body, value, self.type)


@dataclass(frozen=True)
class Breach:
    """A value outside its limits: the setting, where in it, what was found, the mend.

    ``others`` are the settings that its limits name, one of which may be what is to be mended.
    """

    name: str
    place: tuple
    found: Any
    mend: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Notebook:
    """What planning needs of a notebook: title, parameters, its code, and the digest of code and prose."""

    title: str
    parameters: tuple[Parameter, ...]
    code: tuple[str, ...]
    digest: str


def read_notebook(path: Path) -> Notebook:
    """Read a notebook's JSON. Raises GraphError naming the notebook and what its cells lack."""
    shown = f"notebooks/{path.parent.name}/{path.name}"
    try:
        cells = json.loads(path.read_bytes())["cells"]
    except (OSError, ValueError, KeyError) as fault:
        raise GraphError(f"{shown} is missing or not a notebook ({fault})") from None
    texts = [(c["cell_type"], "".join(c["source"]), c.get("metadata", {}).get("tags", [])) for c in cells]
    tagged = [source for kind, source, tags in texts if kind == "code" and TAG in tags]
    if len(tagged) != 1:
        raise GraphError(f"{shown} has {len(tagged)} cells tagged `{TAG}`; it needs exactly one")
    title = next((s.lstrip("# ").splitlines()[0] for kind, s, _ in texts if kind == "markdown" and s), shown)
    named = [(cell.get("id"), *text) for cell, text in zip(cells, texts, strict=True)]
    digest = hashlib.sha256(json.dumps(named).encode()).hexdigest()
    code = tuple(source for kind, source, _ in texts if kind == "code")
    return Notebook(title, read_parameters(tagged[0], shown), code, digest)


def read_parameters(source: str, shown: str) -> tuple[Parameter, ...]:
    """The parameters of a cell. Raises GraphError for a line that is not ``name: type = literal``."""
    try:
        body = ast.parse(source).body
        comments = {
            token.start[0]: token.string.lstrip("# ")
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT
        }
    except SyntaxError as fault:
        raise GraphError(f"{shown}: the parameter cell is not Python ({fault})") from None
    found = tuple(_parameter(node, comments, shown) for node in body)
    known = {one.name: one.default for one in found}
    for one in found:
        for other in limits.parse(one.limits).others:
            if type(known.get(other)) not in (int, float):
                raise GraphError(f"{shown}: parameter {one.name}: its bound {other} is no number of the cell")
    if breach := next(breaches(found, known), None):
        words = f"the default {breach.found!r} is outside its limits; {breach.mend}"
        raise GraphError(f"{shown}: parameter {breach.name}: {words}")
    return found


def breaches(parameters: Sequence[Parameter], values: Mapping[str, Any]) -> Iterator[Breach]:
    """Every value of a stage's settings that is outside its limits, those of the cell's other lines given."""
    for one in parameters:
        known = limits.parse(one.limits)
        for place, found, mend in known.breaches(values[one.name], values):
            help_text = f" ({one.help})" if one.help else ""
            yield Breach(one.name, place, found, mend + help_text, known.others)


def _parameter(node: ast.stmt, comments: dict[int, str], shown: str) -> Parameter:
    if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None):
        raise GraphError(
            f"{shown}: line {node.lineno} of the parameter cell is not `name: type = literal  # meaning`"
        )
    name, written = node.target.id, ast.unparse(node.annotation)
    try:
        default = _fit(node.annotation, ast.literal_eval(node.value), written)
    except (ValueError, TypeError) as fault:
        raise GraphError(
            f"{shown}: parameter {name}: the default is no literal of its type ({fault})"
        ) from None
    comment = comments.get(node.end_lineno or node.lineno, "")
    try:
        meaning, text = limits.split(comment)
        _refuse_misfit(limits.parse(text), written)
    except ValueError as fault:
        raise GraphError(f"{shown}: parameter {name}: {fault}") from None
    return Parameter(name, written, default, meaning, text)


def _refuse_misfit(known: Limits, written: str) -> None:
    """Raise ValueError for limits that are not those of the type."""
    inner = written.removeprefix("list[").removeprefix("dict[str, ")
    scalar = inner.split(" | ")[0].removesuffix("]")
    if known.choices and scalar != "str":
        raise ValueError(f"`{known.text}` is a choice of texts, and the type is {written}")
    if (known.low or known.high) and scalar not in ("int", "float"):
        raise ValueError(f"`{known.text}` is a range of numbers, and the type is {written}")
    if known.text and known.each != (inner != written):
        raise ValueError(f"`{known.text}`: write `each` for a list or a mapping, and for nothing else")


def _fit(node: ast.expr, value: Any, written: str) -> Any:
    if isinstance(node, ast.Constant) and node.value is None and value is None:
        return None
    if isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            try:
                return _fit(side, value, written)
            except TypeError:
                continue
    if isinstance(node, ast.Name) and node.id in SIMPLE:
        if type(value) is SIMPLE[node.id]:
            return value
        if node.id == "float" and type(value) is int and abs(value) < LARGEST:
            return float(value)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        if node.value.id == "list" and isinstance(value, list):
            return [_fit(node.slice, item, written) for item in value]
        if node.value.id == "dict" and isinstance(value, dict) and isinstance(node.slice, ast.Tuple):
            inner = node.slice.elts[1]
            return {_key(key, written): _fit(inner, item, written) for key, item in value.items()}
    raise TypeError(f"expected {written}, found {value!r}")


def _key(key: Any, written: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"expected {written}, found the key {key!r}")
    return key
