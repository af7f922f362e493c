"""Street blocks of a demo town and their grouping into communities along streets."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pymetis
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from geodata.demo.frames import GEOGRAPHIC


def street_faces(roads: gpd.GeoSeries, inside: shapely.Polygon) -> gpd.GeoSeries:
    """Cut the plane along streets and keep the faces of a place.

    Parameters
    ----------
    roads
        Street lines, EPSG:4326. Dead ends cut nothing.
    inside
        Faces with a point on their surface inside this polygon are kept; of those, the largest
        piece that hangs together over shared borders, with its holes filled.

    Returns
    -------
    faces
        Polygons that form a coverage: neighbours share their vertices. Index 0..n-1.
    """
    noded = shapely.get_parts(shapely.unary_union(np.asarray(roads.values)))
    faces = shapely.get_parts(shapely.polygonize(noded))
    faces = faces[shapely.contains(inside, shapely.point_on_surface(faces))]
    pieces = shapely.get_parts(shapely.coverage_union_all(faces))
    largest = shapely.Polygon(pieces[np.argmax(shapely.area(pieces))].exterior)
    everything = shapely.get_parts(shapely.polygonize(noded))
    chosen = everything[shapely.contains(largest, shapely.point_on_surface(everything))]
    return gpd.GeoSeries(chosen, crs=GEOGRAPHIC)


def shared_metres(faces: gpd.GeoSeries, metric: str) -> csr_array:
    """Measure the border that faces share.

    Parameters
    ----------
    faces
        A coverage: shared borders have the same vertices on both sides.
    metric
        Projected system for the lengths.

    Returns
    -------
    metres
        Symmetric sparse matrix by position.
    """
    rings = shapely.get_rings(np.asarray(faces.values), return_index=True)
    points, ring = shapely.get_coordinates(rings[0], return_index=True)
    owner = np.asarray(rings[1])[ring]
    along = ring[1:] == ring[:-1]
    start, end = points[:-1][along], points[1:][along]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    key = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    _, segment = np.unique(key, axis=0, return_inverse=True)
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    length = gpd.GeoSeries(lines, crs=faces.crs).to_crs(metric).length.to_numpy()
    order = np.argsort(segment.ravel(), kind="stable")
    segment, owner, length = segment.ravel()[order], owner[:-1][along][order], length[order]
    twin = np.flatnonzero(segment[1:] == segment[:-1])
    row, column = owner[twin], owner[twin + 1]
    half = coo_array((length[twin], (row, column)), shape=(len(faces), len(faces)))
    return csr_array(half + half.T)


def merge_slivers(faces: gpd.GeoSeries, metric: str, least_width: float = 20.0) -> gpd.GeoSeries:
    """Give median strips, slip roads and other slivers to the neighbour with the longest border.

    Parameters
    ----------
    faces
        A coverage.
    metric
        Projected system for widths.
    least_width
        Faces with 2 x area / perimeter below half of it (metres) are slivers.

    Returns
    -------
    blocks
        A coverage of fewer faces with the same union. Index 0..n-1.
    """
    flat = faces.to_crs(metric)
    core = (4 * flat.area / flat.length).to_numpy() >= least_width
    shared = shared_metres(faces, metric).tocsr()
    label = np.where(core, np.arange(len(faces)), -1)
    while (label < 0).any():
        taken = label.copy()
        for sliver in np.flatnonzero(label < 0):
            span = slice(shared.indptr[sliver], shared.indptr[sliver + 1])
            near, metres = shared.indices[span], shared.data[span]
            known = label[near] >= 0
            if known.any():
                total = pd.Series(metres[known]).groupby(label[near][known]).sum()
                taken[sliver] = total.index[int(np.argmax(total))]
        if (taken == label).all():
            break
        label = taken
    kept = label >= 0
    merged = dissolve(faces[kept], label[kept])
    return gpd.GeoSeries(merged.to_numpy(), crs=faces.crs)


def dissolve(faces: gpd.GeoSeries, label: NDArray[np.int64]) -> gpd.GeoSeries:
    """Unite the faces of each label without moving a vertex.

    Parameters
    ----------
    faces
        A coverage.
    label
        One label per face.

    Returns
    -------
    united
        Polygons or MultiPolygons, index the sorted labels.
    """
    values = np.asarray(faces.values)
    labels = np.unique(label)
    united = [shapely.normalize(shapely.coverage_union_all(values[label == one])) for one in labels]
    return gpd.GeoSeries(united, index=labels, crs=faces.crs)


def group(shared: csr_array, weight: NDArray[np.int64], parts: int, seed: int) -> NDArray[np.int64]:
    """Group blocks into connected parts of about equal weight with short borders.

    Parameters
    ----------
    shared
        Metres of border between blocks.
    weight
        Households of each block.
    parts
        How many groups.
    seed
        Seed of METIS.

    Returns
    -------
    label
        0..parts-1 for each block; each part is connected when the blocks are.
    """
    if parts == 1:
        return np.zeros(len(weight), np.int64)
    shared = csr_array(shared)
    options = pymetis.Options(contig=True, seed=seed % 2**31, niter=50, ncuts=8, ufactor=60)
    _, membership = pymetis.part_graph(
        parts,
        pymetis.CSRAdjacency(shared.indptr.astype(np.int32), shared.indices.astype(np.int32)),
        eweights=np.maximum(shared.data, 1).astype(np.int32),
        vweights=(weight * 10 + 1).astype(np.int32),
        recursive=False,
        options=options,
    )
    return rejoin(shared, np.asarray(membership, np.int64), weight)


def rejoin(
    shared: csr_array, label: NDArray[np.int64], weight: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Move stray pieces of a part to the neighbour with the longest border.

    Parameters
    ----------
    shared
        Metres of border between blocks.
    label
        Part of each block.
    weight
        Of each block; the heaviest piece of a part stays.

    Returns
    -------
    label
        Parts that hang together over shared borders.
    """
    label = label.copy()
    for _ in range(len(label)):
        pair = coo_array(shared)
        same = label[pair.row] == label[pair.col]
        inner = coo_array((pair.data[same], (pair.row[same], pair.col[same])), shape=shared.shape)
        count, piece = connected_components(inner, directed=False)
        size = np.bincount(piece, weights=weight + 1e-3, minlength=count)
        owner = np.zeros(count, np.int64)
        owner[piece] = label
        main = pd.Series(size).groupby(owner).idxmax()
        stray = np.setdiff1d(np.arange(count), main.to_numpy())
        if len(stray) == 0:
            break
        rows = np.flatnonzero(piece == stray[0])
        out = np.isin(pair.row, rows) & ~np.isin(pair.col, rows)
        if not out.any():
            break
        border = pd.Series(pair.data[out]).groupby(label[pair.col[out]]).sum()
        label[rows] = border.index[int(np.argmax(border))]
    return label
