"""The sheets of a plan: who reads them decides what they say of people; printing leaves a trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import conflict, not_found
from gridmap.model.sheet import Booklet, Facts, Leaf, Point, Shelter
from gridmap.model.sheet_more import More
from gridmap.services import call_codes
from gridmap.services.plans import changed_layers
from gridmap.services.sheet_ground import drawn_on
from gridmap.services.sheet_leaves import inside, leaves_of
from gridmap.services.sheet_more import in_english, more
from gridmap.store import event, plan_part, sheet
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import plans as heads

KIND = "plans.print"
_PRINTABLE = ("drafted", "approved", "active", "closed", "superseded", "rejected")


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
    changed
        Only the sheets that are not those of the plan before any more.
    cards
        The cards of the households instead of the sheets.
    """

    plan_id: int
    language: str
    names_in: tuple[str, ...]
    needs_in: tuple[str, ...]
    address: str
    printed_at: datetime
    grid: str | None = None
    changed: bool = False
    cards: bool = False


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
        homes = sheet.homes(tx, asked.plan_id, asked.grid, english)
        if asked.grid is not None and not homes:
            raise not_found(f"grid {asked.grid} in plan {asked.plan_id}")
        shape = sheet.hazard(tx, head["hazard_id"])
        codes = sorted({row["area_code"] for row in homes})
        facts = _facts(tx, head, shape, asked, codes)
        # who sees one grid of a plan does not see how many come to a shelter from the others
        every = inside(head["area_code"], scope.areas)
        shelters = {
            row["id"]: _shelter(row, every) for row in sheet.shelters(tx, asked.plan_id, english)
        }
        areas = {row["code"]: row for row in sheet.grids(tx, codes, english)}
        leaves = leaves_of(tx, asked, homes, shelters, areas)
        points = plan_part.points(tx, asked.plan_id)
        rest = more(tx, head, codes, asked) if asked.grid is None else More()
        if asked.changed:
            leaves, shelters = _changed(leaves, shelters, rest)
        return Booklet(
            facts=facts,
            totals=head["totals"],
            leaves=leaves,
            shelters=tuple(shelters.values()),
            ground=drawn_on(tx, head["area_code"], shape, leaves),
            whole=asked.grid is None,
            attribution=sheet.attribution(tx, head["area_code"]),
            more=rest,
            changed=asked.changed,
            cards=call_codes.codes(tx, asked.plan_id) if asked.cards else {},
            points=_points(tx, in_english(tx, points) if english else points),
        )


def _points(tx: Transaction, found: Sequence[Mapping[str, Any]]) -> dict[int, Point]:
    near = sheet.beside(tx, [one["lon"] for one in found], [one["lat"] for one in found])
    return {
        int(one["number"]): Point(
            number=int(one["number"]),
            name=one["name"],
            lon=float(one["lon"]),
            lat=float(one["lat"]),
            households=int(one["households"]),
            people=int(one["people"]),
            longest_seconds=float(one["longest_seconds"]),
            near=None if one["name"] else house,
        )
        for one, house in zip(found, near, strict=True)
    }


def _changed(
    leaves: Sequence[Leaf], shelters: dict[int, Shelter], rest: More
) -> tuple[tuple[Leaf, ...], dict[int, Shelter]]:
    """Keep the sheets that differ from those of the plan before."""
    again = rest.parts.get("replan")
    if again is None:
        raise conflict("this plan was not made from another one: all its sheets are new")
    return (
        tuple(leaf for leaf in leaves if leaf.grid in again["grids"]),
        {key: shelter for key, shelter in shelters.items() if key in again["shelters"]},
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
                "exercise": printed.facts.exercise,
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
    whole = inside(head["area_code"], scope.areas)
    area_code = str(head["area_code"]) if whole or grid is None else grid
    return area_code, int((head["totals"] or {}).get("households", 0))


def _readable(tx: Transaction, scope: Scope, plan_id: int, grid: str | None, english: bool) -> Row:
    """Read the head of a plan of one's areas; of any other, for the sheet of one's own grid."""
    head = heads.read(tx, plan_id, english)
    if head is None or not any(
        inside(code, scope.areas) for code in (head["area_code"], grid or "")
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
        ordered_at=head["activated_at"],
        masked=not all(inside(each, asked.needs_in) for each in printed_of),
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
