"""GeoJSON files, read by our own gates and by no driver that would follow a link."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import json_gate
from geodata.crs import WGS84
from geodata.declared import parse
from geodata.errors import Fault, GeodataError
from geodata.shapes import WORLD, parse_geometry

MAX_BYTES = 100_000_000
MOST_VERTICES = 200_000
_PLANE = (-1e9, -1e9, 1e9, 1e9)  # metres of any projected system


def load(path: Path, layer: str | None, crs: object, *, valid: bool = True) -> gpd.GeoDataFrame:
    """Read a FeatureCollection or a Feature.

    Parameters
    ----------
    path
        The file.
    layer
        None: GeoJSON has no layers.
    crs
        What the coordinates were declared to be; None is WGS84, as the format has it.
    valid
        False lets borders cross themselves.

    Returns
    -------
    GeoDataFrame
        Properties as columns; CRS is EPSG:4326 unless one was declared, then none.

    Raises
    ------
    GeodataError
        Every fault of the document, with the number of its feature from 1; a ``crs`` member or
        link anywhere is one.
    """
    if layer is not None:
        raise GeodataError(f"{path.name}: GeoJSON has no layers")
    document = json_gate.loads(path.read_bytes(), max_bytes=MAX_BYTES)
    features = _features(document, path.name)
    system = None if crs is None else parse(crs)
    bounds = WORLD if system is None or system.crs.is_geographic else _PLANE
    shapes, rows, faults = [], [], []
    for number, feature in enumerate(features, 1):
        try:
            shapes.append(_shape(feature, bounds, valid))
            rows.append(_properties(feature))
        except GeodataError as error:
            faults += [Fault(fault.message, row=number) for fault in error.faults]
    if faults:
        raise GeodataError(faults)
    table = pd.DataFrame(rows, index=range(len(rows))).drop(columns="geometry", errors="ignore")
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WGS84 if system is None else None)


# What desktop programs write by default says what RFC 7946 says; any other member does not.
_CRS84 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}


def _features(document: object, name: str) -> list[Any]:
    if not isinstance(document, dict):
        raise GeodataError(f"{name}: a GeoJSON document is an object")
    if "crs" in document and document["crs"] != _CRS84:
        raise GeodataError(
            f"{name}: a crs member is not taken: remove it and declare the coordinate system"
        )
    if document.get("type") == "Feature":
        return [document]
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise GeodataError(f"{name}: this JSON is no FeatureCollection")
    return features


def _shape(feature: object, bounds: tuple[float, float, float, float], valid: bool) -> Any:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise GeodataError("this is no Feature")
    if "crs" in feature:
        raise GeodataError("a crs member is not taken")
    if feature.get("geometry") is None:
        raise GeodataError("the feature has no geometry")
    return parse_geometry(
        feature["geometry"], bounds=bounds, max_vertices=MOST_VERTICES, valid=valid
    )


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    """Give the properties whose values fit a table; nested ones have no column to go to."""
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise GeodataError("the properties are no object")
    return {key: value for key, value in properties.items() if not isinstance(value, dict | list)}
