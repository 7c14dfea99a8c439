"""From a params file and the command line to a request: everything a run depends on, checked.

Unknown keys are refused with the nearest known one; every message says file, line and field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lib import user_files, yaml_file
from lib.contracts import Prepare
from lib.errors import InputError
from lib.nearest import nearest
from lib.pipeline import PIPELINE
from lib.run.request.settings import Source, check_text, is_day, providers_of, sections, source_of
from lib.run.request.subjects import read_subjects
from lib.subjects import KINDS
from lib.yaml_file import Document

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
EXCHANGE = re.compile(r"[A-Z]{3,5}")
NEW_YORK = "XNYS"
LATEST = "latest"
SECTIONS = tuple(kind.section for kind in KINDS.values())
TOP = ("name", "as_of", "exchange", "seed", *SECTIONS, "run_stages", "stages")
EXAMPLE = "params/sample.yaml"


@dataclass(frozen=True)
class Request:
    """What is asked of a run, resolved.

    ``as_of`` is ``latest`` until ``lib.run.request.latest`` has resolved it; ``asked_as_of`` is what was
    written. ``sources`` hold, by section, where raw tables come from, ``subjects``, by kind, whom stages run
    for; a kind that the params do not name is not among them. ``document``, ``shown`` and ``folder`` serve
    messages and files only.
    """

    name: str
    as_of: str
    seed: int
    sources: dict[str, Source]
    subjects: dict[str, tuple[dict, ...]]
    run_stages: tuple[str, ...] = ("all",)
    stages: dict[str, dict] = field(default_factory=dict)
    exchange: str = NEW_YORK
    asked_as_of: str = ""
    shown: str = "params"
    folder: Path = Path()
    document: Document | None = None
    source: bytes = b""

    def as_dict(self) -> dict:
        """The request as plain JSON, without anything of this machine and without the policies."""
        return {
            "name": self.name,
            "as_of": self.as_of,
            "exchange": self.exchange,
            "seed": self.seed,
            **{section: source.settings for section, source in self.sources.items()},
            **{KINDS[kind].section: list(found) for kind, found in self.subjects.items()},
            "run_stages": list(self.run_stages),
            "stages": self.stages,
        }

    def symbols(self) -> list[str]:
        """Every symbol that a field of a subject names."""
        named = ((KINDS[kind], one) for kind, found in self.subjects.items() for one in found)
        return sorted({symbol for kind, one in named for symbol in kind.symbols(one)})

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
    check = Checker(document)
    data = document.data
    known = sections(PIPELINE)
    check.keys(data, (*TOP, *known), ())
    check.required(data, ("name", "as_of"), ())
    as_of = check.day(data["as_of"], "as_of")
    return Request(
        name=check.slug(data["name"], "name"),
        as_of=as_of,
        asked_as_of=as_of,
        exchange=check.exchange(data.get("exchange", NEW_YORK)),
        seed=check.kind(data.get("seed", 7), int, "a whole number", "seed"),
        sources={
            name: check.source(one, data[name]) for name, one in known.items() if data.get(name) is not None
        },
        subjects=check.subjects(data),
        run_stages=check.run_stages(data.get("run_stages", "all")),
        stages=check.stages(data.get("stages") or {}),
        shown=document.file,
        folder=folder,
        document=document,
    )


def override(request: Request, as_of: str | None, subjects: list[str], settings: list[str]) -> Request:
    """The request with the command line's ``--as-of``, ``--subject`` (``KIND:ID``) and ``--set`` applied."""
    if as_of is not None:
        day = Checker(Document("command line", {}, {})).day(as_of, "--as-of")
        request = replace(request, as_of=day, asked_as_of=day)
    request = replace(request, subjects=_chosen(request, subjects))
    stages = {name: dict(values) for name, values in request.stages.items()}
    for text in settings:
        match = re.fullmatch(r"([^.=]+)\.([^.=]+)=(.*)", text, flags=re.DOTALL)
        if not match:
            raise InputError(f"{text!r}", field="--set", mend="write --set chapter/stage.name=VALUE")
        stage, name, value = match.groups()
        parsed = yaml_file.document(yaml_file.parse(f"value: {value}", "--set"))
        if len(parsed.data) > 1:
            raise InputError("more than one value", file="--set", field=f"{stage}.{name}", mend="give one")
        stages.setdefault(stage, {})[name] = parsed.data["value"]
    return replace(request, stages=stages)


