"""How every benchmark prints: one line for each comparison, the ratio first read, seconds beside it."""

from __future__ import annotations

HEAD = f"{'work':<44} {'ours':>9} {'peer':>9} {'ratio':>8}  {'goal':<10} note"


def head(title: str) -> None:
    """A title and the column names."""
    print(f"\n{title}\n{HEAD}", flush=True)


def line(name: str, ours_seconds: float, peer_seconds: float | None, goal: str, note: str = "") -> None:
    """One comparison: seconds of ours and of the peer (None where there is none), the goal in words."""
    peer = (
        f"{_time(peer_seconds):>9} {peer_seconds / ours_seconds:>7.1f}x"
        if peer_seconds
        else f"{'-':>9} {'-':>8}"
    )
    print(f"{name:<44} {_time(ours_seconds):>9} {peer}  {goal:<10} {note}", flush=True)


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} us"
