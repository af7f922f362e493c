"""What becomes of the grids in a file: which are taken, repaired how, under which codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.grid_changes import Change
from geodata.grid_repair import Repair, repair
from gridmap.model import grid_import as told_by
from gridmap.services.grid_import_codes import Codes, given_codes
from gridmap.services.grid_import_kinds import kinds, over_nothing, plain_change
from gridmap.services.grid_import_special import ALIKE, SpecialGround, bare, laid_over, written
from gridmap.store import area, grid_import, version
from gridmap.store.database import Transaction

LAYERS = ("area", "grid")  # what an import has to be worked out anew for
_PLACES = 7
_NAME = 80
_OF_WHOLE_GRIDS = ("invalid", "code", "kind", "use", "name", "ended")  # shown by the grid itself


@dataclass(frozen=True)
class Ground:
    """What imported grids are held against."""

    communities: gpd.GeoDataFrame
    in_force: gpd.GeoDataFrame
    special: gpd.GeoDataFrame
    homes: Any
    version: str


@dataclass(frozen=True)
class Told:
    """What a person says about an import.

    Attributes
    ----------
    name
        Of the scenario it will be.
    metres
        Within which vertices are put together.
    mapping
        Field of ours to column of the file.
    decisions
        Choice by id of a change.
    """

    name: str
    metres: float
    mapping: Mapping[str, str]
    decisions: Mapping[str, str]


def ground_of(tx: Transaction, area_code: str) -> Ground:
    """Read what imported grids are held against."""
    return Ground(
        area.communities(tx, area_code),
        grid_import.in_force(tx, area_code),
        grid_import.in_force(tx, area_code, "special"),
        grid_import.homes(tx, area_code),
        version.of(tx, LAYERS),
    )


def work_out(features: gpd.GeoDataFrame, told: Told, ground: Ground) -> dict[str, Any]:
    """Repair imported grids as told.

    Parameters
    ----------
    features
        By number: `properties`, `repaired`.

    Returns
    -------
    dict
        All that `store.grid_import.save` stores. The same input gives the same bytes.

    Raises
    ------
    GeodataError
        None of the grids lies in the area.
    """
    rows = [_fields(each, told.mapping) for each in features["properties"]]
    names = [str(number) for number in features.index]
    shapes = dict(zip(names, features.geometry.array, strict=True))
    special = SpecialGround(ground.communities, ground.special)
    over = laid_over(names, rows, shapes, special, told.decisions)
    changes = kinds(names, rows, shapes, told.decisions, over)
    out = {each.grids[0] for each in changes if each.kind == "kind" and each.choice == "leave"}
    taken = [name for name in over.laid if name not in out and name not in over.same]
    kept = features[[name not in out and name not in over.laid for name in names]]
    # a file of special grids alone changes nothing under them
    mended = (
        _nothing(ground)
        if kept.empty and (over.laid or over.refused)
        else _repaired(kept, told, ground)
    )
    fields = dict(zip(names, rows, strict=True))
    codes = given_codes(mended.grids, fields, ground.in_force, told.decisions)
    changes += [*mended.changes, *_texts(fields, shapes), *codes.changes]
    drawn = {*ground.in_force["community"], *mended.grids["community"]}
    changes += over_nothing(bare(over, drawn), ground.communities, ground.homes)
    listed = [_change(each, told.decisions) for each in changes]
    grids = _grids(mended, fields, codes, ground)
    new = sum(each["code"] is None for each in grids)
    grids += written(taken, over, fields, ground.special, new, told.decisions)
    return {
        "name": told.name,
        "metres": told.metres,
        "mapping": dict(told.mapping),
        "decisions": dict(told.decisions),
        "changes": listed,
        "grids": grids,
        "undecided": sum(each["ask"] and not each["decided"] for each in listed),
        "input_version": ground.version,
        "summary": _summary(features, out, grids, listed, fields),
    }


def _nothing(ground: Ground) -> Repair:
    none = np.array([], dtype=object)
    empty = gpd.GeoDataFrame({"community": none}, geometry=none, crs=ground.communities.crs)
    return Repair(empty, (), ())


def _repaired(kept: gpd.GeoDataFrame, told: Told, ground: Ground) -> Repair:
    frame = gpd.GeoDataFrame(
        {"repaired": kept["repaired"].to_numpy()},
        index=[str(number) for number in kept.index],
        geometry=kept.geometry.to_numpy(),
        crs=kept.crs,
    )
    return repair(
        frame,
        ground.communities,
        ground.homes,
        metres=told.metres,
        decisions=told.decisions,
    )


def _fields(properties: Mapping[str, str], mapping: Mapping[str, str]) -> dict[str, str]:
    return {
        field: str(properties.get(mapping[field], "")) if field in mapping else ""
        for field in told_by.FIELDS
    }


def _texts(fields: Mapping[str, Mapping[str, str]], shapes: Mapping[str, Any]) -> list[Change]:
    """Find names that are cut, and say that members are not taken from a file."""
    found = [
        plain_change(f"name-{name}", "name", [name], shapes[name], ("cut",), "cut")
        for name, row in fields.items()
        if len(row["name"]) > _NAME
    ]
    members = [name for name, row in fields.items() if row["member"]]
    if members:
        everywhere = shapely.multipoints([shapes[name].representative_point() for name in members])
        found.append(
            plain_change("member", "member", [], everywhere, ("leave",), "leave", rows=len(members))
        )
    return found


def _change(change: Change, decisions: Mapping[str, str]) -> dict[str, Any]:
    place = change.geometry.representative_point()
    return {
        "id": change.id,
        "kind": change.kind,
        "grids": list(change.grids),
        "area_m2": round(change.area_m2, 2),
        "choice": change.choice,
        "default": change.default,
        "choices": list(change.choices),
        "ask": change.ask,
        "decided": decisions.get(change.id) == change.choice,
        "figures": dict(change.figures),
        "point": [round(place.x, _PLACES), round(place.y, _PLACES)],
        "geometry": None if change.kind in _OF_WHOLE_GRIDS else geojson(change.geometry),
    }


def geojson(shape: Any) -> dict[str, Any]:
    """Write a shape with a centimetre's decimals; one that is finer keeps all of them."""
    coarse = shapely.transform(shape, lambda points: np.round(points, _PLACES))
    written: dict[str, Any] = shapely.geometry.mapping(coarse)
    return written


