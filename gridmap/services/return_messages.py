"""Who is told of the way home: not yet, with the first day that it may be, and that it is open."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gridmap.services import message_ways
from gridmap.services.message_writing import Desk, grid_label
from gridmap.services.messages import Letter, queue_each
from gridmap.store import message_people, plan_message
from gridmap.store.database import Row, Transaction

_More = Mapping[str, Any]


@dataclass(frozen=True)
class Lifted:
    """What is said of a lifted hazard to those a plan had called: letters, and where they go.

    Attributes
    ----------
    grids, communities
        Those of the plan: nobody else has to tell them.
    away
        Whether anybody is away from home.
    more
        What is said to those who wait for the way home, as fields of a text.
    """

    letters: list[Letter]
    grids: Collection[str]
    communities: Collection[str]
    away: bool
    more: _More


def lifted(tx: Transaction, plan_id: int, *, days: int, until: date | None) -> Lifted:
    """Write that the hazard is lifted; where people are away, that nobody goes home yet.

    Where nobody is away nobody will be told that the way home is open: nothing is promised there.

    Parameters
    ----------
    days
        For how many days it stays dangerous; 0 where nothing but the leave of people is waited for.
    until
        The day before which nobody goes home.
    """
    head = plan_message.back(tx, plan_id, until if days else None)
    more = {"days": days, "until": head["until"], "wait": not days}
    desk = Desk(tx, head, f"plan-{plan_id}-lifted", about=f"plan:{plan_id}")
    rows = plan_message.away(tx, plan_id)
    away = {row["grid"]: row["away"] for row in rows if row["away"]}
    home = sorted({row["grid"] for row in rows} - set(away))
    present = {row["shelter"]: row["present"] for row in plan_message.present(tx, plan_id)}
    full = {shelter: people for shelter, people in present.items() if people}
    communities = {row["grid"][:12] for row in rows}
    wait = {grid[:12] for grid in away}
    letters = _members(desk, "plan_lifted", away, more)
    letters += _members(desk, "hazard_lifted", dict.fromkeys(home, 0), {})
    letters += _shelters(desk, "plan_lifted", full, more)
    letters += _shelters(desk, "hazard_lifted", dict.fromkeys(set(present) - set(full), 0), {})
    letters += desk.aloud(wait, "plan_lifted_public", dict.fromkeys(wait, more))
    letters += desk.aloud(communities - wait, "hazard_lifted_public")
    return Lifted(letters, {row["grid"] for row in rows}, communities, bool(away), more)


def opened(tx: Transaction, plan_id: int) -> int:
    """Tell that people may go home; give how many messages that are."""
    desk = Desk(tx, plan_message.back(tx, plan_id, None), f"plan-{plan_id}-home")
    rows: Sequence[Row] = plan_message.away(tx, plan_id)
    grids = {row["grid"]: row["away"] for row in rows}
    communities = sorted({grid[:12] for grid in grids})
    present = {row["shelter"]: row["present"] for row in plan_message.present(tx, plan_id)}
    letters = _members(desk, "return_open", grids, {})
    letters += _shelters(desk, "return_open", present, {})
    letters += [
        desk.to(to, "return_open", {}, part="office")
        for to in message_ways.offices(tx, communities)
    ]
    letters += desk.aloud(communities, "return_open_public")
    return len(
        queue_each(
            tx,
            area_code=desk.head["area_code"],
            about=f"plan:{plan_id}",
            letters=letters,
            exercise=bool(desk.head["exercise"]),
        )
    )


def _members(desk: Desk, kind: str, away: Mapping[str, int], more: _More) -> list[Letter]:
    return [
        desk.to(to, kind, {**more, "grid": grid_label(grid), "away": away[grid]}, area_code=grid)
        for grid, found in sorted(message_ways.members(desk.tx, away).items())
        for to in found
    ]


def _shelters(desk: Desk, kind: str, present: Mapping[int, int], more: _More) -> list[Letter]:
    letters: list[Letter] = []
    for row in message_people.keepers(desk.tx, sorted(present)):
        name = {"zh_CN": row["name"], "en": row["name_en"] or row["name"]}
        values = {**more, "shelter": name.__getitem__, "present": str(present[row["shelter"]])}
        letters += [
            desk.to(to, kind, values, part=f"shelter-{row['shelter']}")
            for to in message_ways.keeper(row)
        ]
    return letters
