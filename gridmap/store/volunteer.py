"""Volunteers, calls for them, and their answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gridmap.store import days
from gridmap.store.database import Row, Transaction

_SHOWN = (
    "id, area_code, kind, name, organisation, right(phone, 4) AS phone_end, skills, people, active,"
    " consented_on, left_at, revision"
)


def listing(tx: Transaction, area: str | None, skills: Sequence[str]) -> list[Row]:
    """List volunteers of an area who can do all of this: those who are asked first, by name."""
    return tx.all(
        f"SELECT {_SHOWN} FROM volunteer WHERE (CAST(:area AS text) IS NULL"
        " OR starts_with(area_code, :area)) AND skills @> CAST(:skills AS text[])"
        " ORDER BY active DESC, area_code, name, id LIMIT 2000",
        area=area,
        skills=list(skills),
    )


def add(tx: Transaction, values: Mapping[str, Any]) -> int | None:
    """Write a volunteer down; None if the same one stands there."""
    found = tx.value(
        "INSERT INTO volunteer (area_code, kind, name, organisation, phone, skills, people,"
        " consented_on, created_by) VALUES (:area, :kind, :name, :organisation, :phone, :skills,"
        f" :people, {days.TODAY}, :user_id)"
        " ON CONFLICT DO NOTHING RETURNING id",
        user_id=tx.scope.user_id,
        **values,
    )
    return None if found is None else int(found)


def change(tx: Transaction, volunteer_id: int, seen: int, values: Mapping[str, Any]) -> Row | None:
    """Change what is given of a volunteer; None if somebody was faster or there is none."""
    columns = ("skills", "people", "active", "phone", "organisation")
    names = [name for name in columns if name in values]
    sets = "".join(f"{name} = :{name}, " for name in names)
    if "active" in values:
        sets += "left_at = CASE WHEN :active THEN NULL ELSE coalesce(left_at, now()) END, "
    return tx.maybe(
        f"UPDATE volunteer SET {sets}revision = revision + 1"
        f" WHERE id = :id AND revision = :seen RETURNING {_SHOWN}",
        id=volunteer_id,
        seen=seen,
        **{name: values[name] for name in names},
    )


def bring_in(tx: Transaction, values: Mapping[str, Any]) -> Row:
    """Write down somebody of a file, or bring them up to date.

    Returns
    -------
    Row
        `inserted`, `updated` (0 or 1), `left`: True for one who has left, and is not changed.
    """
    same = (
        "kind = :kind AND organisation IS NOT DISTINCT FROM :organisation AND skills = :skills"
        " AND people = :people AND (CAST(:consented_on AS date) IS NULL"
        "  OR consented_on IS NOT DISTINCT FROM :consented_on)"
    )
    return tx.one(
        "WITH stands AS (SELECT id, active, "
        f"  {same} AS same FROM volunteer WHERE area_code = :area AND name = :name"
        "   AND phone IS NOT DISTINCT FROM :phone),"
        " changed AS (UPDATE volunteer SET kind = :kind, organisation = :organisation,"
        "  skills = :skills, people = :people,"
        "  consented_on = coalesce(:consented_on, consented_on), revision = revision + 1"
        "  WHERE id IN (SELECT id FROM stands WHERE active AND NOT same) RETURNING id),"
        " made AS (INSERT INTO volunteer (area_code, kind, name, organisation, phone, skills,"
        "  people, consented_on, created_by) SELECT :area, :kind, :name, :organisation, :phone,"
        f"  :skills, :people, coalesce(:consented_on, {days.TODAY}), :user_id"
        "  WHERE NOT EXISTS (SELECT 1 FROM stands) RETURNING id)"
        " SELECT (SELECT count(*) FROM made)::int AS inserted,"
        " (SELECT count(*) FROM changed)::int AS updated,"
        " EXISTS (SELECT 1 FROM stands WHERE NOT active) AS left",
        user_id=tx.scope.user_id,
        **values,
    )


def leave(tx: Transaction, volunteer_id: int) -> bool:
    """Note that somebody is not to be asked any more; False if it was so already."""
    return bool(
        tx.execute(
            "UPDATE volunteer SET active = false, left_at = now(), revision = revision + 1"
            " WHERE id = :id AND active",
            id=volunteer_id,
        )
    )


def forget_left(tx: Transaction, keep_days: int) -> list[Row]:
    """Delete those who left so many days ago and are asked in no call; how many of which county."""
    return tx.all(
        "WITH gone AS (DELETE FROM volunteer AS v"
        " WHERE v.left_at < now() - make_interval(days => :days)"
        " AND NOT EXISTS (SELECT 1 FROM volunteer_answer AS a WHERE a.volunteer_id = v.id)"
        " RETURNING v.area_code) SELECT left(area_code, 6) AS county, count(*)::int AS people"
        " FROM gone GROUP BY 1 ORDER BY 1",
        days=keep_days,
    )


def one(tx: Transaction, volunteer_id: int) -> Row | None:
    """Give a volunteer as lists show them."""
    return tx.maybe(f"SELECT {_SHOWN} FROM volunteer WHERE id = :id", id=volunteer_id)


def to_ask(tx: Transaction, area: str, skills: Sequence[str]) -> list[Row]:
    """Give those who are asked in a call, with the whole number they are written to."""
    return tx.all(
        "SELECT id, area_code, name, phone FROM volunteer WHERE active"
        " AND starts_with(area_code, :area) AND skills @> CAST(:skills AS text[]) ORDER BY id",
        area=area,
        skills=list(skills),
    )


def call(  # noqa: PLR0913 - the parts of a call
    tx: Transaction,
    *,
    client_id: UUID,
    area: str,
    incident_id: UUID | None,
    skills: Sequence[str],
    text: str,
    exercise: bool,
    minutes: int,
) -> int | None:
    """Write a call down; give its number, None where it has been made under this id before."""
    found = tx.value(
        "INSERT INTO volunteer_call (client_id, area_code, incident_id, skills, text, exercise,"
        " expires_at, created_by) VALUES (:client_id, :area, :incident_id, :skills, :text,"
        " :exercise, now() + make_interval(mins => :minutes), :user_id)"
        " ON CONFLICT (client_id) DO NOTHING RETURNING id",
        client_id=client_id,
        area=area,
        incident_id=incident_id,
        skills=list(skills),
        text=text,
        exercise=exercise,
        minutes=minutes,
        user_id=tx.scope.user_id,
    )
    return None if found is None else int(found)


def made(tx: Transaction, client_id: UUID) -> Row | None:
    """Give the call that was made under an id, and how many messages were written for it."""
    return tx.maybe(
        "SELECT id, area_code, incident_id, skills, text, exercise, round(extract(epoch FROM"
        " expires_at - created_at) / 60)::int AS minutes, (SELECT count(*)::int FROM message AS m"
        "  WHERE m.about = 'volunteer_call:' || c.id) AS messages"
        " FROM volunteer_call AS c WHERE client_id = :client_id",
        client_id=client_id,
    )


def ask(tx: Transaction, call_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note who is asked, and the digest of each one's link."""
    tx.execute_many(
        "INSERT INTO volunteer_answer (area_code, call_id, volunteer_id, token_hash)"
        " VALUES (:area_code, :call_id, :volunteer_id, :token_hash)",
        [{**row, "call_id": call_id} for row in rows],
    )


