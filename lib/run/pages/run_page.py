"""The front page of a run: are the data sound, did everything run, what matters for each subject.

Built from the manifest alone, so that it is there and says what is wrong when something failed. It holds
nothing of another run, no time, and nothing of what was taken from the store. Which stage leads a subject's
part and which ones tell of the data is said by the pipeline's rows (``front``).
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from lib import wording
from lib.pipeline import PIPELINE
from lib.run.pages import failures, graph_layout, html_shell
from lib.subjects import KINDS, in_order

WORST = ("failed", "not run", "failed checks", "done")
MOST_KEY_FIGURES = 5
MOST_LEFT_OUT = 6


def page_of(manifest: dict) -> str:
    """HTML of ``index.html`` beside the manifest."""
    return html_shell.page(
        "run.html.j2", title=f"{manifest['name']} \u00b7 {manifest['as_of']}", **front_of(manifest)
    )


def front_of(manifest: dict) -> dict[str, Any]:
    """What the front page says, and the summary for mail with it: values of the templates by name."""
    stages = [_stage(one) for one in manifest["stages"]]
    subjects = in_order(manifest["subjects"])
    owners = [{**one, "kind": kind} for kind, found in subjects.items() for one in found]
    return {
        "run": manifest["run"],
        "name": manifest["name"],
        "as_of": manifest["as_of"],
        "state": _run_state(stages),
        "summary": _summary(stages, manifest["stopped"]),
        "left_out": _left_out(manifest["part"]),
        "data": _data(manifest, stages),
        "findings": _findings(stages),
        "kinds": [_kind(name, found, stages) for name, found in subjects.items()],
        "faulty": _owners(stages, html_shell.CARE),
        "made_up": _owners(stages, html_shell.MADE_UP),
        "troubles": _troubles(stages),
        "pipeline": _pipeline(stages),
        "rows": _rows(stages, owners),
        "owners": owners,
        "ids": {kind: [one["id"] for one in found] for kind, found in subjects.items()},
        "plurals": [_plural(name) for name in subjects],
        "states": manifest.get("states") or [],
        "provenance": _provenance(manifest),
    }


def _stage(one: dict) -> dict[str, Any]:
    failed = [check for check in one.get("checks") or [] if not check["passed"]]
    if one["state"] == "failed":
        reason = failures.in_one_line(one.get("failure"))
    elif one["state"] == "not run":
        reason = failures.because_of(one.get("blocked_by") or [])
    else:
        reason = "; ".join(f"{check['name']}: {check['detail']}" for check in failed)
    return {
        **one,
        "title": one.get("title") or wording.sentence_case(one["stage"]),
        "short": wording.sentence_case(one["stage"]),
        "reason": reason,
        "failed": failed,
        "faults": one.get("faults") or [],
        "made_up": one.get("made_up") or [],
        "checks": one.get("checks") or [],
        "mark": "stage-" + one["stage"].replace("/", "-").replace("_", "-"),
    }


def _kinds(one: dict, faults: list[str]) -> set[str]:
    """How a stage's ``faults`` are to be taken: with care, as no more than generated data, or both."""
    return {html_shell.MADE_UP if fault in one["made_up"] else html_shell.CARE for fault in faults}


def _run_state(stages: list[dict]) -> str:
    """The run's worst state; where all is done, what there is to be said against the data."""
    told = set().union(*(_kinds(one, one["faults"]) for one in stages)) if stages else set()
    return _worst(_overall(stages), told)


def _worst(state: str, told: set[str]) -> str:
    if state != "done" or not told:
        return state
    return html_shell.CARE if html_shell.CARE in told else html_shell.MADE_UP


def _owners(stages: list[dict], kind: str) -> list[str]:
    """Whose data are so: ids of subjects, and the whole run where a stage of it says so."""
    told = (one for one in stages if kind in _kinds(one, one["faults"]))
    return list(dict.fromkeys(one["subject"] or "the whole run" for one in told))


