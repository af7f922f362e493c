"""Thresholds of sensors: the level a value reaches, left again only well below."""

from collections.abc import Mapping

KINDS = ("water_level", "rain", "smoke")
RISING = ("blue", "yellow", "orange", "red")
# what a proposal fills into the form of a hazard; the officer may choose otherwise
HAZARD_OF: Mapping[str, str] = {"water_level": "flood", "rain": "rainstorm", "smoke": "fire"}


def level_of(
    value: float, thresholds: Mapping[str, float], hysteresis: float, before: str | None
) -> str | None:
    """Give the level of a reading; None below all thresholds.

    A level is reached at its threshold, and left only `hysteresis` below it: a value that trembles
    around a threshold raises nothing anew.

    Parameters
    ----------
    thresholds
        Some of `RISING` with the value that reaches them.
    before
        The level of the reading before.
    """
    held = -1 if before is None else RISING.index(before)
    found = None
    for rank, level in enumerate(RISING):
        threshold = thresholds.get(level)
        if threshold is None:
            continue
        if value >= threshold or (rank <= held and value > threshold - hysteresis):
            found = level
    return found


def higher(level: str | None, than: str | None) -> bool:
    """Tell whether a level is above another one."""
    if level is None:
        return False
    return than is None or RISING.index(level) > RISING.index(than)