_CALL = (
    "SELECT c.id, c.area_code, c.incident_id, i.number AS incident, c.skills, c.text, c.exercise,"
    " c.created_at, c.expires_at, c.expires_at <= now() AS over,"
    " count(a.id)::int AS asked, (count(*) FILTER (WHERE a.state = 'come'))::int AS come,"
    " (count(*) FILTER (WHERE a.state = 'cannot'))::int AS cannot"
    " FROM volunteer_call AS c LEFT JOIN volunteer_answer AS a ON a.call_id = c.id"
    " LEFT JOIN incident AS i ON i.id = c.incident_id"
)


def calls(tx: Transaction, most: int) -> list[Row]:
    """List calls with what was answered, the newest first."""
    return tx.all(f"{_CALL} GROUP BY c.id, i.number ORDER BY c.id DESC LIMIT :most", most=most)


def read_call(tx: Transaction, call_id: int) -> Row | None:
    """Give one call with what was answered."""
    return tx.maybe(f"{_CALL} WHERE c.id = :id GROUP BY c.id, i.number", id=call_id)


def answers(tx: Transaction, call_id: int) -> list[Row]:
    """List who was asked and what they said: who comes first, then who has not answered."""
    return tx.all(
        "SELECT v.id, v.name, v.kind, v.people, right(v.phone, 4) AS phone_end, v.area_code,"
        " a.state, a.answered_at FROM volunteer_answer AS a"
        " JOIN volunteer AS v ON v.id = a.volunteer_id WHERE a.call_id = :id"
        " ORDER BY array_position(ARRAY['come', 'asked', 'cannot'], a.state), a.answered_at,"
        " v.name, v.id",
        id=call_id,
    )


def linked(tx: Transaction, digest: bytes, *, lock: bool = False) -> Row | None:
    """Give the answer a link leads to, with the call and until when it may be given."""
    return tx.maybe(
        "SELECT a.id, a.area_code, a.call_id, a.volunteer_id, v.active, a.state,"
        " a.answered_at, c.text, c.exercise,"
        " c.expires_at, c.expires_at <= now() AS over, ar.name_zh, ar.name_en"
        " FROM volunteer_answer AS a JOIN volunteer_call AS c ON c.id = a.call_id"
        " JOIN volunteer AS v ON v.id = a.volunteer_id"
        " LEFT JOIN area AS ar ON ar.code = left(c.area_code, 12)"
        f" WHERE a.token_hash = :digest{' FOR UPDATE OF a' if lock else ''}",
        digest=digest,
    )


def answer(tx: Transaction, answer_id: int, state: str) -> datetime:
    """Note what was said; it is said once."""
    return datetime.fromisoformat(
        tx.value(
            "UPDATE volunteer_answer SET state = :state, answered_at = now()"
            " WHERE id = :id RETURNING answered_at::text",
            id=answer_id,
            state=state,
        )
    )
