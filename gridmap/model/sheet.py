"""What a printed evacuation sheet says: plain facts, in the order they are printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry

from gridmap.model.sheet_more import More


@dataclass(frozen=True)
class Facts:
    """What every page of a plan repeats.

    Attributes
    ----------
    number
        What people call the plan, such as P-3-2: hazard and draft.
    check
        SHA-256 of the content of the plan.
    changed
        Layers that have changed since the draft.
    times
        When streets, households and shelters had last changed when it was drafted.
    address
        Where the plan is read on screen; in the square code.
    masked
        True where a reader of these sheets may not know names, telephones and needs.
    ordered_at
        When the order to leave was given; None before.
    """

    plan_id: int
    number: str
    state: str
    hazard: str
    kind: str
    severity: str | None
    exercise: bool
    lifted: bool
    place: str
    clear_by: datetime | None
    drafted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    approval_reason: str | None
    check: str
    changed: tuple[str, ...]
    times: Mapping[str, datetime]
    job_id: int | None
    input_version: str
    replaces: tuple[str, ...]
    printed_at: datetime
    address: str
    masked: bool
    ordered_at: datetime | None = None


@dataclass(frozen=True)
class Short:
    """Where beds are short for a household: how many, and how many are free there."""

    shelter: str
    beds: int
    room: int


@dataclass(frozen=True)
class Home:
    """One household as a row; `needs` is None where they may not be known.

    `point` (the number of its assembly point), `travel` and `departs` (seconds after the order)
    are None where needs may not be known: they tell of them.
    """

    id: int
    address: str
    householder: str | None
    phone: str | None
    people: int
    needs: tuple[str, ...] | None
    urgent: bool
    wave: int | None
    seconds: float | None
    reason: str | None
    short: Short | None = None
    point: int | None = None
    travel: str | None = None
    departs: float | None = None


@dataclass(frozen=True)
class Point:
    """Where neighbours meet, as the lists and the maps number it; `near` names a house beside."""

    number: int
    name: str | None
    lon: float
    lat: float
    households: int
    people: int
    longest_seconds: float
    near: str | None = None


@dataclass(frozen=True)
class Shelter:
    """Where people go, and how many from everywhere; None where that is not the reader's."""

    id: int
    name: str
    address: str | None
    capacity: int
    accessible: bool
    services: tuple[str, ...]
    people: int | None
    households: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Turn:
    """One direction, where it is followed."""

    turn: str
    name: str | None
    highway: str | None
    bearing: float
    metres: float
    lon: float
    lat: float


@dataclass(frozen=True)
class Way:
    """The main way of a sheet, and the lines of all others of it."""

    turns: tuple[Turn, ...]
    line: BaseGeometry
    seconds: float
    metres: float
    address: str
    others: tuple[BaseGeometry, ...] = ()
    drive_seconds: float | None = None
    drive_metres: float | None = None


@dataclass(frozen=True)
class Leaf:
    """One sheet: the households of one grid that go to one shelter, or to none.

    Attributes
    ----------
    part, parts
        Which of the sheets of its grid it is.
    grid_households
        All that have to leave the grid, on all its sheets.
    second
        Where most of them go if the shelter fails; None where nothing was found.
    meets
        The points its households meet at: number, households, people; the most first.
    departs
        When the first of its households sets out, in seconds after the order; None where that
        may not be known.
    phone
        Whom its households call: who looks after the grid, else the nearest office.
    """

    grid: str
    label: str
    place: str
    member: str | None
    outline: BaseGeometry | None
    shelter: Shelter | None
    way: Way | None
    homes: tuple[Home, ...]
    part: int
    parts: int
    grid_households: int
    second: str | None = None
    meets: tuple[tuple[int, int, int], ...] = ()
    departs: float | None = None
    phone: str | None = None

    @property
    def people(self) -> int:
        """Give the people of its households."""
        return sum(home.people for home in self.homes)


@dataclass(frozen=True)
class Street:
    """A street of the base map."""

    highway: str
    name: str | None
    line: BaseGeometry


@dataclass(frozen=True)
class Closure:
    """Where nobody passes; `reason` is what people wrote, None for the hazard's own water."""

    reason: str | None
    shape: BaseGeometry


@dataclass(frozen=True)
class Ground:
    """The base map and the hazard, in degrees."""

    hazard: BaseGeometry
    blocked: BaseGeometry | None
    streets: tuple[Street, ...] = ()
    buildings: tuple[BaseGeometry, ...] = ()
    water: tuple[tuple[str | None, BaseGeometry], ...] = ()
    green: tuple[BaseGeometry, ...] = ()
    grids: tuple[tuple[str, BaseGeometry], ...] = ()
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True)
class Booklet:
    """All sheets of a plan, or those of one grid.

    Attributes
    ----------
    totals
        Those of the plan, whatever is printed of it.
    whole
        False when the sheets are those of one grid only: no cover then, and no shelters.
    changed
        Whether only the sheets are here that differ from those of the plan before.
    cards
        Codes by household where cards for the door of the shelter are wanted instead of sheets.
    points
        The assembly points of the plan, by number.
    """

    facts: Facts
    totals: Mapping[str, Any]
    leaves: tuple[Leaf, ...]
    shelters: tuple[Shelter, ...]
    ground: Ground
    whole: bool
    attribution: str = ""
    more: More = More()
    changed: bool = False
    cards: Mapping[int, str] = field(default_factory=dict)
    points: Mapping[int, Point] = field(default_factory=dict)

    @property
    def unserved(self) -> tuple[tuple[Leaf, Home], ...]:
        """Give those who cannot be served, with their sheet."""
        return tuple(
            (leaf, home) for leaf in self.leaves if leaf.shelter is None for home in leaf.homes
        )

    @property
    def all_fetched(self) -> bool:
        """Whether a vehicle comes for everybody who cannot walk: only then is one promised."""
        tours = self.more.parts.get("tours") or {}
        nowhere = tours.get("nowhere", {}).get("households", 1)
        return bool(tours.get("tours")) and not tours.get("left") and not nowhere
