"""What each operation on a scenario does: read the place, change it, measure what has changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import boundaries
from geodata.units import Site
from gridmap.model.problem import conflict
from gridmap.problems import bad_value
from gridmap.services import scenario_buildings, scenario_special
from gridmap.services.scenario_done import Done, measured_done
from gridmap.services.scenario_measures import homes_of, read_ground
from gridmap.services.scenario_views import Aside, movable, shown
from gridmap.store import scenario, scenario_grid, scenario_member
from gridmap.store.database import Row, Transaction

_MOST_BLOCKS = 2000
_MOST_MERGED = 50
_NEAR = 2e-5  # degrees: two metres, twice as far as a place may be off its vertex


@dataclass(frozen=True)
class Edit:
    """What a planner wants done, against which version.

    Attributes
    ----------
    kind
        The operation; what else is needed depends on it.
    base
        Version that the planner has seen.
    """

    kind: str
    base: int
    arc: str | None = None
    line: BaseGeometry | None = None
    grid: str | None = None
    parts: int | None = None
    grids: tuple[str, ...] = ()
    blocks: tuple[int, ...] = ()
    buildings: tuple[int, ...] = ()
    to: str | None = None
    name: str | None = None
    outline: BaseGeometry | None = None
    special_use: str | None = None
    member: int | None = None
    community: str | None = None
    vertex: tuple[tuple[float, float], tuple[float, float]] | None = None
    arguments: dict[str, Any] = field(default_factory=dict)


def check_since(row: Row, keys: Sequence[str], since: Sequence[str]) -> None:
    """Stop when somebody else has changed what this operation touches."""
    changed = sorted(set(keys) & set(since))
    if changed:
        raise conflict(
            f"somebody has changed {shown(changed)} since", version=row["version"], changed=changed
        )


def done(tx: Transaction, row: Row, edit: Edit, since: Sequence[str], aside: Aside) -> Done:
    """Apply an operation to what is stored, without storing it.

    Parameters
    ----------
    since
        Grids that have changed since the version the planner has seen.

    Raises
    ------
    Problem
        400, 409.
    GeodataError
        The ground does not allow it.
    """
    match edit.kind:
        case "move_edge":
            return _move_edge(tx, row, edit, since, aside)
        case "split":
            return _split(tx, row, edit, since, aside)
        case "merge":
            return _merge(tx, row, edit, since, aside)
        case "hand_over":
            return _hand_over(tx, row, edit, since, aside)
        case "move_vertex":
            return _move_vertex(tx, row, edit, since, aside)
        case "appoint":
            return _appoint(tx, row, edit, since)
        case "draw_special" | "move_special" | "erase_special":
            return _special(tx, row, edit, since, aside)
        case _:
            name = (edit.name or "").strip() or None
            return _noted(tx, row, edit.grid, since, {"name": name}, edit.special_use)


def _move_vertex(tx: Transaction, row: Row, edit: Edit, since: Sequence[str], aside: Aside) -> Done:
    assert edit.vertex is not None
    at, to = edit.vertex
    place: Any = shapely.box(at[0] - _NEAR, at[1] - _NEAR, at[0] + _NEAR, at[1] + _NEAR)
    local = scenario_grid.near(tx, row["id"], [], place.wkb)
    done = measured_done(tx, row, local, lambda: boundaries.move_vertex(local, at, to), aside)
    check_since(row, done.keys, since)
    return done


def _move_edge(tx: Transaction, row: Row, edit: Edit, since: Sequence[str], aside: Aside) -> Done:
    assert edit.arc is not None
    left, right = boundaries.sides(edit.arc)
    keys = [left, *([right] if right else [])]
    local = scenario_grid.around(tx, row["id"], keys)
    arcs = aside(lambda: boundaries.arcs(movable(local), only=keys))
    if edit.arc not in arcs.index:
        check_since(row, keys, since)
        raise bad_value("arc", f"there is no border {edit.arc[:60]} in this version")
    check_since(row, keys, since)
    arc = arcs.loc[edit.arc]
    return measured_done(tx, row, local, lambda: boundaries.move_edge(local, arc, edit.line), aside)


def _split(tx: Transaction, row: Row, edit: Edit, since: Sequence[str], aside: Aside) -> Done:
    assert edit.grid is not None
    check_since(row, [edit.grid], since)
    key = edit.grid
    local = _around(tx, row, [key])
    ground = read_ground(tx, [local.geometry[key]])
    homes = homes_of(ground)
    inside = homes[shapely.intersects(homes, local.geometry[key])]
    if edit.parts is None:
        new = scenario.take_numbers(tx, row["id"], 1)[0]
        return measured_done(
            tx, row, local, lambda: boundaries.split(local, key, edit.line, new, inside), aside
        )
    parts = edit.parts
    if parts < 2:
        raise bad_value("parts", "2 or more are needed")
    names = scenario.take_numbers(tx, row["id"], parts - 1)
    site = Site(None, inside, ground.buildings, local.crs)
    return measured_done(
        tx,
        row,
        local,
        lambda: boundaries.divide(local, key, parts, names, site, ground.roads),
        aside,
    )


def _merge(tx: Transaction, row: Row, edit: Edit, since: Sequence[str], aside: Aside) -> Done:
    keys = list(dict.fromkeys(edit.grids))
    if not 2 <= len(keys) <= _MOST_MERGED:
        raise bad_value("grids", f"2 to {_MOST_MERGED} different grids are needed")
    check_since(row, keys, since)
    local = _around(tx, row, keys)
    # the code of the larger stays; one that has no code yet gives way to one that has
    into = min(
        keys,
        key=lambda key: (key.startswith("n"), -int(local.at[key, "households"]), key),
    )
    return measured_done(tx, row, local, lambda: boundaries.merge(local, keys, into), aside)


def _hand_over(tx: Transaction, row: Row, edit: Edit, since: Sequence[str], aside: Aside) -> Done:
    assert edit.to is not None
    if edit.buildings:
        ground = scenario_buildings.ground(tx, row, edit.buildings, aside)
    else:
        ground = _blocks(tx, row, edit.blocks)
    done = handed_over(tx, row, ground, edit.to, since, aside)
    check_since(row, done.keys, since)
    return done


def _blocks(tx: Transaction, row: Row, asked: Sequence[int]) -> gpd.GeoDataFrame:
    ids = sorted(set(asked))
    if not 1 <= len(ids) <= _MOST_BLOCKS:
        raise bad_value("blocks", f"1 to {_MOST_BLOCKS} blocks are needed")
    blocks = scenario_grid.blocks(tx, row["id"], ids)
    missing = set(ids) - set(blocks.index)
    if missing:
        raise bad_value("blocks", f"there is no block {min(missing)}")
    return blocks


def handed_over(  # noqa: PLR0913 - what goes to whom, and what has changed since
    tx: Transaction,
    row: Row,
    ground: gpd.GeoDataFrame,
    to: str,
    since: Sequence[str],
    aside: Aside,
) -> Done:
    """Give ground, with its `community`, to a grid of the same community."""
    shapes = np.asarray(ground.geometry.array, dtype=object)
    whole: Any = shapely.multipolygons(shapely.get_parts(shapes))
    local = scenario_grid.near(tx, row["id"], [to], whole.wkb)
    if to not in local.index:
        check_since(row, [to], since)
        raise bad_value("to", f"there is no grid {to[:20]}")
    if (ground["community"] != local.at[to, "community"]).any():
        raise bad_value("blocks", "ground of another community cannot be handed over")
    return measured_done(tx, row, local, lambda: boundaries.hand_over(local, shapes, to), aside)


def _appoint(tx: Transaction, row: Row, edit: Edit, since: Sequence[str]) -> Done:
    if edit.member and scenario_member.in_office(tx, row["id"], edit.member) is None:
        raise bad_value("member", "nobody in this area holds that office")
    return _noted(tx, row, edit.grid, since, {"member_id": edit.member or None})


def _noted(  # noqa: PLR0913, PLR0917 - what is noted of which grid
    tx: Transaction,
    row: Row,
    grid: str | None,
    since: Sequence[str],
    what: dict[str, Any],
    use: str | None = None,
) -> Done:
    """Change what is noted of a grid; its ground stays. What a special one is for may change."""
    assert grid is not None
    check_since(row, [grid], since)
    if scenario_special.is_special(tx, row, grid):
        return scenario_special.noted(tx, row, grid, what, use)
    if use is not None:
        raise bad_value("special_use", "only a special grid has a use")
    local = _around(tx, row, [grid])
    before = scenario_grid.images(tx, row["id"], [grid])
    after = {key: image | what | {"changed": True} for key, image in before.items()}
    return Done([grid], before, after, (local, local), {})


def _special(tx: Transaction, row: Row, edit: Edit, since: Sequence[str], aside: Aside) -> Done:
    ground = edit.outline if edit.outline is not None else edit.buildings
    if edit.kind == "draw_special":
        assert edit.name is not None
        assert edit.special_use is not None
        return scenario_special.drawn(tx, row, ground, edit.name, edit.special_use, aside)
    assert edit.grid is not None
    check_since(row, [edit.grid], since)
    if edit.kind == "move_special":
        return scenario_special.moved(tx, row, edit.grid, ground, aside)
    return scenario_special.erased(tx, row, edit.grid)


def _around(tx: Transaction, row: Row, keys: Sequence[str]) -> gpd.GeoDataFrame:
    local = scenario_grid.around(tx, row["id"], keys)
    missing = [key for key in keys if key not in local.index]
    if missing:
        if scenario_special.is_special(tx, row, missing[0]):
            raise bad_value("grid", f"{shown(missing[:1])} is a special grid: move its outline")
        raise bad_value("grid", f"there is no grid {', '.join(key[:20] for key in missing)}")
    return local
