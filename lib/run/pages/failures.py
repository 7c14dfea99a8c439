"""What went wrong, told to a person: what failed, who must act, what was not run because of it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from lib import wording

WHAT = {
    "error": "A cell stopped with an error.",
    "timeout": "It did not finish in the time that a stage is given.",
    "kernel": "The process that ran it ended without a word, most often for want of memory.",
    "unfinished": "It ended before its last cells were run.",
    "table": "A table that it declares is missing or breaks its schema.",
    "modules": "It loaded code that its fingerprint does not cover, so it could not be trusted later.",
    "not reproducible": "Executed again it gave other bytes than the result that is stored.",
    "page": "The result is sound, and its page could not be written.",
    "data": "The data do not carry this analysis.",
    "quality": "The data break a rule that this run sets for them.",
    "limited": "The source of the data refused further requests, and too much of what is needed is missing.",
    "transport": "The source of the data could not be reached or gave no readable answer.",
}
NEXT = {
    "timeout": "Give it longer with --timeout, or less to do.",
    "kernel": "Run it again with fewer stages at a time (--jobs 1), or with less data.",
    "unfinished": "Look for a call that ends the process, such as exit(), in the last cell that was run.",
    "table": "Compare what the stage writes with its row in lib/pipeline.py and its schema in lib/tables.",
    "modules": "Import the module at the top of a notebook cell or of a module, by its full name.",
    "data": "Give the data that the message asks for, or take out what needs them.",
    "quality": "Mend the data that the message names, or change the rule in the params file.",
    "limited": "Wait some minutes, then start the run again: what came is kept, only the rest is asked for.",
    "transport": "See whether this machine reaches the source, then start the run again: what came is kept.",
}
SAID_IN_FULL = ("data", "quality", "limited", "transport")
"""Reasons that somebody outside the workbench must act on: the front page of a run says them in full."""
WHO = {
    "InputError": "An input file or the params file is wrong; its author must mend it.",
    "DataError": "The data do not carry the analysis; whoever provides them must act.",
    "QualityError": "The data break the rules set for them; their owner must mend the data or the rules.",
    "SourceLimited": "Nobody need mend anything: the source limits how much is asked of it.",
    "SourceUnreachable": "Whoever looks after the network, or the source itself, must act.",
    "ContractError": "A table breaks its schema; the author of the stage that writes it must mend it.",
    "StageError": "The stage was opened or used in a way that cannot work; the message says what to do.",
}
TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07)")


def explained(failure: dict, stage: str, subject: str | None, again: dict[str, str] | None) -> dict:
    """A failure for a page: ``{what, cell, cell_id, message, who, traceback, steps}``, all plain text.

    ``again`` is what was asked: the ``run`` that failed, its ``params`` file and its ``as_of`` date.
    """
    name, value = failure.get("ename"), failure.get("evalue")
    message = failure.get("message") or ": ".join(part for part in (name, value) if part)
    return {
        "what": WHAT.get(failure["reason"], f"It failed: {failure['reason']}."),
        "cell": failure.get("cell"),
        "cell_id": failure.get("cell_id"),
        "message": plain(message),
        "who": WHO.get(name or "", ""),
        "traceback": plain(_text(failure.get("traceback"))),
        "steps": _steps(failure["reason"], f"{stage}@{subject}" if subject else stage, again or {}),
    }


def in_one_line(failure: dict | None) -> str:
    """One line that says why a stage failed; with what to do, where the cause lies in the data."""
    if not failure:
        return "It failed without a reason on record."
    if (reason := failure["reason"]) in SAID_IN_FULL:
        said = plain(failure.get("evalue") or "").strip().splitlines()[:1]
        return " ".join([WHAT[reason], *(f"{one.rstrip('.')}." for one in said), NEXT[reason]])
    message = plain(failure.get("message") or failure.get("evalue") or "")
    lines = message.removeprefix(f"{failure.get('ename')}: ").strip().splitlines()
    return lines[0] if lines else WHAT.get(failure["reason"], failure["reason"])


def because_of(blocked_by: Iterable[str] | str) -> str:
    """Why a stage was not run."""
    names = [blocked_by] if isinstance(blocked_by, str) else list(blocked_by)
    names = [name.replace("@", " for ") for name in names]
    if not names:
        return "Not run because the run ended before its turn."
    return f"Not run because {wording.joined(names)} failed or was not run itself."


def plain(text: str) -> str:
    """Text without the escape sequences by which terminals colour it."""
    return TERMINAL.sub("", text)


def _text(traceback: list[str] | str | None) -> str:
    return traceback if isinstance(traceback, str) else "\n".join(traceback or [])


def _steps(reason: str, task: str, again: dict[str, str]) -> list[dict]:
    """What to do next, each as ``{text, command}``."""
    params = shlex.quote(again.get("params", ""))
    first = [{"text": NEXT[reason], "command": ""}] if reason in NEXT else []
    return [
        *first,
        {
            "text": "Open the stage with the inputs and parameters of this run.",
            "command": f"python3 run_all.py lab {shlex.quote(again.get('run', 'RUN'))} {task}",
        },
        {
            "text": "Mend the cause and start the run again: stages that are done are taken as they are.",
            "command": f"python3 run_all.py run {params} --as-of {again['as_of']}" if again else "",
        },
    ]
