"""Households of a demo town: homes of real or simulated buildings filled with invented people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.demo import words
from geodata.demo.chance import pick, stream
from geodata.demo.frames import GEOGRAPHIC, HOUSEHOLD_COLUMNS, NEED_COLUMNS

_PEOPLE_SHARE = (0.22, 0.29, 0.23, 0.14, 0.07, 0.03, 0.015, 0.005)
_RESIDENCE = ("resident", "floating", "left_behind", "away")
# Chance of a household to have the need, and whom it can concern: (kind, share, most people).
_NEEDS = (
    ("disabled", 0.018, 1),
    ("wheelchair", 0.008, 1),
    ("bedridden", 0.005, 1),
    ("infant", 0.035, 2),
    ("pregnant", 0.009, 1),
    ("chronic", 0.045, 2),
)


@dataclass(frozen=True)
class Customs:
    """What differs between towns in how homes and people are written.

    Attributes
    ----------
    prefix
        Begins every household id.
    householder
        Names of `size` people.
    address
        Standard address of a home: building address, unit, room.
    elsewhere
        Places where floating people are registered.
    residence_share
        Shares of resident, floating, left_behind, away.
    """

    prefix: str
    householder: Callable[[np.random.Generator, int], NDArray[np.object_]]
    address: Callable[[str, str, str], str]
    elsewhere: Sequence[str]
    residence_share: tuple[float, float, float, float]


def chinese_names(rng: np.random.Generator, size: int) -> NDArray[np.object_]:
    """Make names of a surname and one or two given characters, common surnames more often."""
    weights = [1.0 / (rank + 8) for rank in range(len(words.SURNAMES))]
    first, second = pick(rng, words.GIVEN, size), pick(rng, words.GIVEN, size)
    second[(rng.random(size) < 0.2) | (second == first)] = ""
    return np.asarray(pick(rng, words.SURNAMES, size, weights) + first + second, dtype=np.object_)


def latin_names(rng: np.random.Generator, size: int) -> NDArray[np.object_]:
    """Make names of a given name and a surname, all invented."""
    given = pick(rng, words.LATIN_GIVEN, size)
    return np.asarray(given + " " + pick(rng, words.LATIN_SURNAMES, size), dtype=np.object_)


CHINESE = Customs(
    prefix="GG-H-",
    householder=chinese_names,
    address=lambda building, unit, room: f"{building}{unit}单元{room}室",
    elsewhere=words.ELSEWHERE,
    residence_share=(0.73, 0.17, 0.04, 0.06),
)
LATIN = Customs(
    prefix="MC-H-",
    householder=latin_names,
    address=lambda building, unit, room: f"{building}, esc. {unit}, apt {room}",
    elsewhere=words.ELSEWHERE_LATIN,
    residence_share=(0.70, 0.22, 0.01, 0.07),
)


def homes(buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the homes of buildings: every stairwell, level and door.

    Parameters
    ----------
    buildings
        Columns id, levels, units, homes (doors per level and stairwell).

    Returns
    -------
    frame
        Columns row (position in `buildings`), unit, level, door, counted from 1; by building,
        unit, level, door.
    """
    sizes = buildings[["levels", "units", "homes"]].to_numpy(np.int64)
    count = sizes.prod(axis=1)
    row = np.repeat(np.arange(len(buildings)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    levels, doors = sizes[row, 0], sizes[row, 2]
    return pd.DataFrame(
        {
            "row": row,
            "unit": nth // (levels * doors) + 1,
            "level": nth // doors % levels + 1,
            "door": nth % doors + 1,
        }
    )


def doors_inside(
    footprints: NDArray[np.object_], row: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Spread points inside footprints.

    Parameters
    ----------
    footprints
        Polygons.
    row
        Position of the footprint of each point.
    rng
        Source of chance.

    Returns
    -------
    points
        Strictly inside: a random place of the bounding box moved to a point known to be inside
        where it missed the footprint.
    """
    x0, y0, x1, y1 = shapely.bounds(footprints)[row].T
    share = rng.uniform(0.12, 0.88, (len(row), 2))
    inner = shapely.points(x0 + (x1 - x0) * share[:, 0], y0 + (y1 - y0) * share[:, 1])
    missed = ~shapely.contains_properly(footprints[row], inner)
    anchor = shapely.get_coordinates(shapely.point_on_surface(footprints))
    inner[missed] = shapely.points(anchor[row[missed]])
    return np.asarray(inner, dtype=object)


def households(
    buildings: gpd.GeoDataFrame, empty: NDArray[np.bool_], customs: Customs, seed: int
) -> gpd.GeoDataFrame:
    """Fill homes with people.

    Parameters
    ----------
    buildings
        EPSG:4326; columns id, address, levels, units, homes.
    empty
        True for each of `homes(buildings)` that nobody has.
    customs
        How names and addresses are written.
    seed
        Seed of the town.

    Returns
    -------
    frame
        Columns of `HOUSEHOLD_COLUMNS`, index 0..n-1.
    """
    doors = homes(buildings)[~empty].reset_index(drop=True)
    size, row = len(doors), doors["row"].to_numpy()
    rng = stream(seed, "people")
    people = rng.choice(np.arange(1, 9), size=size, p=_PEOPLE_SHARE)
    residence = pick(rng, _RESIDENCE, size, customs.residence_share)
    of_building = buildings["address"].to_numpy()[row]
    units = doors["unit"].astype(str)
    rooms = (doors["level"] * 100 + doors["door"]).astype(str)
    address = [customs.address(*parts) for parts in zip(of_building, units, rooms, strict=True)]
    away_from = pick(rng, customs.elsewhere, size)
    footprints = np.asarray(buildings.geometry.values)
    return gpd.GeoDataFrame(
        {
            "id": [f"{customs.prefix}{n:05d}" for n in range(1, size + 1)],
            "building": buildings["id"].to_numpy()[row],
            "unit": units.to_numpy(),
            "room": rooms.to_numpy(),
            "address": address,
            "householder": customs.householder(rng, size),
            "people": people,
            "residence": residence,
            "registered_at": np.where(residence == "floating", away_from, address),
            "phone": [f"000{n:08d}" for n in rng.choice(10**8, size, replace=False)],
            "geometry": doors_inside(footprints, row, stream(seed, "doors")),
        },
        columns=HOUSEHOLD_COLUMNS,
        crs=GEOGRAPHIC,
    )


def needs(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give some households needs that matter in an emergency.

    Parameters
    ----------
    frame
        Columns id, people, residence.
    seed
        Seed of the town.

    Returns
    -------
    needs
        Columns of `NEED_COLUMNS`, by household and kind, at most one row for both; never more
        people than the household has.
    """
    rng = stream(seed, "needs")
    people = frame["people"].to_numpy()
    behind = (frame["residence"] == "left_behind").to_numpy()
    found: list[tuple[str, NDArray[np.bool_], int]] = [
        ("elderly_alone", (people == 1) & (rng.random(len(frame)) < 0.16), 1),
        ("left_behind_child", behind & (people > 1) & (rng.random(len(frame)) < 0.45), 2),
        ("left_behind_elder", behind & (rng.random(len(frame)) < 0.55), 2),
    ]
    for kind, share, most in _NEEDS:
        alone_fits = people > 1 if kind in {"infant", "left_behind_child"} else people > 0
        found.append((kind, alone_fits & (rng.random(len(frame)) < share), most))
    parts = []
    for kind, has, most in found:
        room = np.minimum(people[has] - (kind in {"infant", "left_behind_child"}), most)
        count = np.where(rng.random(int(has.sum())) < 0.85, 1, room)
        parts.append(pd.DataFrame({"household": frame["id"][has], "kind": kind, "people": count}))
    rows = pd.concat(parts).sort_values(["household", "kind"], ignore_index=True)
    rows["note"] = None
    return rows[list(NEED_COLUMNS)]
