"""From a params file and the command line to a request: everything a run depends on, checked.

Unknown keys are refused with the nearest known one; every message says file, line and field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lib import user_files, yaml_file
from lib.contracts import Prepare
from lib.errors import Faults, InputError
from lib.nearest import nearest, nearest_name
from lib.pipeline import PIPELINE
from lib.run.request.alerts import NO_ALERTS, Alerts, read_alerts
from lib.run.request.alerts import SECTION as ALERTS
from lib.run.request.settings import Source, check_text, is_day, providers_of, sections, source_of
from lib.run.request.subjects import read_subjects, with_found_files
from lib.subjects import KINDS
from lib.yaml_file import Document

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
EXCHANGE = re.compile(r"[A-Z]{3,5}")
NEW_YORK = "XNYS"
LATEST = "latest"
SECTIONS = tuple(kind.section for kind in KINDS.values())
TOP = ("name", "as_of", "exchange", "seed", *SECTIONS, "run_stages", "stages", ALERTS)
EXAMPLE = "params/sample.yaml"


@dataclass(frozen=True)
class Request:
    """What is asked of a run, resolved.

    ``as_of`` is ``latest`` until ``lib.run.request.latest`` has resolved it; ``asked_as_of`` is what was
    written. ``sources`` hold, by section, where raw tables come from, ``subjects``, by kind, whom stages run
    for; a kind that the params do not name is not among them. ``by_hand`` are the settings (stage and name)
    that ``--set`` gave. ``alerts`` say who is told of what, and are no part of what identifies a run.
    ``document``, ``shown`` and ``folder`` serve messages and files only.

    Where faults were noted in place of being raised, what is faulty is left out or has its default:
    ``asked_as_of`` is empty then for a faulty day.
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
    by_hand: frozenset[tuple[str, str]] = frozenset()
    alerts: Alerts = NO_ALERTS

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

    def refuse(self, found: str, mend: str, *path: str | int) -> InputError:
        """An error at the place of ``path`` in the params file, or in ``--set`` where that gave the value."""
        if path[:1] == ("stages",) and self._set_by_hand(path[1:3]):
            return InputError(found, mend=mend, file="--set", field=dotted(path[1:]))
        line = self.document.line(*path) if self.document else None
        return InputError(found, mend=mend, file=self.shown, line=line, field=dotted(path))

    def _set_by_hand(self, path: tuple) -> bool:
        """Whether ``--set`` gave a setting, or names a stage that the params file does not."""
        if len(path) == 2:
            return path in self.by_hand
        written = self.document.data.get("stages") if self.document else None
        named = isinstance(written, dict) and path[0] in written
        return not named and any(stage == path[0] for stage, _ in self.by_hand)


def placed(fault: InputError, request: Request) -> InputError:
    """The error with its line in the params file, where it names a field of it and no other file.

    What the command line gave is blamed on its option.
    """
    path = tuple((fault.field or "").split("."))
    written = request.document.data if request.document else {}
    for name in path:
        written = written.get(name) if isinstance(written, dict) else None
    if fault.file not in (None, request.shown) or fault.line is not None:
        return fault
    if path == ("as_of",) and written != request.asked_as_of:
        return InputError(fault.found, mend=fault.mend, file="command line", field="--as-of")
    if written is None and (path[0] != "stages" or path[1:3] not in request.by_hand):
        return fault
    return request.refuse(fault.found, fault.mend, *path)


def load(path: Path, shown: str, faults: Faults | None = None) -> Request:
    """Read and check a params file; ``faults`` as for ``resolve``. Raises InputError."""
    mend = "give the path of a params file (YAML)"
    source = user_files.read(path, shown, most=yaml_file.MAX_BYTES, mend=mend).content
    top = yaml_file.parse(yaml_file.decoded(source, shown), shown, example=EXAMPLE)
    request = resolve(yaml_file.document(top), path.resolve().parent, faults)
    return replace(request, subjects=with_found_files(request.subjects, request.folder), source=source)


def from_dict(given: dict, folder: Path, shown: str, source: bytes) -> Request:
    """The request that ``as_dict`` wrote; ``source`` is the params file that it came from."""
    return replace(resolve(Document(shown, given, {}), folder), source=source)


