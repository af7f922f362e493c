"""What an evacuation is drafted from, read and checked: every fault named at once."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.network import Network

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Areas: TypeAlias = BaseGeometry | gpd.GeoDataFrame | gpd.GeoSeries | Iterable[BaseGeometry]

_FINE = 200  # parts into which the width of an area is cut before it changes its CRS


def check_labels(frame: gpd.GeoDataFrame, name: str) -> list[Fault]:
    """Return the faults of a frame as such: its kind, its CRS, its labels."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return [Fault(f"{name} are not a GeoDataFrame")]
    if frame.active_geometry_name is None:
        return [Fault(f"{name} have no geometry", None, "geometry")]
    faults = []
    if frame.crs is None:
        faults.append(Fault(f"{name} declare no coordinate system", None, "geometry"))
    repeated = frame.index[frame.index.duplicated()].unique()
    return faults + [Fault(f"the label of {name} repeats", label) for label in repeated]


def check_frame(frame: gpd.GeoDataFrame, name: str) -> list[Fault]:
    """Return the faults of a frame of points: those of any frame and of its geometries."""
    faults = check_labels(frame, name)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return faults
    shapes = frame.geometry.to_numpy()
    kinds = shapely.get_type_id(shapes)
    for row in np.flatnonzero((kinds != shapely.GeometryType.POINT) & (kinds >= 0)).tolist():
        what = shapes[row].geom_type
        faults.append(Fault(f"not a Point but {what}", frame.index[row], "geometry"))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    for row in np.unique(owner[~np.isfinite(xy).all(axis=1)]).tolist():
        faults.append(Fault("coordinates are not finite", frame.index[row], "geometry"))
    return faults


def whole_numbers(frame: pd.DataFrame, column: str, name: str, faults: list[Fault]) -> Integers:
    """Read a column of whole numbers of 0 or more; add what is wrong to *faults*."""
    if column not in frame:
        faults.append(Fault(f"the column of {name} is missing", None, column))
        return np.zeros(len(frame), dtype=np.int64)
    read = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(read) & (read >= 0) & (read == np.floor(read)) & (read < 1e9)
    for row in np.flatnonzero(~sound).tolist():
        faults.append(Fault("not a whole number of 0 or more", frame.index[row], column))
    return np.where(sound, read, 0).astype(np.int64)


def decimals(
    frame: pd.DataFrame, column: str, least: float, most: float, faults: list[Fault]
) -> NDArray[np.float64]:
    """Read a column of numbers from *least* to *most*; a missing column or value is NaN."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    values = frame[column]
    read = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    said = values.notna().to_numpy(dtype=bool)
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(read) & (read >= least) & (read <= most)
    for row in np.flatnonzero(said & ~sound).tolist():
        faults.append(Fault(f"not a number from {least:g} to {most:g}", frame.index[row], column))
    return np.where(said & sound, read, np.nan)


def flags(frame: pd.DataFrame, column: str, missing: bool, faults: list[Fault]) -> Flags:
    """Read a yes/no column or a count (above 0 is yes); a missing column or value is *missing*."""
    if column not in frame:
        return np.full(len(frame), missing)
    values = frame[column]
    if values.dtype.kind not in "biuf" and not isinstance(values.dtype, pd.BooleanDtype):
        odd = ~values.map(lambda value: isinstance(value, (bool, np.bool_, int, float))).to_numpy()
        odd &= values.notna().to_numpy(dtype=bool)
        for row in np.flatnonzero(odd).tolist():
            faults.append(Fault("neither yes nor no", frame.index[row], column))
        values = values.where(~odd)
    filled = values.astype("Float64").fillna(float(missing))
    return (filled > 0).to_numpy(dtype=bool)


def present(names: Sequence[str], frame: pd.DataFrame) -> list[str]:
    """Return those of the names that are columns of the frame, in the order of the names."""
    return [name for name in names if name in frame.columns]


def area(shapes: Areas | None, crs: CRS, name: str, faults: list[Fault]) -> BaseGeometry:
    """Join an area or several into one polygonal geometry in the given CRS.

    Bare geometries are in that CRS already. None and no area at all give an empty geometry.
    """
    if shapes is None:
        return shapely.Polygon()
    if isinstance(shapes, gpd.GeoDataFrame):
        shapes = shapes.geometry
    if isinstance(shapes, gpd.GeoSeries):
        if shapes.crs is None and len(shapes):
            faults.append(Fault(f"{name} declares no coordinate system", None, "geometry"))
            return shapely.Polygon()
        parts = [changed(part, shapes.crs, crs) for part in shapes]
    else:
        parts = [shapes] if isinstance(shapes, BaseGeometry) else list(shapes)
    sound = []
    for number, part in enumerate(parts):
        row = number if len(parts) > 1 else None
        wrong = _wrong(part)
        if wrong:
            faults.append(Fault(f"{name} {wrong}", row, "geometry"))
        else:
            sound.append(shapely.force_2d(part))
    return shapely.union_all(sound) if len(sound) != 1 else sound[0]


def _wrong(part: BaseGeometry | None) -> str | None:
    if part is None or part.is_empty:
        return "is missing or empty"
    if part.geom_type not in {"Polygon", "MultiPolygon"}:
        return f"is not a polygon but a {part.geom_type}"
    if not np.isfinite(shapely.get_coordinates(part)).all():
        return "has coordinates that are not finite"
    if not part.is_valid:
        return f"is not valid: {shapely.is_valid_reason(part)}"
    return None


def changed(shape: BaseGeometry, source: object, target: CRS) -> BaseGeometry:
    """Bring an area into another CRS, its long sides bent as they are bent there.

    A side is straight in its own CRS only: 10 km of a parallel leave the straight line of a
    projected CRS by a metre. The sides are therefore cut into short ones first.
    """
    if shape is None or shape.is_empty or CRS.from_user_input(source) == target:
        return shape
    west, south, east, north = shape.bounds
    step = max(east - west, north - south) / _FINE
    fine = shapely.segmentize(shape, step) if step > 0 else shape
    moved: BaseGeometry = gpd.GeoSeries([fine], crs=source).to_crs(target).iloc[0]
    return moved


def without_bridges(network: Network, water: BaseGeometry) -> Network:
    """Close the bridges and tunnels that cross water."""
    if water.is_empty:
        return network
    return network.close(
        gpd.GeoDataFrame({"closes": ["bridges"]}, geometry=[water], crs=network.crs)
    )


def raise_if(faults: Sequence[Fault]) -> None:
    """Raise all faults together, if there are any."""
    if faults:
        raise GeodataError(faults)
