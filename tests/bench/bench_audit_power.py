"""How many of the look-aheads planted in the toy's selection of funds the audit finds, by how much it alters.

Run: ``.venv/bin/python tests/bench/bench_audit_power.py [WORLDS [FIRST SEED]]``. The figures stand in
``lib/run/audit/power.py``; the worlds are others than those that the tests look at.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from toy import selection

from lib.run.audit.look_ahead import audit
from lib.run.audit.power import CONFIDENCE, at_least

WORLDS, FIRST_SEED, MOST = 12, 301, 16


def main(worlds: int = WORLDS, first: int = FIRST_SEED) -> None:
    """Print the leaks found by the number of alterations, and those that were missed."""
    places: dict[str, list[int]] = {name: [] for name in selection.LEAKS}
    for seed in range(first, first + worlds):
        world = selection.world(seed)
        for name, choice in selection.LEAKS.items():
            places[name].append(_first(world, choice))
    planted = worlds * len(places)
    every = [place for found in places.values() for place in found]
    print(f"{planted} look-aheads in {worlds} worlds from seed {first}")
    for most in range(3, MOST + 1):
        found = sum(place <= most for place in every)
        bound = at_least(found, planted)
        print(f"{most:3} alterations: {found} found, at least {bound:.1%} with {CONFIDENCE:.0%} confidence")
    for name, found in places.items():
        if missed := sum(place > MOST for place in found):
            print(f"missed {missed} times: {name}")


def _first(world: dict, choice: selection.Choice) -> int:
    """After how many alterations the look-ahead was found; more than ``MOST`` where it was not."""

    def run(tables, as_of):
        return selection.select(tables, choice, as_of or selection.END)

    found = audit(run, world, selection.SCHEMAS, moments=MOST, to_first=True)
    return len(found.trials) if found.leaks else MOST + 2


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3]))
