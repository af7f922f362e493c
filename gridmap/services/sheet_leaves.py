"""The sheets of a plan: one for each grid and shelter, its households in the order of the walk."""

import re
from collections.abc import Sequence
from typing import Protocol

from shapely import from_wkb
from shapely.geometry.base import BaseGeometry

from gridmap.model.sheet import Home, Leaf, Shelter, Short, Turn, Way
from gridmap.services.masking import mask_name
from gridmap.services.sheet_ground import shape_of
from gridmap.store import sheet
from gridmap.store.database import Row, Transaction

_DIGITS = re.compile(r"(\d+)")
_FEW = 3  # of so few households the need of one can be told by whoever knows the place
_PLAIN_REASON = {"no_accessible_shelter": "no_shelter"}


class Reader(Protocol):
    """Which sheets are wanted, and what their reader may know."""

    @property
    def plan_id(self) -> int:
        """Give the plan."""

    @property
    def grid(self) -> str | None:
        """Give the one grid; None for all."""

    @property
    def names_in(self) -> tuple[str, ...]:
        """Give the areas whose people's names they may know."""

    @property
    def needs_in(self) -> tuple[str, ...]:
        """Give the areas whose people's needs they may know."""


def inside(code: str, areas: Sequence[str]) -> bool:
    """Tell whether an area lies in one of some areas."""
    return any(code.startswith(area) for area in areas)


def _home(row: Row, asked: Reader) -> Home:
    needs = inside(row["area_code"], asked.needs_in)
    names = inside(row["area_code"], asked.names_in)
    return Home(
        id=row["id"],
        address=row["address"],
        householder=row["householder"] if names else mask_name(row["householder"]),
        phone=row["phone"] if needs else None,
        people=row["people"],
        needs=tuple(row["needs"]) if needs else None,
        # whoever may not know of needs must not read them off the order of the rows, the wave,
        # the reason to stay or the point either: who is fetched at home has none
        urgent=bool(row["with_needs"]) and needs,
        wave=row["wave"] if needs else None,
        seconds=row["seconds"],
        reason=row["reason"] if needs else _PLAIN_REASON.get(row["reason"], row["reason"]),
        short=None
        if row["short_beds"] is None
        else Short(row["short"] or "", row["short_beds"], row["short_room"]),
        point=row["assembly"] if needs else None,
        travel=row["travel"] if needs else None,
        departs=row["departs_seconds"] if needs else None,
    )


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Order addresses as people do: house 2 before house 10."""
    return [
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in _DIGITS.split(text)
        if part
    ]


def _place(home: Home) -> tuple[list[tuple[int, int, str]], int]:
    return _natural(home.address), home.id


def leaves_of(
    tx: Transaction,
    asked: Reader,
    homes: Sequence[Row],
    shelters: dict[int, Shelter],
    areas: dict[str, Row],
) -> tuple[Leaf, ...]:
    """Make the sheets, those of one grid the largest first, those without a place last.

    Rows stand in the order of the calls: who leaves first, then needs, then the address.
    """
    ways = {(row["area_code"], row["shelter_id"]): row for row in sheet.ways(tx, asked.plan_id)}
    lines = {
        (row["area_code"], row["shelter_id"]): from_wkb(bytes(row["wkb"]))
        for row in sheet.lines(tx, asked.plan_id, asked.grid)
    }
    groups: dict[str, dict[int | None, list[Home]]] = {}
    read: dict[tuple[str, int | None], list[Row]] = {}
    second: dict[tuple[str, int | None], list[str]] = {}
    for row in homes:
        code = row["area_code"]
        read.setdefault((code, row["shelter_id"]), []).append(row)
        if row["second"] is not None:
            second.setdefault((code, row["shelter_id"]), []).append(row["second"])
        groups.setdefault(code, {}).setdefault(row["shelter_id"], []).append(_home(row, asked))
    made = []
    for code, by_shelter in groups.items():
        # the largest group first, those without a place at the end
        order = sorted(by_shelter, key=lambda one: (one is None, -len(by_shelter[one]), one or 0))
        for part, shelter_id in enumerate(order, start=1):
            rows = sorted(
                by_shelter[shelter_id],
                key=lambda home: (home.departs or 0.0, not home.urgent, *_place(home)),
            )
            key = (code, shelter_id)
            tells = inside(code, asked.needs_in) or len(rows) >= _FEW
            made.append(
                Leaf(
                    grid=code,
                    label=f"{code[9:12]}-{code[12:15]}" if len(code) == 15 else code,
                    place=areas[code]["place"] or "",
                    member=areas[code]["member"],
                    outline=shape_of(areas[code]["wkb"]),
                    shelter=None if shelter_id is None else shelters[shelter_id],
                    way=way_of(ways[key], lines.get(key)) if key in ways else None,
                    homes=tuple(rows),
                    part=part,
                    parts=len(order),
                    grid_households=sum(len(each) for each in by_shelter.values()),
                    second=_most(second.get(key, [])),
                    meets=_meets(read[key]) if tells else (),
                    departs=_departs(read[key]) if tells else None,
                    phone=_phone(areas[code], inside(code, asked.names_in)),
                )
            )
    return tuple(made)


def _phone(area: Row, names: bool) -> str | None:
    """Give whom to call: who looks after the grid where that may be known, else the office."""
    own = area["own_phone"] if names else area["public_phone"]
    found = own or area["office_phone"]
    return None if found is None else str(found)


def _meets(rows: Sequence[Row]) -> tuple[tuple[int, int, int], ...]:
    """Sum up who meets where: number, households, people; the most people first."""
    found: dict[int, list[int]] = {}
    for row in rows:
        if row["assembly"] is not None:
            count = found.setdefault(int(row["assembly"]), [0, 0])
            count[0] += 1
            count[1] += row["people"]
    order = sorted(found.items(), key=lambda one: (-one[1][1], one[0]))
    return tuple((number, homes, people) for number, (homes, people) in order)


def _departs(rows: Sequence[Row]) -> float | None:
    """Give when the first of them sets out, in seconds after the order."""
    return min(
        (float(row["departs_seconds"]) for row in rows if row["departs_seconds"] is not None),
        default=None,
    )


def _most(names: Sequence[str]) -> str | None:
    """Give the name that comes most often, of equals the first in order."""
    return max(sorted(set(names)), key=names.count, default=None)


def way_of(row: Row, lines: BaseGeometry | None) -> Way:
    """Make the main way of a sheet."""
    return Way(
        turns=tuple(
            Turn(
                turn=step["turn"],
                name=step["name"],
                highway=step["highway"],
                bearing=step["bearing"],
                metres=step["metres"],
                lon=step["lon"],
                lat=step["lat"],
            )
            for step in row["steps"]
        ),
        line=from_wkb(bytes(row["wkb"])),
        seconds=row["seconds"],
        metres=row["metres"],
        address=row["address"],
        others=() if lines is None else (lines,),
        drive_seconds=row["drive_seconds"],
        drive_metres=row["drive_metres"],
    )
