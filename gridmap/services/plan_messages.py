"""Who is told when an evacuation is ordered, changed or ended: members, shelters, people, offices.

All of it is queued in the transaction of the order: an order that is in force has told everybody,
and one that is not has told nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any

from gridmap.model import care_words
from gridmap.model import message_words as words
from gridmap.services import message_ways
from gridmap.services.message_steps import ORDERS
from gridmap.services.message_writing import Desk, grid_label
from gridmap.services.messages import Letter, Recipient, queue_each
from gridmap.store import message, message_people, plan_message, shelter_status
from gridmap.store.database import Row, Transaction

_SHORT = 4  # addresses in a text message; the rest is on the list
_SAID = 4  # shelters that anybody remembers of what was said aloud
_Told = set[tuple[str, str, str]]


def activated(tx: Transaction, plan_id: int, replaced: Sequence[int] = ()) -> int:
    """Tell who has to know that a plan is in force; give how many messages that are.

    When it replaces one that was in force, members and shelters are told only where something of
    theirs has changed, or where they had not been reached yet. Call it once call-outs have begun
    and before the first event of the transaction.
    """
    head = plan_message.head(tx, plan_id)
    before = max(replaced) if replaced else None
    waited = [
        row
        for old in replaced
        for row in (
            *message.unreached(tx, f"plan:{old}", ORDERS),
            *message.withdraw(tx, f"plan:{old}", ORDERS, "superseded"),
        )
    ]
    untold = {(row["area_code"], row["channel"], row["recipient"]) for row in waited}
    desk = Desk(tx, head, f"plan-{plan_id}")
    letters, silent, changed = _members(desk, before, untold)
    letters += _shelters(desk, before, untold)
    letters += _public(desk, changed, untold)
    letters += _offices(desk, before, changed, silent)
    return len(_queued(tx, head, letters))


def closed(tx: Transaction, plan_id: int, *, was_active: bool) -> int:
    """Tell who was called to leave that a plan has ended; give how many messages that are.

    What still waits of it is held back. Where the hazard is lifted everybody knows already.
    """
    message.withdraw(tx, f"plan:{plan_id}", ORDERS, "over")
    head = plan_message.head(tx, plan_id)
    if not was_active or head["hazard_state"] != "declared":
        return 0
    desk = Desk(tx, head, f"plan-{plan_id}-closed")
    rows = plan_message.away(tx, plan_id)
    ways = message_ways.members(tx, [row["grid"] for row in rows])
    away = any(row["away"] for row in rows)
    common = {"number": _number(head), "away": away}
    letters = [
        desk.to(to, "plan_closed", {**common, "grid": grid_label(grid)}, area_code=grid)
        for grid, found in sorted(ways.items())
        for to in found
    ]
    ids = [row["shelter"] for row in plan_message.shelters(tx, plan_id)]
    letters += [
        desk.to(to, "plan_closed", common)
        for row in message_people.keepers(tx, ids)
        for to in message_ways.keeper(row)
    ]
    letters += [
        desk.to(to, "plan_closed", common, part="office")
        for to in message_ways.offices(tx, plan_message.communities(tx, plan_id))
    ]
    letters += _taken_back(desk, rows)
    return len(_queued(tx, head, letters))


def _taken_back(desk: Desk, rows: Sequence[Row]) -> list[Letter]:
    """Say aloud that nobody is to leave any more wherever it was said that they were."""
    away = {row["grid"][:12] for row in rows if row["away"]}
    plan_id = int(desk.head["id"])
    heard = {*plan_message.heard(desk.tx, int(desk.head["hazard_id"])), *away}
    heard.update(plan_message.communities(desk.tx, plan_id))
    return desk.aloud(heard, "plan_closed_public", {code: {"away": code in away} for code in heard})


def _queued(tx: Transaction, head: Row, letters: Sequence[Letter]) -> list[int]:
    return queue_each(
        tx,
        area_code=head["area_code"],
        about=f"plan:{head['id']}",
        letters=letters,
        exercise=bool(head["exercise"]),
    )


def _number(head: Row) -> str:
    return f"P-{head['hazard_id']}-{head['version']}"


def _members(
    desk: Desk, before: int | None, untold: _Told
) -> tuple[list[Letter], int, Mapping[str, Row] | None]:
    """Write to the members; give as well how many grids have none, and what has changed where."""
    tx, plan_id = desk.tx, int(desk.head["id"])
    stand = {row["grid"]: row for row in plan_message.grids(tx, plan_id)}
    changed = None
    if before is not None:
        changed = {row["grid"]: row for row in plan_message.changes(tx, plan_id, before)}
    ways = message_ways.members(tx, {*stand, *(changed or {})})
    letters = [
        letter
        for grid, found in sorted(ways.items())
        for to in found
        if (letter := _member(desk, to, grid, stand.get(grid), changed, untold)) is not None
    ]
    return letters, sum(grid not in ways for grid in stand), changed


def _member(  # noqa: PLR0913, PLR0917 - whom, of which grid, and what is known of it
    desk: Desk,
    to: Recipient,
    grid: str,
    stand: Row | None,
    changed: Mapping[str, Row] | None,
    untold: _Told,
) -> Letter | None:
    first = changed is None or (grid, to.channel, to.key) in untold
    values: dict[str, Any] = {**(stand or {}), "grid": grid_label(grid)}
    if to.channel != "inbox" and desk.tx.address:
        values["link"] = f"{desk.tx.address}/field"
    if first:
        if stand is None:
            return None
        _homes(values, stand["homes"], stand["first"], to)
        return desk.to(to, "plan_members", values, area_code=grid)
    if changed is None or grid not in changed:
        return None
    change = changed[grid]
    values |= {"changed": change["changed"], "gone": change["gone"]}
    _homes(values, change["homes"], change["changed"], to)
    return desk.to(to, "plan_changed", values, area_code=grid)


def _homes(values: dict[str, Any], homes: Sequence[str] | None, all_of: int, to: Recipient) -> None:
    """Name as many addresses as the way has room for: never a person, never a need."""
    listed = list(homes or ())[: None if to.channel == "inbox" else _SHORT]
    values["homes"] = lambda language: words.joined(listed, language)
    values["more"] = max(all_of - len(listed), 0)


def _shelters(desk: Desk, before: int | None, untold: _Told) -> list[Letter]:
    tx, plan_id, code = desk.tx, int(desk.head["id"]), str(desk.head["area_code"])
    now = {row["shelter"]: row for row in plan_message.shelters(tx, plan_id)}
    was = (
        {} if before is None else {row["shelter"]: row for row in plan_message.shelters(tx, before)}
    )
    keepers = message_people.keepers(tx, sorted({*now, *was}))
    rules = shelter_status.supply_rules(tx, (row["area_code"] for row in keepers))
    letters = []
    for row in keepers:
        here, past = now.get(row["shelter"]), was.get(row["shelter"])
        for to in message_ways.keeper(row):
            first = past is None or (code, to.channel, to.key) in untold
            if here is None if first else _same(here, past):
                continue
            kind = "plan_shelters" if first else "plan_shelters_changed"
            values = _expected(row, here, rules[row["area_code"]])
            letters.append(desk.to(to, kind, values, part=f"shelter-{row['shelter']}"))
    return letters


def _same(here: Row | None, past: Row | None) -> bool:
    return (
        here is not None
        and past is not None
        and all(here[name] == past[name] for name in ("people", "households", "needs"))
    )


def _expected(row: Row, here: Row | None, rules: Sequence[Row]) -> dict[str, Any]:
    """Say whom a shelter expects; one that nobody goes to any more expects 0."""
    given = here or {"people": "0", "households": "0", "needs": {}, "arrives": None}
    needs = dict(given["needs"])
    return {
        **{name: given[name] for name in ("people", "households", "arrives")},
        "shelter": lambda language: (row["name_en"] if language == "en" else None) or row["name"],
        "needs": lambda language: _needs(needs, language),
        "supplies": lambda language: _supplies(rules, int(given["people"]), language),
    }


def _needs(needs: Mapping[str, int], language: str) -> str:
    named = [
        f"{care_words.NEEDS[kind][words.which(language)]} {people}"
        for kind, people in sorted(needs.items(), key=lambda each: (-each[1], each[0]))
        if kind in care_words.NEEDS
    ]
    return words.joined(named, language)


def _supplies(rules: Iterable[Row], people: int, language: str) -> str:
    found = []
    for rule in rules:
        said = words.SUPPLIES.get(rule["kind"])
        if said is None or not people:
            continue
        amount = people / rule["amount"] if rule["per"] == "people" else people * rule["amount"]
        found.append(said[words.which(language)].format(n=ceil(amount)))
    return words.joined(found, language)


def _public(desk: Desk, changed: Mapping[str, Row] | None, untold: _Told) -> list[Letter]:
    """Write what is said aloud: in all communities, or in those where something has changed."""
    known = plan_message.aloud(desk.tx, int(desk.head["id"]))
    if changed is not None:
        told_anew = {grid[:12] for grid in changed} | {
            area for area, way, _to in untold if way == "loudspeaker"
        }
        known = [row for row in known if row["code"] in told_anew]
    by = desk.head["by"]
    values = {
        row["code"]: {
            "by": by,
            "at_once": by is None,
            "shelters": _names(row),
            "unnamed": lambda language, row=row: not _names(row)(language),
        }
        for row in known
    }
    return desk.aloud(values, "plan_public", values)


def _names(row: Row) -> Any:
    def of(language: str) -> str | None:
        names = list(row["names_en" if language == "en" else "names"] or ())
        if None in names or not 0 < len(names) <= _SAID:
            return None
        return words.joined(names, language)

    return of


def _offices(
    desk: Desk, before: int | None, changed: Mapping[str, Row] | None, silent: int
) -> list[Letter]:
    head, tx = desk.head, desk.tx
    values: dict[str, Any] = {
        **{name: head[name] for name in ("households", "people", "grids", "unserved")},
        "number": _number(head),
        "silent": silent,
        "link": f"{tx.address}/plans/{head['id']}/board" if tx.address else None,
    }
    if before is not None and changed is not None:
        values["replaced"] = _number(plan_message.head(tx, before))
        values["changed"] = str(sum(row["changed"] for row in changed.values()))
    return [
        desk.to(
            to,
            "plan_offices",
            {**values, "link": None} if to.channel == "inbox" else values,
            part="office",
            subject=f"{desk.name(to.language or tx.language)} {_number(head)}",
        )
        for to in message_ways.offices(tx, plan_message.communities(tx, int(head["id"])))
    ]
