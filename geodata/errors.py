"""Faults of an input, collected and raised together so that one pass shows all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SHOWN = 20


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input, and where.

    Attributes
    ----------
    message
        What is wrong, as a sentence without a full stop.
    row
        Row label (frame index) or line number in a file; None for the whole input.
    column
        Column or field name; None where no single column is at fault.
    """

    message: str
    row: object | None = None
    column: str | None = None

    def __str__(self) -> str:
        """Say the place first, then what is wrong."""
        place = []
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column!r}")
        return f"{', '.join(place)}: {self.message}" if place else self.message


class GeodataError(ValueError):
    """An input that cannot be used.

    Parameters
    ----------
    faults
        A sentence, or every fault found in the input.
    """

    def __init__(self, faults: str | Iterable[Fault]) -> None:
        self.faults: Sequence[Fault] = (
            (Fault(faults),) if isinstance(faults, str) else tuple(faults)
        )
        lines = [str(fault) for fault in self.faults[:_SHOWN]]
        if len(self.faults) > _SHOWN:
            lines.append(f"and {len(self.faults) - _SHOWN} more")
        super().__init__("; ".join(lines))
