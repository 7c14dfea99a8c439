"""From measures to points: rank among peers, the quartile of the rank, and its share of the points.

Position p, 1 the best, ties sharing the average, among n peers with the measure, the fund itself included:
quartile ceil(4 p / n), worth 100, 75, 50 or 25 %; or by the switch ``percentile`` 1 - (p - 1) / (n - 1).
Under four peers nothing is ranked and half the points are given. All rows of all days are ranked at once: a
group is a set of peers on one day.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.funds.bands import FEWEST_PEERS, NEUTRAL

SCORINGS = ("quartile", "percentile")
ROUNDING = 1e-12
"""Values closer than this share of the larger are the same: the rest is rounding."""


class Ranks(NamedTuple):
    """Position (1 the best, NaN without the measure) and how many of the group have it."""

    position: np.ndarray
    peers: np.ndarray


def ranks(values: np.ndarray, groups: np.ndarray, *, high_best: bool = True) -> Ranks:
    """Position of each value in its group, ties sharing the average."""
    position, peers = np.full(len(values), np.nan), np.zeros(len(values), dtype="int64")
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return Ranks(position, peers)
    sizes = np.bincount(groups[known], minlength=int(groups.max()) + 1)
    peers = sizes[groups]
    key = -values[known] if high_best else values[known]
    order = np.lexsort((key, groups[known]))
    key, group = key[order], groups[known][order]
    far = np.abs(key[1:] - key[:-1]) > ROUNDING * np.abs(key[1:])
    starts = np.flatnonzero(np.concatenate([[True], (group[1:] != group[:-1]) | far]))
    lengths = np.diff(np.append(starts, len(key)))
    first = np.concatenate([[0], np.cumsum(sizes)])[group[starts]]
    middle = starts - first + (lengths + 1) / 2
    position[known[order]] = np.repeat(middle, lengths)
    return Ranks(position, peers)


def choose(own: Ranks, other: Ranks, use_other: np.ndarray) -> Ranks:
    """The ranks of ``other`` where it is to be used."""
    return Ranks(
        np.where(use_other, other.position, own.position), np.where(use_other, other.peers, own.peers)
    )


def quartiles(rank: Ranks) -> np.ndarray:
    """ceil(4 p / n), NaN under four peers."""
    enough = rank.peers >= FEWEST_PEERS
    return np.where(enough, np.ceil(4 * rank.position / np.maximum(rank.peers, 1)), np.nan)


def peer_shares(rank: Ranks, scoring: str = "quartile") -> np.ndarray:
    """Share of the points by rank: NaN without the measure, a half under four peers."""
    if scoring == "percentile":
        share = 1 - (rank.position - 1) / np.maximum(rank.peers - 1, 1)
    else:
        share = 1.25 - quartiles(rank) / 4
    thin = (rank.peers < FEWEST_PEERS) & ~np.isnan(rank.position)
    return np.where(thin, NEUTRAL, share)
