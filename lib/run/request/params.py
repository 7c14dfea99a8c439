"""From a params file and the command line to a request: everything a run depends on, checked.

Unknown keys are refused with the nearest known one; every message says file, line and field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lib import user_files, yaml_file
from lib.errors import InputError
from lib.nearest import nearest
from lib.run.request.settings import LONGEST_TEXT, PROVIDERS, check_settings, check_text, is_day
from lib.yaml_file import Document

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
CURRENCY = re.compile(r"[A-Z]{3}")
EXCHANGE = re.compile(r"[A-Z]{3,5}")
NEW_YORK = "XNYS"
LATEST = "latest"
TOP = ("name", "as_of", "exchange", "seed", "data", "portfolios", "run_stages", "stages")
PORTFOLIO = ("id", "name", "positions", "currency", "cash", "benchmark", "trades")
SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=-]{0,19}")
MAX_NAME = 100
MAX_PORTFOLIOS = 500
EXAMPLE = "params/sample.yaml"


@dataclass(frozen=True)
class Request:
    """What is asked of a run, resolved.

    ``as_of`` is ``latest`` until ``lib.run.request.latest`` has resolved it; ``asked_as_of`` is what was
    written.
    ``data`` holds the provider and what identifies its answer, ``policy`` how it is asked. ``document``,
    ``shown`` and ``folder`` serve messages and files only.
    """

    name: str
    as_of: str
    seed: int
    data: dict
    portfolios: tuple[dict, ...]
    run_stages: tuple[str, ...] = ("all",)
    stages: dict[str, dict] = field(default_factory=dict)
    exchange: str = NEW_YORK
    policy: dict = field(default_factory=dict)
    asked_as_of: str = ""
    shown: str = "params"
    folder: Path = Path()
    document: Document | None = None
    source: bytes = b""

    def as_dict(self) -> dict:
        """The request as plain JSON, without anything of this machine and without the policy."""
        return {
            "name": self.name,
            "as_of": self.as_of,
            "exchange": self.exchange,
            "seed": self.seed,
            "data": self.data,
            "portfolios": list(self.portfolios),
            "run_stages": list(self.run_stages),
            "stages": self.stages,
        }

    def refuse(self, found: str, mend: str, *path: str | int, field_name: str | None = None) -> InputError:
        """An error at the place of ``path`` in the params file, or in ``--set`` where that gave the value."""
        if path[:1] == ("stages",) and self._set_by_hand(path[1:3]):
            return InputError(found, mend=mend, file="--set", field=field_name or dotted(path[1:]))
        line = self.document.line(*path) if self.document else None
        return InputError(found, mend=mend, file=self.shown, line=line, field=field_name or dotted(path))

    def _set_by_hand(self, path: tuple) -> bool:
        """Whether a setting, or a stage, is not what the params file has."""
        written = (self.document.data.get("stages") or {}) if self.document else self.stages
        now: Any = self.stages
        for name in path:
            written, now = written.get(name, {}), now.get(name, {})
        return written != now


def placed(fault: InputError, request: Request) -> InputError:
    """The error with its line in the params file, where it names a field of it and no other file."""
    path = (fault.field or "").split(".")
    written = request.document.data if request.document else {}
    for name in path:
        written = written.get(name) if isinstance(written, dict) else None
    own = fault.file in (None, request.shown) and fault.line is None
    overridden = path == ["as_of"] and written != request.asked_as_of
    if written is None or not own or overridden:
        return fault
    return request.refuse(fault.found, fault.mend, *path)


def load(path: Path, shown: str) -> Request:
    """Read and check a params file. Raises InputError."""
    mend = "give the path of a params file (YAML)"
    source = user_files.read(path, shown, most=yaml_file.MAX_BYTES, mend=mend).content
    top = yaml_file.parse(yaml_file.decoded(source, shown), shown, example=EXAMPLE)
    return replace(resolve(yaml_file.document(top), path.resolve().parent), source=source)


def from_dict(given: dict, folder: Path, shown: str, source: bytes) -> Request:
    """The request that ``as_dict`` wrote; ``source`` is the params file that it came from."""
    return replace(resolve(Document(shown, given, {}), folder), source=source)


def resolve(document: Document, folder: Path) -> Request:
    """Check a document's keys and values (settings of stages are checked against their notebooks later)."""
    check = _Checker(document)
    data = document.data
    check.keys(data, TOP, ())
    check.required(data, ("name", "as_of", "data", "portfolios"), ())
    settings, policy = check.data(data["data"])
    as_of = check.day(data["as_of"], "as_of")
    return Request(
        name=check.slug(data["name"], "name"),
        as_of=as_of,
        asked_as_of=as_of,
        exchange=check.exchange(data.get("exchange", NEW_YORK)),
        seed=check.kind(data.get("seed", 7), int, "a whole number", "seed"),
        data=settings,
        policy=policy,
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
        day = _Checker(Document("command line", {}, {})).day(as_of, "--as-of")
        request = replace(request, as_of=day, asked_as_of=day)
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
        parsed = yaml_file.document(yaml_file.parse(f"value: {value}", "--set"))
        stages.setdefault(stage, {})[name] = parsed.data["value"]
    return replace(request, stages=stages)


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

    def day(self, value: Any, *path: str | int) -> str:
        if value != LATEST and not is_day(value):
            mend = f"give a date as YYYY-MM-DD, or `{LATEST}` for the last closed session"
            raise self.fault(f"found {value!r}", mend, *path)
        return value

    def exchange(self, value: Any) -> str:
        if not (isinstance(value, str) and EXCHANGE.fullmatch(value)):
            raise self.fault(f"found {value!r}", "give the code of an exchange such as XNYS", "exchange")
        return value

    def text(self, value: Any, limit: int, *path: str | int) -> str:
        return check_text(value, limit, lambda *said: self.fault(*said, *path))

    def data(self, value: Any) -> tuple[dict, dict]:
        self.kind(value, dict, "a mapping such as {provider: sample}", "data")
        self.required(value, ("provider",), ("data",))
        provider = value["provider"]
        if not (isinstance(provider, str) and provider in PROVIDERS):
            mend = nearest(provider, list(PROVIDERS)) or f"one of {', '.join(PROVIDERS)}"
            raise self.fault(f"found {provider!r}", mend, "data", "provider")
        known = PROVIDERS[provider]
        self.keys(value, ("provider", *known), ("data",))
        self.required(value, tuple(name for name, one in known.items() if one.required), ("data",))
        return check_settings(provider, value, self.fault)

    def portfolios(self, value: Any) -> tuple[dict, ...]:
        self.kind(value, list, "a list of portfolios", "portfolios")
        if not value:
            raise self.fault("no portfolio", "list at least one", "portfolios")
        if len(value) > MAX_PORTFOLIOS:
            mend = f"split the file; at most {MAX_PORTFOLIOS} are carried out in one run"
            raise self.fault(f"{len(value):,} portfolios", mend, "portfolios")
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
            self.text(trades, LONGEST_TEXT, *path, "trades")
        return {
            "id": self.slug(value["id"], *path, "id"),
            "name": self.text(value.get("name") or value["id"], MAX_NAME, *path, "name"),
            "positions": self.text(value["positions"], LONGEST_TEXT, *path, "positions"),
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
