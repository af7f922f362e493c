"""Where the offset of Chinese web maps applies, and the GCJ-02 and BD-09 shifts themselves."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

# A coarse, deliberately generous ring around the places whose data come in Chinese systems. It only
# decides which arithmetic applies (a border county must never be left out; a neighbour's capital
# must not be moved) and says nothing about where any border runs. (lon, lat), clockwise from the
# north-west.
_OUTLINE = (
    (80.0, 45.5), (82.0, 45.6), (82.0, 47.3), (84.8, 47.4), (85.3, 48.6), (86.5, 49.3),
    (88.3, 49.4), (91.2, 47.2), (91.4, 45.6), (95.5, 44.9), (97.0, 43.1), (101.5, 42.9),
    (105.0, 42.0), (107.5, 42.7), (110.0, 43.0), (111.4, 44.1), (111.4, 45.3), (113.8, 45.3),
    (115.8, 46.1), (119.0, 46.9), (118.6, 47.6), (115.3, 47.5), (115.2, 48.5), (116.4, 50.1),
    (118.4, 50.0), (119.0, 51.0), (119.7, 53.0), (121.2, 53.8), (124.0, 53.7), (126.4, 52.6),
    (127.5, 50.9), (128.4, 49.9), (130.6, 49.2), (131.2, 48.2), (133.0, 48.5), (134.8, 48.7),
    (134.9, 48.1), (133.5, 45.8), (133.2, 44.9), (131.7, 44.9), (131.4, 43.6), (131.3, 42.9),
    (130.7, 42.2), (129.5, 42.1), (128.4, 41.3), (126.9, 41.3), (125.4, 40.3), (124.5, 39.6),
    (124.0, 38.0), (124.0, 33.0), (124.0, 27.0), (123.0, 24.8), (122.0, 21.0), (119.0, 18.0),
    (115.5, 9.0), (112.0, 3.2), (109.5, 6.0), (109.5, 15.0), (107.5, 18.5), (107.6, 21.3),
    (106.5, 21.7), (105.2, 22.9), (104.0, 22.4), (102.4, 22.2), (102.0, 20.9), (101.0, 20.9),
    (99.8, 21.7), (98.6, 23.6), (97.4, 23.6), (97.4, 24.8), (98.5, 26.0), (98.2, 27.4),
    (97.0, 27.7), (96.0, 28.9), (94.2, 28.7), (92.0, 27.6), (89.9, 27.9), (89.0, 27.2),
    (88.7, 27.5), (88.6, 27.9), (86.0, 27.8), (84.0, 28.7), (81.9, 30.0), (81.0, 29.9),
    (78.6, 31.0), (78.3, 32.5), (78.9, 33.5), (78.0, 35.3), (75.8, 36.3), (74.4, 37.1),
    (73.4, 38.5), (73.3, 39.6), (75.0, 40.8), (78.2, 41.3), (80.0, 42.2), (79.9, 44.9),
)  # fmt: skip
_CHINA = shapely.Polygon(_OUTLINE)
_FADE = 0.1  # degrees outside the outline over which the offset of web maps fades to nothing
_FADED = shapely.buffer(_CHINA, _FADE)
_SHIFTED = shapely.buffer(_FADED, 0.02)  # no offset is as long as 0.02 degrees
shapely.prepare([_CHINA, _FADED, _SHIFTED])


def in_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which points lie where Chinese coordinate systems are used.

    Parameters
    ----------
    lon, lat
        Degrees in EPSG:4326, same shape.

    Returns
    -------
    ndarray of bool
        Same shape; False for NaN. The ring behind it is coarse: points within some tens of
        kilometres outside the border count as inside.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return np.asarray(shapely.contains_xy(_CHINA, x, y), dtype=np.bool_)


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Move WGS84 points to where Chinese web maps draw them.

    Parameters
    ----------
    lon, lat
        Degrees in EPSG:4326; scalars or arrays of one shape.

    Returns
    -------
    (lon, lat) : arrays of float
        GCJ-02 degrees, same shape. Points outside China, and NaN, come back as they are.

    Notes
    -----
    The formula of the web maps as published in many open implementations; it has no official text.
    Beyond the outline of :func:`in_china` the offset fades to nothing within 0.1 degrees instead
    of ending in a step: with a step two places would get one position, and no inverse could tell
    them apart.
    """
    return _forward(_gcj02, *_pair(lon, lat))


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Undo :func:`wgs84_to_gcj02`, to well below 1 cm.

    Parameters
    ----------
    lon, lat
        GCJ-02 degrees; scalars or arrays of one shape.

    Returns
    -------
    (lon, lat) : arrays of float
        Degrees in EPSG:4326, same shape. Points outside China, and NaN, come back as they are.
    """
    return _inverse(_gcj02, *_pair(lon, lat))


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Move WGS84 points to where Baidu maps draw them; the identity outside China.

    Parameters
    ----------
    lon, lat
        Degrees in EPSG:4326; scalars or arrays of one shape.

    Returns
    -------
    (lon, lat) : arrays of float
        BD-09 degrees, same shape; the offset fades as in :func:`wgs84_to_gcj02`.
    """
    return _forward(_baidu, *_pair(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Undo :func:`wgs84_to_bd09`, to well below 1 cm; the identity outside China.

    Parameters
    ----------
    lon, lat
        BD-09 degrees; scalars or arrays of one shape.

    Returns
    -------
    (lon, lat) : arrays of float
        Degrees in EPSG:4326, same shape.
    """
    return _inverse(_baidu, *_pair(lon, lat))


def _pair(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return x.copy(), y.copy()


def _weight(x: Floats, y: Floats) -> Floats:
    """Give the share of the offset that applies: 1 inside, 0 beyond the fading ring."""
    weight = np.asarray(shapely.contains_xy(_CHINA, x, y), dtype=np.float64)
    ring = (weight == 0) & shapely.contains_xy(_FADED, x, y)
    if ring.any():
        away = shapely.distance(_CHINA, shapely.points(x[ring], y[ring]))
        weight[ring] = np.clip(1.0 - away / _FADE, 0.0, 1.0)
    return weight


def _forward(shift: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    near = np.asarray(shapely.contains_xy(_FADED, lon, lat))
    x, y = lon[near], lat[near]
    there, weight = shift(x, y), _weight(x, y)
    lon[near], lat[near] = x + weight * (there[0] - x), y + weight * (there[1] - y)
    return lon, lat


def _inverse(shift: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Find the points that *shift* takes to (lon, lat).

    The offset changes by less than a sixth of any step taken, so each round gains most of a digit
    in the fading ring and two digits inside.
    """
    near = np.asarray(shapely.contains_xy(_SHIFTED, lon, lat))
    goal_x, goal_y = lon[near], lat[near]
    x, y = goal_x, goal_y
    for _ in range(_ROUNDS):
        there = _forward(shift, x.copy(), y.copy())
        off_x, off_y = there[0] - goal_x, there[1] - goal_y
        x, y = x - off_x, y - off_y
        if not ((np.abs(off_x) > _EXACT).any() or (np.abs(off_y) > _EXACT).any()):
            break
    lon[near], lat[near] = x, y
    return lon, lat


_ROUNDS = 40
_EXACT = 1e-12  # degrees; 0.1 micrometres

# the ellipsoid of Krassovsky 1940, on which the shift is computed
_AXIS = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0


def _gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root, product = np.sqrt(np.abs(x)), x * y
    waves = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    north += (waves + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    east += (waves + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0)) * 2.0 / 3.0
    phi = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian = _AXIS * (1.0 - _ECCENTRICITY2) / (flat * np.sqrt(flat))
    parallel = _AXIS / np.sqrt(flat) * np.cos(phi)
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def _baidu(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _bd09(*_gcj02(lon, lat))


def _bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
