"""Fingerprints of code: a stage's notebook and every ``lib`` module that it imports, followed through.

A string that is the name of a module counts as an import: providers and programs are named so. Parsing is the
slow part, so what each source imports is kept by the digest of the source.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

# Their content stands in a key piece by piece: the stage's row, and the schemas of its own tables.
PIECEWISE = ("lib.tables", "lib.pipeline")

NAMED = re.compile(r"""["'](lib(?:\.\w+)+)["']""")


def piecewise(name: str) -> bool:
    """Whether the module is in keys by what a stage uses of it, not by its source."""
    return name.startswith(PIECEWISE)


class Sources:
    """The ``lib`` of one repository. ``cache`` maps a source's digest to the dotted names it imports."""

    def __init__(self, root: Path, cache: dict[str, list[str]] | None = None):
        self.root = root
        self.cache = dict(cache or {})
        self.used: dict[str, list[str]] = {}
        self._files: dict[str, Path | None] = {}
        self._sources: dict[str, tuple[str, list[str]]] = {}

    def of_code(self, cells: Iterable[str]) -> dict[str, str]:
        """Module → sha256 of its source, for everything that the code imports directly or indirectly."""
        return self.of_modules(self._imports("\n".join(cells)))

    def of_modules(self, names: Iterable[str]) -> dict[str, str]:
        """Module → sha256 of its source, for these modules and what they import."""
        found: dict[str, str] = {}
        waiting = [name for name in names if self._file(name)]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            digest, imports = self._module(name)
            found[name] = digest
            parents = [name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1)]
            waiting += [other for other in (*imports, *parents) if other not in found and self._file(other)]
        return {name: found[name] for name in sorted(found) if not piecewise(name)}

    def _module(self, name: str) -> tuple[str, list[str]]:
        if name not in self._sources:
            path = self._file(name)
            assert path is not None
            content = path.read_bytes()
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            self._sources[name] = (
                hashlib.sha256(content).hexdigest(),
                self._imports(content.decode("utf-8"), package),
            )
        return self._sources[name]

    def _imports(self, source: str, package: str = "") -> list[str]:
        digest = hashlib.sha256(f"{package}\n{NAMED.pattern}\n{source}".encode()).hexdigest()
        if digest not in self.cache:
            self.cache[digest] = sorted(_imported(source, package))
        self.used[digest] = self.cache[digest]
        return self.cache[digest]

    def _file(self, name: str) -> Path | None:
        if name not in self._files:
            self._files[name] = None
            if name == "lib" or name.startswith("lib."):
                base = self.root.joinpath(*name.split("."))
                for path in (base.with_suffix(".py"), base / "__init__.py"):
                    if path.is_file():
                        self._files[name] = path
        return self._files[name]


def _imported(source: str, package: str) -> set[str]:
    """Dotted names that may be modules; ``from a import b`` gives both ``a`` and ``a.b``."""
    names = set(NAMED.findall(source))
    blocks: list[ast.AST] = [ast.parse(source)]
    while blocks:
        for node in ast.iter_child_nodes(blocks.pop()):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = _base(node, package)
                names.add(base)
                names.update(f"{base}.{alias.name}" for alias in node.names)
            elif not isinstance(node, ast.expr):
                blocks.append(node)
    return {name for name in names if name == "lib" or name.startswith("lib.")}


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_of(value: object) -> str:
    """sha256 of a JSON-able value in canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=True)
    return hashlib.sha256(text.encode()).hexdigest()
