"""The plan before, read and checked: who had which place, and who knows it."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import Fault, GeodataError
from geodata.evacuation_inputs import flags, raise_if, whole_numbers

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NONE, CLOSED_DOWN = -1, -2
"""Places of those who had none, and of those whose shelter is no longer on the list."""


@dataclass(frozen=True)
class Mine:
    """The plan before on some households.

    Attributes
    ----------
    known
        Whether they were in it.
    place
        Position of the shelter among those of today, or `NONE`, or `CLOSED_DOWN`.
    told
        Whether they know it.
    wave
        Their wave, 0 where unknown.
    """

    known: Flags
    place: Integers
    told: Flags
    wave: Integers

    @property
    def had_place(self) -> Flags:
        """Whether they had a shelter."""
        had: Flags = self.place != NONE
        return had

    def moves(self, shelters: int) -> Integers:
        """Tell whether going to a shelter (the last column: nowhere) is another place: 0 or 1."""
        moves = np.ones((len(self.place), shelters + 1), dtype=np.int64)
        stays = np.flatnonzero(self.place >= 0)
        moves[stays, self.place[stays]] = 0
        return moves


@dataclass(frozen=True)
class Before:
    """The plan before.

    Attributes
    ----------
    shelter
        Label of the shelter on all households of that plan, <NA> for none.
    place
        The same as positions.
    told
        Whether each knows its place.
    wave
        Its wave, 0 where unknown; None if no waves were given.
    ways
        The line it was to go, in the CRS of the households; otherwise None.
    """

    shelter: "pd.Series[Any]"
    place: Integers
    told: Flags
    wave: Integers | None
    ways: gpd.GeoSeries | None

    def on(self, labels: pd.Index) -> Mine:
        """Return it on the labels of households."""
        at = self.shelter.index.get_indexer(labels)
        known = at >= 0
        return Mine(
            known,
            np.append(self.place, NONE)[at],
            np.append(self.told, False)[at] & known,
            self._waves(at),
        )

    def _waves(self, at: Integers) -> Integers:
        if self.wave is None:
            return np.zeros(len(at), dtype=np.int64)
        wave: Integers = np.append(self.wave, 0)[at]
        return wave


def read(
    previous: "pd.Series[Any] | pd.DataFrame",
    told: "pd.Series[Any] | None",
    shelters: gpd.GeoDataFrame,
    households: gpd.GeoDataFrame,
) -> Before:
    """Read the plan before and who knows it."""
    frame = previous if isinstance(previous, pd.DataFrame) else pd.DataFrame({"shelter": previous})
    if "shelter" not in frame:
        raise GeodataError([Fault("the plan before names no shelters", None, "shelter")])
    faults = _repeated(frame.index, "the plan before")
    known = pd.Series(False, index=frame.index)
    if told is not None:
        faults += _repeated(told.index, "those who have been told")
    raise_if(faults)
    if told is not None:
        known = told.reindex(frame.index)
    is_told = flags(known.to_frame("told"), "told", False, faults)
    wave = None
    if "wave" in frame:
        filled = frame[["wave"]].fillna(0)
        wave = whole_numbers(filled, "wave", "the plan before", faults)
    raise_if(faults)
    labels = frame["shelter"]
    place = shelters.index.get_indexer(pd.Index(labels)).astype(np.int64)
    place[(place < 0) & labels.notna().to_numpy()] = CLOSED_DOWN
    place[labels.isna().to_numpy()] = NONE
    return Before(
        labels,
        place,
        is_told,
        wave,
        _ways(frame, households),
    )


def _repeated(labels: pd.Index, name: str) -> list[Fault]:
    again = labels[labels.duplicated()].unique()
    return [Fault(f"the label of {name} repeats", label) for label in again]


def _ways(frame: pd.DataFrame, households: gpd.GeoDataFrame) -> gpd.GeoSeries | None:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return None
    ways = frame.geometry
    if ways.crs is None:
        raise GeodataError(
            [Fault("the ways before declare no coordinate system", None, "geometry")]
        )
    return ways if ways.crs == households.crs else ways.to_crs(households.crs)
