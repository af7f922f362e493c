"""Straight legs between places and their streets: what they cross, and from where they come."""

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.hazard_streets import ON_BORDER, points_at, straight
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Bools, Floats, Ints

INNER, OUTER, NEITHER = 0, 1, -1
"""Layers from which a shelter is entered."""


def legs(network: Network, places: Places) -> Floats:
    """Return the legs in metres, array (places, 2, 2), place first; NaN without a street."""
    found = np.full((len(places), 2, 2), np.nan)
    here = np.flatnonzero(places.snapped)
    points = gpd.GeoSeries(shapely.points(places.xy[here]), crs=network.crs)
    found[here, 0] = shapely.get_coordinates(points.to_crs(network.metric))
    found[here, 1] = points_at(
        network.pieces, places.piece[here], places.fraction[here], metric=True
    )
    return found


def crossing(ends: Floats, area: BaseGeometry) -> Bools:
    """Tell which legs touch an area in metres."""
    hit = np.zeros(len(ends), dtype=bool)
    here = _present(ends)
    if len(here) and not area.is_empty:
        shapely.prepare(area)
        hit[here] = shapely.intersects(area, straight(ends[here]))
    return hit


def leaving_twice(ends: Floats, hazard: BaseGeometry, street_inside: Bools) -> Bools:
    """Tell which legs from a place in the hazard come back into it after having left it."""
    twice = np.zeros(len(ends), dtype=bool)
    here = _present(ends)
    if not len(here) or hazard.is_empty:
        return twice
    lines = straight(ends[here])
    wide = hazard.buffer(ON_BORDER)
    shapely.prepare(wide)
    within = shapely.covers(wide, lines)
    inside = street_inside[here]
    twice[here[inside & ~within]] = True
    for row in np.flatnonzero(~inside & ~within):
        twice[here[row]] = len(_parts(lines[row].intersection(wide))) > 1
    return twice


def entered_from(ends: Floats, hazard: BaseGeometry) -> Ints:
    """Tell from which layer each shelter outside the hazard is entered over its leg."""
    layer = np.full(len(ends), NEITHER, dtype=np.intp)
    here = _present(ends)
    layer[here] = OUTER
    if hazard.is_empty:
        return layer
    lines = straight(ends[here])
    shapely.prepare(hazard)
    met = shapely.intersects(hazard, lines)
    for row, leg in zip(here[met], lines[met], strict=True):
        inner = _parts(leg.intersection(hazard))
        if sum(part.length for part in inner) <= 2 * ON_BORDER:
            continue
        street = shapely.get_point(leg, 1)
        once = len(inner) == 1 and inner[0].distance(street) <= ON_BORDER
        layer[row] = INNER if once else NEITHER
    return layer


def _present(ends: Floats) -> Ints:
    return np.flatnonzero(np.isfinite(ends).all(axis=(1, 2)))


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return the parts of a cut straight line that have a length."""
    return [part for part in shapely.get_parts(shape) if part.length > 0]
