"""A Matplotlib figure as an exhibit: drawn once, embedded, described in words, the same bytes every time.

An SVG is taken where it is light, else a PNG at twice the size. The ink of ``lib.figures`` can be read on a
light and on a dark ground; in an SVG it also follows the reader's scheme.
"""

from __future__ import annotations

import base64
import io
import re
import sys
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from lib import wording
from lib.errors import StageError
from lib.exhibits.frame import Exhibit, Source, escape, wrap
from lib.figures import DARK_INK, LIGHT_INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAVY_SVG = 100_000
PIXELS_AN_INCH = 96
SAME_BYTES: dict[Any, Any] = {
    "svg.hashsalt": "research-workbench",
    "svg.fonttype": "path",
    "path.simplify": True,
}

PATH = re.compile(rb' d="[^"]*"')
FINE_DIGITS = re.compile(rb"(\.\d\d)\d+")


def figure_exhibit(
    figure: Figure,
    *,
    title: str,
    reading: str,
    alt: str = "",
    source: Source | None = None,
    observations: int | None = None,
) -> Exhibit:
    """``figure`` embedded under its title, with the sentence that reads it; the figure is closed.

    ``alt`` says what a reader should take from the picture, with the numbers: the reading where nothing else
    is given. StageError when both are empty.
    """
    alt = alt.strip() or reading
    if not alt.strip():
        raise StageError(
            f"figure {title!r} has neither alt text nor a reading: say what a reader should take from it"
        )
    kind, drawing = _draw(figure)
    width, height = (round(inches * PIXELS_AN_INCH) for inches in figure.get_size_inches())
    _close(figure)
    content = (
        f'<div class="wide"><img class="picture" alt="{escape(alt)}" width="{width}" height="{height}" '
        f'src="data:image/{kind};base64,{base64.b64encode(drawing).decode()}"></div>'
    )
    notes = [] if observations is None else [wording.plural(observations, "observation")]
    page = wrap("figure", content, title=title, reading=reading, source=source, notes=notes)
    return Exhibit(page, "\n".join(dict.fromkeys(text for text in (title, alt, reading) if text)))


def _draw(figure: Figure) -> tuple[str, bytes]:
    """Kind of image and its bytes; no date and no version goes into them."""
    with mpl.rc_context(SAME_BYTES):
        target = io.BytesIO()
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        svg = _follow_scheme(PATH.sub(_shorten, target.getvalue()))
        if len(svg) <= HEAVY_SVG:
            return "svg+xml", svg
        target = io.BytesIO()
        dots = 2 * PIXELS_AN_INCH
        figure.savefig(target, format="png", dpi=dots, transparent=True, metadata={"Software": None})
    png = target.getvalue()
    return ("png", png) if len(png) < len(svg) else ("svg+xml", svg)


def _shorten(path: re.Match[bytes]) -> bytes:
    """A path's coordinates to a hundredth of a point: a third of the bytes, nothing to be seen."""
    return FINE_DIGITS.sub(rb"\1", path.group())


def _follow_scheme(svg: bytes) -> bytes:
    """The drawing with a style sheet that darkens or lightens our inks by the reader's scheme."""
    rules = []
    for scheme, inks in (("light", LIGHT_INK), ("dark", DARK_INK)):
        lines = [
            f'[style*="{kind}: {ink}"]{{{kind}:{seen}!important}}'
            for ink, seen in inks.items()
            for kind in ("fill", "stroke")
        ]
        rules.append(f"@media (prefers-color-scheme:{scheme}){{{''.join(lines)}}}")
    return svg.replace(b"<defs>", f"<style>{''.join(rules)}</style><defs>".encode(), 1)


def _close(figure: Figure) -> None:
    """Give the figure's memory back where pyplot keeps it, so that no notebook shows it a second time."""
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(figure)
