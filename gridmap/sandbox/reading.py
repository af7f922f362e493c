"""Files of strangers into frames, inside the cage: the readers of geodata and nothing else."""

import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import geopandas as gpd

from geodata.readers import osm as osm_files
from geodata.readers import rasters as raster_files
from geodata.readers import roster_fields, volunteer_fields
from geodata.readers import tables as table_files
from geodata.readers import vectors as vector_files
from gridmap.sandbox import frames

SCHEMAS = {
    "households": roster_fields.HOUSEHOLDS,
    "facilities": roster_fields.FACILITIES,
    "volunteers": volunteer_fields.VOLUNTEERS,
}


def vectors(place: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    """Read a vector file into the frame `vectors`."""
    tempfile.tempdir = str(place)
    frames.write(
        vector_files.read(place / arguments["name"], crs=arguments["crs"]), place, "vectors"
    )
    return {"frames": ["vectors"]}


def grids(place: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    """Read grids that somebody has drawn into the frame `grids`; what is repaired is said."""
    tempfile.tempdir = str(place)
    read = vector_files.read(place / arguments["name"], crs=arguments["crs"], repair=True)
    frames.write(read, place, "grids")
    return {"frames": ["grids"]}


def raster(place: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    """Read a raster of depths into the frame `raster`, one row a class."""
    tempfile.tempdir = str(place)
    read = raster_files.read(
        place / arguments["name"],
        arguments["crs"],
        arguments["thresholds"],
        arguments["categories"],
    )
    frames.write(read, place, "raster")
    return {"frames": ["raster"]}


def osm(place: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    """Read an OpenStreetMap extract into one frame for each layer."""
    tempfile.tempdir = str(place)
    layers = osm_files.read(place / arguments["name"])
    names = [each.name for each in fields(layers)]
    for name in names:
        frame: gpd.GeoDataFrame = getattr(layers, name)
        frames.write(frame, place, name)
    return {"frames": names}


def tables(place: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    """Read a roster into the frame `tables`."""
    tempfile.tempdir = str(place)
    schema = SCHEMAS[arguments["schema"]]
    read = table_files.read(place / arguments["name"], schema, mapping=arguments["mapping"])
    frames.write(read, place, "tables")
    return {"frames": ["tables"]}
