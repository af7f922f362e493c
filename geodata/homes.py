"""Households with their points as arrays: geometries are made for those who ask for them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.network import Network
from geodata.points import Spots, spots
from geodata.snapping import Places
from geodata.street_graph import Ints

_PLACED = 5  # kinds of streets for which it is remembered where they meet them


@dataclass(frozen=True)
class Homes:
    """Households and where they are.

    Attributes
    ----------
    table
        What is known of each but its place, by label.
    spots
        Their places, on the same index.
    whole
        Whom they were taken from, and their rows there; None: from nobody.
    """

    table: pd.DataFrame
    spots: Spots
    whole: "tuple[Homes, Ints] | None" = field(default=None, repr=False, compare=False)
    _placed: list[tuple[Network, float, Places]] = field(
        default_factory=list, repr=False, compare=False
    )

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame) -> Self:
        """Take the points out of a frame."""
        table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
        return cls(table, spots(frame, frame.crs))

    def __len__(self) -> int:
        """Return the number of households."""
        return len(self.table)

    @cached_property
    def frame(self) -> gpd.GeoDataFrame:
        """The table with Point geometries."""
        points = gpd.points_from_xy(*self.spots.xy.T)
        return gpd.GeoDataFrame(self.table, geometry=points, crs=self.spots.crs)

    @cached_property
    def by_area(self) -> "tuple[list[str], Ints, Ints]":
        """Put them in the order of their `area_code`, and of their labels within it.

        Returns
        -------
        names, order, bounds
            The codes; positions of the households; where in that order each code begins, and
            the total at the end.
        """
        codes, names = pd.factorize(self.table["area_code"], sort=True)
        labels = self.table.index
        if labels.is_monotonic_increasing:
            # small numbers are sorted in one pass
            small = codes.astype(np.uint16 if len(names) < 2**16 else np.intp)
            order = np.argsort(small, kind="stable")
        else:
            order = np.lexsort((labels.to_numpy(), codes))
        bounds = np.searchsorted(codes[order], np.arange(len(names) + 1)).astype(np.intp)
        return [str(name) for name in names], order, bounds

    def within(self, code: str) -> Self:
        """Return those whose `area_code` begins so."""
        codes = self.table["area_code"].cat
        return self._taken(np.flatnonzero(codes.categories.str.startswith(code)[codes.codes]))

    def chosen(self, choose: Callable[[str], bool]) -> Self:
        """Return those whose `area_code` is chosen."""
        codes = self.table["area_code"].cat
        fits = np.array([choose(code) for code in codes.categories], dtype=bool)
        return self._taken(np.flatnonzero(fits[codes.codes]))

    def _taken(self, rows: Ints) -> Self:
        table = self.table.iloc[rows]
        spots = Spots(table.index, self.spots.xy[rows], self.spots.crs)
        return type(self)(table, spots, (self, rows))

    def places(
        self,
        network: Network,
        max_metres: float,
        find: "Callable[[Homes], Places] | None" = None,
    ) -> Places:
        """Return where they meet the streets, found once for all who use the same ones.

        Parameters
        ----------
        find
            Who knows better than to ask the network.
        """
        if self.whole is not None:
            every, rows = self.whole
            return every.places(network, max_metres, find).taken(rows)
        for known, metres, placed in self._placed:
            if metres == max_metres and network.snaps_like(known):
                return replace(placed, leg_kmh=network.profile.leg_kmh)
        found = network.places(self.spots, max_metres) if find is None else find(self)
        del self._placed[:-_PLACED]
        self._placed.append((network, max_metres, found))
        return found
