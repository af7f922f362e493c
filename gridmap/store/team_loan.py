"""Teams that one area has asked of another: asked, answered, lent, returned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gridmap.store.database import Row, Transaction

_SHOWN = (
    "SELECT l.id, l.area_code, l.lender_code, l.team_id, l.team_kind, l.team_name, l.team_name_en,"
    " l.team_people, l.incident_id, l.incident_number, l.category, l.level, l.place_zh, l.place_en,"
    " ST_X(l.geom) AS lon, ST_Y(l.geom) AS lat, l.exercise, l.state, l.note, l.asked_by,"
    " l.asked_at, l.asked_until, l.answered_at, l.reason, l.lent_until, l.uncovered, l.ended_at,"
    " l.revision, (l.state = 'asked' AND l.asked_until <= now())"
    "  OR (l.state = 'accepted' AND l.lent_until <= now()) AS over FROM team_loan AS l"
)
# While a real loan lasts the team is away from home; a drill takes nobody's cover away.
AWAY = (
    "EXISTS (SELECT 1 FROM team_loan AS l WHERE l.team_id = r.id AND l.state = 'accepted'"
    " AND NOT l.exercise)"
)


def ask(tx: Transaction, values: Mapping[str, Any]) -> Row | None:
    """Write an asking down; None where this team has been asked for and nothing has come of it.

    Parameters
    ----------
    values
        `area, lender, team, incident, exercise, note, until, place_zh, place_en`.
    """
    return tx.maybe(
        "INSERT INTO team_loan (area_code, lender_code, team_id, team_kind, team_name,"
        " team_name_en, team_people, incident_id, incident_number, category, level, place_zh,"
        " place_en, geom, exercise, note, asked_by, asked_until)"
        " SELECT :area, :lender, r.id, r.kind, r.name, r.name_en, r.people, i.id, i.number,"
        "  i.category, i.level, :place_zh, :place_en, i.geom, :exercise, :note, :user_id, :until"
        " FROM responder AS r, incident AS i WHERE r.id = :team AND i.id = :incident"
        " ON CONFLICT (incident_id, team_id, exercise) WHERE state IN ('asked', 'accepted')"
        " DO NOTHING RETURNING id",
        user_id=tx.scope.user_id,
        **values,
    )


def open_one(tx: Transaction, incident_id: UUID, team_id: int, *, exercise: bool) -> Row | None:
    """Give the asking for a team that has not ended, held until the transaction ends."""
    return tx.maybe(
        f"{_SHOWN} WHERE l.incident_id = :incident AND l.team_id = :team"
        " AND l.exercise = :exercise AND l.state IN ('asked', 'accepted') FOR UPDATE OF l",
        incident=incident_id,
        team=team_id,
        exercise=exercise,
    )


def renew(tx: Transaction, loan_id: int, values: Mapping[str, Any]) -> Row:
    """Let an asking whose time ran out be answered once more; give it as it stands then.

    Parameters
    ----------
    values
        `note, until`, as for `ask`.
    """
    tx.execute(
        "UPDATE team_loan SET asked_until = :until, note = :note, asked_by = :user_id,"
        " uncovered = NULL, revision = revision + 1 WHERE id = :id AND state = 'asked'",
        id=loan_id,
        until=values["until"],
        note=values["note"],
        user_id=tx.scope.user_id,
    )
    return tx.one(f"{_SHOWN} WHERE l.id = :id", id=loan_id)


def read(tx: Transaction, loan_id: int, *, lock: bool = False) -> Row | None:
    """Give one loan as it stands."""
    return tx.maybe(f"{_SHOWN} WHERE l.id = :id{' FOR UPDATE OF l' if lock else ''}", id=loan_id)


def listing(tx: Transaction, incident_id: UUID | None, most: int) -> list[Row]:
    """List loans: what waits for an answer first, then what is lent, then the newest."""
    return tx.all(
        f"{_SHOWN} WHERE CAST(:incident AS uuid) IS NULL OR l.incident_id = :incident"
        " ORDER BY coalesce(array_position(ARRAY['asked', 'accepted'], l.state), 3), l.id DESC"
        " LIMIT :most",
        incident=incident_id,
        most=most,
    )


def lent_elsewhere(tx: Transaction, team_id: int) -> bool:
    """Tell whether a team is away on a real loan."""
    return bool(
        tx.value(
            f"SELECT EXISTS (SELECT 1 FROM responder AS r WHERE r.id = :id AND {AWAY})", id=team_id
        )
    )


def accept(tx: Transaction, loan_id: int, until: datetime, reason: str | None) -> None:
    """Lend what was asked for, until a time."""
    tx.execute(
        "UPDATE team_loan SET state = 'accepted', lent_until = :until, reason = :reason,"
        " answered_at = now(), answered_by = :user_id, revision = revision + 1 WHERE id = :id",
        id=loan_id,
        until=until,
        reason=reason,
        user_id=tx.scope.user_id,
    )


def decline(tx: Transaction, loan_id: int, reason: str) -> None:
    """Say no, and why."""
    tx.execute(
        "UPDATE team_loan SET state = 'declined', reason = :reason, answered_at = now(),"
        " answered_by = :user_id, revision = revision + 1 WHERE id = :id",
        id=loan_id,
        reason=reason,
        user_id=tx.scope.user_id,
    )


def extend(tx: Transaction, loan_id: int, until: datetime) -> None:
    """Let a loan end at another time."""
    tx.execute(
        "UPDATE team_loan SET lent_until = :until, revision = revision + 1 WHERE id = :id",
        id=loan_id,
        until=until,
    )


def end(tx: Transaction, loan_id: int, state: str) -> None:
    """Note that an asking was withdrawn, or a team returned."""
    tx.execute(
        "UPDATE team_loan SET state = :state, ended_at = now(), ended_by = :user_id,"
        " revision = revision + 1 WHERE id = :id",
        id=loan_id,
        state=state,
        user_id=tx.scope.user_id,
    )


def at_work(tx: Transaction, team_id: int, area: str) -> int | None:
    """Give the number of an open incident of an area that a team is still at, or None."""
    found = tx.value(
        "SELECT number FROM incident WHERE responder_id = :team AND starts_with(area_code, :area)"
        " AND state IN ('assigned', 'handling') ORDER BY number LIMIT 1",
        team=team_id,
        area=area,
    )
    return None if found is None else int(found)


def may_be_sent(tx: Transaction, team_id: int, incident_id: UUID) -> bool:
    """Tell whether a team is lent to where an incident is, and its time is not over."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM team_loan AS l JOIN incident AS i ON i.id = :incident"
            f" WHERE l.team_id = :team AND {LENT_HERE})",
            team=team_id,
            incident=incident_id,
        )
    )


