"""The facilities of a coverage as it is kept, in the order of their labels."""

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.coverage import Standard
from geodata.coverage_reading import check_labels, crews, label_order, opened, room
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Bools, Floats, Ints


@dataclass(frozen=True)
class Sites:
    """Facilities; arrays in the order of their labels.

    Attributes
    ----------
    labels
        In their order, so that of equally near ones the first is the one that counts.
    row
        Where each stood in the frame.
    places
        Where they meet the streets.
    usable
        Whether each is open.
    crew
        Number of each one's crew.
    room
        How many people each takes in, infinite without a limit.
    """

    labels: pd.Index
    row: Ints
    places: Places
    usable: Bools
    crew: Ints
    room: Floats

    def only(self, which: Bools) -> Places:
        """Return all places, but those not wanted are not on the network."""
        return replace(self.places, piece=np.where(which, self.places.piece, -1))

    @property
    def unsnapped(self) -> list[object]:
        """Labels of those without a street, as they stood in the frame."""
        return list(self.labels[~self.places.snapped][np.argsort(self.row[~self.places.snapped])])


def read(
    facilities: gpd.GeoDataFrame, network: Network, standard: Standard, before: Sites | None
) -> Sites:
    """Read facilities; those that stand where they stood `before` are not snapped again.

    Raises
    ------
    GeodataError
        As `coverage.cover`.
    """
    check_labels(facilities)
    order = label_order(facilities.index)
    labels = facilities.index[order]
    return Sites(
        labels,
        order,
        _snapped(facilities.iloc[order], network, standard.max_metres, before),
        opened(facilities)[order],
        crews(facilities)[order],
        room(facilities)[order] if standard.capacity else np.full(len(order), np.inf),
    )


def _snapped(
    facilities: gpd.GeoDataFrame, network: Network, max_metres: float, before: Sites | None
) -> Places:
    if before is None:
        return network.places(facilities, max_metres)
    was = before.labels.get_indexer(facilities.index)
    known = np.flatnonzero(was >= 0)
    xy = _xy(facilities, network)
    stayed = known[(xy[known] == before.places.xy[was[known]]).all(axis=1)]
    new = np.setdiff1d(np.arange(len(facilities)), stayed)
    if not len(new):
        return replace(before.places.taken(was), index=facilities.index)
    fresh, old = network.places(facilities.iloc[new], max_metres), before.places.taken(was[stayed])
    back = np.argsort(np.concatenate([new, stayed]))
    return replace(joined(fresh, old).taken(back), index=facilities.index)


def _xy(facilities: gpd.GeoDataFrame, network: Network) -> Floats:
    """Return where points are; what cannot be read so is NaN, and left to snapping."""
    xy = np.full((len(facilities), 2), np.nan)
    if facilities.crs is None:
        return xy
    shapes = facilities.geometry.to_numpy()
    there = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    xy[there] = shapely.get_coordinates(facilities.geometry[there].to_crs(network.crs).to_numpy())
    return xy


def joined(one: Places, other: Places) -> Places:
    """Return places and others after them, with labels of no meaning."""
    names = ("xy", "piece", "fraction", "metres", "at_start", "at_end")
    both: dict[str, Any] = {
        name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in names
    }
    return replace(one, index=pd.RangeIndex(len(one) + len(other)), **both)


def renumbered(before: Sites, after: Sites) -> Ints | None:
    """Tell the new number of each old site; None if they no longer come in the same order.

    Sites that are gone have numbers behind all others.
    """
    number = after.labels.get_indexer(before.labels).astype(np.intp)
    gone = number < 0
    if (np.diff(number[~gone]) < 0).any():
        return None
    number[gone] = len(after.labels) + np.arange(gone.sum())
    return number


def same_crews(before: Sites, after: Sites) -> bool:
    """Tell whether the sites that are still there share crews as they did."""
    number = after.labels.get_indexer(before.labels)
    stay = number >= 0
    pairs = np.column_stack([before.crew[stay], after.crew[number[stay]]])
    distinct = len(np.unique(pairs, axis=0))
    return all(len(np.unique(column)) == distinct for column in pairs.T)


def altered(before: Sites, after: Sites) -> Ints:
    """Return the streets on which a site has come, gone, moved, opened or closed."""
    number = after.labels.get_indexer(before.labels)
    stay = np.flatnonzero(number >= 0)
    old, new = before.places.taken(stay), after.places.taken(number[stay])
    same = (before.usable[stay] == after.usable[number[stay]]) & (old.piece == new.piece)
    # a place that is not on a street has NaN, and is nobody's neighbour
    same &= (old.fraction == new.fraction) & (old.metres == new.metres)
    left = np.delete(before.places.piece, stay[same])
    come = np.delete(after.places.piece, number[stay[same]])
    pieces = np.unique(np.concatenate([left, come]))
    return pieces[pieces >= 0]
