"""Pages of a booklet beside its sheets: large map, needs, call tree, members, messages, basis."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from gridmap.maps import figure
from gridmap.maps.pages import Page, cut
from gridmap.model.plan_options import PlanOptions
from gridmap.model.sheet import Booklet, Leaf
from gridmap.model.sheet_more import Post, Supply

A3 = (1508, 817)  # the large map as its style shows it: otherwise its sides stay white
ROWS = 24  # of a page of one table
NEEDS = 18  # shelters on a page of needs
POINTS = 16  # assembly points on a page: their grids take two lines
TASKS = 11  # rows the tasks of a member take
_LEVEL = {6: 0, 9: 1, 12: 2, 15: 3}

Leave = Callable[[Leaf], Any]


def before(booklet: Booklet, say: dict[str, str], lost: int) -> list[Page]:
    """Give what stands before the sheets of the grids: large map, basis, needs, unserved, tours."""
    drawn = figure.overview(
        booklet.ground, booklet.shelters, booklet.leaves, say, A3, booklet.points.values()
    )
    made = [Page(kind="map", picture=drawn)]
    made += _basis(booklet)
    made += changes(booklet, lost)
    made += _points(booklet, lost)
    made += _clearance(booklet, lost)
    made += _unserved(booklet, lost)
    made += _pickups(booklet, lost)
    made += _needs(booklet, lost)
    made += _calls(booklet, lost)
    made.append(Page(kind="messages"))
    return made


def members(booklet: Booklet, lost: int, leave: Leave) -> list[Page]:
    """Give a page for each who looks after grids: where theirs go, tasks, whom to help first."""
    found: dict[str, list[Leaf]] = {}
    for leaf in booklet.leaves:
        found.setdefault(leaf.member or "", []).append(leaf)
    made = []
    for name, leaves in sorted(found.items()):
        rows: list[dict[str, Any]] = [
            {"leaf": leaf, "leave_by": leave(leaf), "first": first_leave(booklet, leaf)}
            for leaf in leaves
        ]
        rows += [
            {"label": leaf.label, "home": home, "shelter": leaf.shelter}
            for leaf in leaves
            for home in leaf.homes
            if home.urgent
        ]
        more = {
            "member": name,
            "households": sum(len(leaf.homes) for leaf in leaves),
            "people": sum(leaf.people for leaf in leaves),
            "places": sorted({leaf.place for leaf in leaves}),
        }
        made += _paged("member", rows, ROWS - TASKS - lost, ROWS - lost, more)
    return made


def first_leave(booklet: Booklet, leaf: Leaf) -> datetime | None:
    """Give the time of the clock when the first of a sheet leave; None before the order."""
    at = booklet.facts.ordered_at
    known = at is not None and leaf.departs is not None and leaf.shelter is not None
    return at + timedelta(seconds=leaf.departs or 0.0) if at is not None and known else None


def _paged(
    kind: str, rows: Sequence[dict[str, Any]], first: int, further: int, more: dict[str, Any]
) -> list[Page]:
    cuts = cut(len(rows), first, further)
    return [
        Page(
            kind=kind,
            number=number,
            count=len(cuts),
            rows=rows[start:end],
            offset=start,
            more=more,
        )
        for number, (start, end) in enumerate(cuts, start=1)
    ]


def _basis(booklet: Booklet) -> list[Page]:
    """Say what was assumed and what happened before: of many versions the last ones."""
    last = booklet.more.versions[-14:]
    return [
        Page(
            kind="basis",
            more={
                "versions": last,
                "options": PlanOptions().kept() | dict(booklet.more.options),
                "without": booklet.more.without,
            },
        )
    ]


def changes(booklet: Booklet, lost: int) -> list[Page]:
    """List who goes elsewhere than in the plan before; nothing where nobody does."""
    rows = [{"change": change} for change in booklet.more.changes]
    if not rows:
        return []
    people = sum(change.people for change in booklet.more.changes)
    told = [change for change in booklet.more.changes if change.told]
    more = {
        "households": len(rows),
        "people": people,
        "told": len(told),
        "told_people": sum(change.people for change in told),
    }
    return _paged("changes", rows, ROWS - 1 - lost, ROWS - lost, more)


def _points(booklet: Booklet, lost: int) -> list[Page]:
    """List the assembly points: who comes from which grid, and where they go on to."""
    if not booklet.points:
        return []
    grids: dict[int, set[str]] = {}
    shelters: dict[int, set[str]] = {}
    for leaf in booklet.leaves:
        for number, _homes, _people in leaf.meets:
            grids.setdefault(number, set()).add(leaf.label)
            if leaf.shelter is not None:
                shelters.setdefault(number, set()).add(leaf.shelter.name)
    rows = [
        {
            "point": point,
            "grids": sorted(grids.get(number, ())),
            "shelters": sorted(shelters.get(number, ())),
        }
        for number, point in sorted(booklet.points.items())
    ]
    more = {
        "households": sum(point.households for point in booklet.points.values()),
        "people": sum(point.people for point in booklet.points.values()),
    }
    return _paged("points", rows, POINTS - 2 - lost, POINTS - lost, more)


def _clearance(booklet: Booklet, lost: int) -> list[Page]:
    found = booklet.more.parts.get("clearance")
    if not found:
        return []
    waves = [{"wave": wave} for wave in found.get("waves", ())]
    links = [{"link": link} for link in found.get("links", ())]
    rows = [*waves[:40], *links[:12]]
    return _paged("clearance", rows, ROWS - 8 - lost, ROWS - lost, dict(found))


def _unserved(booklet: Booklet, lost: int) -> list[Page]:
    """List everybody who has no place, house by house, under what would help.

    What more beds and streets would buy is on the page of the plan alone: it comes after the
    draft, and two prints of one plan with one check code say the same.
    """
    found = booklet.unserved
    parts = booklet.more.parts
    held = parts.get("cuts", {})
    cuts = [
        *held.get("cuts", ()),
        *({"kind": "more_beds", "names": [], **row} for row in held.get("beds", ())),
    ]
    unsafe = parts.get("robust", {}).get("left", ())
    if not found and not cuts and not unsafe:
        return []
    rows: list[dict[str, Any]] = [
        {"unsafe": one | {"label": _short(one["grid"])}} for one in unsafe[:60]
    ]
    rows += [{"leaf": leaf, "home": home} for leaf, home in found]
    more = {
        "cuts": cuts[:6],
        "households": len(found),
        "people": sum(home.people for _leaf, home in found),
    }
    first = ROWS - 1 - math.ceil(1.3 * len(cuts[:6])) - lost  # a box takes so much
    return _paged("unserved", rows, first, ROWS - lost, more)


def _short(code: str) -> str:
    """Give a grid by the community's number and its own, as sheets call it."""
    return f"{code[9:12]}-{code[12:15]}"