def _troubles(stages: list[dict]) -> list[dict]:
    """What needs attention: stages that did not end well, and each fault of the data once a subject."""
    found, told = [], set()
    for one in stages:
        new = [fault for fault in one["faults"] if (one["subject"], fault) not in told]
        told |= {(one["subject"], fault) for fault in new}
        if one["state"] != "done" or new:
            state = _worst(one["state"], _kinds(one, new))
            reason = " ".join([*new, *([one["reason"]] if one["reason"] else [])])
            found.append({**one, "state": state, "reason": reason})
    return found


def _wrong(own: list[dict], shown: dict | None) -> list[dict]:
    """What is wrong with a subject's data and results, to be read first: page, title, text, state."""
    told = set(shown["faults"]) if shown and shown.get("verdict") else set()
    found = []
    for one in own:
        new = [fault for fault in one["faults"] if fault not in told]
        told |= set(new)
        count = f"{len(one['failed'])} of {wording.plural(len(one['checks']), 'check')} failed"
        checks = [f"{count}: {one['reason']}."] if one["failed"] and one["state"] != "failed" else []
        if new or checks:
            state = "failed checks" if checks else _worst("done", _kinds(one, new))
            text = " ".join([*new, *checks])
            found.append({"page": one["page"], "title": one["short"], "text": text, "state": state})
    return found


def _overall(stages: list[dict]) -> str:
    return next((state for state in WORST if any(one["state"] == state for one in stages)), "done")


def _left_out(part: dict | None) -> str:
    """What a run of a part left out of what its params name; empty for a whole run."""
    if not part:
        return ""
    subjects = [f"{KINDS[kind].singular} {one}" for kind, ids in part["subjects"].items() for one in ids]
    names = wording.named([*part["stages"], *subjects], MOST_LEFT_OUT, "other")
    return f"A run of a part of what its params name, without {names}. It is never the latest run."


def _summary(stages: list[dict], stopped: str | None) -> str:
    """One sentence: did everything run, and did its checks hold?"""
    by_state = {state: sum(one["state"] == state for one in stages) for state in WORST}
    checks = sum(len(one["checks"]) for one in stages)
    broken = sum(len(one["failed"]) for one in stages)
    parts = [f"The run was ended by {stopped}"] if stopped else []
    if stopped and not by_state["failed"]:
        ran = by_state["done"] + by_state["failed checks"]
        parts.append(f"{wording.count(ran)} of {wording.count(len(stages))} stages had run")
    elif by_state["failed"] or by_state["not run"]:
        parts.append(f"{wording.plural(by_state['failed'], 'stage')} failed")
        if by_state["not run"]:
            parts.append(f"{wording.count(by_state['not run'])} could not run because of it")
        ran = by_state["done"] + by_state["failed checks"]
        parts.append(f"{wording.count(ran)} of {wording.count(len(stages))} ran")
    else:
        parts.append(f"All {wording.plural(len(stages), 'stage')} ran")
    if broken:
        parts.append(f"{wording.count(broken)} of {wording.plural(checks, 'check')} failed")
    elif checks:
        parts.append(f"{wording.plural(checks, 'check')} held")
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] + "."


def _data(manifest: dict, stages: list[dict]) -> dict[str, Any]:
    raw = [
        {"table": name, **one} for name, one in sorted(manifest["tables"].items()) if name.startswith("raw_")
    ]
    telling = [one for one in stages if one["front"] == "data"]
    return {
        "stages": [{**one, "figures": _figures(one)} for one in telling],
        "raw": raw,
    }


def _figures(one: dict, currency: str = "") -> list[dict]:
    """A stage's key figures, each with the link to where it is shown."""
    return html_shell.figures(one.get("key_figures") or [], currency, one["page"])


