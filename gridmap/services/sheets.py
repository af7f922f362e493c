"""The sheets of a plan: who reads them decides what they say of people; printing leaves a trace."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shapely import from_wkb
from shapely.geometry.base import BaseGeometry

from gridmap.model.access import Scope
from gridmap.model.problem import conflict, not_found
from gridmap.model.sheet import (
    Booklet,
    Facts,
    Home,
    Leaf,
    Shelter,
    Turn,
    Way,
)
from gridmap.services.masking import mask_name
from gridmap.services.plans import changed_layers
from gridmap.services.sheet_ground import drawn_on, shape_of
from gridmap.store import event, sheet
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import plans as heads

KIND = "plans.print"
_PRINTABLE = ("drafted", "approved", "active", "closed", "superseded", "rejected")
_DIGITS = re.compile(r"(\d+)")
_PLAIN_REASON = {"no_accessible_shelter": "no_shelter"}


@dataclass(frozen=True)
class Asked:
    """What is to be printed, for whom.

    Attributes
    ----------
    grid
        Code of the one grid; None for the whole plan with cover and shelters.
    names_in, needs_in
        Areas whose people's names the reader may know whole, and whose telephones and needs.
    printed_at
        Stands on every page; the same moment gives the same bytes.
    """

    plan_id: int
    language: str
    names_in: tuple[str, ...]
    needs_in: tuple[str, ...]
    address: str
    printed_at: datetime
    grid: str | None = None


def booklet(database: Database, scope: Scope, asked: Asked) -> Booklet:
    """Read everything the sheets say, as of one moment.

    Raises
    ------
    Problem
        404 for a plan that is not there or not for this person, or a grid it does not touch; 409
        while it is being drafted.
    """
    english = asked.language == "en"
    with database.transaction(scope, snapshot=True) as tx:
        head = _readable(tx, scope, asked.plan_id, asked.grid, english)
        if head["state"] not in _PRINTABLE:
            raise conflict(f"plan {asked.plan_id} is {head['state']}: there is nothing to print")
        if head["check_hash"] is None:
            # such as one drafted before plans kept what a sheet says
            raise conflict(f"plan {asked.plan_id} has no sheets: draft it again")
        homes = sheet.homes(tx, asked.plan_id, asked.grid)
        if asked.grid is not None and not homes:
            raise not_found(f"grid {asked.grid} in plan {asked.plan_id}")
        shape = sheet.hazard(tx, head["hazard_id"])
        codes = sorted({row["area_code"] for row in homes})
        facts = _facts(tx, head, shape, asked, codes)
        # who sees one grid of a plan does not see how many come to a shelter from the others
        every = _inside(head["area_code"], scope.areas)
        shelters = {
            row["id"]: _shelter(row, every) for row in sheet.shelters(tx, asked.plan_id, english)
        }
        areas = {row["code"]: row for row in sheet.grids(tx, codes, english)}
        leaves = _leaves(tx, asked, homes, shelters, areas)
        return Booklet(
            facts=facts,
            totals=head["totals"],
            leaves=leaves,
            shelters=tuple(shelters.values()),
            ground=drawn_on(tx, head["area_code"], shape, leaves),
            whole=asked.grid is None,
            attribution=sheet.attribution(tx, head["area_code"]),
        )


def note_printed(
    database: Database, scope: Scope, area_code: str, printed: Booklet, grid: str | None
) -> None:
    """Leave a trace of sheets that are about to leave the program."""
    households = sum(len(leaf.homes) for leaf in printed.leaves)
    with database.transaction(scope) as tx:
        event.record(
            tx,
            "plan.printed",
            area_code=area_code,
            subject_id=printed.facts.plan_id,
            payload={
                "grid": grid,
                "households": households,
                "personal": any(
                    home.needs is not None for leaf in printed.leaves for home in leaf.homes
                ),
                "check": printed.facts.check,
            },
        )


def area_of(
    database: Database, scope: Scope, plan_id: int, grid: str | None = None
) -> tuple[str, int]:
    """Give the area of what is printed and how many households the plan moves, cheaply.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        head = _readable(tx, scope, plan_id, grid, False)
    whole = _inside(head["area_code"], scope.areas)
    area_code = str(head["area_code"]) if whole or grid is None else grid
    return area_code, int((head["totals"] or {}).get("households", 0))


def _readable(tx: Transaction, scope: Scope, plan_id: int, grid: str | None, english: bool) -> Row:
    """Read the head of a plan of one's areas; of any other, for the sheet of one's own grid."""
    head = heads.read(tx, plan_id, english)
    if head is None or not any(
        _inside(code, scope.areas) for code in (head["area_code"], grid or "")
    ):
        raise not_found(f"plan {plan_id}")
    return head


