"""Who is told of the way home: not yet, with the first day that it may be, and that it is open."""

from datetime import date
from typing import Any

from gridmap.services import message_ways
from gridmap.services.message_writing import Desk, grid_label
from gridmap.services.messages import Letter, queue_each
from gridmap.store import message_people, plan_message
from gridmap.store.database import Transaction


def waits(tx: Transaction, plan_id: int, *, days: int, until: date | None) -> int:
    """Tell that the hazard is lifted and nobody goes home yet; give how many messages that are.

    Parameters
    ----------
    days
        For how many days it stays dangerous; 0 where nothing but the leave of people is waited for.
    until
        The day before which nobody goes home.
    """
    head = plan_message.back(tx, plan_id, until if days else None)
    more = {"days": days, "until": head["until"], "wait": not days}
    return _tell(Desk(tx, head, f"plan-{plan_id}-lifted"), "plan_lifted", more)


def opened(tx: Transaction, plan_id: int) -> int:
    """Tell that people may go home; give how many messages that are."""
    head = plan_message.back(tx, plan_id, None)
    return _tell(Desk(tx, head, f"plan-{plan_id}-home"), "return_open", {})


def _tell(desk: Desk, kind: str, more: dict[str, Any]) -> int:
    tx, plan_id = desk.tx, int(desk.head["id"])
    grids = {row["grid"]: row["away"] for row in plan_message.away(tx, plan_id)}
    communities = sorted({grid[:12] for grid in grids})
    letters: list[Letter] = [
        desk.to(to, kind, {**more, "grid": grid_label(grid), "away": grids[grid]}, area_code=grid)
        for grid, found in sorted(message_ways.members(tx, grids).items())
        for to in found
    ]
    present = {row["shelter"]: row["present"] for row in plan_message.present(tx, plan_id)}
    for row in message_people.keepers(tx, sorted(present)):
        name = {"zh_CN": row["name"], "en": row["name_en"] or row["name"]}
        values = {**more, "shelter": name.__getitem__, "present": str(present[row["shelter"]])}
        letters += [
            desk.to(to, kind, values, part=f"shelter-{row['shelter']}")
            for to in message_ways.keeper(row)
        ]
    letters += [
        desk.to(to, kind, more, part="office") for to in message_ways.offices(tx, communities)
    ]
    letters += desk.aloud(communities, f"{kind}_public", dict.fromkeys(communities, more))
    return len(
        queue_each(
            tx,
            area_code=desk.head["area_code"],
            about=f"plan:{plan_id}",
            letters=letters,
            exercise=bool(desk.head["exercise"]),
        )
    )
