"""What changed from one run to the next: figures that moved, and which of the causes moved them.

Causes are told from digests in the two manifests: params, files, market data, libraries, page template. Code
has no digest of its own there: it changed where a stage has another key although everything else that goes
into the key is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from lib import wording
from lib.pipeline import PIPELINE
from lib.subjects import KINDS

MOST_LENGTH = 60
LIBRARIES = ("lock", "python", "platform")


def between(before: dict, after: dict) -> list[dict]:
    """Differences as ``{kind, text}``: a figure a subject, causes, then other figures that moved."""
    causes = [
        *_states(before, after),
        *_params(before, after),
        *_files(before, after),
        *_data(before, after),
        *_environment(before["environment"], after["environment"]),
        *_code(before, after),
    ]
    figures = list(_figures(before, after))
    owners = [one["subject"] for one in figures]
    first = [one for place, one in enumerate(figures) if one["subject"] not in owners[:place]]
    return [*first, *causes, *(one for one in figures if one not in first)]


def _figures(before: dict, after: dict) -> Iterator[dict]:
    """The key figures that moved of the stages that lead a subject's part of the front page."""
    known = {(place, one["name"]): one for place, one in _key_figures(before)}
    for place, one in _key_figures(after):
        old = known.get((place, one["name"]))
        if old is None or old["value"] is None or one["value"] is None or old["value"] == one["value"]:
            continue
        was, now = (wording.figure(item["value"], item["unit"]) for item in (old, one))
        if was == now:
            continue
        kind, subject = place
        owner: dict = next((owner for owner in after["subjects"].get(kind, ()) if owner["id"] == subject), {})
        unit = (owner.get("currency") or "") + " " if one["unit"] == "money" else ""
        moved = wording.change(old["value"], one["value"], one["unit"])
        text = f"{subject}: {wording.measure(one['name'])} {unit.lstrip()}{was} \u2192 {now} ({moved})"
        yield {"kind": "figure", "text": text, "subject": place}


def _key_figures(manifest: dict) -> Iterator[tuple[tuple[str, str], dict]]:
    for stage in manifest["stages"]:
        if stage["front"] == "subject":
            for one in stage["key_figures"]:
                yield (stage["kind"], stage["subject"]), one


def _states(before: dict, after: dict) -> Iterator[dict]:
    known = {(one["stage"], one["subject"]): one["state"] for one in before["stages"]}
    by_words: dict[str, list[str]] = {}
    for one in after["stages"]:
        was = known.get((one["stage"], one["subject"]), one["state"])
        if was != one["state"]:
            name = f"{one['stage']} for {one['subject']}" if one["subject"] else one["stage"]
            by_words.setdefault(f"{was} \u2192 {one['state']}", []).append(name)
    for words, names in by_words.items():
        yield {"kind": "state", "text": f"{words}: {_some(names)}"}


def _params(before: dict, after: dict) -> Iterator[dict]:
    """Subjects that came or went, then settings of the run and of those that both runs have."""
    requests = [before["request"], after["request"]]
    for kind in KINDS.values():
        then, now = ([one["id"] for one in request.get(kind.section, ())] for request in requests)
        for words, ids in (("added", set(now) - set(then)), ("left out", set(then) - set(now))):
            if ids:
                yield {"kind": "params", "text": f"{wording.joined(sorted(ids))} {words}"}
        both = set(then) & set(now)
        requests = [_only(request, kind.section, both) for request in requests]
    old, new = (dict(_flat(request)) for request in requests)
    for name in [*new, *(name for name in old if name not in new)]:
        if name != "name" and old.get(name) != new.get(name):
            text = f"{'' if name == 'as_of' else name + ' '}{_shown(old, name)} \u2192 {_shown(new, name)}"
            yield {"kind": "as of" if name == "as_of" else "params", "text": text}


