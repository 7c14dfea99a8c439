"""From a params file and the command line to a request: everything a run depends on, checked.

Unknown keys are refused with the nearest known one; every message says file, line and field.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from lib.errors import InputError
from lib.run import yamlfile
from lib.run.yamlfile import Document

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
CURRENCY = re.compile(r"[A-Z]{3}")
TOP = ("name", "as_of", "seed", "data", "portfolios", "run_stages", "stages")
DATA = {"sample": (), "folder": ("path",)}
PORTFOLIO = ("id", "name", "positions", "currency", "cash", "benchmark", "trades")
SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=-]{0,19}")
MAX_NAME = 100


@dataclass(frozen=True)
class Request:
    """What is asked of a run, resolved; ``lines`` and ``folder`` serve messages and files only."""

    name: str
    as_of: str
    seed: int
    data: dict
    portfolios: tuple[dict, ...]
    run_stages: tuple[str, ...] = ("all",)
    stages: dict[str, dict] = field(default_factory=dict)
    shown: str = "params"
    folder: Path = Path()
    document: Document | None = None
    source: bytes = b""

    def as_dict(self) -> dict:
        """The request as plain JSON, without anything of this machine."""
        return {
            "name": self.name,
            "as_of": self.as_of,
            "seed": self.seed,
            "data": self.data,
            "portfolios": list(self.portfolios),
            "run_stages": list(self.run_stages),
            "stages": self.stages,
        }

    def refuse(self, found: str, mend: str, *path: str | int, field_name: str | None = None) -> InputError:
        """An error at the place of ``path`` in the params file."""
        line = self.document.line(*path) if self.document else None
        return InputError(found, mend=mend, file=self.shown, line=line, field=field_name or dotted(path))


def load(path: Path, shown: str) -> Request:
    """Read and check a params file. Raises InputError."""
    request = resolve(yamlfile.read(path, shown), path.resolve().parent)
    return replace(request, source=path.read_bytes())


def from_dict(given: dict, folder: Path, shown: str, source: bytes) -> Request:
    """The request that ``as_dict`` wrote; ``source`` is the params file that it came from."""
    return replace(resolve(Document(shown, given, {}), folder), source=source)


def resolve(document: Document, folder: Path) -> Request:
    """Check a document's keys and values (settings of stages are checked against their notebooks later)."""
    check = _Checker(document)
    data = document.data
    check.keys(data, TOP, ())
    check.required(data, ("name", "as_of", "data", "portfolios"), ())
    return Request(
        name=check.slug(data["name"], "name"),
        as_of=check.date(data["as_of"], "as_of"),
        seed=check.kind(data.get("seed", 7), int, "a whole number", "seed"),
        data=check.data(data["data"]),
        portfolios=check.portfolios(data["portfolios"]),
        run_stages=check.run_stages(data.get("run_stages", "all")),
        stages=check.stages(data.get("stages") or {}),
        shown=document.file,
        folder=folder,
        document=document,
    )


def override(request: Request, as_of: str | None, portfolios: list[str], settings: list[str]) -> Request:
    """The request with the command line's ``--as-of``, ``--portfolio`` and ``--set`` applied."""
    if as_of is not None:
        request = replace(request, as_of=_Checker(Document("command line", {}, {})).date(as_of, "--as-of"))
    if portfolios:
        known = [one["id"] for one in request.portfolios]
        for wanted in portfolios:
            if wanted not in known:
                raise InputError(
                    f"no portfolio {wanted!r} in {request.shown}",
                    field="--portfolio",
                    mend=nearest(wanted, known) or f"known: {', '.join(known)}",
                )
        request = replace(
            request, portfolios=tuple(one for one in request.portfolios if one["id"] in portfolios)
        )
    stages = {name: dict(values) for name, values in request.stages.items()}
    for text in settings:
        match = re.fullmatch(r"([^.=]+)\.([^.=]+)=(.*)", text, flags=re.DOTALL)
        if not match:
            raise InputError(f"{text!r}", field="--set", mend="write --set chapter/stage.name=VALUE")
        stage, name, value = match.groups()
        parsed = yamlfile.parse(f"value: {value}", "--set").data["value"]
        stages.setdefault(stage, {})[name] = parsed
    return replace(request, stages=stages)


def nearest(given: object, known: list[str] | tuple[str, ...]) -> str:
    """ "did you mean x?" for the nearest of the known names, or nothing."""
    match = difflib.get_close_matches(str(given), known, n=1, cutoff=0.5)
    return f"did you mean `{match[0]}`?" if match else ""


