"""Arrival by code: the sheet of a household, scanned or typed at the door, at relatives' too.

The code is the right to be received: whoever stands at the door of a shelter may note it for
people of any grid of the county, and learns no more of them than how many are to come. Where a
household meets tells of needs: whoever may know those of its grid is told that too.
"""

from dataclasses import replace
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import Problem, bad_input
from gridmap.problems import fault
from gridmap.services import call_codes, call_outs, masking
from gridmap.services.access import Viewer, outermost
from gridmap.services.call_outs import RIGHTS, Given
from gridmap.services.masking import Place
from gridmap.store import call_board, call_out, household
from gridmap.store.database import Database, Row, Transaction


def _scope(viewer: Viewer, request_id: str | None) -> Scope:
    areas = [area[:6] for right in RIGHTS for area in viewer.areas_for(right)]
    return Scope(areas=outermost(areas), user_id=viewer.id, request_id=request_id)


def _found(tx: Transaction, text: str) -> Row:
    code = call_codes.plain_code(text)
    if code is None:
        raise bad_input(
            "code: ten letters and digits", [fault("code", "ten letters and digits are needed")]
        )
    row = call_out.by_code(tx, code)
    if row is None:
        raise Problem(404, "Not found", "No household of an evacuation has this code")
    return row


def look(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    text: str,
    *,
    english: bool = False,
) -> dict[str, Any]:
    """Say whose code this is, as far as the door has to know: surname, how many, how many came.

    `meet`, `meet_name` and `travel` say where the household is to be told to go or wait; they are
    none for whoever may not know the needs of its grid.

    Raises
    ------
    Problem
        400 for what is no code; 404 for a code nobody has.
    """
    with database.transaction(_scope(viewer, request_id)) as tx:
        row = _found(tx, text)
        home = household.read(tx, row["household_id"])
        shelters = call_board.shelters(tx, row["plan_id"], english)
        seen = masking.sight(viewer, row["area_code"], Place.CARD)
        meeting = call_board.meeting(tx, row["plan_id"], row["household_id"])
    assert home is not None
    told = meeting if meeting is not None and seen.needs else {}
    place = next((each for each in shelters if each["id"] == row["shelter_id"]), None)
    return {
        "plan": row["plan_id"],
        "household": row["household_id"],
        "name": masking.mask_name(home["householder"]),
        "people": row["people"],
        "arrived": row["arrived_people"],
        "state": row["state"],
        "shelter": None if place is None else {"id": place["id"], "name": place["name"]},
        "meet": told.get("assembly"),
        "meet_name": told.get("assembly_name"),
        "travel": told.get("travel"),
        "exercise": row["exercise"],
    }


def note(
    database: Database, viewer: Viewer, request_id: str | None, text: str, given: Given
) -> tuple[dict[str, Any], bool]:
    """Note an arrival by code; give the receipt, and whether it was new.

    Raises
    ------
    Problem
        As for `look`, and as for a step of the roll-call.
    """
    arrived = replace(given, kind="arrived", place=given.place or "shelter")
    call_outs.check(arrived)
    with database.transaction(_scope(viewer, request_id)) as tx:
        return call_outs.note(tx, _found(tx, text), arrived)
