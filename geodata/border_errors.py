"""What an operation on borders refuses: the kind of fault, in words, with its place."""

from collections.abc import Sequence

from geodata.errors import GeodataError


class BorderError(GeodataError):
    """An operation that the ground does not allow.

    Parameters
    ----------
    kind
        Stable name of the fault: ``crosses_itself``, ``too_many_points``, ``not_a_line``,
        ``ends_elsewhere``, ``leaves``, ``touches_outside``, ``misses``, ``does_not_part``,
        ``sliver``, ``empty``, ``pieces``, ``overlap``, ``apart``, ``other_community``,
        ``not_movable``, ``nothing_to_do``, ``wrong_number``, ``no_division``, ``no_such_grid``,
        ``outside_changes``, ``no_such_vertex``, ``outside``.
    message
        What is wrong, without a full stop.
    place
        Coordinates in the CRS of the grids; None for a fault without one place.
    """

    def __init__(self, kind: str, message: str, place: Sequence[float] | None = None) -> None:
        self.kind = kind
        self.place = None if place is None else [float(place[0]), float(place[1])]
        super().__init__(message if self.place is None else f"{message} {at(self.place)}")


def at(point: Sequence[float]) -> str:
    """Name a place."""
    return f"near {point[0]:.6f}, {point[1]:.6f}"