def dotted(path: tuple) -> str | None:
    """``portfolios[0].id`` for a path."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or None


class _Checker:
    """Checks values of one document, each method returning the value that it accepted."""

    def __init__(self, document: Document):
        self.document = document

    def fault(self, found: str, mend: str, *path: str | int) -> InputError:
        line = self.document.line(*path)
        return InputError(found, mend=mend, file=self.document.file, line=line, field=dotted(path))

    def keys(self, data: dict, known: tuple[str, ...], path: tuple) -> None:
        for key in data:
            if key not in known:
                mend = nearest(key, known) or f"known keys: {', '.join(known)}"
                raise self.fault("unknown key", mend, *path, key)

    def required(self, data: dict, names: tuple[str, ...], path: tuple) -> None:
        for name in names:
            if data.get(name) is None:
                line = self.document.line(*path)
                raise InputError(
                    "missing",
                    mend=f"add `{name}:`",
                    file=self.document.file,
                    line=line,
                    field=dotted((*path, name)),
                )

    def kind(self, value: Any, kind: type, words: str, *path: str | int) -> Any:
        if type(value) is not kind:
            raise self.fault(f"found {value!r}", f"give {words}", *path)
        return value

    def slug(self, value: Any, *path: str | int) -> str:
        if not (isinstance(value, str) and SLUG.fullmatch(value)):
            shown = (
                repr(value)
                if len(repr(value)) <= 60
                else f"{repr(value)[:57]}… ({len(str(value))} characters)"
            )
            raise self.fault(
                f"found {shown}",
                "use 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit (quote digits)",
                *path,
            )
        return value

    def date(self, value: Any, *path: str | int) -> str:
        try:
            if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
                raise ValueError
            date.fromisoformat(value)
        except ValueError:
            raise self.fault(f"found {value!r}", "give a date as YYYY-MM-DD", *path) from None
        return value

    def text(self, value: Any, limit: int, *path: str | int) -> str:
        self.kind(value, str, "text (in quotes when it looks like a number)", *path)
        if not value.strip() or len(value) > limit or "\0" in value:
            raise self.fault(f"{len(value)} characters", f"give 1 to {limit} characters", *path)
        return value

    def data(self, value: Any) -> dict:
        self.kind(value, dict, "a mapping such as {provider: sample}", "data")
        self.required(value, ("provider",), ("data",))
        provider = value["provider"]
        if provider not in DATA:
            mend = nearest(provider, list(DATA)) or f"one of {', '.join(DATA)}"
            raise self.fault(f"found {provider!r}", mend, "data", "provider")
        self.keys(value, ("provider", *DATA[provider]), ("data",))
        self.required(value, DATA[provider], ("data",))
        return {key: self.text(item, 1000, "data", key) for key, item in value.items()}

    def portfolios(self, value: Any) -> tuple[dict, ...]:
        self.kind(value, list, "a list of portfolios", "portfolios")
        if not value:
            raise self.fault("no portfolio", "list at least one", "portfolios")
        found = tuple(self.portfolio(one, i) for i, one in enumerate(value))
        seen: set[str] = set()
        for i, one in enumerate(found):
            if one["id"] in seen:
                raise self.fault(
                    f"{one['id']!r} is used twice", "give each its own id", "portfolios", i, "id"
                )
            seen.add(one["id"])
        return found

    def portfolio(self, value: Any, i: int) -> dict:
        path = ("portfolios", i)
        self.kind(value, dict, "a mapping with id, name and positions", *path)
        self.keys(value, PORTFOLIO, path)
        self.required(value, ("id", "positions"), path)
        cash, currency, benchmark = (
            value.get("cash", 0.0),
            value.get("currency", "USD"),
            value.get("benchmark"),
        )
        if type(cash) not in (int, float) or not abs(cash) < 1e15:
            raise self.fault(f"found {cash!r}", "give an amount of money such as 12000", *path, "cash")
        if not (isinstance(currency, str) and CURRENCY.fullmatch(currency)):
            raise self.fault(f"found {currency!r}", "give an ISO code such as USD", *path, "currency")
        if benchmark is not None and not (isinstance(benchmark, str) and SYMBOL.fullmatch(benchmark)):
            raise self.fault(f"found {benchmark!r}", "give a symbol such as SP500", *path, "benchmark")
        trades = value.get("trades")
        if trades is not None:
            self.text(trades, 1000, *path, "trades")
        return {
            "id": self.slug(value["id"], *path, "id"),
            "name": self.text(value.get("name") or value["id"], MAX_NAME, *path, "name"),
            "positions": self.text(value["positions"], 1000, *path, "positions"),
            "currency": currency,
            "cash": float(cash),
            "benchmark": benchmark,
            "trades": trades,
        }

    def run_stages(self, value: Any) -> tuple[str, ...]:
        names = [value] if isinstance(value, str) else value
        if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
            raise self.fault(f"found {value!r}", "give `all`, or a list of chapters and stages", "run_stages")
        return tuple(names)

    def stages(self, value: Any) -> dict[str, dict]:
        self.kind(value, dict, "a mapping of stages to settings", "stages")
        for name, settings in value.items():
            self.kind(settings, dict, "a mapping of settings", "stages", name)
        return value
