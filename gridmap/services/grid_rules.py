"""How many households a grid may have, by area and type of community, and who says so."""

from collections.abc import Sequence
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.grid_rules import (
    AREA_TYPES,
    ISLAND,
    KINDS,
    STANDARDS,
    Entry,
    Exceptions,
    GridRule,
)
from gridmap.model.problem import not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import area, event, grid_rule
from gridmap.store.database import Database, Transaction

_MOST = 100_000  # households of a rule


def rules_of(
    tx: Transaction, communities: Sequence[str], kind: str = "comprehensive"
) -> dict[str, GridRule]:
    """Give the rule of each community: the stored one of the nearest area, else the standard."""
    stored = grid_rule.nearest(tx, communities, kind)
    found = {}
    for code in communities:
        row = stored.get(code)
        found[code] = (
            STANDARDS[kind]
            if row is None
            else GridRule(int(row["minimum"]), int(row["maximum"]), str(row["source"]))
        )
    return found


def exceptions_of(tx: Transaction, community: str) -> Exceptions:
    """Give what drawing does with the islands and small settlements of a community."""
    island = grid_rule.island(tx, community)
    size = grid_rule.nearest(tx, [community], "comprehensive").get(community)
    people, source = (
        (ISLAND.island_people, ISLAND.island_source)
        if island is None
        else (int(island["smallest"]), str(island["source"]))
    )
    if size is None or size["smallest"] is None:
        return Exceptions(people, source)
    return Exceptions(people, source, int(size["smallest"]), str(size["source"]))


def listing(database: Database, scope: Scope, area_code: str) -> dict[str, Any]:
    """List the rules stored for an area, above it and in it, and what holds without one.

    Raises
    ------
    Problem
        404 for an absent area.
    """
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        rows = grid_rule.stored(tx, area_code)
    return {"stored": [_plain(dict(row)) for row in rows], "standard": standard()}


def seen(database: Database, viewer: Viewer) -> dict[str, Any]:
    """List every rule that a person may see, and what holds without one."""
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VIEW)) as tx:
        rows = grid_rule.seen(tx)
    return {"rules": [_plain(dict(row)) for row in rows], "standard": standard()}


def standard() -> list[dict[str, Any]]:
    """List what holds where no rule is stored."""
    found: list[dict[str, Any]] = [
        {
            "kind": kind,
            "area_type": "any",
            "minimum": rule.minimum,
            "maximum": rule.maximum,
            "smallest": None,
            "source": rule.source,
        }
        for kind, rule in STANDARDS.items()
    ]
    return [
        *found,
        {
            "kind": "comprehensive",
            "area_type": "island",
            "minimum": None,
            "maximum": None,
            "smallest": ISLAND.island_people,
            "source": ISLAND.island_source,
        },
    ]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "valid_from": row["valid_from"].isoformat()}


def put(database: Database, scope: Scope, entry: Entry) -> None:
    """Store the rule of an area; it counts for grids drawn and measured from its first day on.

    Raises
    ------
    Problem
        400 with the field for a kind or type nobody knows, impossible numbers, numbers that the
        type does not have, or a rule without a source; 404 for an absent area.
    """
    _check(entry)
    with database.transaction(scope) as tx:
        area.read(tx, entry.area_code)
        _write(tx, entry)


def put_as(database: Database, viewer: Viewer, request_id: str | None, entry: Entry) -> None:
    """Store a rule for a person.

    Raises
    ------
    Problem
        As `put`; 404 for an area that is not this person's.
    """
    _check(entry)
    with database.transaction(viewer.scope(Permission.IMPORT_DATA, request_id)) as tx:
        if not viewer.may(Permission.IMPORT_DATA, entry.area_code):
            raise not_found(f"area {entry.area_code}")
        area.read(tx, entry.area_code)
        _write(tx, entry)


def _write(tx: Transaction, entry: Entry) -> None:
    grid_rule.put(tx, entry)
    figures = {"minimum": entry.minimum, "maximum": entry.maximum, "smallest": entry.smallest}
    event.record(
        tx,
        "grid_rule.changed",
        area_code=entry.area_code,
        subject_id=f"{entry.kind}/{entry.area_type}",
        payload={
            "valid_from": entry.valid_from.isoformat(),
            **{name: value for name, value in figures.items() if value is not None},
        },
    )


def _check(entry: Entry) -> None:
    if entry.kind not in KINDS:
        raise bad_value("kind", f"this is one of {', '.join(KINDS)}")
    if entry.area_type not in AREA_TYPES:
        raise bad_value("type", f"this is one of {', '.join(AREA_TYPES)}")
    if entry.kind != "comprehensive" and entry.area_type != "any":
        raise bad_value("type", "only rules of comprehensive grids have a type of area")
    _check_size(entry)
    _check_smallest(entry)
    if not 1 <= len(entry.source.strip()) <= 500:
        raise bad_value("source", "a rule needs its law, article or decision, up to 500 characters")


def _check_size(entry: Entry) -> None:
    for place, value in (("minimum", entry.minimum), ("maximum", entry.maximum)):
        if entry.area_type == "island":
            if value is not None:
                raise bad_value(place, "islands have no size of their own: leave it out")
        elif value is None or not 1 <= value <= _MOST:
            raise bad_value(place, f"households must be 1 to {_MOST}")
    if entry.minimum is not None and entry.maximum is not None and entry.minimum > entry.maximum:
        raise bad_value("maximum", "this is less than the minimum")


def _check_smallest(entry: Entry) -> None:
    if entry.smallest is None:
        if entry.area_type == "island":
            raise bad_value("smallest", "say how many people an island of its own has")
    elif entry.area_type not in {"mountain", "island"}:
        raise bad_value("smallest", "only rules of mountains and islands have this")
    elif not 1 <= entry.smallest <= _MOST:
        raise bad_value("smallest", f"must be 1 to {_MOST}")
