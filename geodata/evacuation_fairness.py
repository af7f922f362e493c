"""What it costs that nobody is sent much farther than to the nearest shelter."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from geodata.assignment import to_shelters
from geodata.evacuation_case import Case

Integers = NDArray[np.int64]


def price(fair: Case, place: Integers, plain: Case) -> Mapping[str, object]:
    """Compare a draft within a tolerance with the one that has none.

    Parameters
    ----------
    fair
        The evacuation with the tolerance.
    place
        Position of the shelter of each of its households, -1 for none.
    plain
        The same evacuation without it.

    Returns
    -------
    mapping
        `with` and `without`: `person_seconds`, `served_people`, `unserved_people`,
        `longest_seconds` each; `price_person_seconds`, the difference of the first, which
        compares like with like only where as many people are served.
    """
    units = plain.units
    found = to_shelters(
        units.sums(plain.people),
        units.mean(plain.people, plain.seconds),
        plain.room,
        units.any(plain.urgent),
    )
    with_, without = _figures(fair, place), _figures(plain, found.shelter[units.of])
    return {
        "with": with_,
        "without": without,
        "price_person_seconds": with_["person_seconds"] - without["person_seconds"],
    }


def _figures(case: Case, place: Integers) -> dict[str, float]:
    at = np.flatnonzero(place >= 0)
    seconds = case.ways.seconds[at, place[at]]
    return {
        "person_seconds": float(case.people[at] @ seconds),
        "served_people": int(case.people[at].sum()),
        "unserved_people": int(case.people[place < 0].sum()),
        "longest_seconds": float(seconds.max(initial=0.0)),
    }
