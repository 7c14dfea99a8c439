"""The summary of a run for mail: HTML whose style stands in its elements, and the same as plain text.

Mail programs drop style sheets, scripts and pictures, and cut what is long: the summary has none of these
and at most ``MOST_SUBJECTS`` subjects of a kind, those with something wrong first. It says what the front
page of the run says, from the same values, and links to nothing, since a mail does not lie beside its run.
"""

from __future__ import annotations

from typing import Any

from lib.run.pages import html_shell, run_page

MOST_SUBJECTS = 30
MOST_TROUBLES = 20
INK, QUIET, RULE, ALARM, GROUND = "#1f2429", "#565e66", "#d5d9dd", "#a33f00", "#fff4ec"


def files_of(manifest: dict) -> dict[str, str]:
    """``mail.html`` and ``mail.txt`` of a run, each under 100 kB however many subjects it has."""
    told = _told(run_page.front_of(manifest))
    return {
        "mail.html": html_shell.render("mail.html.j2", **told, ink=INK, quiet=QUIET, rule=RULE, alarm=ALARM),
        "mail.txt": html_shell.render_text("mail.txt.j2", **told),
    }


def _told(front: dict[str, Any]) -> dict[str, Any]:
    kinds = [_kind(one) for one in front["kinds"]]
    names = ("run", "name", "as_of", "state", "summary", "left_out", "data", "faulty", "made_up")
    return {
        **{name: front[name] for name in names},
        "kinds": kinds,
        "troubles": front["troubles"][:MOST_TROUBLES],
        "more_troubles": max(0, len(front["troubles"]) - MOST_TROUBLES),
        "ground": GROUND,
    }


def _kind(kind: dict[str, Any]) -> dict[str, Any]:
    """The subjects of a kind, those with something wrong first, and how many are left out."""
    ranked = sorted(kind["subjects"], key=lambda one: not one["wrong"] and _is_well(one))
    return {**kind, "subjects": ranked[:MOST_SUBJECTS], "more": max(0, len(ranked) - MOST_SUBJECTS)}


def _is_well(subject: dict[str, Any]) -> bool:
    return bool(subject["leading"]) and subject["leading"]["state"] == "done"
