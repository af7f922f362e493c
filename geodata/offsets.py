"""Where the offset of Chinese web maps applies, and the GCJ-02 and BD-09 shifts themselves."""

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]

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
shapely.prepare(_CHINA)


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
