"""Who is told of hazards and warnings: members and offices by inbox, people by loudspeaker."""

from collections.abc import Iterable, Mapping
from typing import Any

from gridmap.services import message_ways, return_messages, returns
from gridmap.services.message_steps import ORDERS
from gridmap.services.message_writing import SPOKEN, Desk, grid_label
from gridmap.services.messages import Letter, queue_each
from gridmap.store import alert, message, message_people, plan_message, plan_return
from gridmap.store.database import Row, Transaction

_OVER = ("hazard_declared", "hazard_adjusted", "hazard_public")


def declared(tx: Transaction, hazard_id: int) -> int:
    """Tell the area of a hazard that it is declared; give how many messages that are."""
    return _tell(tx, hazard_id, "hazard_declared", "hazard_public", {})


def adjusted(tx: Transaction, hazard_id: int, reason: str) -> int:
    """Tell the area of a hazard that it has changed; give how many messages that are."""
    message.withdraw(tx, f"hazard:{hazard_id}", _OVER, "superseded")
    return _tell(tx, hazard_id, "hazard_adjusted", "hazard_public", {"reason": reason})


def lifted(tx: Transaction, hazard_id: int) -> int:
    """Tell that a hazard is lifted; those who have left, when they may go home.

    What still waits and would send people away is held back.
    """
    message.withdraw(tx, f"hazard:{hazard_id}", _OVER, "over")
    plan_id = plan_message.called(tx, hazard_id)
    if plan_id is None:
        return _tell(tx, hazard_id, "hazard_lifted", "hazard_lifted_public", {})
    message.withdraw(tx, f"plan:{plan_id}", ORDERS, "over")
    row = plan_return.read(tx, plan_id)
    assert row is not None
    days, until = returns.held_until(tx, row)
    return return_messages.waits(tx, plan_id, days=days, until=until)


def _tell(tx: Transaction, hazard_id: int, kind: str, aloud: str, more: Mapping[str, Any]) -> int:
    head = plan_message.hazard(tx, hazard_id)
    desk = Desk(tx, head, f"hazard-{hazard_id}-{kind}-{head['revision']}")
    letters = _by_inbox(desk, kind, more, plan_message.inside(tx, hazard_id))
    letters += desk.aloud(plan_message.touched(tx, hazard_id), aloud)
    return len(
        queue_each(
            tx,
            area_code=head["area_code"],
            about=f"hazard:{hazard_id}",
            letters=letters,
            exercise=bool(head["exercise"]),
        )
    )


def _by_inbox(
    desk: Desk, kind: str, more: Mapping[str, Any], inside: Iterable[Row]
) -> list[Letter]:
    """Write to members and offices; a telephone does not ring for what is nobody's order yet."""
    tx = desk.tx
    grids = {row["grid"]: row for row in inside}
    letters = [
        desk.to(
            to, kind, {**more, **grids[grid], "grid": grid_label(grid)}, area_code=grid, part="grid"
        )
        for grid, found in sorted(message_ways.members(tx, grids).items())
        for to in found
        if to.channel == "inbox"
    ]
    head = desk.head
    whole = {**more, "all_households": head["households"], "all_people": head["people"]}
    communities = {grid[:12] for grid in grids} | set(plan_message.touched(tx, head["id"]))
    return letters + [
        desk.to(to, kind, whole, part="office", subject=desk.name(to.language or tx.language))
        for to in message_ways.offices(tx, communities)
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
