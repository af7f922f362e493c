"""Special grids in a scenario: drawn over the comprehensive ones, moved, erased, noted."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import overlays
from geodata.border_errors import BorderError
from geodata.overlays import Laid
from gridmap.problems import bad_value
from gridmap.services.grids import inner_point, multi
from gridmap.services.scenario_done import Done
from gridmap.services.scenario_views import Aside
from gridmap.store import frames, scenario, scenario_building, scenario_grid, scenario_special
from gridmap.store.database import Row, Transaction

OPERATIONS = ("draw_special", "move_special", "erase_special")
_MOST_BUILDINGS = 1000
_MOST = 200  # special grids of one community


def drawn(  # noqa: PLR0913 - what is drawn, and how it is called
    tx: Transaction,
    row: Row,
    place: BaseGeometry | Sequence[int],
    name: str,
    use: str,
    aside: Aside,
) -> Done:
    """Lay a new special grid over a community.

    Parameters
    ----------
    place
        The outline as drawn; or ids of buildings around which it runs.

    Raises
    ------
    BorderError
        The outline cannot be laid there: what is wrong, and where.
    Problem
        400 for a name that is none, or a building that is not there.
    """
    given = named(name)
    laid = _laid(tx, row, place, None, aside)
    own = scenario_special.shapes(tx, row["id"])
    if int((own["community"] == laid.community).sum()) >= _MOST:
        raise bad_value("outline", f"community {laid.community} has {_MOST} special grids")
    key = scenario.take_numbers(tx, row["id"], 1)[0]
    after = {
        "key": key,
        "area_code": laid.community,
        "code": None,
        "parent": None,
        "base_id": None,
        "name": given,
        "kind": "special",
        "special_use": use,
        "member_id": None,
        "moved_households": 0,
        "moved_people": 0,
        "notes": [],
        "changed": True,
        **ground(tx, laid.community, laid.shape),
    }
    return _done({}, {key: after}, laid)


def moved(
    tx: Transaction, row: Row, key: str, place: BaseGeometry | Sequence[int], aside: Aside
) -> Done:
    """Give a special grid another outline; it stays in its community, whose code it has.

    Raises
    ------
    BorderError
        As of `drawn`; ``other_community`` for an outline that lies in another one.
    Problem
        400 for a grid that is none, or not a special one.
    """
    before = _images(tx, row, key)
    laid = _laid(tx, row, place, key, aside)
    if laid.community != before[key]["area_code"]:
        raise BorderError(
            "other_community",
            "the outline lies in another community; erase the grid and draw a new one",
            shapely.get_coordinates(shapely.point_on_surface(laid.shape))[0],
        )
    measured = ground(tx, laid.community, laid.shape)
    return _done(before, {key: before[key] | {"changed": True} | measured}, laid)


def erased(tx: Transaction, row: Row, key: str) -> Done:
    """Take a special grid away; its ground has comprehensive grids under it. Problem 400."""
    return _done(_images(tx, row, key), {}, None)


def noted(
    tx: Transaction, row: Row, key: str, what: dict[str, Any], use: str | None = None
) -> Done:
    """Change what is noted of a special grid, and what it is for; its ground stays."""
    before = _images(tx, row, key)
    if "name" in what:
        named(what["name"] or "")
    old = before[key]["special_use"]
    new = {"special_use": use} if use is not None else {}
    done = _done(before, {key: before[key] | what | new | {"changed": True}}, None)
    if use not in (None, old):
        done.figures["special_use"] = [old, use]
    return done


def is_special(tx: Transaction, row: Row, key: str | None) -> bool:
    """Tell whether a grid of a scenario is a special one."""
    return key is not None and bool(scenario_special.known(tx, row["id"], [key]))


def named(name: str) -> str:
    """Give the name of a special grid, which has to have one (400)."""
    given = name.strip()
    if not 1 <= len(given) <= 80:
        raise bad_value("name", "a special grid needs a name of 1 to 80 characters")
    return given


def measure(tx: Transaction, scenario_id: int, communities: Sequence[str]) -> dict[str, Any]:
    """Measure the special grids of some communities, as `scenario_grid.set_measures` stores it."""
    own = scenario_special.shapes(tx, scenario_id)
    own = own[own["community"].isin(list(communities))]
    kept = ("households", "people", "measures")
    found = {}
    for key, community, shape in zip(own.index, own["community"], own.geometry, strict=True):
        row = ground(tx, community, shape)
        found[str(key)] = {name: row[name] for name in kept} | {
            "moved_households": 0,
            "moved_people": 0,
            "notes": [],
        }
    return found


def faults(tx: Transaction, scenario_id: int, community: str, outline: Any) -> list[dict[str, Any]]:
    """Find special grids that leave their community or overlap, as rows of findings."""
    own = scenario_special.shapes(tx, scenario_id)
    own = own[own["community"] == community]
    place = gpd.GeoDataFrame(geometry=[outline], index=[community], crs=frames.CRS)
    found = []
    for number, (key, shape) in enumerate(zip(own.index, own.geometry, strict=True)):
        try:
            overlays.laid_over(shape, place, own.iloc[:number])
        except BorderError as error:
            kind = error.kind if error.kind in ("overlap", "outside") else "invalid"
            others = own.index[:number]
            beside = [str(other) for other in others if shape.intersects(own.geometry[other])]
            found.append(
                {
                    "kind": kind,
                    "severity": "error",
                    "grids": [str(key), *(beside if kind == "overlap" else [])],
                    "area_m2": None,
                    "figures": {"special": True},
                    "geom": shapely.to_wkb(shapely.Point(error.place or (0, 0)), hex=True),
                }
            )
    return found


def _images(tx: Transaction, row: Row, key: str) -> dict[str, Any]:
    found = scenario_grid.images(tx, row["id"], [key])
    if not found:
        raise bad_value("grid", f"there is no grid {key[:20]}")
    if found[key]["kind"] != "special":
        raise bad_value("grid", f"grid {key[:20]} is not a special grid")
    return found


def _laid(
    tx: Transaction,
    row: Row,
    place: BaseGeometry | Sequence[int],
    but: str | None,
    aside: Aside,
) -> Laid:
    if isinstance(place, BaseGeometry):
        outline = place
        near = scenario_special.communities_near(tx, row["id"], row["area_code"], outline.wkb)
    else:
        buildings = _buildings(tx, place)
        outline = aside(lambda: overlays.site_of(buildings.geometry.to_numpy(), buildings.crs))
        near = scenario_special.communities_near(tx, row["id"], row["area_code"], outline.wkb)
    others = scenario_special.shapes(tx, row["id"], outline.wkb, but)
    if isinstance(place, BaseGeometry):
        laid: Laid = aside(lambda: overlays.laid_over(outline, near, others))
        return laid
    # it was computed, so what lies beyond an edge is nobody's wish
    made: Laid = aside(lambda: overlays.site_over(outline, near, others))
    return made


def _buildings(tx: Transaction, ids: Sequence[int]) -> gpd.GeoDataFrame:
    wanted = sorted(set(ids))
    if not 1 <= len(wanted) <= _MOST_BUILDINGS:
        raise bad_value("buildings", f"1 to {_MOST_BUILDINGS} buildings are needed")
    found = scenario_building.shapes(tx, wanted)
    missing = set(wanted) - set(found.index)
    if missing:
        raise bad_value("buildings", f"there is no building {min(missing)}")
    return found


def ground(tx: Transaction, community: str, shape: BaseGeometry) -> dict[str, Any]:
    """Measure the ground of a special grid, in the columns of a scenario."""
    whole = multi(shape)
    counted = scenario_special.inside(tx, community, whole.wkb)
    return {
        "households": counted["households"],
        "people": counted["people"],
        "measures": {"area_m2": counted["area_m2"], "facilities": counted["facilities"]},
        "geom": shapely.to_wkb(whole, hex=True),
        "label_point": shapely.to_wkb(inner_point(shape), hex=True),
    }


def _done(before: dict[str, Any], after: dict[str, Any], laid: Laid | None) -> Done:
    keys = sorted({*before, *after})
    figures: dict[str, Any] = {
        "households": {
            key: [
                before[key]["households"] if key in before else None,
                after[key]["households"] if key in after else None,
            ]
            for key in keys
        }
    }
    if laid is not None and laid.trimmed_m2:
        figures["trimmed_m2"] = laid.trimmed_m2
    nothing = gpd.GeoDataFrame(
        {"community": []}, geometry=np.array([], dtype=object), crs=frames.CRS
    )
    return Done(keys, before, after, (nothing, nothing), figures)