def _findings(stages: list[dict]) -> list[dict]:
    """Results of the whole run beside the data: what they say and their first key figures."""
    own = [one for one in stages if one["subject"] is None and one["front"] != "data"]
    return [{**one, "figures": _figures(one)[:MOST_KEY_FIGURES]} for one in own if one.get("verdict")]


def _kind(name: str, found: list[dict], stages: list[dict]) -> dict[str, Any]:
    """The part of the page about the subjects of one kind."""
    singular = KINDS[name].singular if name in KINDS else name
    return {
        "name": name,
        "singular": singular,
        "subjects": [_subject(name, one, stages) for one in found],
    }


def _plural(name: str) -> str:
    return KINDS[name].plural if name in KINDS else name


def _subject(kind: str, owner: dict, stages: list[dict]) -> dict[str, Any]:
    """Verdict and key figures of the stage that leads a subject's part, or why there is none."""
    own = [one for one in stages if (one["kind"], one["subject"]) == (kind, owner["id"])]
    leading = next((one for one in own if one["front"] == "subject"), None)
    shown = leading or next((one for one in reversed(own) if one.get("verdict")), None)
    currency = owner.get("currency") or ""
    return {
        "id": owner["id"],
        "name": owner["name"],
        "currency": currency,
        "leading": shown,
        "wrong": _wrong(own, shown),
        "figures": _figures(shown, currency)[:MOST_KEY_FIGURES] if shown else [],
        "pages": [one for one in own if one["page"] and one is not shown],
    }


def _pipeline(stages: list[dict]) -> dict[str, Any] | None:
    """The picture: a box a stage with its worst state, and where its link leads."""
    by_name: dict[str, list[dict]] = {}
    for one in stages:
        by_name.setdefault(one["stage"], []).append(one)
    if not any(name in by_name for name in PIPELINE.names):
        return None
    kept = {
        row.name: [need for need in PIPELINE.needs(row.name) if need in by_name]
        for row in PIPELINE.order()
        if row.name in by_name
    }
    layout = graph_layout.layers(kept)
    boxes = []
    for name, (x, y) in layout.boxes.items():
        own = by_name[name]
        state = _overall(own)
        link = own[0]["page"] if len(own) == 1 and own[0]["page"] else f"#{own[0]['mark']}"
        chapter, stage = name.split("/")
        title = wording.sentence_case(stage)
        boxes.append({"x": x, "y": y, "link": link, "state": state, "chapter": chapter, "name": title})
    return {"layout": layout, "boxes": boxes}


def _rows(stages: list[dict], owners: list[dict]) -> list[dict]:
    """The table under the picture: a row a stage, a cell for the run or one for each subject."""
    rows: dict[str, dict] = {}
    for one in stages:
        named = {name: one[name] for name in ("stage", "mark", "question", "kind")}
        row = rows.setdefault(one["stage"], {**named, "whole": None, "own": {}})
        if one["subject"] is None:
            row["whole"] = one
        else:
            row["own"][one["subject"]] = one
    for row in rows.values():
        row["cells"] = [_cell(row, owner) for owner in owners]
    return list(rows.values())


def _cell(row: dict, owner: dict) -> dict[str, Any]:
    """A stage's result for a subject; nothing where the stage is of another kind."""
    own = row["kind"] == owner["kind"]
    return {"own": own, "one": row["own"].get(owner["id"]) if own else None}


def _provenance(manifest: dict) -> dict[str, Any]:
    request = {key: value for key, value in manifest["request"].items() if key not in ("name", "as_of")}
    inputs = manifest["inputs"]
    return {
        "request": json.dumps(request, indent=2, sort_keys=True, ensure_ascii=False),
        "params": inputs.get("params"),
        "files": [
            {"setting": setting, "path": path, "name": PurePosixPath(path).name}
            for setting, path in sorted(inputs.get("files", {}).items())
        ],
        "environment": {name: str(value) for name, value in manifest["environment"].items()},
        "fingerprint": manifest["fingerprint"],
    }
