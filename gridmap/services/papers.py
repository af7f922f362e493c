"""Papers about grids: read as of a day, or from a scenario, in one snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd
import shapely
from shapely import from_wkb
from shapely.geometry.base import BaseGeometry

from geodata import border_sides
from geodata.crs import metric_crs
from gridmap.model.access import Scope
from gridmap.model.paper import (
    Border,
    Community,
    Folder,
    GridFacts,
    House,
    Member,
    Office,
    Origin,
    Place,
    RiskArea,
)
from gridmap.model.problem import conflict, not_found
from gridmap.model.sheet import Ground, Street
from gridmap.store import area, merged_community, paper, scenario, sheet, version
from gridmap.store.database import Database, Row, Transaction

_MARGIN = 0.004  # degrees of base map around everything that is drawn
_CRS = "EPSG:4326"
# streets that people know as a border even where they have no name
_BORDER_WAYS = frozenset(
    {"motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential"}
)


@dataclass(frozen=True)
class Wanted:
    """Which grids, in which language.

    Attributes
    ----------
    area
        6, 9, 12 or 15 digits.
    scenario
        Of a draft; None for the grids of `day`.
    printed_at
        The same moment gives the same bytes.
    """

    area: str
    day: date
    printed_at: datetime
    language: str
    scenario: int | None = None


def folder(database: Database, scope: Scope, wanted: Wanted) -> Folder:
    """Read everything that papers of an area say.

    Raises
    ------
    Problem
        404 for an area or a scenario that is not there or not this person's; 409 where there are
        no grids.
    """
    if not any(wanted.area.startswith(own) for own in scope.areas):
        raise not_found(f"area {wanted.area}")
    english = wanted.language == "en"
    with database.transaction(scope, snapshot=True) as tx:
        area.read(tx, wanted.area[:12])
        origin = _origin(tx, wanted, english)
        rows = _grids(tx, wanted, wanted.area, None)
        if not rows:
            raise conflict(f"area {wanted.area} has no grids on {wanted.day}")
        communities = _communities(tx, wanted.area, english, rows, wanted.scenario)
        drawn = [*map(_shape, rows), *(each.outline for each in communities)]
        west, south, east, north = shapely.total_bounds(drawn).tolist()
        box = (west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN)
        beside = _grids(tx, wanted, wanted.area, box)
        ground = _ground(tx, box)
        people = _members(tx, [*rows, *beside], wanted.day)
        duties = paper.duties(tx, wanted.area, wanted.day)
        ways = paper.ways(tx, wanted.area)
        return Folder(
            origin=origin,
            communities=communities,
            grids=_facts(rows, beside, ground, people, duties),
            beside=tuple(_grid(row, people.get(row["key"], ()), {}) for row in beside),
            ground=ground,
            houses=tuple(_house(row) for row in paper.houses(tx, box)),
            places=tuple(_place(row) for row in paper.places(tx, box, english)),
            risks=tuple(_risk(row) for row in paper.risks(tx, box, english)),
            ways=tuple(_shape(row) for row in ways if row["approved"]),
            draft_ways=tuple(_shape(row) for row in ways if not row["approved"]),
        )


def _origin(tx: Transaction, wanted: Wanted, english: bool) -> Origin:
    code = wanted.area[:12]
    name, number = None, None
    if wanted.scenario is not None:
        row = scenario.read(tx, wanted.scenario)
        if row is None:
            raise not_found(f"scenario {wanted.scenario}")
        name, number = row["name"], row["version"]
    return Origin(
        area=wanted.area,
        place=sheet.place(tx, code, english),
        day=wanted.day,
        printed_at=wanted.printed_at,
        number=int(version.of(tx, ("grid",)).rpartition(".")[2] or 0),
        attribution=sheet.attribution(tx, code),
        scenario=wanted.scenario,
        scenario_name=name,
        version=number,
    )


def _grids(tx: Transaction, wanted: Wanted, code: str, box: paper.Box | None) -> list[Row]:
    if wanted.scenario is None:
        return paper.grids(tx, wanted.day, code, box)
    drafted = paper.scenario_grids(tx, wanted.scenario, code[:12], box)
    if box is None:
        return [row for row in drafted if len(code) < 15 or code in (row["code"], row["key"])]
    # beyond what the scenario redraws, the grids of the day lie
    known = {row["area_code"] for row in paper.scenario_grids(tx, wanted.scenario, code[:6])}
    others = paper.grids(tx, wanted.day, code[:12], box)
    return drafted + [row for row in others if row["area_code"] not in known]


def _shape(row: Row) -> BaseGeometry:
    return from_wkb(bytes(row["wkb"]))


def _communities(
    tx: Transaction, code: str, english: bool, rows: Iterable[Row], scenario_id: int | None
) -> tuple[Community, ...]:
    wanted = {row["area_code"] for row in rows}
    drafted = () if scenario_id is None else merged_community.of_scenario(tx, scenario_id)
    called = {row["code"]: row["name_zh"] for row in drafted}
    return tuple(
        Community(
            code=row["code"],
            name=str(called.get(row["code"], row["name"])),
            township=row["township"] or "",
            outline=_shape(row),
            office=None
            if row["office"] is None
            else Office(row["office"], row["phone"], row["supervision_phone"]),
            merged_from=tuple(row["merged_from"] or ()),
        )
        for row in paper.communities(tx, code, english)
        if row["code"] in wanted
    )


def _ground(tx: Transaction, box: paper.Box) -> Ground:
    def shapes(table: str) -> list[tuple[Row, BaseGeometry]]:
        return [(row, _shape(row)) for row in sheet.ground(tx, table, box)]

    return Ground(
        hazard=shapely.Polygon(),
        blocked=None,
        streets=tuple(Street(row["highway"], row["name"], line) for row, line in shapes("road")),
        buildings=tuple(each for _row, each in shapes("building")),
        water=tuple((row["name"], each) for row, each in shapes("water")),
        green=tuple(each for _row, each in shapes("green")),
    )


def _members(tx: Transaction, rows: Iterable[Row], day: date) -> Mapping[str, tuple[Member, ...]]:
    """Give who looks after each grid; a scenario may appoint the holder of another office."""
    heirs = {row["key"]: row["heir"] for row in rows}
    chosen = {row["key"]: row["member_id"] for row in rows if row["member_id"] is not None}
    held: dict[str, list[Member]] = {}
    for row in paper.members(tx, sorted({code for code in heirs.values() if code}), day):
        held.setdefault(row["area_code"], []).append(Member(row["name"], row["phone"]))
    named = {
        row["id"]: Member(row["name"], row["phone"])
        for row in paper.members_by_id(tx, sorted(chosen.values()))
    }
    return {
        key: (named[chosen[key]],) if chosen.get(key) in named else tuple(held.get(heir or "", ()))
        for key, heir in heirs.items()
    }


def _facts(
    rows: Sequence[Row],
    beside: Sequence[Row],
    ground: Ground,
    people: Mapping[str, tuple[Member, ...]],
    duties: Sequence[Row],
) -> tuple[GridFacts, ...]:
    """Give the grids with what they border on, all measured in one system of metres."""
    every = [*rows, *beside]
    grids = gpd.GeoDataFrame(
        {"label": [_label(row) for row in every], "kind": [row["kind"] for row in every]},
        geometry=[_shape(row) for row in every],
        crs=_CRS,
    )
    metric = metric_crs(grids)
    grids = grids.to_crs(metric)
    ways = gpd.GeoDataFrame(
        {
            "name": [_known_as(street) for street in ground.streets]
            + [name for name, _shape_ in ground.water]
        },
        geometry=[street.line for street in ground.streets]
        + [shape for _name, shape in ground.water],
        crs=_CRS,
    ).to_crs(metric)
    found = []
    for number, row in enumerate(rows):
        shape = grids.geometry.iloc[number]
        near = grids[grids["kind"] == "comprehensive"].drop(index=number, errors="ignore")
        sides = border_sides.sides(shape, ways, near, metric)
        borders = {
            name: Border(side.ways, side.neighbours, side.edge) for name, side in sides.items()
        }
        own = tuple(
            duty["name"]
            for duty in duties
            if f"{row['area_code']}{(row['code'] or '')[12:]}".startswith(duty["area_code"])
        )
        found.append(_grid(row, people.get(row["key"], ()), borders, own))
    return tuple(found)


def _known_as(street: Street) -> str | None:
    """Give the name of a street, or the mark of its class where it has none."""
    return street.name or (f"@{street.highway}" if street.highway in _BORDER_WAYS else None)


def _grid(
    row: Row,
    members: tuple[Member, ...],
    borders: Mapping[str, Border],
    duties: tuple[str, ...] = (),
) -> GridFacts:
    return GridFacts(
        key=row["key"],
        code=row["code"],
        label=_label(row),
        name=row["name"],
        kind=row["kind"],
        special_use=row["special_use"],
        community=row["area_code"],
        households=row["households"],
        people=row["people"],
        km2=float(row["km2"]),
        outline=_shape(row),
        middle=(row["lon"], row["lat"]),
        since=row["since"],
        members=members,
        borders=borders,
        duties=duties,
    )


def _label(row: Row) -> str:
    end = row["code"][12:] if row["code"] else row["key"]
    return f"{row['area_code'][9:12]}-{end}"


def _house(row: Row) -> House:
    return House(row["number"], row["address"], row["unsafe"], _shape(row))


def _place(row: Row) -> Place:
    return Place(
        kind=row["kind"],
        name=row["name"],
        capacity=row["capacity"],
        accessible=row["accessible"],
        lon=row["lon"],
        lat=row["lat"],
    )


def _risk(row: Row) -> RiskArea:
    return RiskArea(row["kind"], row["name"], row["declared"], _shape(row))
