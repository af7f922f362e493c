"""The tables of a run file, and what it says about itself."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Floats, Ints, quantised

README = """\
This file holds one computation of coverage: which households a facility reaches within a
standard, and everything that proves it. It was made by gridmap and is checked without it.

manifest.json    the standard, the totals, where the data come from, SHA-256 of every table
streets.csv      streets between junctions: from_node, to_node, metres, kmh, seconds;
                 forward, backward: 0 never travelled that way, 1 open, 2 closed for now;
                 kmh_1, seconds_1: in the second speed band of the manifest, and so on
vertices.csv     their lines, in metres of the coordinate system named in the manifest
barriers.csv     lines that no straight leg crosses; a street that does on the ground is 0, 0
facilities.csv   label, crew, open, room (people; inf without limit), and where it stands:
                 x, y, street (row of streets.csv, -1 none), fraction of the street, leg (metres
                 in a straight line to it), at_start, at_end (stands on the junction itself)
households.csv   label, people, where it stands, and the answer: covered, facility, seconds,
                 metres, slack, second_facility (of another crew), second_seconds,
                 second_metres, reason (empty if covered), band (covered in every
                 speed band, in some, in none: always, sometimes, never)
labels_*.csv     node, facility (row of facilities.csv), cost (what the standard measures: seconds
                 or metres), other (the other of the two), from_node and street by which the way
                 comes (-1: straight from the facility along its own street)
  labels_open      the nearest open facility and the nearest open one of another crew
  labels_shut      the nearest of the facilities that are shut
  labels_unclosed  any facility at all, in seconds, as if no street were closed
  labels_band_1    the nearest open facility in the second speed band, and so on (with capacity
                   every one within the limit)
  labels_within    every open facility within the limit (standards with capacity)

A way takes: the straight leg (at walk_kmh of the band), the part of the household's street, the
streets between nodes, the part of the facility's street, its straight leg. Every part is rounded to
2**-30, so sums are exact. Rows count from 0. inf: there is no way. nan: not known or not meant.
"""


def streets(networks: list[Network]) -> pd.DataFrame:
    """Return the streets: the first network is of the speed band that counts."""
    network, pieces = networks[0], networks[0].pieces
    columns = {"from_node": pieces.start, "to_node": pieces.end, "metres": pieces.metres}
    for number, one in enumerate(networks):
        suffix = f"_{number}" if number else ""
        columns[f"kmh{suffix}"] = _speed(one)
        columns[f"seconds{suffix}"] = one.pieces.seconds
    columns["forward"] = _state(network, pieces.forward)
    columns["backward"] = _state(network, pieces.backward)
    return pd.DataFrame({**columns, "road": network.roads.index.take(pieces.road).astype(str)})


def _speed(network: Network) -> Floats:
    metres, seconds = network.pieces.metres, network.pieces.seconds
    with np.errstate(invalid="ignore", divide="ignore"):
        kmh = np.where(metres > 0, metres / seconds * 3.6, 0.0)
        # the speed that was declared, where it gives the same seconds to the last digit
        round_kmh = np.round(kmh, 3)
        same = quantised(metres / (round_kmh / 3.6)) == seconds
    return np.where(same, round_kmh, kmh)


def _state(network: Network, label: Ints) -> Ints:
    if not len(network.opened):
        return np.zeros(len(label), dtype=np.intp)
    there = (label >= 0) & network.unclosed.opened[label]  # a barrier is there for good
    return np.where(there, np.where(network.opened[label], 1, 2), 0)


def vertices(network: Network) -> pd.DataFrame:
    """Return the vertices of their lines, in metres."""
    pieces = network.pieces
    street = np.repeat(np.arange(len(pieces.road)), np.diff(pieces.offsets))
    return pd.DataFrame({"street": street, "x": pieces.metric[:, 0], "y": pieces.metric[:, 1]})


def barriers(network: Network) -> pd.DataFrame:
    """Return the vertices of what is not crossed, in metres."""
    xy, barrier = shapely.get_coordinates(network.barriers, return_index=True)
    return pd.DataFrame({"barrier": barrier, "x": xy[:, 0], "y": xy[:, 1]})


def spots(network: Network, places: Places) -> pd.DataFrame:
    """Return where places stand, in metres and on their streets."""
    points = gpd.GeoSeries(shapely.points(places.xy), crs=network.crs).to_crs(network.metric)
    missing = np.isnan(places.xy).any(axis=1)
    return pd.DataFrame(
        {
            "x": np.where(missing, np.nan, points.x),
            "y": np.where(missing, np.nan, points.y),
            "street": places.piece,
            "fraction": places.fraction,
            "leg": places.metres,
            "at_start": places.at_start,
            "at_end": places.at_end,
        }
    )


def plain(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with labels of facilities as text, as the facilities have them."""
    rows = answers.reset_index(drop=True)
    for column in ("facility", "second_facility"):
        if column in rows:
            rows[column] = rows[column].astype("string").fillna("")
    return rows
