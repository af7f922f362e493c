"""What a report on coverage says: plain facts, of an area and never of one household."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry

from gridmap.model.sheet import Ground


@dataclass(frozen=True)
class Sums:
    """How many there are and how many of them are not reached.

    Attributes
    ----------
    with_needs, with_needs_uncovered
        None where the reader may not know needs.
    bands
        Households that are always, sometimes and never reached; None with one speed.
    """

    households: int
    uncovered: int
    people: int
    people_uncovered: int
    with_needs: int | None = None
    with_needs_uncovered: int | None = None
    by_reason: Mapping[str, int] = field(default_factory=dict)
    bands: Mapping[str, int] | None = None

    @property
    def share(self) -> float | None:
        """Give the share of households that is reached; None where there are none."""
        return 1 - self.uncovered / self.households if self.households else None


@dataclass(frozen=True)
class Line:
    """One grid, community or township of a chapter."""

    code: str
    label: str
    sums: Sums
    worst_seconds: float | None
    worst_metres: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Moment:
    """What one run found in the area; the last one is what the chapter is about.

    Attributes
    ----------
    version, limit
        Of the standard as it then was: figures by another definition are no change of cover.
    """

    run: int
    at: datetime
    version: int | None
    limit: float | None
    sums: Sums


@dataclass(frozen=True)
class Layer:
    """A layer that a run has read.

    Attributes
    ----------
    version
        The one it has read.
    changed_at
        When the layer was last changed, up to now.
    now
        Its version now: another one where it has changed since.
    """

    name: str
    version: int
    changed_at: datetime | None
    now: int | None

    @property
    def changed(self) -> bool:
        """Tell whether it is no more what the run has read."""
        return self.now != self.version


@dataclass(frozen=True)
class Site:
    """A facility of the standard on the map."""

    kind: str
    name: str
    open: bool
    lon: float
    lat: float


@dataclass(frozen=True)
class Chapter:
    """One standard: the newest run that covers the area, and what it found in it.

    Attributes
    ----------
    definition
        The standard word for word, as it is kept with the run.
    run_area
        Code of what the run was about: the area itself, or one around it.
    unplaced
        Households whose place is not known; None where the run is about more than the area.
    facilities
        How many facilities the run has found in use; None where it does not say.
    stale
        What has changed since the run: layers, `hours` where doors have turned, and
        `coverage_standard` where another definition has come into force.
    whole
        False for a run so old that only its sums are kept.
    certificate
        SHA-256 of the file that proves the run, None without one.
    history
        Runs up to this one, the oldest first.
    """

    key: str
    definition: Mapping[str, Any]
    run: int
    run_area: str
    computed_at: datetime
    input_version: str
    sums: Sums
    unplaced: int | None
    facilities: int | None
    whole: bool
    layers: tuple[Layer, ...]
    stale: tuple[str, ...]
    townships: tuple[Line, ...]
    communities: tuple[Line, ...]
    grids: tuple[Line, ...]
    history: tuple[Moment, ...]
    sites: tuple[Site, ...]
    certificate: str | None = None
    certificate_state: str | None = None

    @property
    def measure(self) -> str:
        """Give what the standard limits: seconds or metres."""
        return str(self.definition.get("measure", "seconds"))

    def worst(self, line: Line) -> float | None:
        """Give the longest way of a line in the measure of the standard."""
        return line.worst_metres if self.measure == "metres" else line.worst_seconds


@dataclass(frozen=True)
class Missing:
    """A standard that holds in the area and of which there is no run."""

    key: str
    name: str


@dataclass(frozen=True)
class Outline:
    """A grid or community on the map."""

    code: str
    label: str
    shape: BaseGeometry


@dataclass(frozen=True)
class Report:
    """Everything a report is written from, in degrees.

    Attributes
    ----------
    needs
        Whether the reader may know how many people with needs there are.
    grids, communities
        Those in force in the area on the day of printing.
    """

    area: str
    place: str
    printed_at: datetime
    attribution: str
    needs: bool
    chapters: tuple[Chapter, ...]
    missing: tuple[Missing, ...]
    grids: tuple[Outline, ...]
    communities: tuple[Outline, ...]
    ground: Ground
