"""Call-outs: every household of a plan in force is woken, answers, leaves and arrives.

Steps are noted on tablets, often without a network. Each is taken once under the id it was given
there, and where the household stands is worked out from all of them together.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gridmap.model import call_out as model
from gridmap.model.access import Permission, Scope
from gridmap.model.call_out import ANSWER_WITHIN, CallState, Standing
from gridmap.model.problem import Problem, bad_input, not_found
from gridmap.problems import fault
from gridmap.services import returns
from gridmap.services.access import Viewer, outermost
from gridmap.services.call_codes import codes
from gridmap.store import call_board, call_out, event, plan_return
from gridmap.store.database import Database, Row, Transaction

RIGHTS = (Permission.HOUSEHOLD_VISIT, Permission.HAZARD_DECLARE)


@dataclass(frozen=True)
class Given:
    """A step as noted on a tablet or at a desk.

    Attributes
    ----------
    id
        UUID made where it was noted.
    kind
        One of `model.KINDS`.
    at
        When, by the clock there; the time of arrival when None.
    channel
        How the household was called.
    people
        How many have arrived; all that are missing when None.
    all_in
        True when nobody more is to come.
    place, shelter
        Where they have arrived: ``shelter`` or ``relatives``, and which shelter.
    reason
        Why they do not want to leave, or were not found.
    undoes
        The step that is taken back.
    """

    id: UUID
    kind: str
    at: datetime | None = None
    channel: str | None = None
    people: int | None = None
    all_in: bool = False
    place: str | None = None
    shelter: int | None = None
    reason: str | None = None
    undoes: UUID | None = None
    device_time: datetime | None = None

    def content_hash(self, household_id: int) -> bytes:
        """Hash what it says of which household, so that other content under this id is noticed."""
        words = [household_id, self.kind, self.channel, self.people, self.all_in, self.place]
        words += [self.shelter, self.reason, str(self.undoes) if self.undoes else None]
        words += [self.at.isoformat() if self.at else None]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).digest()


def begin(tx: Transaction, plan_id: int, hazard_id: int) -> int:
    """Begin the call-outs of a plan that is set going; give how many households are on the list.

    Everybody the plan touches is on it, served or not. Who was told under an older plan of the
    hazard stays told.
    """
    moved = call_out.move(tx, hazard_id, plan_id)
    return moved + call_out.insert(tx, plan_id, codes(tx, plan_id), ANSWER_WITHIN)


def scope_of(viewer: Viewer, request_id: str | None) -> Scope:
    """Give where a person may note steps: their grid, or the area they command."""
    areas = outermost(area for right in RIGHTS for area in viewer.areas_for(right))
    return Scope(areas=areas, user_id=viewer.id, request_id=request_id)


def take(  # noqa: PLR0913 - who noted what of whom
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    plan_id: int,
    household_id: int,
    given: Given,
) -> tuple[dict[str, Any], bool]:
    """Take a step: it, what it comes to and the event in one transaction.

    Returns
    -------
    dict, bool
        The receipt, and True if the step was new.

    Raises
    ------
    Problem
        400 with what is missing; 404 for a household that is not called out here; 409 for other
        content under the same id.
    """
    check(given)
    with database.transaction(scope_of(viewer, request_id)) as tx:
        row = call_out.of_household(tx, plan_id, household_id)
        if row is None:
            raise not_found(f"call-out of household {household_id}")
        return note(tx, row, given)


def check(given: Given) -> None:
    """Refuse a step that does not say what it has to.

    Raises
    ------
    Problem
        400.
    """
    faults = []
    if given.kind not in model.KINDS:
        faults.append(fault("kind", "there is no such step"))
    if given.kind == "refused" and not given.reason:
        faults.append(fault("reason", "say why, in a few words"))
    if (given.kind == "arrived") != (given.place is not None):
        faults.append(fault("place", "where they have arrived, and only then"))
    if given.shelter is not None and given.place != "shelter":
        faults.append(fault("shelter", "only for who has arrived at one"))
    if (given.kind == "undone") != (given.undoes is not None):
        faults.append(fault("undoes", "the step that is taken back, and only then"))
    if faults:
        raise bad_input("the step cannot be taken", faults)


def note(tx: Transaction, row: Row, given: Given) -> tuple[dict[str, Any], bool]:
    """Note a step of a call-out that is held, once under its id; give receipt and whether new."""
    digest = given.content_hash(row["household_id"])
    place = _place(tx, row, given)
    now = datetime.now(UTC)
    # a clock that runs ahead or stands still must not put a step after or before everything
    at = min(max(given.at or now, row["begun_at"]), now)
    if given.kind == "home" and row["home_from"] is not None:
        at = max(at, row["home_from"])  # tablets offer it only once the way home is open
    created = call_out.add_step(
        tx,
        row,
        {
            "id": given.id,
            "kind": given.kind,
            "channel": given.channel,
            "place": given.place,
            "shelter_id": place,
            "people": given.people,
            "all_in": given.all_in,
            "reason": given.reason,
            "undoes": given.undoes,
            "at": at,
            "device_time": given.device_time,
            "content_hash": digest,
        },
    )
    if not created:
        return _known(tx, row, given, digest), False
    standing = settle(tx, row)
    clash = given.id in standing.clashes
    # rows before the lock of the events: who ends the ways home takes them in this order
    ended = given.kind == "home" and plan_return.end(tx, row["plan_id"])
    # never the household: events stay for ever, and where people were is destroyed afterwards
    payload: dict[str, Any] = {"plan": row["plan_id"], "exercise": row["exercise"]}
    if standing.arrived:
        payload["people"] = standing.arrived
    if clash:
        payload["conflict"] = True
    event.record(
        tx,
        f"call_out.{given.kind}",
        area_code=row["area_code"],
        subject_id=row["id"],
        payload=payload,
    )
    if ended:
        returns.tell_end(tx, row["plan_id"], row["plan_area"], exercise=row["exercise"])
    return _receipt(row, given, standing, clash=clash), True


def _known(tx: Transaction, row: Row, given: Given, digest: bytes) -> dict[str, Any]:
    known = call_out.step(tx, given.id)
    if known is None or bytes(known["content_hash"]) != digest:
        raise Problem(409, "Conflict", "Another step has this id; this one was not taken")
    standing = _standing(tx, row)
    return _receipt(row, given, standing, clash=known["clash"])


def _place(tx: Transaction, row: Row, given: Given) -> int | None:
    if given.place != "shelter":
        return None
    wanted = given.shelter if given.shelter is not None else row["shelter_id"]
    if wanted is None:
        raise bad_input("shelter: say which one", [fault("shelter", "say which one")])
    if not call_board.is_shelter(tx, wanted):
        raise bad_input("shelter: there is none", [fault("shelter", "there is none")])
    return int(wanted)


def settle(tx: Transaction, row: Row) -> Standing:
    """Work out where a household stands now, and store it."""
    standing = _standing(tx, row)
    due = model.due(standing, row["begun_at"])
    rung = row["rung"]
    if standing.state is CallState.NO_ANSWER:
        rung = model.rung_after(standing.channel, rung)
    call_out.mark_clashes(tx, row["id"], sorted(standing.clashes))
    call_out.put_arrivals(tx, row, standing.counted)
    call_out.put(
        tx,
        row["id"],
        {
            "state": standing.state.value,
            "state_at": standing.at or row["begun_at"],
            "channel": standing.channel,
            "called_at": standing.called_at,
            "answered_at": standing.answered_at,
            "attempts": standing.attempts,
            "arrived_people": standing.arrived,
            "help_asked": standing.help,
            "home_at": standing.home_at,
            "rung": rung,
            "due_at": due,
        },
    )
    return standing


def _standing(tx: Transaction, row: Row) -> Standing:
    known = [
        model.Step(
            each["id"],
            each["kind"],
            each["at"],
            each["seq"],
            each["channel"],
            each["people"],
            each["all_in"],
            each["undoes"],
        )
        for each in call_out.steps(tx, row["id"])
    ]
    return model.fold(known, row["people"], row["home_from"])


def _receipt(row: Row, given: Given, standing: Standing, *, clash: bool) -> dict[str, Any]:
    return {
        "id": str(given.id),
        "kind": given.kind,
        "plan": row["plan_id"],
        "household": row["household_id"],
        "state": standing.state.value,
        "arrived": standing.arrived,
        "clash": clash,
        "at": datetime.now(UTC).isoformat(),
    }
