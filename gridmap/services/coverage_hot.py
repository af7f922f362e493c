"""What a worker holds in memory between jobs, so that whoever waits does not wait for reading.

A work-horse is a copy of its worker: what the worker holds when a street closes is at hand in
the copy at once. Only a worker that has called `hold` keeps anything; everywhere else things
are made anew each time, as if this were not here.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from geodata.homes import Homes
from gridmap.store import coverage_homes, version
from gridmap.store.database import Transaction

Value = TypeVar("Value")

_LAYERS = ("household", "household_need")


class _Memory:
    """Values by place; a newer version takes the place of an older one."""

    def __init__(self) -> None:
        self.holding = False
        self.values: dict[Hashable, tuple[str, Any]] = {}


_MEMORY = _Memory()


def hold() -> None:
    """Keep from now on what is made in this process, and in its copies."""
    _MEMORY.holding = True


def let_go() -> None:
    """Forget everything, and keep nothing any more."""
    _MEMORY.holding = False
    _MEMORY.values.clear()


def held(place: Hashable, stamp: str, make: Callable[[], Value]) -> Value:
    """Give what stands in a place if it is of this version, and make it if not.

    Parameters
    ----------
    place
        What it is, without its version: one value is held of each.
    stamp
        Whatever tells it from what has stood there before.
    make
        Gives a value that nobody changes; None is not held.
    """
    if not _MEMORY.holding:
        return make()
    found = _MEMORY.values.get(place)
    if found is not None and found[0] == stamp:
        return cast("Value", found[1])
    made = make()
    if made is not None:
        _MEMORY.values[place] = (stamp, made)
    return made


def homes(tx: Transaction, area_code: str, area_type: str) -> Homes:
    """Give the placed households of an area, as `coverage_homes.read` reads them."""

    def read() -> Homes:
        return coverage_homes.read(tx, area_code, area_type)

    if not any(area_code.startswith(area) for area in tx.scope.areas):
        return read()  # who may see a part of it gets that part
    stamp = " ".join(version.stamp(tx, layer) for layer in _LAYERS)
    return held(("homes", area_code, area_type), stamp, read)
