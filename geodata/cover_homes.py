"""The households of a coverage as it is kept: where they are, and who has come, gone or moved."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from geodata.arc_lists import Lists, listed
from geodata.closest import Closest
from geodata.cover_sites import joined
from geodata.cover_state import Answers, Homes
from geodata.coverage import REASONS
from geodata.network import Network
from geodata.points import Spots, moved
from geodata.snapping import Places
from geodata.street_graph import Floats, Ints


class Arrived(NamedTuple):
    """Households as they are now.

    Attributes
    ----------
    homes
        All of them.
    answers
        Of those who have stayed where they were; the others have none yet.
    rows
        The others.
    """

    homes: Homes
    answers: Answers
    rows: Ints


def homes_at(network: Network, index: pd.Index, places: Places, people: Floats) -> Homes:
    """List households by street, and by the junctions their streets end at."""
    piece, count = places.piece, len(network.pieces.road)
    ends = np.column_stack([network.pieces.start, network.pieces.end])
    at = np.where(places.snapped[:, None], ends[piece] if count else 0, -1)
    by_end = listed(at.ravel(), network.size)
    return Homes(index, places, people, listed(piece, count), Lists(by_end.first, by_end.at // 2))


def arrived(
    network: Network,
    before: Homes,
    known: Answers,
    spots: Spots,
    people: Floats,
    max_metres: float,
) -> Arrived | None:
    """Find out who lives where now; None where everybody is as they were.

    Only whoever has come or moved is snapped.
    """
    was = before.index.get_indexer(spots.index).astype(np.intp)
    there = np.flatnonzero(was >= 0)
    xy = moved(spots.xy, spots.crs, network.crs)
    stayed = there[(xy[there] == before.places.xy[was[there]]).all(axis=1)]
    rows = np.setdiff1d(np.arange(len(spots)), stayed)
    same = not len(rows) and spots.index.equals(before.index)
    if same and np.array_equal(people, before.people):
        return None
    fresh = network.places(Spots(spots.index[rows], spots.xy[rows], spots.crs), max_metres)
    back = np.argsort(np.concatenate([rows, stayed]))
    both = joined(fresh, before.places.taken(was[stayed])).taken(back)
    places = replace(both, index=spots.index)
    answers = _carried(known, len(spots), stayed, was[stayed])
    return Arrived(homes_at(network, spots.index, places, people), answers, rows)


def nobody(size: int) -> Answers:
    """Return the answers of households of whom nothing is known."""
    far = np.full((size, 2), np.inf)
    near = Closest(np.full((size, 2), -1, dtype=np.intp), far, far.copy())
    return Answers(near, near, np.full(size, REASONS.index("no_road"), dtype=np.int8))


def _carried(known: Answers, size: int, rows: Ints, was: Ints) -> Answers:
    found = nobody(size)
    near = found.near
    near.site[rows] = known.near.site[was]
    near.seconds[rows] = known.near.seconds[was]
    near.metres[rows] = known.near.metres[was]
    found.why[rows] = known.why[was]
    return found
