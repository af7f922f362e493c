"""What a desk does about one household of the roll-call: who helps it, and what was noted of it."""

from typing import Any

from gridmap.model.problem import bad_input, not_found
from gridmap.problems import fault
from gridmap.services.access import Viewer
from gridmap.services.call_outs import scope_of
from gridmap.store import call_out, event
from gridmap.store.database import Database


def name_helper(  # noqa: PLR0913 - who names whom for which household
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    plan_id: int,
    household_id: int,
    name: str,
) -> dict[str, Any]:
    """Name who wakes and accompanies a household.

    Raises
    ------
    Problem
        400 without a name; 404 for a household that is not called out here.
    """
    if not 1 <= len(name) <= 80:
        raise bad_input("helper: a name", [fault("helper", "a name of 1 to 80 characters")])
    with database.transaction(scope_of(viewer, request_id)) as tx:
        row = call_out.of_household(tx, plan_id, household_id)
        if row is None:
            raise not_found(f"call-out of household {household_id}")
        call_out.set_helper(tx, row["id"], user_id=None, name=name)
        event.record(
            tx,
            "call_out.helper_set",
            area_code=row["area_code"],
            subject_id=row["id"],
            payload={"plan": row["plan_id"], "exercise": row["exercise"]},
        )
    return {"plan": row["plan_id"], "household": household_id, "helper": name}


def history(
    database: Database, viewer: Viewer, request_id: str | None, plan_id: int, household_id: int
) -> list[dict[str, Any]]:
    """List every step of a household, also those taken back and those that do not fit.

    Raises
    ------
    Problem
        404 for a household that is not called out here.
    """
    with database.transaction(scope_of(viewer, request_id)) as tx:
        row = call_out.of_household(tx, plan_id, household_id)
        if row is None:
            raise not_found(f"call-out of household {household_id}")
        rows = call_out.steps(tx, row["id"])
    undone = {each["undoes"] for each in rows}
    return [
        {
            "id": str(each["id"]),
            "kind": each["kind"],
            "channel": each["channel"],
            "place": each["place"],
            "shelter": each["shelter_id"],
            "people": each["people"],
            "reason": each["reason"],
            "at": each["at"].isoformat(),
            "received_at": each["received_at"].isoformat(),
            "by": each["by"],
            "undoes": str(each["undoes"]) if each["undoes"] else None,
            "undone": each["id"] in undone,
            "clash": each["clash"],
        }
        for each in rows
    ]
