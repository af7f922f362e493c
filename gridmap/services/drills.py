"""The drill calendar: which exercise is due where and when, its day, and its start.

What is due follows from the templates that hold today and from the last exercise whose review is
closed; only the day that an office has set is stored. Nothing here names or counts persons.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.drill import REVIEW, RUNNING, due_on, stage
from gridmap.model.plan_template import Content, Drill
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_value
from gridmap.services import responses
from gridmap.services.access import Viewer
from gridmap.services.response_start import New
from gridmap.store import drills as rows
from gridmap.store import event
from gridmap.store import plan_templates as template_rows
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.versioned import today

_LEVELS = {"township": "township", "community": "village"}
_AHEAD = timedelta(days=3660)
_WORK = Permission.HAZARD_DECLARE
_Asked = tuple[Row, list[Drill]]  # a template and the exercises it asks for


@dataclass(frozen=True)
class Which:
    """One exercise of the calendar: where, of which template, and its Chinese name there."""

    area: str
    key: str
    name: str


@dataclass(frozen=True)
class Entry:
    """An exercise of the calendar as it stands today.

    Attributes
    ----------
    last_on
        Day on which the review of the last one was closed.
    day
        Day it is set for, else the day it is due.
    state
        overdue, coming, later; running or review while a response of it is under way.
    """

    which: Which
    place: Row
    template: Row
    drill: Drill
    last_on: date | None
    due_on: date
    planned_on: date | None
    day: date
    state: str
    response: int | None
    revision: int
    told: tuple[date | None, str | None]


def listing(
    database: Database, viewer: Viewer, english: bool, within: str, days: int
) -> dict[str, Any]:
    """List exercises that are overdue, under way, set, or due within some days; soonest first.

    Parameters
    ----------
    within
        Area whose exercises, and those below it, are listed; empty for all one may see.
    """
    with database.transaction(viewer.scope(Permission.PLAN_VIEW)) as tx:
        now = today(tx)
        found = list(entries(tx, within))
    until = now + timedelta(days=days)
    shown = [one for one in found if one.day <= until or one.planned_on or one.response]
    return {
        "today": now.isoformat(),
        "all": len(found),
        "overdue": sum(one.state == "overdue" for one in found),
        "items": [_plain(one, viewer, english) for one in shown],
    }


def _plain(one: Entry, viewer: Viewer, english: bool) -> dict[str, Any]:
    template, place = one.template, one.place
    return {
        "area": one.which.area,
        "area_name": (english and place["name_en"]) or place["name_zh"],
        "key": one.which.key,
        "kind": template["hazard_kind"],
        "area_type": template["area_type"],
        "template": template["name_en"] if english else template["name_zh"],
        "drill": one.which.name,
        "name": (english and one.drill.en) or one.drill.zh,
        "months": one.drill.months,
        "last_on": one.last_on and one.last_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "planned_on": one.planned_on and one.planned_on.isoformat(),
        "day": one.day.isoformat(),
        "state": one.state,
        "response": one.response,
        "revision": one.revision,
        "may": viewer.may(_WORK, one.which.area),
    }


def entries(tx: Transaction, within: str = "") -> Iterator[Entry]:
    """Give the exercises of every township and community in scope, the first due first."""
    now = today(tx)
    noted = {(row["area_code"], row["template_key"], row["name"]): row for row in rows.noted(tx)}
    held, templates = _held(tx), _by_area(template_rows.listing(tx))
    begun = {(row["area_code"], row["key"]): row["since"] for row in rows.begun(tx)}
    found = [
        _entry(Which(place["code"], template["key"], drill.zh), place, template, drill, now,
               noted, _of(held, place["code"], template["key"], drill.zh),
               begun[template["area_code"], template["key"]])
        for place in rows.places(tx, within)
        for template, drills in _templates(templates, place)
        for drill in drills
    ]  # fmt: skip
    order = {RUNNING: 0, REVIEW: 1}
    found.sort(key=lambda one: (order.get(one.state, 2), one.day, one.which.area, one.which.key))
    yield from found


def _by_area(templates: list[Row]) -> dict[str, list[_Asked]]:
    """Read the drills of each template once; give the templates by their area."""
    found: dict[str, list[_Asked]] = {}
    for row in templates:
        drills = [Drill.model_validate(one) for one in row["content"].get("drills", [])]
        found.setdefault(row["area_code"], []).append((row, drills))
    return found


def _templates(templates: Mapping[str, list[_Asked]], place: Row) -> list[_Asked]:
    """Give the templates a place works by: of each key its own, else the nearest above."""
    best: dict[str, _Asked] = {}
    for length in range(len(place["code"]) + 1):  # the nearer an area, the later it is seen
        for row, drills in templates.get(place["code"][:length], ()):
            if row["area_type"] == _LEVELS[place["level"]]:
                best[row["key"]] = (row, drills)
    return list(best.values())


def _held(tx: Transaction) -> dict[tuple[str, str], list[Row]]:
    """Give the exercises held, by area and key of the template."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows.held(tx):
        found.setdefault((row["area_code"], row["template_key"]), []).append(row)
    return found


