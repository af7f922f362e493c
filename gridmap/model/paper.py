"""What papers about grids say: notices, filing tables, pocket maps, wall maps. Plain facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from gridmap.model.sheet import Ground


class PaperKind(StrEnum):
    """Which paper: the first and the third are of a grid, the others of an area."""

    NOTICE = "notice"
    FILING = "filing"
    POCKET = "pocket"
    WALL = "wall"


@dataclass(frozen=True)
class Border:
    """One side of a grid: streets and waters along it, grids beyond it, or nothing."""

    ways: tuple[str, ...]
    neighbours: tuple[str, ...]
    edge: bool


@dataclass(frozen=True)
class Member:
    """Who looks after a grid; `phone` is None unless the posting makes it public."""

    name: str
    phone: str | None


@dataclass(frozen=True)
class Office:
    """Who is called about the grids of an area, and who watches over them."""

    name: str
    phone: str | None
    supervision: str | None


@dataclass(frozen=True)
class GridFacts:
    """One grid as papers show it.

    Attributes
    ----------
    code
        None for one that a scenario has made and nobody has numbered.
    label
        Community and number within it.
    since
        Its first day; None in a scenario without one.
    borders
        By `north`, `east`, `south`, `west`; empty for grids that only lie beside.
    duties
        What it is in charge of.
    special_use
        What a special grid is; None for other kinds.
    """

    key: str
    code: str | None
    label: str
    name: str | None
    kind: str
    community: str
    households: int
    people: int
    km2: float
    outline: BaseGeometry
    middle: tuple[float, float]
    since: date | None
    members: tuple[Member, ...]
    borders: Mapping[str, Border]
    duties: tuple[str, ...] = ()
    special_use: str | None = None


@dataclass(frozen=True)
class Community:
    """A village or community with its office, and the names of those it was merged from."""

    code: str
    name: str
    township: str
    outline: BaseGeometry
    office: Office | None
    merged_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class House:
    """A building with what is written on it; `unsafe` is C, D or None."""

    number: str | None
    address: str | None
    unsafe: str | None
    shape: BaseGeometry


@dataclass(frozen=True)
class Place:
    """A shelter, a store of supplies or another place people go to."""

    kind: str
    name: str
    capacity: int | None
    accessible: bool
    lon: float
    lat: float


@dataclass(frozen=True)
class RiskArea:
    """Where it floods or slides; `declared` while a warning is on."""

    kind: str
    name: str
    declared: bool
    shape: BaseGeometry


@dataclass(frozen=True)
class Origin:
    """What the papers are about.

    Attributes
    ----------
    area, place
        Code of the area, and its name with those around it.
    day
        The grids are those of this day.
    scenario, scenario_name, version
        Of a draft: it is marked as one across every page.
    number
        Version of the layer of grids.
    """

    area: str
    place: str
    day: date
    printed_at: datetime
    number: int
    attribution: str
    scenario: int | None = None
    scenario_name: str | None = None
    version: int | None = None

    @property
    def draft(self) -> bool:
        """Tell whether nothing of this is in force."""
        return self.scenario is not None


@dataclass(frozen=True)
class Folder:
    """Everything the papers of an area are written from, in degrees.

    Attributes
    ----------
    grids
        Those of the area, by code.
    beside
        Those around it.
    ways, draft_ways
        Main ways out: of plans that are approved, and of those that are not yet.
    """

    origin: Origin
    communities: tuple[Community, ...]
    grids: tuple[GridFacts, ...]
    beside: tuple[GridFacts, ...]
    ground: Ground
    houses: tuple[House, ...] = ()
    places: tuple[Place, ...] = ()
    risks: tuple[RiskArea, ...] = ()
    ways: tuple[BaseGeometry, ...] = ()
    draft_ways: tuple[BaseGeometry, ...] = ()
