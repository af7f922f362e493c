"""Finding one another: who is where, as far as who asks may know; every search is recorded."""

from typing import Any

from gridmap.model.access import Permission
from gridmap.model.household import Purpose
from gridmap.model.problem import bad_input, not_found
from gridmap.problems import fault
from gridmap.services import masking, reading
from gridmap.services.access import Viewer
from gridmap.services.call_outs import scope_of
from gridmap.services.masking import Place
from gridmap.store import call_board, event, household
from gridmap.store.database import Database, Row

PURPOSES = ("family", "medical", "police", "welfare")
# Households with children whose whereabouts are told by an officer, face to face.
MINORS = ("infant", "left_behind_child", "unaccompanied_minor")
_SHORTEST, _LONGEST = 2, 80
_MOST = 50


def search(  # noqa: PLR0913 - who looks for whom, where and why
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    plan_id: int,
    *,
    name: str,
    grid: str | None,
    purpose: str,
    english: bool = False,
) -> dict[str, Any]:
    """Say where people of a name are: at which shelter, at relatives', on the way, not heard of.

    Raises
    ------
    Problem
        400 for a name too short or a purpose there is none of; 404 for a plan that is not here.
    """
    _check(name, purpose)
    with database.transaction(scope_of(viewer, request_id)) as tx:
        now_under = call_board.newest(tx, plan_id) or plan_id
        head = call_board.head(tx, now_under, english)
        if head is None:
            raise not_found(f"plan {plan_id}")
        glass = reading.opened(tx, viewer)
        rows = household.of_name(
            tx, now_under, name=name, grid=grid, minors=MINORS, english=english, limit=_MOST
        )
        items = [_found(viewer, row, glass) for row in rows]
        event.record(
            tx,
            "reunification.searched",
            area_code=head["area_code"],
            subject_id=now_under,
            payload={
                "plan": now_under,
                "purpose": purpose,
                "rows": len(items),
                "personal": any(each["name"] and not each["masked"] for each in items),
                "exercise": head["exercise"],
            },
        )
    return {"items": items, "as_of": head["as_of"].isoformat()}


def _check(name: str, purpose: str) -> None:
    faults = []
    if not _SHORTEST <= len(name.strip()) <= _LONGEST:
        faults.append(fault("name", "two characters of the name at least"))
    if purpose not in PURPOSES:
        faults.append(fault("purpose", "there is no such purpose"))
    if faults:
        raise bad_input("this cannot be searched", faults)


def _found(viewer: Viewer, row: Row, glass: list[str]) -> dict[str, Any]:
    code = row["area_code"]
    seen = masking.sight(viewer, code, Place.CARD, Purpose.VIEW, glass)
    officer = viewer.may(Permission.HAZARD_DECLARE, code)
    told = officer or not row["minors"]
    whole = seen.names or seen.by_glass
    return {
        "household": row["household_id"],
        "grid": code,
        "name": row["householder"] if whole and told else masking.mask_name(row["householder"]),
        "masked": not (whole and told),
        "address": row["address"] if whole and told else None,
        "people": row["people"] if told else None,
        "state": row["state"] if told else None,
        "state_at": row["state_at"].isoformat() if told else None,
        "place": row["place"] if told else None,
        "shelter": row["shelter"] if told else None,
        "home": told and row["home_at"] is not None,
        # of children an officer tells those who come for them, and nobody else
        "ask_officer": not told,
    }
