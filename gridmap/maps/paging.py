"""Which pages a booklet has: cover, sheets of the grids, sheets of the shelters.

One page is one sheet of paper: rows are counted here and not by the browser, so that what is seen
on screen, on a printer and in the PDF has the same pages and the same sums.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gridmap.maps import figure, paging_more
from gridmap.maps.pages import Page, cut
from gridmap.maps.paging_cards import cards
from gridmap.maps.paging_side import shortened, side
from gridmap.maps.sheet_words import Look, said
from gridmap.model.sheet import Booklet, Facts, Home, Leaf, Shelter, Short

__all__ = ["Page", "leave_by", "marks", "pages", "shortened", "waves"]

FIRST, NEXT = 13, 27  # rows of a first page, of a further one
BAND, NOTE = 1, 1  # rows lost to a band of marks, to the note of what is left out
GROUPS = 26  # rows of grids on the sheet of a shelter
_ROUND = timedelta(minutes=5)


def pages(booklet: Booklet, look: Look) -> list[Page]:
    """Cut a booklet into pages: cover, the sheets of each grid, the sheets of each shelter."""
    if booklet.cards:
        return cards(booklet)
    say = said(look.language) | {"source": booklet.attribution}
    lost = (BAND if marks(booklet.facts) else 0) + (NOTE if booklet.facts.masked else 0)
    made: list[Page] = []
    if booklet.changed:
        made += paging_more.changes(booklet, lost)
    elif booklet.whole:
        made += _cover(booklet, say, lost)
        made += paging_more.before(booklet, say, lost)
    for leaf in booklet.leaves:
        made += _leaf(booklet, leaf, say, lost, look.language)
    if booklet.whole:
        for shelter in booklet.shelters:
            made += _shelter(booklet, shelter, lost)
        made += paging_more.members(booklet, lost, lambda leaf: _leave_by(booklet, leaf))
    return made


def marks(facts: Facts) -> list[str]:
    """Give what has to stand on every page: exercise, not approved, replaced, out of date."""
    found = ["exercise"] if facts.exercise else []
    if facts.state in ("drafted", "superseded", "rejected", "closed"):
        found.append(facts.state)
    if facts.lifted:
        found.append("lifted")
    if facts.changed and facts.state in ("drafted", "approved", "active"):
        found.append("stale")
    return found


def _cover(booklet: Booklet, say: dict[str, str], lost: int) -> list[Page]:
    rows: list[dict[str, Any]] = [
        {"shelter": shelter, "letter": chr(65 + number) if number < 26 else ""}
        for number, shelter in enumerate(booklet.shelters)
    ]
    reasons: dict[tuple[str, str, str], list[Home]] = {}
    for leaf, home in booklet.unserved:
        key = (leaf.label, home.reason or "", home.short.shelter if home.short else "")
        reasons.setdefault(key, []).append(home)
    rows += [
        {
            "label": label,
            "reason": reason,
            "short": _joint(homes),
            "households": len(homes),
            "people": sum(home.people for home in homes),
        }
        for (label, reason, _where), homes in sorted(reasons.items())
    ]
    cuts = cut(len(rows), 10 - lost, NEXT - 2 - lost)
    drawn = figure.overview(
        booklet.ground, booklet.shelters, booklet.leaves, say, points=booklet.points.values()
    )
    return [
        Page(
            kind="cover",
            number=number,
            count=len(cuts),
            rows=rows[start:end],
            picture=drawn if number == 1 else None,
        )
        for number, (start, end) in enumerate(cuts, start=1)
    ]


def _joint(homes: Sequence[Home]) -> Short | None:
    """Give what households that would go to one shelter need there together."""
    own = [home.short for home in homes if home.short is not None]
    if not own:
        return None
    room = max(one.room for one in own)
    beds = max(sum(home.people for home in homes) - room, *(one.beds for one in own))
    return Short(own[0].shelter, beds, room)


def _leave_by(booklet: Booklet, leaf: Leaf) -> datetime | None:
    slowest = max((home.seconds or 0.0 for home in leaf.homes), default=0.0)
    return leave_by(booklet.facts.clear_by, slowest)


def _leaf(
    booklet: Booklet, leaf: Leaf, say: dict[str, str], lost: int, language: str
) -> list[Page]:
    cuts = cut(len(leaf.homes), FIRST - lost, NEXT - lost)
    beside = side(booklet, leaf, language)
    # the map numbers what the words number
    shown = leaf if leaf.way is None else replace(leaf, way=replace(leaf.way, turns=beside.steps))
    drawn = figure.of_leaf(shown, booklet.ground, say, booklet.points)
    return [
        Page(
            kind="leaf",
            number=number,
            count=len(cuts),
            leaf=leaf,
            homes=leaf.homes[start:end],
            offset=start,
            picture=drawn if number == 1 else None,
            steps=beside.steps,
            leave_by=_leave_by(booklet, leaf),
            more={
                "side": beside,
                "waves": waves(booklet, leaf.homes[start:end]),
                "first": paging_more.first_leave(booklet, leaf),
            },
        )
        for number, (start, end) in enumerate(cuts, start=1)
    ]


def waves(booklet: Booklet, homes: Sequence[Home]) -> list[tuple[int, float, datetime | None]]:
    """Give when the waves of some households set out: number, seconds after the order, the clock.

    Of those who walk: who is fetched waits at home. The clock is known once the order is given;
    nothing where waves may not be known.
    """
    found: dict[int, Counter[float]] = {}
    for home in homes:
        if home.wave is not None and home.departs is not None:
            walks = home.travel not in ("vehicle", "left")
            # one on foot counts for more than all who are fetched
            found.setdefault(home.wave, Counter())[home.departs] += 10_000 if walks else 1
    ordered = booklet.facts.ordered_at
    made = []
    for wave, times in sorted(found.items()):
        after = min(times, key=lambda seconds: (-times[seconds], seconds))
        at = None if ordered is None else ordered + timedelta(seconds=after)
        made.append((wave, after, at))
    return made


def _shelter(booklet: Booklet, shelter: Shelter, lost: int) -> list[Page]:
    rows: list[dict[str, Any]] = []
    for leaf in booklet.leaves:
        if leaf.shelter is None or leaf.shelter.id != shelter.id:
            continue
        seconds = [home.seconds or 0.0 for home in leaf.homes]
        rows.append(
            {
                "label": leaf.label,
                "place": leaf.place,
                "member": leaf.member,
                "households": len(leaf.homes),
                "people": leaf.people,
                "urgent": sum(1 for home in leaf.homes if home.urgent),
                "first": min(seconds),
                "last": max(seconds),
            }
        )
    needs: dict[str, int] = {}
    for leaf in booklet.leaves:
        if leaf.shelter is not None and leaf.shelter.id == shelter.id:
            for home in leaf.homes:
                for need in home.needs or ():
                    needs[need] = needs.get(need, 0) + 1
    households = sum(row["households"] for row in rows)
    people = sum(row["people"] for row in rows)
    rows += [
        {"label": leaf.label, "home": home}
        for leaf in booklet.leaves
        if leaf.shelter is not None and leaf.shelter.id == shelter.id
        for home in leaf.homes
        if home.urgent
    ]
    supplies = booklet.more.supplies.get(shelter.id, ())
    taken = 4 + (3 if supplies else 0)
    cuts = cut(len(rows), GROUPS - taken - lost, GROUPS - lost)
    return [
        Page(
            kind="shelter",
            number=number,
            count=len(cuts),
            shelter=shelter,
            rows=rows[start:end],
            more={
                "needs": sorted(needs.items()),
                "households": households,
                "people": people,
                "supplies": [(supply, supply.needed(people)) for supply in supplies],
            },
        )
        for number, (start, end) in enumerate(cuts, start=1)
    ]


def leave_by(clear_by: datetime | None, slowest: float) -> datetime | None:
    """Give the last moment to set out, to the five minutes before it; None means at once."""
    if clear_by is None:
        return None
    latest = clear_by - timedelta(seconds=slowest)
    return latest - timedelta(
        minutes=latest.minute % (_ROUND.seconds // 60),
        seconds=latest.second,
        microseconds=latest.microsecond,
    )
