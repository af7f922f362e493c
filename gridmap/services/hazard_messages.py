"""Who is told of hazards and warnings: members and offices by inbox, people by loudspeaker."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gridmap.services import message_ways, return_messages, returns
from gridmap.services.message_steps import OF_HAZARD, ORDERS
from gridmap.services.message_writing import SPOKEN, Desk, grid_label
from gridmap.services.messages import Letter, queue_each
from gridmap.store import alert, message, message_people, plan_message, plan_return
from gridmap.store.database import Row, Transaction


def declared(tx: Transaction, hazard_id: int) -> int:
    """Tell the area of a hazard that it is declared; give how many messages that are."""
    return _tell(tx, hazard_id, "hazard_declared", "hazard_public", {})


def adjusted(tx: Transaction, hazard_id: int, reason: str) -> int:
    """Tell the area of a hazard that it has changed; give how many messages that are."""
    message.withdraw(tx, f"hazard:{hazard_id}", OF_HAZARD, "superseded")
    return _tell(tx, hazard_id, "hazard_adjusted", "hazard_public", {"reason": reason})


def lifted(tx: Transaction, hazard_id: int) -> int:
    """Tell that a hazard is lifted; those who have left, when they may go home.

    Everybody hears it whom the hazard touches or who was told aloud to keep away or to leave. What
    still waits and would send people away is held back.
    """
    message.withdraw(tx, f"hazard:{hazard_id}", OF_HAZARD, "over")
    for plan_id in plan_message.of_hazard(tx, hazard_id):
        message.withdraw(tx, f"plan:{plan_id}", ORDERS, "over")
    found = _to_the_called(tx, hazard_id)
    head = plan_message.hazard(tx, hazard_id)
    desk = Desk(tx, head, f"hazard-{hazard_id}-hazard_lifted-{head['revision']}")
    inside = plan_message.inside(tx, hazard_id)
    known = found.grids if found else ()
    letters = list(found.letters) if found else []
    letters += _members(desk, "hazard_lifted", {}, [r for r in inside if r["grid"] not in known])
    touched = {*plan_message.touched(tx, hazard_id), *plan_message.heard(tx, hazard_id)}
    communities = touched | {row["grid"][:12] for row in inside}
    told = set(found.communities) if found else set()
    letters += desk.aloud(touched - told, "hazard_lifted_public")
    if found and found.away:
        letters += _offices(desk, "plan_lifted", found.more, communities | told)
    else:
        letters += _offices(desk, "hazard_lifted", _whole(head, {}), communities | told)
    return _queued(tx, head, f"hazard:{hazard_id}", letters)


def _to_the_called(tx: Transaction, hazard_id: int) -> return_messages.Lifted | None:
    """Write to those whom the last plan had called; None where nobody was called."""
    plan_id = plan_message.called(tx, hazard_id)
    row = None if plan_id is None else plan_return.read(tx, plan_id)
    if plan_id is None or row is None:
        return None
    days, until = returns.held_until(tx, row)
    return return_messages.lifted(tx, plan_id, days=days, until=until)


def _tell(tx: Transaction, hazard_id: int, kind: str, aloud: str, more: Mapping[str, Any]) -> int:
    head = plan_message.hazard(tx, hazard_id)
    desk = Desk(tx, head, f"hazard-{hazard_id}-{kind}-{head['revision']}")
    letters = _by_inbox(desk, kind, more, plan_message.inside(tx, hazard_id))
    letters += desk.aloud(plan_message.touched(tx, hazard_id), aloud)
    return _queued(tx, head, f"hazard:{hazard_id}", letters)


def _queued(tx: Transaction, head: Row, about: str, letters: Sequence[Letter]) -> int:
    return len(
        queue_each(
            tx,
            area_code=head["area_code"],
            about=about,
            letters=letters,
            exercise=bool(head["exercise"]),
        )
    )


def _by_inbox(
    desk: Desk, kind: str, more: Mapping[str, Any], inside: Sequence[Row]
) -> list[Letter]:
    head = desk.head
    communities = {row["grid"][:12] for row in inside}
    communities.update(plan_message.touched(desk.tx, head["id"]))
    return [
        *_members(desk, kind, more, inside),
        *_offices(desk, kind, _whole(head, more), communities),
    ]


def _whole(head: Row, more: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**more, "all_households": head["households"], "all_people": head["people"]}


def _members(desk: Desk, kind: str, more: Mapping[str, Any], inside: Iterable[Row]) -> list[Letter]:
    """Write to members by inbox; a telephone does not ring for what is nobody's order yet."""
    grids = {row["grid"]: row for row in inside}
    return [
        desk.to(
            to, kind, {**more, **grids[grid], "grid": grid_label(grid)}, area_code=grid, part="grid"
        )
        for grid, found in sorted(message_ways.members(desk.tx, grids).items())
        for to in found
        if to.channel == "inbox"
    ]


def _offices(
    desk: Desk, kind: str, values: Mapping[str, Any], communities: Iterable[str]
) -> list[Letter]:
    return [
        desk.to(to, kind, values, part="office", subject=desk.name(to.language or desk.tx.language))
        for to in message_ways.offices(desk.tx, communities)
    ]


def warned(tx: Transaction, alert_id: int, verb: str) -> int:
    """Tell the area of a warning that it is ``issued``, ``updated`` or ``cancelled``.

    Its words are those of who issued it, in their language: loudspeakers speak it once.
    """
    row = alert.told(tx, alert_id)
    kind = f"alert_{verb}"
    head = plan_message.hazard(tx, row["hazard_id"])
    desk = Desk(tx, head, f"alert-{alert_id}")
    values = {
        **{name: row[name] for name in ("issuer", "headline", "from", "until")},
        "area": row["area_desc"],
        "instruction": row["instruction"],
    }
    letters = _by_inbox(desk, kind, values, plan_message.inside(tx, row["hazard_id"]))
    for place in message_people.places(tx, plan_message.touched(tx, row["hazard_id"])):
        to = message_ways.loudspeaker(place, SPOKEN[0])
        letters.append(desk.to(to, kind, values, area_code=place["code"]))
    return len(
        queue_each(
            tx,
            area_code=row["area_code"],
            about=f"alert:{alert_id}",
            letters=letters,
            exercise=bool(head["exercise"]),
        )
    )
