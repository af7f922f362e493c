"""Plan templates as data: what a county starts with, what holds, and what a version changed."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.plan_template import GENERAL, STANDS_FOR, area_type_of, key_of
from gridmap.model.plan_template_seeds import Seed, seeds
from gridmap.model.problem import not_found
from gridmap.services import versions
from gridmap.services.access import Viewer
from gridmap.store import after_action, area, event, user_area
from gridmap.store import plan_templates as rows
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.versioned import recorded

_ENGLISH = "en"
_EVENT = "plan_template.changed"
_SAID = ("hazard_kind", "area_type", "name_zh", "name_en", "content", "source")


def start(tx: Transaction, county_code: str) -> list[str]:
    """Give a county the templates it lacks, and the last wording of those nobody has edited.

    What people have written, brought in from a file or retired is never undone.

    Returns
    -------
    list of str
        The keys that got a version.
    """
    last = {row["key"]: row for row in rows.newest(tx) if row["area_code"] == county_code}
    own = recorded(tx, _EVENT, county_code)
    made = []
    for seed in seeds():
        row = last.get(seed.key)
        if row is not None and (_of_people(row, own) or said(row) == _said_by(seed)):
            continue
        version = 1 if row is None else row["version"] + 1
        written = _said_by(seed)
        if rows.insert(tx, area_code=county_code, key=seed.key, version=version, said=written):
            made.append(seed.key)
    return made


def _of_people(row: Row, own: set[tuple[str, int]]) -> bool:
    return row["created_by"] is not None or (row["key"], row["version"]) in own


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
            _record(tx, code, key, {})


def _record(tx: Transaction, area_code: str, key: str, more: Mapping[str, Any]) -> None:
    event.record(
        tx,
        "plan_template.changed",
        area_code=area_code,
        subject_id=key,
        payload={"template": key, **more},
    )


KIND = versions.Kind(
    noun="plan template",
    short="template",
    right=Permission.PLAN_APPROVE,
    same="the template says so already",
    rows=rows,
    record=_record,
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


def holding(
    database: Database, viewer: Viewer, hazard_kind: str, area_code: str, language: str
) -> dict[str, Any]:
    """Give which template a response of a kind would go by in an area, with tasks by level.

    Raises
    ------
    Problem
        404 where there is none.
    """
    with database.transaction(viewer.scope(Permission.PLAN_VIEW)) as tx:
        row = in_force(tx, hazard_kind, area_code[:12])
    if row is None:
        raise not_found(f"plan template {hazard_kind}")
    actions = row["content"]["actions"]
    return {
        "key": row["key"],
        "area": row["area_code"],
        "version": row["version"],
        "name": row["name_en"] if language == _ENGLISH else row["name_zh"],
        "tasks": {
            str(level): sum(not one["levels"] or level in one["levels"] for one in actions)
            for level in (1, 2, 3, 4)
        },
    }


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
        found = versions.listing(tx, KIND, order, within, english=language == _ENGLISH)
    return [{**plain(row, language), **more} for row, more in found]


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
        As `plain`, with what `versions.history` says, the `lessons` it came of, and `changes`
        (since the version before).

    Raises
    ------
    Problem
        404 for an area or a template that is not there.
    """
    with database.transaction(scope) as tx:
        found = versions.history(tx, KIND, key, area_code)
        learnt: dict[int, list[dict[str, Any]]] = {}
        for row in after_action.of_template(tx, area_code, key):
            said_there = {name: row[name] for name in ("id", "text", "matter")}
            said_there["response"] = row["response_id"]
            learnt.setdefault(row["template_version"], []).append(said_there)
    before = [said(row) for row, _more in found[1:]]
    return [
        {
            **plain(row, language),
            **more,
            "lessons": learnt.get(row["version"], []),
            "changes": [] if old is None else list(changes(old, said(row))),
        }
        for (row, more), old in zip(found, [*before, None], strict=True)
    ]


def compare(
    database: Database, scope: Scope, key: str, area_code: str, older: int, newer: int
) -> list[dict[str, Any]]:
    """Say what one version of an area's template says otherwise than another, as `changes` does.

    Raises
    ------
    Problem
        404 for a version that is not there.
    """
    with database.transaction(scope) as tx:
        found = {row["version"]: row for row in rows.versions(tx, key, area_code)}
    for number in (older, newer):
        if number not in found:
            raise not_found(f"version {number}")
    return list(changes(said(found[older]), said(found[newer])))


def printed(
    database: Database, scope: Scope, key: str, area_code: str, version: int, language: str
) -> dict[str, Any]:
    """Give one version as it is printed: what it says, whose it is, its state and lessons.

    Raises
    ------
    Problem
        404 for a version that is not there.
    """
    found = history(database, scope, key, area_code, language)
    one = next((each for each in found if each["version"] == version), None)
    if one is None:
        raise not_found(f"version {version}")
    with database.transaction(scope) as tx:
        names = user_area.names(tx, {area_code}, language == _ENGLISH)
    return {**one, "area_name": names.get(area_code)}


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
