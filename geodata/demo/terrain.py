"""Simulated ground of a demo town: a lake, a hill, and the hazards they bring."""

from collections.abc import Iterable

import numpy as np
import shapely

from geodata.demo.chance import stream


def blob(
    center: tuple[float, float], radius: float, seed: int, purpose: str, rough: float = 0.22
) -> shapely.Polygon:
    """Draw a round shape with a natural edge.

    Parameters
    ----------
    center
        Of the shape, in metres.
    radius
        Mean radius, metres.
    seed, purpose
        Stream of chance.
    rough
        Strength of the bays, as a share of the radius.

    Returns
    -------
    shape
        Valid polygon of 120 vertices.
    """
    rng = stream(seed, purpose)
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    edge = np.ones_like(angle)
    for wave in range(2, 7):
        edge += rough / wave * np.sin(wave * angle + rng.uniform(0, 2 * np.pi))
    points = np.column_stack([np.cos(angle), np.sin(angle)]) * (radius * edge)[:, None]
    return shapely.Polygon(points + np.asarray(center))


def dry_shape(shape: shapely.Polygon, keep_out: shapely.Geometry) -> shapely.Polygon:
    """Take streets and their verge out of a shape and round what remains.

    Parameters
    ----------
    shape
        Shape in metres.
    keep_out
        Area that the shape may not touch.

    Returns
    -------
    part
        The largest remaining piece, without holes.
    """
    rest = shapely.buffer(shapely.buffer(shapely.difference(shape, keep_out), -25), 20)
    return shapely.Polygon(shapely.simplify(largest(rest), 1.5).exterior)


def largest(shape: shapely.Geometry) -> shapely.Polygon:
    """Give the largest polygon of a shape.

    Parameters
    ----------
    shape
        Polygon, MultiPolygon or collection with at least one part.

    Returns
    -------
    part
        One polygon.
    """
    parts = shapely.get_parts(shape)
    chosen: shapely.Polygon = parts[int(np.argmax(shapely.area(parts)))]
    return chosen


def grow_until(
    shapes: Iterable[shapely.Geometry], points: shapely.MultiPoint, least: int
) -> shapely.Geometry:
    """Take the first of growing shapes that holds enough points.

    Parameters
    ----------
    shapes
        Candidates, small to large.
    points
        Households.
    least
        How many the shape must hold.

    Returns
    -------
    shape
        The first with at least `least` points, else the last.
    """
    places = shapely.get_parts(points)
    shape: shapely.Geometry = shapely.Polygon()
    for candidate in shapes:
        shape = candidate
        shapely.prepare(shape)
        if int(np.count_nonzero(shapely.intersects(shape, places))) >= least:
            break
    return shape