def _grids(
    mended: Repair, fields: Mapping[str, Mapping[str, str]], codes: Codes, ground: Ground
) -> list[dict[str, Any]]:
    """Write the grids that come out: whose code they bear, or a number until they are published."""
    tree = shapely.STRtree(mended.grids.geometry.array)
    point, shape = tree.query(ground.homes, predicate="intersects")
    order = np.lexsort((shape, point))
    first = np.append(True, np.diff(point[order]) != 0) if len(order) else order.astype(bool)
    homes = np.bincount(shape[order][first], minlength=len(mended.grids))
    kept = _as_in_force(mended.grids, codes, ground.in_force)
    found, number = [], 0
    for position, (name, row) in enumerate(mended.grids.iterrows()):
        code = codes.of.get(str(name))
        if code is None:
            number += 1
        title = fields.get(str(name), {}).get("name", "")[:_NAME] or None
        found.append(
            {
                "key": code or f"n{number}",
                "feature": str(name),
                "community": row["community"],
                "code": code,
                "parent": codes.parents.get(str(name)),
                "name": title,
                "households": int(homes[position]),
                "geom": kept.get(str(name), row.geometry).wkb_hex,
            }
        )
    return found


def _as_in_force(
    grids: gpd.GeoDataFrame, codes: Codes, in_force: gpd.GeoDataFrame
) -> dict[str, Any]:
    """Give the outlines in force of communities that are whole as they were but for rounding.

    A file in another system has other last decimals: nobody has drawn anything anew there.
    """
    found: dict[str, Any] = {}
    for community, own in grids.groupby("community"):
        names = [str(name) for name in own.index]
        held = in_force[in_force["community"] == community].geometry
        given = [codes.of.get(name) for name in names]
        if set(given) != set(held.index):
            continue
        theirs = np.asarray(held.loc[given].array, dtype=object)
        mine = np.asarray(own.geometry.array, dtype=object)
        if (shapely.hausdorff_distance(mine, theirs) < ALIKE).all():
            found |= dict(zip(names, theirs, strict=True))
    return found


def _summary(
    features: gpd.GeoDataFrame,
    out: set[str],
    grids: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
    fields: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for change in changes:
        kinds[change["kind"]] = kinds.get(change["kind"], 0) + 1
    west, south, east, north = features.total_bounds.tolist()
    return {
        "features": len(features),
        "left_out": len(out),
        "grids": len(grids),
        "communities": len({each["community"] for each in grids}),
        "households": sum(each["households"] for each in grids),
        "kept_codes": sum(each["code"] is not None for each in grids),
        "kinds": kinds,
        "labels": {name: _label(name, row) for name, row in fields.items()},
        "bounds": [west, south, east, north],
    }


def _label(name: str, row: Mapping[str, str]) -> str:
    """Name a grid of a file as its people do."""
    code = row["code"]
    if told_by.is_code(code):
        return f"{code[9:12]}-{code[12:]}"
    return (row["name"] or code)[:_NAME] or f"#{name}"
