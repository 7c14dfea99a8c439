"""Does an environment hold exactly what a lock pins? Standard library only.

A lock is a hashed requirements file: ``name==version ; marker \\`` and indented hashes. Installed versions
are read from the names of the ``*.dist-info`` folders along ``sys.path``, which is where importlib.metadata
looks too; reading the 160 files inside, as it does, would cost every start a tenth of a second.
"""

from __future__ import annotations

import ast
import operator
import os
import platform
import re
import sys
from collections.abc import Iterable
from pathlib import Path

NOT_SATISFIED = 3
ENVIRONMENT = {
    "implementation_name": sys.implementation.name,
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_system": platform.system(),
    "python_full_version": platform.python_version(),
    "python_version": ".".join(platform.python_version_tuple()[:2]),
    "sys_platform": sys.platform,
}
VERSIONS = ("python_full_version", "python_version")
COMPARISONS = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")
INSTALLED = re.compile(r"^(.+?)-(\d[^-]*)(?:-py[\d.]+)?\.(?:dist-info|egg-info)$")


def satisfies(lock: Path, paths: Iterable[str] | None = None) -> bool:
    """Whether the folders of ``paths`` (default: this interpreter's) hold the very versions of the lock."""
    wanted = pins(lock.read_text())
    found = installed(sys.path if paths is None else paths)
    return bool(wanted) and all(found.get(name) == version for name, version in wanted.items())


def pins(text: str, environment: dict[str, str] = ENVIRONMENT) -> dict[str, str]:
    """Name to version for the lines of a lock whose marker holds in ``environment``."""
    wanted, holds = {}, {"": True}
    for line in text.splitlines():
        if not line or line[0] in " \t#":
            continue
        match = PIN.match(line)
        if match is None:
            raise ValueError(f"not a pinned requirement: {line!r}")
        name, version, marker = match[1], match[2], match[3] or ""
        if marker not in holds:
            holds[marker] = marker_holds(marker, environment)
        if holds[marker]:
            wanted[normal(name)] = version
    return wanted


def marker_holds(marker: str, environment: dict[str, str] = ENVIRONMENT) -> bool:
    """Whether an environment marker holds; markers are read as the Python expressions that they look like."""
    return _holds(ast.parse(marker, mode="eval").body, environment)


def installed(paths: Iterable[str]) -> dict[str, str]:
    """Name to version of what is installed; the first folder wins, a name twice in one is ambiguous."""
    found: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        here: dict[str, str] = {}
        for entry in _entries(path):
            match = INSTALLED.match(entry)
            if match:
                name = normal(match[1])
                here[name] = "ambiguous" if name in here else match[2]
        found = {**here, **found}
    return found


def normal(name: str) -> str:
    """The one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _entries(path: str) -> list[str]:
    try:
        return os.listdir(path or ".")  # noqa: PTH208
    except OSError:
        return []


def _holds(node: ast.expr, environment: dict[str, str]) -> bool:
    if isinstance(node, ast.BoolOp):
        join = all if isinstance(node.op, ast.And) else any
        return join(_holds(part, environment) for part in node.values)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = node.left, node.comparators[0]
        names = [part.id for part in (left, right) if isinstance(part, ast.Name)]
        ordered = any(name in VERSIONS for name in names)
        return _compare(type(node.ops[0]), _text(left, environment), _text(right, environment), ordered)
    raise ValueError(f"not a marker: {ast.unparse(node)}")


def _text(node: ast.expr, environment: dict[str, str]) -> str:
    if isinstance(node, ast.Name) and node.id in environment:
        return environment[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError(f"not a marker: {ast.unparse(node)}")


def _compare(kind: type[ast.cmpop], left: str, right: str, ordered: bool) -> bool:
    if right.endswith(".*"):
        inside = f"{left}.".startswith(right[:-1])
        return inside if kind is ast.Eq else not inside
    if ordered and kind not in (ast.In, ast.NotIn):
        return COMPARISONS[kind](_release(left), _release(right))
    return COMPARISONS[kind](left, right)


def _release(version: str) -> tuple[int, ...]:
    """``3.11.0`` and ``3.11`` compare as equal; what follows the numbers is left out."""
    numbers = [int(part) for part in re.findall(r"\d+", re.split(r"[a-z+]", version)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


if __name__ == "__main__":
    sys.exit(0 if satisfies(Path(sys.argv[1])) else NOT_SATISFIED)