def resolve(document: Document, folder: Path, faults: Faults | None = None) -> Request:
    """Check a document's keys and values (settings of stages are checked against their notebooks later).

    All faults are raised together, or only noted in ``faults`` where that is given.
    """
    noted = Faults() if faults is None else faults
    check = Checker(document, noted)
    data = document.data
    known = sections(PIPELINE)
    check.keys(data, (*TOP, *known), ())
    check.required(data, ("name", "as_of"), ())
    request = Request(name="unnamed", as_of=LATEST, seed=7, sources={}, subjects={}, document=document)
    asked: dict[str, Any] = {"shown": document.file, "folder": folder}
    for name, read in (
        ("name", lambda value: check.slug(value, "name")),
        ("as_of", lambda value: check.day(value, "as_of")),
        ("exchange", check.exchange),
        ("seed", lambda value: check.kind(value, int, "a whole number", "seed")),
        ("run_stages", check.run_stages),
        ("stages", check.stages),
    ):
        if name in data and not (data[name] is None and name in ("name", "as_of", "stages")):
            with check.noted():
                asked[name] = read(data[name])
    asked |= {"asked_as_of": asked.get("as_of", ""), "sources": {}, "subjects": check.subjects(data)}
    if data.get(ALERTS) is not None:
        with check.noted():
            asked["alerts"] = read_alerts(check, data[ALERTS], asked["subjects"])
    for name, one in known.items():
        if data.get(name) is not None:
            with check.noted():
                asked["sources"][name] = check.source(one, data[name])
    if faults is None:
        noted.refuse()
    return replace(request, **asked)


def override(
    request: Request,
    as_of: str | None,
    subjects: list[str],
    settings: list[str],
    faults: Faults | None = None,
) -> Request:
    """The request with the command line's ``--as-of``, ``--subject`` (``KIND:ID``) and ``--set`` applied.

    ``faults`` as for ``resolve``.
    """
    noted = Faults() if faults is None else faults
    if as_of is not None:
        with noted.noted():
            day = Checker(Document("command line", {}, {})).day(as_of, "--as-of")
            request = replace(request, as_of=day, asked_as_of=day)
    request = replace(request, subjects=_chosen(request, subjects, noted))
    stages = {name: dict(values) for name, values in request.stages.items()}
    by_hand: set[tuple[str, str]] = set()
    for text in settings:
        with noted.noted():
            stage, name, value = _setting(text)
            stages.setdefault(stage, {})[name] = value
            by_hand.add((stage, name))
    if faults is None:
        noted.refuse()
    return replace(request, stages=stages, by_hand=frozenset(by_hand))


def _setting(text: str) -> tuple[str, str, Any]:
    """Stage, name and value of ``chapter/stage.name=VALUE``. Raises InputError that blames the option."""
    match = re.fullmatch(r"([^.=]+)\.([^.=]+)=(.*)", text, flags=re.DOTALL)
    if not match:
        raise InputError(f"{text!r}", field="--set", mend="write --set chapter/stage.name=VALUE")
    stage, name, value = match.groups()
    try:
        parsed = yaml_file.document(yaml_file.parse(f"value: {value}", "--set"))
    except InputError as fault:
        raise InputError(fault.found, mend=fault.mend, file="--set", field=f"{stage}.{name}") from None
    if len(parsed.data) > 1:
        raise InputError("more than one value", file="--set", field=f"{stage}.{name}", mend="give one")
    return stage, name, parsed.data["value"]


def _chosen(request: Request, asked: list[str], faults: Faults) -> dict[str, tuple[dict, ...]]:
    """The subjects that are named as ``KIND:ID``, and all of the kinds of which none is."""
    wanted: dict[str, set[str]] = {}
    for text in asked:
        with faults.noted():
            name, subject = _named_subject(request, text)
            wanted.setdefault(name, set()).add(subject)
    return {
        name: tuple(one for one in found if name not in wanted or one["id"] in wanted[name])
        for name, found in request.subjects.items()
    }


