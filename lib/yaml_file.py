"""YAML files that people write, as values that know their line, so that every refusal can name it.

PyYAML only composes the nodes. Nothing is constructed by tags: scalars are the text that was written until
the core schema of YAML 1.2 says what they are, so that ``NO`` and ``ON`` stay text, ``1e3`` is a number and
a date stays as it was written. What would surprise is refused: anchors, tags, a key twice, deep nesting.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from lib import user_files
from lib.errors import InputError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_VALUES = 50_000
MAX_DIGITS = 300
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_PLAIN_TAGS = {None, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class Value:
    """A value of a file and where it stands: ``field`` as in ``scenarios[2].shocks.value``, ``line`` from 1.

    The line of a value in a mapping is that of its key.
    """

    file: str
    field: str
    line: int
    node: yaml.Node

    def fault(self, found: str, mend: str) -> InputError:
        """An error at this place."""
        return InputError(found, mend=mend, file=self.file, line=self.line, field=self.field or None)

    def mapping(self) -> dict[str, Value]:
        """Values by key. Raises InputError for anything else, a key that is no text, and a key twice."""
        if not isinstance(self.node, yaml.MappingNode):
            shown = self.shown if self.field or not isinstance(self.node, yaml.ScalarNode) else "plain text"
            raise self.fault(f"found {shown}", "give a mapping, `key: value` on each line")
        found: dict[str, Value] = {}
        for key, value in self.node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                inner = Value(self.file, f"{self.field}.?".lstrip("."), line, key)
                raise inner.fault("a key must be text", "write `name: value`")
            name = str(key.value)
            inner = Value(self.file, f"{self.field}.{name}".lstrip("."), line, value)
            if name in found:
                raise inner.fault("given twice", "keep one of them")
            found[name] = inner
        return found

    def items(self) -> list[Value]:
        """Members of a list. Raises InputError for anything else."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.fault(f"found {self.shown}", "give a list, each member after a `-`")
        return [
            Value(self.file, f"{self.field}[{n}]", node.start_mark.line + 1, node)
            for n, node in enumerate(self.node.value)
        ]

    def text(self) -> str:
        """The text of a scalar."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.fault(f"found {self.shown}", "give plain text")
        return str(self.node.value)

    def number(self) -> float:
        """A finite number that is written as one; a quoted number, a percentage and .inf are refused."""
        written = self.text()
        if self.node.style or not _FLOAT.fullmatch(written) or not math.isfinite(float(written)):
            raise self.fault(f"found {written!r}, no number", "write a decimal such as -0.10 for -10 %")
        return float(written)

    def truth(self) -> bool:
        """true or false."""
        written = self.text()
        if self.node.style or written not in ("true", "false"):
            raise self.fault(f"found {written!r}", "write true or false")
        return written == "true"

    def day(self) -> str:
        """A date as YYYY-MM-DD."""
        written = self.text()
        try:
            if not _DATE.fullmatch(written):
                raise ValueError
            date.fromisoformat(written)
        except ValueError:
            raise self.fault(f"found {written!r}", "give a date as YYYY-MM-DD") from None
        return written

    @property
    def shown(self) -> str:
        """The value for a message: its text, or which kind of collection it is."""
        if isinstance(self.node, yaml.ScalarNode):
            return repr(self.node.value) if self.node.value else "nothing"
        return "a list" if isinstance(self.node, yaml.SequenceNode) else "a mapping"


@dataclass(frozen=True)
class Document:
    """The data of a file, each scalar as the core schema has it, and the line of every key and item."""

    file: str
    data: Any
    lines: dict[tuple, int]

    def line(self, *path: str | int) -> int | None:
        """Line of the nearest enclosing value that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read(path: Path, shown: str, *, example: str = "") -> Value:
    """The top of the file at ``path``; messages call it ``shown`` and name a good ``example``.

    Raises InputError.
    """
    content = user_files.read(path, shown, most=MAX_BYTES, mend="give the path of a YAML file").content
    return parse(decoded(content, shown), shown, example=example)


def decoded(content: bytes, shown: str) -> str:
    """The text of a file's content. Raises InputError for what is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise InputError("not UTF-8", file=shown, line=line, mend="save the file as UTF-8") from None


def parse(text: str, shown: str, *, example: str = "") -> Value:
    """The top of the document in ``text``: no anchors, aliases or tags, one document. Raises InputError."""
    try:
        _refuse_surprises(text, shown)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as fault:
        if "expected a single document" in str(fault):
            raise InputError("more than one document", file=shown, mend="keep one, without ---") from None
        mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
        problem = getattr(fault, "problem", None) or "characters that YAML forbids"
        raise InputError(
            f"not valid YAML: {problem}",
            file=shown,
            line=mark.line + 1 if mark else None,
            mend="mend the indentation or the quotes there",
        ) from None
    if root is None:
        mend = f"see {example} for an example" if example else "write `key: value` on each line"
        raise InputError("the file is empty", file=shown, mend=mend)
    return Value(shown, "", root.start_mark.line + 1, root)


def document(top: Value) -> Document:
    """The data below a value, which must be a mapping, with the line of everything in it."""
    lines: dict[tuple, int] = {(): top.line}
    data = {name: _plain(one, (name,), lines) for name, one in top.mapping().items()}
    return Document(top.file, data, lines)


def scalar(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2; a whole number that is endless stays text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) <= MAX_DIGITS else text
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _refuse_surprises(text: str, shown: str) -> None:
    depth = 0
    for values, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        found = mend = ""
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None):
            found, mend = "anchors and aliases are not allowed", "write the value out"
        elif (tag := getattr(event, "tag", None)) not in _PLAIN_TAGS:
            found, mend = f"the tag {tag} is not allowed", "write a plain value"
        elif values > MAX_VALUES:
            found, mend = f"more than {MAX_VALUES:,} keys and values", "split the file"
        elif depth > MAX_DEPTH:
            found, mend = "nested too deeply", f"at most {MAX_DEPTH} levels"
        if found:
            raise InputError(found, file=shown, line=event.start_mark.line + 1, mend=mend)


def _plain(value: Value, path: tuple, lines: dict[tuple, int]) -> Any:
    lines[path] = value.line
    if isinstance(value.node, yaml.ScalarNode):
        return value.node.value if value.node.style else scalar(value.node.value)
    if isinstance(value.node, yaml.SequenceNode):
        return [_plain(one, (*path, n), lines) for n, one in enumerate(value.items())]
    return {name: _plain(one, (*path, name), lines) for name, one in value.mapping().items()}