def _facts(
    tx: Transaction, head: Row, shape: Row, asked: Asked, printed_of: Sequence[str]
) -> Facts:
    english = asked.language == "en"
    declared, begins = shape["declared_at"], shape["starts_at"]
    code = head["area_code"]
    return Facts(
        plan_id=head["id"],
        number=f"P-{head['hazard_id']}-{head['version']}",
        state=head["state"],
        hazard=head["hazard_name"],
        kind=head["hazard_kind"],
        severity=head["hazard_severity"],
        exercise=head["exercise"],
        lifted=head["hazard_state"] != "declared",
        place=sheet.place(tx, code, english),
        # a hazard that is announced for later has to be cleared before it begins
        clear_by=head["clear_by"] or (begins if begins > declared else None),
        drafted_at=head["drafted_at"],
        approved_by=head["approved_name"],
        approved_at=head["approved_at"],
        approval_reason=head["approval_reason"],
        check=head["check_hash"] or "",
        changed=tuple(changed_layers(tx, head)),
        times={
            layer: datetime.fromisoformat(at) for layer, at in (head["input_times"] or {}).items()
        },
        job_id=head["job_id"],
        input_version=head["input_version"] or "",
        replaces=tuple(f"P-{number}" for number in head["replaces"]),
        printed_at=asked.printed_at,
        address=asked.address,
        masked=not all(_inside(each, asked.needs_in) for each in printed_of),
    )


def _shelter(row: Row, every: bool) -> Shelter:
    return Shelter(
        id=row["id"],
        name=row["name"],
        address=row["address"],
        capacity=row["capacity"],
        accessible=row["accessible"],
        services=tuple(row["services"]),
        people=row["people"] if every else None,
        households=row["households"],
        lon=row["lon"],
        lat=row["lat"],
    )


def _inside(code: str, areas: Sequence[str]) -> bool:
    return any(code.startswith(area) for area in areas)


def _home(row: Row, asked: Asked) -> Home:
    needs = _inside(row["area_code"], asked.needs_in)
    names = _inside(row["area_code"], asked.names_in)
    return Home(
        id=row["id"],
        address=row["address"],
        householder=row["householder"] if names else mask_name(row["householder"]),
        phone=row["phone"] if needs else None,
        people=row["people"],
        needs=tuple(row["needs"]) if needs else None,
        # whoever may not know of needs must not read them off the order of the rows, the wave or
        # the reason to stay either
        urgent=bool(row["with_needs"]) and needs,
        wave=row["wave"] if needs else None,
        seconds=row["seconds"],
        reason=row["reason"] if needs else _PLAIN_REASON.get(row["reason"], row["reason"]),
        detail=row["detail"],
    )


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Order addresses as people do: house 2 before house 10."""
    return [
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in _DIGITS.split(text)
        if part
    ]


def _leaves(
    tx: Transaction,
    asked: Asked,
    homes: Sequence[Row],
    shelters: dict[int, Shelter],
    areas: dict[str, Row],
) -> tuple[Leaf, ...]:
    ways = {(row["area_code"], row["shelter_id"]): row for row in sheet.ways(tx, asked.plan_id)}
    lines = {
        (row["area_code"], row["shelter_id"]): from_wkb(bytes(row["wkb"]))
        for row in sheet.lines(tx, asked.plan_id, asked.grid)
    }
    groups: dict[str, dict[int | None, list[Home]]] = {}
    for row in homes:
        code = row["area_code"]
        groups.setdefault(code, {}).setdefault(row["shelter_id"], []).append(_home(row, asked))
    made = []
    for code, by_shelter in groups.items():
        # the largest group first, those without a place at the end
        order = sorted(by_shelter, key=lambda one: (one is None, -len(by_shelter[one]), one or 0))
        for part, shelter_id in enumerate(order, start=1):
            rows = sorted(
                by_shelter[shelter_id],
                key=lambda home: (not home.urgent, _natural(home.address), home.id),
            )
            key = (code, shelter_id)
            made.append(
                Leaf(
                    grid=code,
                    label=f"{code[9:12]}-{code[12:15]}" if len(code) == 15 else code,
                    place=areas[code]["place"] or "",
                    member=areas[code]["member"],
                    outline=shape_of(areas[code]["wkb"]),
                    shelter=None if shelter_id is None else shelters[shelter_id],
                    way=_way(ways[key], lines.get(key)) if key in ways else None,
                    homes=tuple(rows),
                    part=part,
                    parts=len(order),
                    grid_households=sum(len(each) for each in by_shelter.values()),
                )
            )
    return tuple(made)


def _way(row: Row, lines: BaseGeometry | None) -> Way:
    return Way(
        turns=tuple(
            Turn(
                turn=step["turn"],
                name=step["name"],
                highway=step["highway"],
                bearing=step["bearing"],
                metres=step["metres"],
                lon=step["lon"],
                lat=step["lat"],
            )
            for step in row["steps"]
        ),
        line=from_wkb(bytes(row["wkb"])),
        seconds=row["seconds"],
        metres=row["metres"],
        address=row["address"],
        others=() if lines is None else (lines,),
        drive_seconds=row["drive_seconds"],
        drive_metres=row["drive_metres"],
    )
