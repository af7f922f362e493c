"""Plan templates as data: what a county starts with, what holds, and what a version changed."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.plan_template import GENERAL, STANDS_FOR, area_type_of, key_of
from gridmap.model.plan_template_seeds import Seed, seeds
from gridmap.model.problem import not_found
from gridmap.services.access import Viewer
from gridmap.store import area, event, user_area
from gridmap.store import plan_templates as rows
from gridmap.store.database import Database, Row, Transaction

_ENGLISH = "en"
_SAID = ("hazard_kind", "area_type", "name_zh", "name_en", "content", "source")


def start(tx: Transaction, county_code: str) -> list[str]:
    """Give a county the templates it lacks, and the last wording of those nobody has edited.

    What people have written or retired is never undone.

    Returns
    -------
    list of str
        The keys that got a version.
    """
    last = {row["key"]: row for row in rows.newest(tx) if row["area_code"] == county_code}
    made = []
    for seed in seeds():
        row = last.get(seed.key)
        if row is not None and (row["created_by"] is not None or said(row) == _said_by(seed)):
            continue
        version = 1 if row is None else row["version"] + 1
        written = _said_by(seed)
        if rows.insert(tx, area_code=county_code, key=seed.key, version=version, said=written):
            made.append(seed.key)
    return made


def _said_by(seed: Seed) -> dict[str, Any]:
    return {
        "hazard_kind": seed.hazard_kind,
        "area_type": seed.area_type,
        "name_zh": seed.name_zh,
        "name_en": seed.name_en,
        "content": seed.content.model_dump(),
        "source": seed.source,
    }


def start_all(database: Database, scope: Scope) -> None:
    """Bring the templates of every county in scope up to this release."""
    with database.transaction(scope) as tx:
        changed = [(code, key) for code in area.counties(tx) for key in start(tx, code)]
        for code, key in changed:
            event.record(
                tx,
                "plan_template.changed",
                area_code=code,
                subject_id=key,
                payload={"template": key},
            )


def said(row: Row) -> dict[str, Any]:
    """Give what a version says, without its number and day."""
    return {name: row[name] for name in _SAID}


def choices(database: Database, viewer: Viewer) -> dict[str, Any]:
    """Give what a form of a template chooses from: the places whose templates one may edit."""
    with database.transaction(viewer.scope(Permission.PLAN_APPROVE)) as tx:
        return {"places": [dict(row) for row in user_area.places(tx, None)]}


def in_force(tx: Transaction, hazard_kind: str, area_code: str) -> Row | None:
    """Give the template for a kind of hazard in an area, else one near it; None for neither."""
    area_type = area_type_of(area_code)
    for kind in (hazard_kind, STANDS_FOR.get(hazard_kind, GENERAL), GENERAL):
        found = rows.in_force(tx, key_of(kind, area_type), area_code)
        if found is not None:
            return found
    return None


def listing(
    database: Database, scope: Scope, language: str, within: str = ""
) -> list[dict[str, Any]]:
    """List the templates that hold today, each with the version that will follow it.

    Parameters
    ----------
    within
        Area whose own templates, and those above and below it, are listed; empty for all.
    """
    order = {seed.key: number for number, seed in enumerate(seeds())}
    with database.transaction(scope) as tx:
        found = [row for row in rows.listing(tx) if _meet(row["area_code"], within)]
        found.sort(key=lambda row: (order.get(row["key"], len(order)), row["key"]))
        last = {(row["area_code"], row["key"]): row for row in rows.newest(tx)}
        codes = {row["area_code"] for row in found}
        names = user_area.names(tx, codes, language == _ENGLISH)
    return [
        {
            **plain(row, language),
            "area_name": names.get(row["area_code"]),
            "next": _next(row, last[row["area_code"], row["key"]]),
        }
        for row in found
    ]


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _next(row: Row, last: Row) -> dict[str, Any] | None:
    if last["version"] == row["version"]:
        return None
    return {
        "version": last["version"],
        "valid_from": last["valid_from"].isoformat(),
        "retired": last["retired"],
    }


def plain(row: Row, language: str) -> dict[str, Any]:
    """Give a version as programs and pages read it."""
    return {
        "key": row["key"],
        "version": row["version"],
        "area": row["area_code"],
        "name": row["name_en"] if language == _ENGLISH else row["name_zh"],
        **said(row),
        "valid_from": row["valid_from"].isoformat(),
    }


def history(
    database: Database, scope: Scope, key: str, area_code: str, language: str
) -> list[dict[str, Any]]:
    """List every version of an area's template, the newest first.

    Returns
    -------
    list of dict
        As `plain`, with `retired`, `person`, `created_at`, `changes` (since the version before)
        and `state`: in_force, waiting, past, retired, or never.

    Raises
    ------
    Problem
        404 for an area or a template that is not there.
    """
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        found = rows.versions(tx, key, area_code)
        now = rows.today(tx)
    if not found:
        raise not_found(f"plan template {key}")
    states = _states(found, now)
    return [
        {
            **plain(row, language),
            "retired": row["retired"],
            "person": row["by"],
            "created_at": row["created_at"].isoformat(),
            "state": state,
            "changes": [] if before is None else list(changes(said(before), said(row))),
        }
        for row, before, state in zip(found, [*found[1:], None], states, strict=True)
    ]


def _states(newest_first: Iterable[Row], now: date) -> list[str]:
    """Say of each version whether it holds; the highest that has begun does."""
    found = []
    later: date | None = None  # first day of any later version
    held = False
    for row in newest_first:
        begins = row["valid_from"]
        if later is not None and later <= begins:
            state = "never"
        elif begins > now:
            state = "waiting"
        elif held:
            state = "past"
        else:
            state = "retired" if row["retired"] else "in_force"
        held = held or begins <= now
        later = begins if later is None else min(later, begins)
        found.append(state)
    return found


def changes(before: Any, after: Any, place: str = "") -> Iterator[dict[str, Any]]:
    """Say what another version says otherwise: place, what was and what is, None for nothing.

    Parts of a list are told apart by their keys where they have them, else by their place.
    """
    if before == after:
        return
    one, other = _parts(before), _parts(after)
    if one is None or other is None:
        yield {"place": place, "was": _short(before), "is": _short(after)}
        return
    for name in [*one, *(name for name in other if name not in one)]:
        inner = f"{place}.{name}" if place else str(name)
        yield from changes(one.get(name), other.get(name), inner)


def _parts(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return {str(each.get("key", number + 1)): each for number, each in enumerate(value)}
    return None


def _short(value: Any) -> Any:
    """Give a whole part as the words by which people know it."""
    if isinstance(value, dict):
        return value.get("zh") or value.get("role") or value
    if isinstance(value, list):
        return [_short(each) for each in value]
    return value