def _named_subject(request: Request, text: str) -> tuple[str, str]:
    """Kind and id of ``KIND:ID``. Raises InputError for one that the params file does not name."""
    name, _, subject = text.partition(":")
    if (kind := KINDS.get(name)) is None or not subject:
        mend = nearest(name, list(KINDS)) if kind is None and ":" in text else ""
        raise InputError(f"{text!r}", field="--subject", mend=mend or f"write --subject {_forms()}")
    listed = request.document.data.get(kind.section) if request.document else None
    written = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    known = [one["id"] for one in request.subjects.get(name, ())]
    if subject not in (*known, *written):
        others = f"known: {', '.join(known)}" if known else f"add the section `{kind.section}:`"
        found, mend = f"no {kind.singular} {subject!r} in {request.shown}", nearest(subject, known) or others
        raise InputError(found, field=f"--{name}", mend=mend)
    return name, subject


def _forms() -> str:
    return " or ".join(f"{name}:ID" for name in KINDS)


def dotted(path: tuple) -> str | None:
    """``portfolios[0].id`` for a path."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or None


class Checker:
    """Checks values of one document, each method returning the value that it accepted.

    What is refused is raised, or noted in ``faults`` where that is given and more can be checked without it.
    """

    def __init__(self, document: Document, faults: Faults | None = None):
        self.document, self.faults = document, faults
        self.meant: set[tuple] = set()

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what the body refuses, where faults are noted."""
        try:
            yield
        except InputError as fault:
            self.note(fault)

    def note(self, fault: InputError) -> None:
        """Note a fault, or raise it."""
        if self.faults is None:
            raise fault
        self.faults.add(fault)

    def fault(self, found: str, mend: str, *path: str | int) -> InputError:
        """The error at a path of the document."""
        line = self.document.line(*path)
        return InputError(found, mend=mend, file=self.document.file, line=line, field=dotted(path))

    def keys(self, data: dict, known: tuple[str, ...], path: tuple) -> None:
        """Refuse keys that are not known, with the nearest known one."""
        for key in data:
            if key not in known:
                mend = nearest(key, known) or f"known keys: {', '.join(known)}"
                self.meant.add((*path, nearest_name(key, known)))
                self.note(self.fault("unknown key", mend, *path, key))

    def required(self, data: dict, names: tuple[str, ...], path: tuple) -> bool:
        """Refuse a mapping that lacks one of these keys; whether it has all.

        One that another key was meant for, as was told, is not told again.
        """
        absent = [name for name in names if data.get(name) is None]
        for name in absent:
            if (*path, name) not in self.meant:
                fault = self.fault("missing", f"add `{name}:`", *path)
                self.note(InputError(**{**fault.as_dict(), "field": dotted((*path, name))}))
        return not absent

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
        """A section that says where raw tables come from: its provider and that one's settings.

        Raises InputError where one is missing without which nothing can be asked.
        """
        section, providers = prepare.section, providers_of(prepare)
        self.kind(value, dict, f"a mapping such as {{provider: {next(iter(providers))}}}", section)
        provider = value.get("provider")
        if provider is None:
            mend = f"add `provider:`, one of {', '.join(providers)}"
            raise self.fault("missing", mend, section, "provider")
        if not (isinstance(provider, str) and provider in providers):
            mend = nearest(provider, list(providers)) or f"one of {', '.join(providers)}"
            raise self.fault(f"found {provider!r}", mend, section, "provider")
        known = providers[provider].settings
        self.keys(value, ("provider", *known), (section,))
        self.required(value, tuple(name for name, one in known.items() if one.required), (section,))
        return source_of(section, provider, known, value, self)

    def subjects(self, data: dict) -> dict[str, tuple[dict, ...]]:
        """The subjects by kind; a section that is absent leaves its kind out of the run."""
        found: dict[str, tuple[dict, ...]] = {}
        for kind in KINDS.values():
            if kind.section in data:
                found[kind.name] = ()
                with self.noted():
                    found[kind.name] = read_subjects(self, kind, data[kind.section])
        return found

    def run_stages(self, value: Any) -> tuple[str, ...]:
        """Names of chapters and stages, or ``all``."""
        names = [value] if isinstance(value, str) else value
        if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
            raise self.fault(f"found {value!r}", "give `all`, or a list of chapters and stages", "run_stages")
        return tuple(names)

    def stages(self, value: Any) -> dict[str, dict]:
        """Settings by stage; checked against the notebooks later."""
        self.kind(value, dict, "a mapping of stages to settings", "stages")
        found: dict[str, dict] = {}
        for name, settings in value.items():
            with self.noted():
                found[name] = self.kind(settings, dict, "a mapping of settings", "stages", name)
        return found