def _chosen(request: Request, asked: list[str]) -> dict[str, tuple[dict, ...]]:
    """The subjects that are named as ``KIND:ID``, and all of the kinds of which none is."""
    wanted: dict[str, set[str]] = {}
    for text in asked:
        name, _, subject = text.partition(":")
        if (kind := KINDS.get(name)) is None or not subject:
            mend = nearest(name, list(KINDS)) if kind is None else ""
            raise InputError(f"{text!r}", field="--subject", mend=mend or f"write --subject {_forms()}")
        known = [one["id"] for one in request.subjects.get(name, ())]
        if subject not in known:
            others = f"known: {', '.join(known)}" if known else f"add the section `{kind.section}:`"
            found = f"no {kind.singular} {subject!r} in {request.shown}"
            raise InputError(found, field=f"--{name}", mend=nearest(subject, known) or others)
        wanted.setdefault(name, set()).add(subject)
    return {
        name: tuple(one for one in found if name not in wanted or one["id"] in wanted[name])
        for name, found in request.subjects.items()
    }


def _forms() -> str:
    return " or ".join(f"{name}:ID" for name in KINDS)


def dotted(path: tuple) -> str | None:
    """``portfolios[0].id`` for a path."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or None


class Checker:
    """Checks values of one document, each method returning the value that it accepted."""

    def __init__(self, document: Document):
        self.document = document

    def fault(self, found: str, mend: str, *path: str | int) -> InputError:
        """The error at a path of the document."""
        line = self.document.line(*path)
        return InputError(found, mend=mend, file=self.document.file, line=line, field=dotted(path))

    def keys(self, data: dict, known: tuple[str, ...], path: tuple) -> None:
        """Refuse keys that are not known, with the nearest known one."""
        for key in data:
            if key not in known:
                mend = nearest(key, known) or f"known keys: {', '.join(known)}"
                raise self.fault("unknown key", mend, *path, key)

    def required(self, data: dict, names: tuple[str, ...], path: tuple) -> None:
        """Refuse a mapping that lacks one of these keys."""
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
        """A value of exactly this type."""
        if type(value) is not kind:
            raise self.fault(f"found {value!r}", f"give {words}", *path)
        return value

    def slug(self, value: Any, *path: str | int) -> str:
        """A name that may stand in a path."""
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
        """A date, or ``latest``."""
        if value != LATEST and not is_day(value):
            mend = f"give a date as YYYY-MM-DD, or `{LATEST}` for the last closed session"
            raise self.fault(f"found {value!r}", mend, *path)
        return value

    def exchange(self, value: Any) -> str:
        """The code of an exchange."""
        if not (isinstance(value, str) and EXCHANGE.fullmatch(value)):
            raise self.fault(f"found {value!r}", "give the code of an exchange such as XNYS", "exchange")
        return value

    def text(self, value: Any, limit: int, *path: str | int) -> str:
        """Text of 1 to ``limit`` characters."""
        return check_text(value, limit, lambda *said: self.fault(*said, *path))

    def source(self, prepare: Prepare, value: Any) -> Source:
        """A section that says where raw tables come from: its provider and that one's settings."""
        section, providers = prepare.section, providers_of(prepare)
        self.kind(value, dict, f"a mapping such as {{provider: {next(iter(providers))}}}", section)
        self.required(value, ("provider",), (section,))
        provider = value["provider"]
        if not (isinstance(provider, str) and provider in providers):
            mend = nearest(provider, list(providers)) or f"one of {', '.join(providers)}"
            raise self.fault(f"found {provider!r}", mend, section, "provider")
        known = providers[provider].settings
        self.keys(value, ("provider", *known), (section,))
        self.required(value, tuple(name for name, one in known.items() if one.required), (section,))
        return source_of(section, provider, known, value, self.fault)

    def subjects(self, data: dict) -> dict[str, tuple[dict, ...]]:
        """The subjects by kind; a section that is absent leaves its kind out of the run."""
        return {
            kind.name: read_subjects(self, kind, data[kind.section])
            for kind in KINDS.values()
            if kind.section in data
        }

    def run_stages(self, value: Any) -> tuple[str, ...]:
        """Names of chapters and stages, or ``all``."""
        names = [value] if isinstance(value, str) else value
        if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
            raise self.fault(f"found {value!r}", "give `all`, or a list of chapters and stages", "run_stages")
        return tuple(names)

    def stages(self, value: Any) -> dict[str, dict]:
        """Settings by stage; checked against the notebooks later."""
        self.kind(value, dict, "a mapping of stages to settings", "stages")
        for name, settings in value.items():
            self.kind(settings, dict, "a mapping of settings", "stages", name)
        return value
