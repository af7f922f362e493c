"""Facts and needs of one household, when each was seen, and the version an edit is based on."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from gridmap.model.household import FACTS
from gridmap.store.database import Row, Transaction

_COLUMNS = ", ".join(f"h.{name}" for name in FACTS)


def read(tx: Transaction, household_id: int, *, lock: bool = False) -> Row | None:
    """Read a household with everything known of it, unmasked; None when it is not here."""
    return tx.maybe(
        f"SELECT h.id, h.area_code, h.version, h.address, h.unit, h.room, h.id_number, {_COLUMNS},"
        " h.placed_by, h.unplaced_reason, h.updated_at, h.building_id,"
        " ST_X(h.geom) AS lon, ST_Y(h.geom) AS lat"
        f" FROM household h WHERE h.id = :id{' FOR UPDATE OF h' if lock else ''}",
        id=household_id,
    )


def needs(tx: Transaction, household_id: int) -> list[Row]:
    """List the needs of a household, with the day each was seen."""
    return tx.all(
        "SELECT n.kind, n.people, n.note, n.source, n.seen_at FROM household_need n"
        " WHERE n.household_id = :id ORDER BY n.kind",
        id=household_id,
    )


def facts(tx: Transaction, household_id: int) -> dict[str, Row]:
    """Give when each fact was last seen, by name; a fact nobody has dated is not there."""
    rows = tx.all(
        "SELECT f.field, f.seen_at, f.source, u.display_name AS seen_by FROM household_fact f"
        " LEFT JOIN app_user u ON u.id = f.user_id WHERE f.household_id = :id",
        id=household_id,
    )
    return {row["field"]: row for row in rows}


def fields(tx: Transaction, area_code: str) -> dict[str, int]:
    """Give the facts that are collected in an area, in order, and the days each stays fresh."""
    rows = tx.all(
        "SELECT name, stale_days FROM (SELECT DISTINCT ON (name) name, stale_days, position"
        " FROM household_field WHERE :code ^@ area_code ORDER BY name, length(area_code) DESC) AS f"
        " ORDER BY position, name",
        code=area_code,
    )
    return {row["name"]: int(row["stale_days"]) for row in rows}


def set_facts(tx: Transaction, household_id: int, values: Mapping[str, Any]) -> int:
    """Store facts and give the version; only what differs makes a new one."""
    chosen = {name: value for name, value in values.items() if name in FACTS}
    if chosen:
        pairs = ", ".join(f"{name} = :{name}" for name in chosen)
        tx.execute(
            f"UPDATE household SET {pairs}, updated_at = now() WHERE id = :household_id",
            household_id=household_id,
            **chosen,
        )
    return int(tx.value("SELECT version FROM household WHERE id = :id", id=household_id))


def next_version(tx: Transaction, household_id: int) -> int:
    """Count a change that is in no column of the household: its needs."""
    return int(
        tx.value(
            "UPDATE household SET version = version + 1, updated_at = now() WHERE id = :id"
            " RETURNING version",
            id=household_id,
        )
    )


def note_seen(  # noqa: PLR0913 - what was seen, when, how
    tx: Transaction,
    household_id: int,
    area_code: str,
    names: Iterable[str],
    *,
    seen_at: datetime,
    source: str,
) -> None:
    """Note that these facts were seen; an older look never replaces a newer one."""
    tx.execute(
        "INSERT INTO household_fact (household_id, area_code, field, seen_at, source, user_id)"
        " SELECT :id, :area_code, field, :seen_at, :source, :user_id"
        " FROM unnest(CAST(:names AS text[])) AS field"
        " ON CONFLICT (household_id, field) DO UPDATE SET seen_at = excluded.seen_at,"
        " source = excluded.source, user_id = excluded.user_id, area_code = excluded.area_code"
        " WHERE household_fact.seen_at <= excluded.seen_at",
        id=household_id,
        area_code=area_code,
        names=sorted(names),
        seen_at=seen_at,
        source=source,
        user_id=tx.scope.user_id,
    )


def put_need(  # noqa: PLR0913 - the parts of a need
    tx: Transaction,
    household_id: int,
    area_code: str,
    kind: str,
    people: int,
    *,
    seen_at: datetime,
    source: str,
) -> bool:
    """Store a need, or remove it with nobody left who has it; True if that changed anything.

    A need somebody has seen since is left as it is.
    """
    if people == 0:
        return bool(
            tx.execute(
                "DELETE FROM household_need WHERE household_id = :id AND kind = :kind"
                " AND seen_at <= :seen_at",
                id=household_id,
                kind=kind,
                seen_at=seen_at,
            )
        )
    before = tx.value(
        "SELECT people FROM household_need WHERE household_id = :id AND kind = :kind",
        id=household_id,
        kind=kind,
    )
    written = tx.execute(
        "INSERT INTO household_need AS n (household_id, area_code, kind, people, source, seen_at)"
        " VALUES (:id, :area_code, :kind, :people, :source, :seen_at)"
        " ON CONFLICT (household_id, kind) DO UPDATE SET people = excluded.people,"
        " source = excluded.source, seen_at = excluded.seen_at WHERE n.seen_at <= excluded.seen_at",
        id=household_id,
        area_code=area_code,
        kind=kind,
        people=people,
        source=source,
        seen_at=seen_at,
    )
    return bool(written) and before != people


def changes(tx: Transaction, household_id: int, limit: int = 50) -> list[Row]:
    """List what was done about a household, the newest first, without a word about people."""
    return tx.all(
        "SELECT e.seq, e.at, e.kind, e.payload, u.display_name AS by FROM event e"
        " LEFT JOIN app_user u ON u.id = e.user_id"
        " WHERE e.subject = 'household' AND e.subject_id = :id"
        " AND e.kind IN ('household.changed', 'household.placed')"
        " ORDER BY e.seq DESC LIMIT :limit",
        id=str(household_id),
        limit=limit,
    )


def changed_since(tx: Transaction, household_id: int, version: int) -> list[str]:
    """Name the facts that were changed after a version, as far as the trail tells."""
    rows = tx.all(
        "SELECT DISTINCT jsonb_array_elements_text(e.payload -> 'fields') AS field FROM event e"
        " WHERE e.subject = 'household' AND e.subject_id = :id AND e.kind = 'household.changed'"
        " AND (e.payload ->> 'version')::int > :version ORDER BY 1",
        id=str(household_id),
        version=version,
    )
    return [row["field"] for row in rows]


def of_name(  # noqa: PLR0913 - what is looked for
    tx: Transaction,
    plan_id: int,
    *,
    name: str,
    grid: str | None,
    minors: Iterable[str],
    english: bool,
    limit: int,
) -> list[Row]:
    """Find the households of a plan by the name of who heads them, with where they are."""
    shelter = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        "SELECT c.household_id, c.area_code, c.state, c.state_at, c.people, c.home_at,"
        f" h.householder, h.address, a.place, {shelter} AS shelter, EXISTS (SELECT 1"
        "  FROM household_need AS n WHERE n.household_id = h.id"
        "  AND n.kind = ANY(CAST(:minors AS text[]))) AS minors"
        " FROM call_out AS c JOIN household AS h ON h.id = c.household_id"
        " LEFT JOIN LATERAL (SELECT r.place, r.shelter_id FROM arrival AS r"
        "  WHERE r.call_out_id = c.id ORDER BY r.at DESC, r.id DESC LIMIT 1) AS a ON true"
        " LEFT JOIN facility AS f ON f.id = a.shelter_id"
        " WHERE c.plan_id = :plan AND strpos(h.householder, :name) > 0"
        " AND (CAST(:grid AS text) IS NULL OR c.area_code ^@ :grid)"
        " ORDER BY h.householder, c.id LIMIT :limit",
        plan=plan_id,
        name=name.strip(),
        grid=grid,
        minors=list(minors),
        limit=limit,
    )
