"""The shelters' board: who is there and who is coming, for how many, and what they need."""

from collections.abc import Sequence
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import bad_input, conflict, not_found
from gridmap.problems import fault
from gridmap.services import coverage_needs, coverage_refresh
from gridmap.services.access import Viewer
from gridmap.store import call_board, event, shelter_status
from gridmap.store.database import Database, Row, Transaction

STATES = ("open", "full", "closed")
_LONGEST = 1000


def shelters(
    tx: Transaction, plan_id: int, needs_in: Sequence[str], *, english: bool
) -> list[dict[str, Any]]:
    """Give each shelter of a plan with its load, what the people there need, and its state."""
    rows = call_board.shelters(tx, plan_id, english)
    rules = shelter_status.supply_rules(tx, (row["area_code"] for row in rows))
    helped: dict[int, dict[str, int]] = {}
    for each in call_board.needs_present(tx, plan_id):
        helped.setdefault(each["shelter_id"], {})[each["kind"]] = each["households"]
    return [
        _shelter(row, rules[row["area_code"]], helped.get(row["id"], {}), needs_in) for row in rows
    ]


def _shelter(
    row: Row, rules: Sequence[Row], helped: dict[str, int], needs_in: Sequence[str]
) -> dict[str, Any]:
    there = row["present"]
    return {
        "id": row["id"],
        "name": row["name"],
        "area": row["area_code"],
        "accessible": row["accessible"],
        "capacity": row["capacity"],
        "planned": row["planned_people"],
        "planned_households": row["planned_households"],
        "on_the_way": row["on_the_way"],
        "present": there,
        "households": row["households"],
        "free": row["capacity"] - there,
        "state": _state(row),
        "said": row["state"],
        "supplies": row["supplies"],
        "said_at": row["at"].isoformat() if row["at"] else None,
        "by": row["by"],
        "needs": [_supply(rule, there) for rule in rules],
        "helped": helped if coverage_needs.readable(row["area_code"], needs_in) else None,
        "point": [round(row["lon"], 6), round(row["lat"], 6)],
    }


def _state(row: Row) -> str:
    """Say what a shelter is now: as drafts see it, and full where as many are there as it holds.

    To close one at the board closes it in the register too, but for a drill; whoever opens or
    closes it there later has the last word.
    """
    if not row["open"] or (row["exercise"] and row["state"] == "closed"):
        return "closed"
    if row["state"] == "full" or row["present"] >= row["capacity"]:
        return "full"
    return "open"


def _supply(rule: Row, people: int) -> dict[str, Any]:
    """Say how much of one thing so many people need; a toilet for fifty is one for three."""
    amount: float
    if rule["per"] == "people":
        amount = -(-people // int(rule["amount"])) if people else 0
    else:
        amount = round(float(rule["amount"]) * people, 1)
    return {
        "kind": rule["kind"],
        "amount": amount,
        "unit": rule["unit"],
        "per": rule["per"],
        "basis": rule["source"],
    }


def say(  # noqa: PLR0913 - who says what of which shelter
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    plan_id: int,
    shelter_id: int,
    *,
    state: str,
    supplies: str | None,
) -> dict[str, Any]:
    """Note that a shelter is open, full or closed, and what is there.

    A closed shelter is closed to every draft from now on, and the plan is out of date at once: a
    re-plan says who goes where instead. A drill closes it to its own drafts alone.

    Raises
    ------
    Problem
        400 for a state there is none of; 404 for a plan or a shelter that is not here; 409 for a
        plan that is not in force.
    """
    if state not in STATES or len(supplies or "") > _LONGEST:
        raise bad_input("state: open, full or closed", [fault("state", "open, full or closed")])
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT, request_id)) as tx:
        row = next(
            (each for each in call_board.shelters(tx, plan_id, False) if each["id"] == shelter_id),
            None,
        )
        if row is None or not viewer.may(Permission.FACILITY_EDIT, row["area_code"]):
            raise not_found(f"shelter {shelter_id} of plan {plan_id}")
        head = call_board.head(tx, plan_id, False)
        if head is None or head["state"] != "active":
            raise conflict("The plan is not in force: the state of its shelters stays as it was")
        shelter_status.put(tx, plan_id, row, state=state, supplies=supplies)
        if not head["exercise"]:
            _turn(tx, row, open_=state != "closed")
        payload = {
            "plan": plan_id,
            "people": row["present"],
            "capacity": row["capacity"],
            "exercise": head["exercise"],
        }
        if state == "open":
            event.record(
                tx,
                "shelter.opened",
                area_code=row["area_code"],
                subject_id=shelter_id,
                payload=payload,
            )
        else:
            event.record(
                tx,
                "shelter.load_changed",
                area_code=row["area_code"],
                subject_id=shelter_id,
                payload=payload | {"state": state},
            )
    return {"plan": plan_id, "shelter": shelter_id, "state": state, "supplies": supplies}


def _turn(tx: Transaction, shelter: Row, *, open_: bool) -> None:
    """Open the facility itself or close it, as its own page would: maps and coverage hear of it."""
    if not shelter_status.turn(tx, shelter["id"], open_=open_):
        return
    coverage_refresh.ask(tx, shelter["area_code"])
    event.record(
        tx,
        "facility.changed",
        area_code=shelter["area_code"],
        subject_id=shelter["id"],
        payload={"facility": shelter["id"], "kind": "shelter", "fields": ["open"]},
    )
