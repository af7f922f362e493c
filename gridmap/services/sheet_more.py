"""What a booklet says beside its sheets, read in the same look at the database."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from shapely.geometry import shape

from gridmap.model import plan_options
from gridmap.model.sheet_more import Change, More, Post, Stop, Supply, Version
from gridmap.store import plan_part, sheet, sheet_more, shelter_status
from gridmap.store.database import Row, Transaction

_OF_NEEDS = frozenset({"unsuitable", "with_group"})


class Reader(Protocol):
    """For whom a booklet is made."""

    @property
    def language(self) -> str:
        """Give the language of the sheets."""

    @property
    def names_in(self) -> tuple[str, ...]:
        """Give the areas whose people's names and telephones they may know."""

    @property
    def needs_in(self) -> tuple[str, ...]:
        """Give the areas whose people's needs they may know."""


def more(tx: Transaction, head: Row, codes: Sequence[str], asked: Reader) -> More:
    """Read what stands in a whole booklet; who is fetched only where needs may be known."""
    english, needs_in = asked.language == "en", asked.needs_in
    plan_id, code = int(head["id"]), str(head["area_code"])
    parts = plan_part.read(tx, plan_id)
    parts = with_houses(tx, in_english(tx, parts) if english else parts)
    options = plan_options.read(head["options"]).kept()
    return More(
        options=options,
        without=tuple(sheet_more.names(tx, options["without"], english)),
        supplies=_supplies(tx, plan_id),
        posts=tuple(_post(row, asked.names_in) for row in sheet_more.posts(tx, code, list(codes))),
        versions=tuple(
            _version(row) for row in sheet_more.versions(tx, int(head["hazard_id"]), plan_id)
        ),
        changes=tuple(_change(row, needs_in) for row in plan_part.changes(tx, plan_id, english)),
        stops=tuple(
            _stop(row, parts)
            for row in plan_part.stops(tx, plan_id, english, phones=True)
            if any(row["area_code"].startswith(own) for own in needs_in)
        ),
        parts=parts,
        named={
            "zh_CN": _named(tx, head, english=False),
            "en": _named(tx, head, english=True),
        },
    )


def with_houses(tx: Transaction, parts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Name the house beside what has no name, `near`: streets that are too narrow or cut."""
    rows = [
        row
        for row in (
            *parts.get("cuts", {}).get("cuts", ()),
            *parts.get("clearance", {}).get("links", ()),
        )
        if not row.get("names") and not row.get("name")
        if (row.get("geometry") or {}).get("coordinates")
    ]
    spots = [shape(row["geometry"]).representative_point() for row in rows]
    near = sheet.beside(tx, [spot.x for spot in spots], [spot.y for spot in spots])
    for row, house in zip(rows, near, strict=True):
        row["near"] = house
    return parts


def in_english(tx: Transaction, found: Any) -> Any:
    """Call the facilities in what was computed by their English names, where they have some."""
    names = sheet_more.english_names(tx, sorted(set(_texts(found))))
    return _renamed(found, names)


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for value in found.values():
            yield from _texts(value)
    elif isinstance(found, list):
        for value in found:
            yield from _texts(value)


def _renamed(found: Any, names: Mapping[str, str]) -> Any:
    if isinstance(found, str):
        return names.get(found, found)
    if isinstance(found, Mapping):
        return {key: _renamed(value, names) for key, value in found.items()}
    if isinstance(found, list):
        return [_renamed(value, names) for value in found]
    return found


def _supplies(tx: Transaction, plan_id: int) -> dict[int, tuple[Supply, ...]]:
    """Give by shelter what people in it need, by the rules of where it is."""
    found = sheet.shelters(tx, plan_id, english=False)
    rules = shelter_status.supply_rules(tx, (row["area_code"] for row in found))
    return {
        int(row["id"]): tuple(
            Supply(**{name: rule[name] for name in ("kind", "amount", "per", "unit", "source")})
            for rule in rules[row["area_code"]]
        )
        for row in found
    }


def _named(tx: Transaction, head: Row, *, english: bool) -> dict[str, Any]:
    return {
        "hazard": sheet_more.hazard_name(tx, int(head["hazard_id"]), english),
        "place": sheet.place(tx, str(head["area_code"]), english),
        "shelters": [row["name"] for row in sheet.shelters(tx, int(head["id"]), english)],
    }


def label(code: str) -> str:
    """Give the short name of a grid."""
    return f"{code[9:12]}-{code[12:15]}" if len(code) == 15 else code


def _post(row: Row, names_in: Sequence[str]) -> Post:
    known = row["public"] or any(row["code"].startswith(own) for own in names_in)
    return Post(row["code"], row["name"], row["phone"] if known else None)


def _version(row: Row) -> Version:
    return Version(
        number=f"P-{row['hazard_id']}-{row['version']}",
        state=row["state"],
        drafted_at=row["drafted_at"],
        drafted_by=row["drafted_by"],
        approved_at=row["approved_at"],
        approved_by=row["approved_by"],
        replans=None if row["replans"] is None else f"P-{row['replans']}",
        reason=row["approval_reason"] or row["rejection_reason"],
        check=row["check_hash"][:12].upper(),
    )


def _change(row: Row, needs_in: Sequence[str]) -> Change:
    # some reasons tell of a need
    known = any(row["grid"].startswith(own) for own in needs_in)
    plain = known or row["why"] not in _OF_NEEDS
    return Change(
        grid=label(row["grid"]),
        address=row["address"],
        people=row["people"],
        before=row["before"],
        after=row["after"],
        why=row["why"] if plain else "other",
        told=row["told"],
    )


def _stop(row: Row, parts: dict[str, dict[str, Any]]) -> Stop:
    names = parts.get("tours", {}).get("vehicles", {})
    number = row["vehicle"]
    return Stop(
        grid=label(row["area_code"]),
        address=row["address"],
        people=row["people"],
        shelter=row["shelter"],
        vehicle=None if number is None else names.get(str(number), str(number)),
        tour=row["tour"],
        position=row["position"],
        seconds=row["arrives_seconds"],
        load=row["load"],
        reason=row["reason"],
        point=row["point"],
        phone=row["phone"],
    )
