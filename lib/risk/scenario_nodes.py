"""YAML scenario files as nodes that know their line, so that every refusal can name it.

PyYAML only composes the nodes; nothing is constructed by tags, and scalars stay the text that was written, so
that ``NO`` and ``ON`` are text, ``1e3`` is a number where a number is asked for, and a date stays a date.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from lib.errors import InputError

MAX_BYTES = 1_000_000
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Value:
    """A node of a file, and where it stands: ``field`` as in ``scenarios[2].shocks.value``."""

    file: str
    field: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """Line in the file, the first being 1."""
        return self.node.start_mark.line + 1

    def fault(self, found: str, mend: str) -> InputError:
        """An error at this place."""
        return InputError(found, mend=mend, file=self.file, line=self.line, field=self.field or None)

    def mapping(self) -> dict[str, Value]:
        """Values by key. Raises InputError for anything else, a key that is no text, and a key twice."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault(f"found {self.shown}", "give a mapping, `key: value` on each line")
        found: dict[str, Value] = {}
        for key, value in self.node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            inner = Value(self.file, f"{self.field}.{name}".lstrip("."), value)
            at_key = Value(self.file, inner.field, key)
            if name == "?":
                raise at_key.fault("a key that is no text", "write `key: value`")
            if name in found:
                raise at_key.fault("given twice", "keep one of them")
            found[name] = inner
        return found

    def items(self) -> list[Value]:
        """Members of a list. Raises InputError for anything else."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.fault(f"found {self.shown}", "give a list, each member after a `-`")
        return [Value(self.file, f"{self.field}[{n}]", node) for n, node in enumerate(self.node.value)]

    def text(self) -> str:
        """The text of a scalar."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.fault(f"found {self.shown}", "give plain text")
        return str(self.node.value)

    def number(self) -> float:
        """A finite number that is written as one; a quoted number, a percentage and .inf are refused."""
        written = self.text()
        if self.node.style or not _NUMBER.fullmatch(written) or not math.isfinite(float(written)):
            raise self.fault(f"found {written!r}, no number", "write a decimal such as -0.10 for -10 %")
        return float(written)

    def truth(self) -> bool:
        """true or false."""
        written = self.text()
        if self.node.style or written not in _TRUTH:
            raise self.fault(f"found {written!r}", "write true or false")
        return _TRUTH[written]

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
        """The node for a message: its text, or which kind of collection it is."""
        if isinstance(self.node, yaml.ScalarNode):
            return repr(self.node.value) if self.node.value else "nothing"
        return "a list" if isinstance(self.node, yaml.SequenceNode) else "a mapping"


def read_nodes(path: Path, name: str) -> Value:
    """The top of the file at ``path``; ``name`` is what messages call it. Raises InputError."""
    content = path.read_bytes()
    if len(content) > MAX_BYTES:
        raise InputError(f"{len(content):,} bytes", file=name, mend=f"at most {MAX_BYTES:,}")
    try:
        root = yaml.compose(content.decode("utf-8-sig"), Loader=_LOADER)
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise InputError("not UTF-8", file=name, line=line, mend="save the file as UTF-8") from None
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
        problem = getattr(fault, "problem", None) or "characters that YAML forbids"
        place = mark.line + 1 if mark else None
        mend = "mend the indentation or the quotes there"
        raise InputError(f"not valid YAML: {problem}", file=name, line=place, mend=mend) from None
    if root is None:
        raise InputError("the file is empty", file=name, mend="begin it with `scenarios:`")
    return Value(name, "", root)