def _pickups(booklet: Booklet, lost: int) -> list[Page]:
    stops = booklet.more.stops
    if not stops:
        return []
    fetched = [stop for stop in stops if stop.reason is None]
    order = booklet.facts.ordered_at
    rows = [
        {"stop": one, "at": order and one.seconds and order + timedelta(seconds=one.seconds)}
        for one in (*fetched, *(one for one in stops if one.reason))
    ]
    more: dict[str, Any] = {
        "households": len(stops),
        "people": sum(stop.people for stop in stops),
        "fetched": len(fetched),
        "tours": len({(stop.vehicle, stop.tour) for stop in fetched}),
        "vehicles": len({stop.vehicle for stop in fetched}),
        "remedies": booklet.more.parts.get("tours", {}).get("remedies", ()),
    }
    first = ROWS - 1 - 2 * len(more["remedies"]) - lost
    return _paged("pickups", rows, first, ROWS - lost, more)


def _needs(booklet: Booklet, lost: int) -> list[Page]:
    """Give what each shelter needs, and all together: the people of the sheets, not rounded."""
    supplies = booklet.more.supplies
    kinds = list(dict.fromkeys(each.kind for own in supplies.values() for each in own))
    if not kinds:
        return []
    sent: dict[int, int] = {}
    for leaf in booklet.leaves:
        if leaf.shelter is not None:
            sent[leaf.shelter.id] = sent.get(leaf.shelter.id, 0) + leaf.people
    needs = {
        shelter.id: {
            each.kind: each.needed(sent.get(shelter.id, 0)) for each in supplies.get(shelter.id, ())
        }
        for shelter in booklet.shelters
    }
    rows = [
        {
            "shelter": shelter,
            "people": sent.get(shelter.id, 0),
            "needs": [needs[shelter.id].get(kind) for kind in kinds],
        }
        for shelter in booklet.shelters
    ]
    sources = _sources(booklet, kinds)
    more = {
        "kinds": kinds,
        "sources": sources,
        "people": sum(sent.values()),
        "capacity": sum(shelter.capacity for shelter in booklet.shelters),
        # what is counted by the piece is needed in each shelter: sums of the rows, not of the town
        "total": [sum(own.get(kind, 0) for own in needs.values()) for kind in kinds],
    }
    lost += len(sources) - len(kinds)  # a line for each further rule
    return _paged("needs", rows, NEEDS - 6 - lost, NEEDS - lost, more)


def _sources(booklet: Booklet, kinds: Sequence[str]) -> list[tuple[Supply, list[str]]]:
    """Give each rule once, with the shelters that it is for where others go by another."""
    names: dict[Supply, list[str]] = {}
    for shelter in booklet.shelters:
        for each in booklet.more.supplies.get(shelter.id, ()):
            names.setdefault(each, []).append(shelter.name)
    counts = Counter(each.kind for each in names)
    return [
        (each, own if counts[kind] > 1 else [])
        for kind in kinds
        for each, own in names.items()
        if each.kind == kind
    ]


def _calls(booklet: Booklet, lost: int) -> list[Page]:
    """Give who calls whom: offices from the largest area to the smallest, then the grids."""
    counts: dict[str, list[int]] = {}
    for leaf in booklet.leaves:
        for length in _LEVEL:
            count = counts.setdefault(leaf.grid[:length], [0, 0])
            if len(leaf.grid) >= length:
                count[0] += len(leaf.homes)
                count[1] += leaf.people
    posts: dict[str, list[Post]] = {}
    for each in booklet.more.posts:
        posts.setdefault(each.code, []).append(each)
    grids = {leaf.grid for leaf in booklet.leaves}
    # an office that is not registered stands in the tree as a gap, not left out of it
    around = {code[:length] for code in grids for length in (9, 12) if len(code) > length}
    codes = sorted({*posts, *around, *grids})
    places = {leaf.grid: leaf for leaf in booklet.leaves}
    rows = []
    nobody: list[Post | None] = [None]
    for code in codes:
        for post in posts.get(code) or nobody:
            rows.append(
                {
                    "code": code,
                    "level": _LEVEL.get(len(code), 3),
                    "label": places[code].label if code in places else "" if post else code,
                    "post": post,
                    "households": counts.get(code, [0, 0])[0],
                    "people": counts.get(code, [0, 0])[1],
                }
            )
    return _paged("calls", rows, ROWS - 1 - lost, ROWS - lost, {})