def _only(request: dict, section: str, ids: set[str]) -> dict:
    """The request with only these subjects in a section."""
    kept = [one for one in request.get(section, ()) if one["id"] in ids]
    return {**{name: value for name, value in request.items() if name != section}, section: kept}


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of nested settings by dotted path; a list of things with ids goes by id."""
    if isinstance(value, list) and value and all(isinstance(one, dict) and "id" in one for one in value):
        value = {one["id"]: {k: v for k, v in one.items() if k != "id"} for one in value}
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _flat(one, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def _shown(values: dict, name: str) -> str:
    if name not in values:
        return "(not set)"
    value = values[name]
    text = wording.date(value) if name == "as_of" else "none" if value is None else str(value)
    return text if len(text) <= MOST_LENGTH else text[: MOST_LENGTH - 1] + "\u2026"


def _files(before: dict, after: dict) -> Iterator[dict]:
    old, new = _file_digests(before), _file_digests(after)
    changed = sorted(
        {new[setting][0] for setting in new if setting in old and old[setting][1] != new[setting][1]}
    )
    if changed:
        yield {"kind": "file", "text": wording.joined(changed)}


def _file_digests(manifest: dict) -> dict[str, tuple[str, str | None]]:
    digests = manifest.get("files") or {}
    return {
        setting: (PurePosixPath(path).name, digests.get(path))
        for setting, path in (manifest["inputs"].get("files") or {}).items()
    }


def _data(before: dict, after: dict) -> Iterator[dict]:
    old, new = before["tables"], after["tables"]
    parts = []
    for name in sorted(name for name in new if name.startswith("raw_") and name in old):
        if old[name]["sha256"] != new[name]["sha256"]:
            more = new[name]["rows"] - old[name]["rows"]
            size = (
                f" ({wording.number(more, 0, signed=True)} {'row' if abs(more) == 1 else 'rows'})"
                if more
                else ""
            )
            parts.append(name.removeprefix("raw_").replace("_", " ") + size)
    if parts:
        yield {"kind": "data", "text": wording.joined(parts)}


def _environment(before: dict, after: dict) -> Iterator[dict]:
    for name in LIBRARIES:
        if before.get(name) != after.get(name):
            was, now = (str(one.get(name))[:12] for one in (before, after))
            yield {"kind": "environment", "text": f"{name} {was} \u2192 {now}"}
    if before.get("template") != after.get("template"):
        yield {"kind": "pages", "text": "the look of the pages"}


def _code(before: dict, after: dict) -> Iterator[dict]:
    """Stages with another key whose date, settings, inputs and environment are the same."""
    if any(before["environment"].get(name) != after["environment"].get(name) for name in LIBRARIES):
        return
    if dict(_flat(before["request"])) != dict(_flat(after["request"])) or _moved_files(before, after):
        return
    keys = {(one["stage"], one["subject"]): one["key"] for one in before["stages"]}
    names = [
        one["stage"]
        for one in after["stages"]
        if one["key"]
        and keys.get((one["stage"], one["subject"])) not in (None, one["key"])
        and _same_inputs(before, after, one["stage"], one["subject"])
    ]
    if names:
        yield {"kind": "code", "text": _some(list(dict.fromkeys(names)))}


def _moved_files(before: dict, after: dict) -> bool:
    return any(True for _ in _files(before, after))


def _same_inputs(before: dict, after: dict, stage: str, subject: str | None) -> bool:
    row = PIPELINE.find(stage)
    if row is None or row.states or row.histories:
        return False

    def digests(manifest: dict) -> list[tuple[str, str]]:
        read = {name: name.partition("@")[::2] for name in manifest["tables"]}
        own = ("", subject)
        return [
            (name, manifest["tables"][name]["sha256"])
            for name, (table, owner) in read.items()
            if table in row.reads and (owner in own or subject is None)
        ]

    return digests(before) == digests(after)


def _some(names: list[str], most: int = 3) -> str:
    if len(names) <= most:
        return wording.joined(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