# of a loan `l` and an incident `i`: incidents are real, and a drill lends nobody to one
LENT_HERE = (
    "l.state = 'accepted' AND NOT l.exercise AND l.lent_until > now()"
    " AND starts_with(i.area_code, l.area_code)"
)


def drilled(tx: Transaction, team_id: int, incident_id: UUID) -> bool:
    """Tell whether a team is lent to where an incident is for an exercise, and nothing else."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM team_loan AS l JOIN incident AS i ON i.id = :incident"
            " WHERE l.team_id = :team AND l.exercise AND l.state = 'accepted'"
            " AND starts_with(i.area_code, l.area_code))",
            team=team_id,
            incident=incident_id,
        )
    )


def works_at(tx: Transaction, team_id: int, incident_id: UUID) -> str | None:
    """Give the area of an incident that a team is at as one that was lent there, or None."""
    found = tx.value(
        "SELECT i.area_code FROM incident AS i WHERE i.id = :incident AND i.responder_id = :team"
        " AND EXISTS (SELECT 1 FROM team_loan AS l WHERE l.team_id = :team"
        "  AND l.state = 'accepted' AND NOT l.exercise AND starts_with(i.area_code, l.area_code))",
        team=team_id,
        incident=incident_id,
    )
    return None if found is None else str(found)


def keep_uncovered(tx: Transaction, loan_id: int, found: str) -> None:
    """Keep whom the team leaves without cover at home; `found` is JSON."""
    tx.execute(
        "UPDATE team_loan SET uncovered = CAST(:found AS jsonb) WHERE id = :id",
        id=loan_id,
        found=found,
    )


def places(tx: Transaction, codes: list[str]) -> dict[str, tuple[str, str | None]]:
    """Give names of areas by code, county and township before the community."""
    rows = tx.all(
        "SELECT c.code, string_agg(a.name_zh, '' ORDER BY a.code) AS zh,"
        " string_agg(coalesce(a.name_en, a.name_zh), ', ' ORDER BY a.code DESC) AS en"
        " FROM unnest(CAST(:codes AS text[])) AS c(code) JOIN area AS a"
        " ON starts_with(c.code, a.code) GROUP BY c.code",
        codes=codes,
    )
    return {row["code"]: (row["zh"], row["en"]) for row in rows}
