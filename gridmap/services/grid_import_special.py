"""Special grids out of a file: held against their community and one another, taken when told so."""

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class Over:
    """Special grids of a file that can be laid over the area.

    Attributes
    ----------
    laid
        By name.
    refused
        Why one cannot, by name.
    """

    laid: Mapping[str, overlays.Laid]
    refused: Mapping[str, str]

    def trimmed(self, name: str) -> dict[str, float]:
        """Say how much of one would be cut off that runs over an edge."""
        cut = self.laid[name].trimmed_m2 if name in self.laid else 0.0
        return {"trimmed_m2": cut} if cut else {}


def laid_over(
    names: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    shapes: Mapping[str, Any],
    communities: gpd.GeoDataFrame,
    in_force: gpd.GeoDataFrame,
) -> Over:
    """Lay the special grids of a file over their communities, in the order of the file.

    Parameters
    ----------
    in_force
        Special grids in force by code, which stay unless the file brings one under the same code.
    """
    wanted = {
        name: row
        for name, row in zip(names, rows, strict=True)
        if told_by.kind_of(row["kind"]) == "special"
    }
    codes = {row["code"] for row in wanted.values()}
    beside = {code: shape for code, shape in in_force.geometry.items() if code not in codes}
    laid: dict[str, overlays.Laid] = {}
    refused: dict[str, str] = {}
    for name in wanted:
        others = gpd.GeoDataFrame(
            geometry=list(beside.values()), index=list(beside), crs=communities.crs
        )
        try:
            found = overlays.laid_over(shapes[name], communities, others)
        except BorderError as error:
            refused[name] = error.kind
            continue
        laid[name] = found
        beside[f"#{name}"] = found.shape
    return Over(laid, refused)


def written(
    taken: Sequence[str],
    over: Over,
    fields: Mapping[str, Mapping[str, str]],
    in_force: gpd.GeoDataFrame,
    number: int,
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
                "special_use": told_by.use_of(row["kind"]),
                "name": row["name"][:_NAME] or None,
                "households": 0,
                "geom": multi(laid.shape).wkb_hex,
            }
        )
    return found


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