def _of(
    held: Mapping[tuple[str, str], list[Row]], area_code: str, key: str, name: str
) -> list[Row]:
    return [row for row in held.get((area_code, key), ()) if row["name"] in (None, name)]


def _entry(  # noqa: PLR0913, PLR0917 - what an entry follows from
    which: Which,
    place: Row,
    template: Row,
    drill: Drill,
    now: date,
    noted: Mapping[tuple[str, str, str], Row],
    held: list[Row],
    since: date,
) -> Entry:
    note = noted.get((which.area, which.key, which.name))
    last = max((row["reviewed_on"] for row in held if row["reviewed_on"]), default=None)
    # only one that was begun from the calendar stands in its place while it goes on
    going = next((row for row in held if row["name"] and row["reviewed_on"] is None), None)
    due = due_on(last or since, drill.months)
    planned = None if note is None else note["planned_on"]
    day = planned or due
    state = stage(day, now)
    if going is not None:
        state = RUNNING if going["state"] == "open" else REVIEW
    return Entry(
        which=which,
        place=place,
        template=template,
        drill=drill,
        last_on=last,
        due_on=due,
        planned_on=planned,
        day=day,
        state=state,
        response=None if going is None else int(going["id"]),
        revision=int(note["revision"]) if note else 0,
        told=(note["told_for"], note["told"]) if note else (None, None),
    )


def _template(tx: Transaction, viewer: Viewer, which: Which) -> Row:
    """Give the template an exercise is of (404 where it asks for no such exercise there)."""
    found = None
    fits = {9: "township", 12: "village"}.get(len(which.area))
    if fits and which.key.endswith(f"_{fits}") and viewer.may(_WORK, which.area):
        found = template_rows.in_force(tx, which.key, which.area)
    drills = [] if found is None else Content.model_validate(found["content"]).drills
    if found is None or which.name not in {one.zh for one in drills}:
        raise not_found(f"drill {which.key}")
    return found


def plan(
    database: Database, viewer: Viewer, request_id: str | None, which: Which, day: date | None,
    revision: int,
) -> int:  # fmt: skip
    """Set the day of the next exercise, or take it back; give the new revision.

    Parameters
    ----------
    revision
        As the person has read it; 0 where nothing was noted.

    Raises
    ------
    Problem
        400; 404 where no template asks for it; 409 if somebody was first.
    """
    with database.transaction(viewer.scope(_WORK, request_id)) as tx:
        _template(tx, viewer, which)
        now = today(tx)
        if day is not None and not now <= day <= now + _AHEAD:
            low, high = now.isoformat(), (now + _AHEAD).isoformat()
            raise bad_value("planned_on", f"a day from {low} to {high} is needed")
        row = _hold(tx, which, revision)
        found = rows.plan(tx, row["id"], day)
        event.record(
            tx,
            "drill.planned",
            area_code=which.area,
            subject_id=row["id"],
            payload={
                "template": which.key,
                "planned_on": day.isoformat() if day else None,
                "exercise": True,
            },
        )
    return found


def _hold(tx: Transaction, which: Which, revision: int) -> Row:
    known = {(r["area_code"], r["template_key"], r["name"]): r for r in rows.noted(tx)}
    before = known.get((which.area, which.key, which.name))
    row = rows.hold(tx, which.area, which.key, which.name)
    now = int(row["revision"]) if before is not None or row["revision"] > 1 else 0
    if now != revision:
        raise conflict(f"the drill is at revision {now} now: read it again", revision=now)
    return row


def start(
    database: Database, viewer: Viewer, request_id: str | None, which: Which, new: New
) -> dict[str, Any]:
    """Start the exercise of an entry as a response; give its id and number of tasks.

    Parameters
    ----------
    new
        Matter, level, period and measures; where and of what kind it is follows from the entry.

    Raises
    ------
    Problem
        As `responses.start`; 404 where no template asks for it; 409 while one is under way.
    """
    with database.transaction(viewer.scope(_WORK, request_id)) as tx:
        _template(tx, viewer, which)
        row = rows.hold(tx, which.area, which.key, which.name)
        going = [
            one
            for one in _of(_held(tx), which.area, which.key, which.name)
            if one["name"] and one["reviewed_on"] is None
        ]
        if going:
            raise conflict("this drill is under way", response=int(going[0]["id"]))
        return responses.begin(tx, viewer, new, drill=int(row["id"]))
