"""What if: streets closed and facilities moved, added or taken off, on paper only."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Place = tuple[float, float]


@dataclass(frozen=True)
class Move:
    """A facility that stands elsewhere."""

    facility: int
    to: Place


@dataclass(frozen=True)
class Addition:
    """A facility that is not there; `capacity` in people where the standard asks for it."""

    at: Place
    capacity: int | None = None


@dataclass(frozen=True)
class Changes:
    """Everything that is different in one question.

    Attributes
    ----------
    closed
        GeoJSON geometries nobody can pass.
    moved, added
        Facilities.
    off
        Facilities that serve nobody.
    bridges
        Whether what is closed closes bridges and tunnels as well.
    """

    closed: tuple[Mapping[str, Any], ...] = ()
    moved: tuple[Move, ...] = ()
    added: tuple[Addition, ...] = ()
    off: tuple[int, ...] = ()
    bridges: bool = False

    def __bool__(self) -> bool:
        """Tell whether anything is different."""
        return bool(self.closed or self.moved or self.added or self.off)

    def stored(self) -> dict[str, Any]:
        """Give them as they are kept; `read` makes them again."""
        return {
            "closed": [dict(each) for each in self.closed],
            "moved": [{"facility": each.facility, "to": list(each.to)} for each in self.moved],
            "added": [{**asdict(each), "at": list(each.at)} for each in self.added],
            "off": list(self.off),
            "bridges": self.bridges,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Changes":
        """Make them from what was kept."""
        return cls(
            closed=tuple(kept["closed"]),
            moved=tuple(Move(each["facility"], _place(each["to"])) for each in kept["moved"]),
            added=tuple(Addition(_place(each["at"]), each["capacity"]) for each in kept["added"]),
            off=tuple(kept["off"]),
            bridges=kept["bridges"],
        )


def _place(kept: Any) -> Place:
    lon, lat = kept
    return float(lon), float(lat)
