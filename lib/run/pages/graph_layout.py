"""Two layouts made of numbers alone: the pipeline in layers, and a line the size of a word.

Both return coordinates; templates write the marks, so that colours and links stay with the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

BOX_HEIGHT, LANE_HEIGHT, GAP_DOWN = 46.0, 10.0, 14.0
MOST_WIDTH, WIDEST_BOX, GAP_ACROSS = 1080.0, 176.0, 20.0
ROUNDS = 4


@dataclass
class Layout:
    """A graph laid out: boxes by name as (x, y), edges as SVG paths, all in pixels."""

    width: float
    height: float
    box: float
    boxes: dict[str, tuple[float, float]] = field(default_factory=dict)
    edges: list[str] = field(default_factory=list)


def layers(needs: Mapping[str, Sequence[str]]) -> Layout:
    """Place every name right of all that it needs; names come in an order where needs go first.

    Edges that follow from others are left out, and long ones pass through lanes between the boxes.
    """
    direct = _reduced(needs)
    depth: dict[str, int] = {}
    for name in needs:
        depth[name] = 1 + max((depth[need] for need in direct[name]), default=-1)
    columns: list[list[str]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for name in needs:
        columns[depth[name]].append(name)
    chains = _lanes(direct, depth, columns)
    _untangle(columns, chains)
    return _placed(columns, chains)


def spark(values: Sequence[float], width: float = 92.0, height: float = 22.0) -> dict:
    """A line through ``values``, oldest first: ``{points, x, y}`` with the place of the last value."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (width - 6) / max(len(values) - 1, 1)
    places = [
        (round(3 + n * step, 1), round(height - 3 - (v - low) / span * (height - 6), 1))
        for n, v in enumerate(values)
    ]
    if high == low:
        places = [(x, height / 2) for x, _ in places]
    return {"points": " ".join(f"{x:g},{y:g}" for x, y in places), "x": places[-1][0], "y": places[-1][1]}


def _reduced(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Without the needs that another need brings along."""
    above: dict[str, set[str]] = {}
    for name, own in needs.items():
        above[name] = set(own).union(*(above[need] for need in own if need in above))
    return {
        name: [need for need in own if not any(need in above.get(other, ()) for other in own)]
        for name, own in needs.items()
    }


def _lanes(
    direct: Mapping[str, Sequence[str]], depth: Mapping[str, int], columns: list[list[str]]
) -> list[list[str]]:
    """For each edge the names it passes, lanes ("from>to>column") among them; lanes join their columns."""
    chains = []
    for name, own in direct.items():
        for need in own:
            chain = [need]
            for column in range(depth[need] + 1, depth[name]):
                lane = f"{need}>{name}>{column}"
                columns[column].append(lane)
                chain.append(lane)
            chains.append([*chain, name])
    return chains


def _untangle(columns: list[list[str]], chains: list[list[str]]) -> None:
    """Order each column by the mean place of its neighbours, from left and from right in turn."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for chain in chains:
        for left, right in pairwise(chain):
            before.setdefault(right, []).append(left)
            after.setdefault(left, []).append(right)
    for turn in range(ROUNDS):
        near = before if turn % 2 == 0 else after
        for column in columns if turn % 2 == 0 else reversed(columns):
            place = {name: n / max(len(one) - 1, 1) for one in columns for n, name in enumerate(one)}
            column.sort(key=lambda name: _mean([place[other] for other in near.get(name, [name])]))


def _placed(columns: list[list[str]], chains: list[list[str]]) -> Layout:
    count = max(len(columns), 1)
    box = min(WIDEST_BOX, (MOST_WIDTH - (count - 1) * GAP_ACROSS) / count)
    heights = [sum(_height(name) for name in one) + GAP_DOWN * (len(one) - 1) for one in columns]
    tallest = max(heights, default=0.0)
    layout = Layout(count * box + (count - 1) * GAP_ACROSS + 2, tallest + 2, box)
    for n, (column, height) in enumerate(zip(columns, heights, strict=True)):
        y = 1 + (tallest - height) / 2
        for name in column:
            layout.boxes[name] = (1 + n * (box + GAP_ACROSS), y)
            y += _height(name) + GAP_DOWN
    layout.edges = [_path(layout, chain) for chain in chains]
    layout.boxes = {name: place for name, place in layout.boxes.items() if ">" not in name}
    return layout


def _path(layout: Layout, chain: list[str]) -> str:
    """A curve from the right side of a box to the left side of the next, straight through lanes."""
    points = []
    for name in chain:
        x, y = layout.boxes[name]
        points.append((x, x + layout.box, y + _height(name) / 2))
    parts = [f"M{points[0][1]:.1f} {points[0][2]:.1f}"]
    for (_, right, y), (left, end, next_y) in pairwise(points):
        middle = (right + left) / 2
        parts.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {next_y:.1f} {left:.1f} {next_y:.1f}")
        if (left, end, next_y) != points[-1]:
            parts.append(f"H{end:.1f}")
    return "".join(parts)


def _height(name: str) -> float:
    return LANE_HEIGHT if ">" in name else BOX_HEIGHT


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
