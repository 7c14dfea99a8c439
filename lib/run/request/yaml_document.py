"""Read a params file as YAML 1.2, with the line of every value, and refuse what would surprise.

PyYAML composes the nodes and keeps their lines; the scalars are converted here by the core schema of
YAML 1.2, so that ``NO`` and ``ON`` stay text, ``1e3`` is a number and a date stays as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lib.errors import InputError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_TEXT_TAG = "tag:yaml.org,2002:str"
_PLAIN_TAGS = {_TEXT_TAG, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class Document:
    """The data of a file and the line of every key and item, by its path from the top."""

    file: str
    data: Any
    lines: dict[tuple, int]

    def line(self, *path: str | int) -> int | None:
        """Line of the nearest enclosing value that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read(path: Path, shown: str) -> Document:
    """The document at ``path``; ``shown`` names it in messages. Raises InputError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError("no such file", file=shown, mend="give the path of a params file (YAML)") from None
    except OSError as fault:
        raise InputError(
            f"cannot be read ({fault.strerror})", file=shown, mend="give a readable file"
        ) from None
    if len(content) > MAX_BYTES:
        raise InputError(
            f"{len(content):,} bytes", file=shown, mend=f"a params file has at most {MAX_BYTES:,}"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise InputError("not UTF-8", file=shown, line=line, mend="save the file as UTF-8") from None
    return parse(text, shown)


def parse(text: str, shown: str) -> Document:
    """The document in ``text``: one mapping, no anchors, aliases or tags, no key twice."""
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if getattr(event, "anchor", None):
                raise InputError(
                    "anchors and aliases are not allowed",
                    file=shown,
                    line=event.start_mark.line + 1,
                    mend="write the value out",
                )
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
        raise InputError("the file is empty", file=shown, mend="see params/sample.yaml for an example")
    lines: dict[tuple, int] = {}
    data = _convert(root, (), lines, shown)
    if not isinstance(data, dict):
        raise InputError("not a mapping of keys to values", file=shown, line=1, mend="see params/sample.yaml")
    return Document(shown, data, lines)


def scalar(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _convert(node: yaml.Node, path: tuple, lines: dict[tuple, int], shown: str) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if len(path) > MAX_DEPTH:
        raise InputError("nested too deeply", file=shown, line=line, mend=f"at most {MAX_DEPTH} levels")
    if node.tag not in _PLAIN_TAGS:
        raise InputError(
            f"the tag {node.tag} is not allowed", file=shown, line=line, mend="write a plain value"
        )
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style else scalar(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_convert(item, (*path, i), lines, shown) for i, item in enumerate(node.value)]
    return _mapping(node, path, lines, shown)


def _mapping(node: yaml.Node, path: tuple, lines: dict[tuple, int], shown: str) -> dict:
    out: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise InputError("a key must be text", file=shown, line=line, mend="write `name: value`")
        key = key_node.value
        if key in out:
            raise InputError("given twice", file=shown, line=line, field=key, mend="keep one of them")
        lines[(*path, key)] = line
        out[key] = _convert(value_node, (*path, key), lines, shown)
    return out
