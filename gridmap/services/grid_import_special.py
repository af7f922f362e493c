"""Special grids out of a file: held against their community and one another, taken when told so."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely

from geodata import overlays
from geodata.border_errors import BorderError
from gridmap.model import grid_import as told_by
from gridmap.problems import bad_value
from gridmap.services.grids import multi
from gridmap.services.scenario_special import ground
from gridmap.store import scenario_grid
from gridmap.store.database import Transaction

_NAME = 80
ALIKE = 2e-7  # degrees, two centimetres: what a file may round


@dataclass(frozen=True)
class SpecialGround:
    """What special grids are held against.

    Attributes
    ----------
    communities
        By code.
    in_force
        Special grids in force by code: `name`, `use`.
    """

    communities: gpd.GeoDataFrame
    in_force: gpd.GeoDataFrame


@dataclass(frozen=True)
class Over:
    """Special grids of a file that can be laid over the area.

    Attributes
    ----------
    laid
        By name.
    refused
        Why one cannot, by name.
    same
        Those that are in force just so.
    late
        Those among the refused that only something decided so far keeps away.
    """

    laid: Mapping[str, overlays.Laid]
    refused: Mapping[str, str]
    same: frozenset[str]
    late: frozenset[str]

    def trimmed(self, name: str) -> dict[str, float]:
        """Say how much of one would be cut off that runs over an edge."""
        cut = self.laid[name].trimmed_m2 if name in self.laid else 0.0
        return {"trimmed_m2": cut} if cut else {}


def laid_over(
    names: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    shapes: Mapping[str, Any],
    ground: SpecialGround,
    decisions: Mapping[str, str],
) -> Over:
    """Lay the special grids of a file over their communities, in the order of the file.

    A grid in force gives way to the row of the file that is taken under its code; one whose row
    is refused or left out stays, and nothing else is laid over it.
    """
    wanted = {
        name: row
        for name, row in zip(names, rows, strict=True)
        if told_by.kind_of(row) == "special"
    }
    laid, refused = _settled(wanted, shapes, ground)
    same = frozenset(name for name in laid if _same(wanted[name], laid[name].shape, ground))
    taking = {
        name: wanted[name]
        for name in laid
        if name not in same and decisions.get(f"kind-{name}") == "take"
    }
    found, late = _settled(taking, shapes, ground)
    open_ = {name: each for name, each in laid.items() if name not in taking}
    return Over(open_ | found, refused | late, same, frozenset(late))


def _settled(
    wanted: Mapping[str, Mapping[str, str]], shapes: Mapping[str, Any], ground: SpecialGround
) -> tuple[dict[str, overlays.Laid], dict[str, str]]:
    """Lay rows, until those in force that stay are those whose rows have no place."""
    codes = {row["code"] for row in wanted.values()}
    while True:
        laid, refused = _laid(wanted, shapes, ground, codes)
        kept = codes & {wanted[name]["code"] for name in laid}
        if kept == codes:
            return laid, refused
        codes = kept


def _laid(
    wanted: Mapping[str, Mapping[str, str]],
    shapes: Mapping[str, Any],
    ground: SpecialGround,
    gone: set[str],
) -> tuple[dict[str, overlays.Laid], dict[str, str]]:
    beside = {code: shape for code, shape in ground.in_force.geometry.items() if code not in gone}
    laid: dict[str, overlays.Laid] = {}
    refused: dict[str, str] = {}
    for name in wanted:
        others = gpd.GeoDataFrame(
            geometry=list(beside.values()), index=list(beside), crs=ground.communities.crs
        )
        try:
            found = overlays.laid_over(shapes[name], ground.communities, others)
        except BorderError as error:
            refused[name] = error.kind
            continue
        laid[name] = found
        beside[f"#{name}"] = found.shape
    return laid, refused


def _same(row: Mapping[str, str], shape: Any, ground: SpecialGround) -> bool:
    """Tell whether a row is a special grid in force as it is: nothing is to be decided then."""
    if row["code"] not in ground.in_force.index:
        return False
    held = ground.in_force.loc[row["code"]]
    kept = tuple(each if isinstance(each, str) else "" for each in (held["name"], held["use"]))
    if (row["name"][:_NAME], told_by.use_of(row) or "") != kept:
        return False
    return bool(shapely.hausdorff_distance(shape, held.geometry) < ALIKE)


def bare(over: Over, drawn: Collection[str]) -> list[str]:
    """Name the communities under special grids of a file that have no comprehensive grid.

    Parameters
    ----------
    drawn
        Communities that have comprehensive grids, in force or in the file.
    """
    return sorted({each.community for each in over.laid.values()} - set(drawn))


def written(  # noqa: PLR0913, PLR0917 - what is taken of what
    taken: Sequence[str],
    over: Over,
    fields: Mapping[str, Mapping[str, str]],
    in_force: gpd.GeoDataFrame,
    number: int,
    decisions: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Write the special grids that come out, numbered on after `number`."""
    found: list[dict[str, Any]] = []
    used: set[str] = set()
    for name in taken:
        laid, row = over.laid[name], fields[name]
        code = row["code"] if row["code"] in in_force.index else None
        if code in used or not (code or "").startswith(laid.community):
            code = None
        if code is None:
            number += 1
        else:
            used.add(code)
        found.append(
            {
                "key": code or f"n{number}",
                "feature": name,
                "community": laid.community,
                "code": code,
                "parent": None,
                "kind": "special",
                "special_use": _use(name, row, decisions),
                "name": row["name"][:_NAME] or None,
                "households": 0,
                "geom": multi(laid.shape).wkb_hex,
            }
        )
    return found


def _use(name: str, row: Mapping[str, str], decisions: Mapping[str, str]) -> str | None:
    """Give what a special grid is: by the file, or as somebody has read a word of it."""
    if told_by.unknown_use(row):
        said = decisions.get(f"use-{name}")
        return said if said in told_by.USES else None
    return told_by.use_of(row)


def put(tx: Transaction, scenario_id: int, grids: Sequence[Mapping[str, Any]]) -> None:
    """Put special grids of a file into a scenario; one under a code in force takes its place."""
    held = scenario_grid.images(tx, scenario_id, [grid["key"] for grid in grids])
    rows = {}
    for grid in grids:
        old = held.get(grid["key"])
        if grid["code"] and old is None:
            raise bad_value("grids", f"there is no grid {grid['code']}")
        shape = shapely.from_wkb(bytes.fromhex(grid["geom"]))
        rows[grid["key"]] = {
            "key": grid["key"],
            "area_code": grid["community"],
            "code": grid["code"],
            "parent": None,
            "base_id": old and old["base_id"],
            "name": grid["name"] or (old and old["name"]),
            "kind": "special",
            "special_use": grid["special_use"] or (old and old["special_use"]),
            "member_id": None,
            "moved_households": 0,
            "moved_people": 0,
            "notes": [],
            "changed": True,
            **ground(tx, grid["community"], shape),
        }
    scenario_grid.put(tx, scenario_id, rows, ())
