"""Whistles: who is called where, who has answered, and what silence has climbed to."""

from collections.abc import Sequence

from gridmap.store.database import Row, Transaction

_WHISTLE = (
    "SELECT w.*, ST_X(w.geom) AS lon, ST_Y(w.geom) AS lat, u.display_name AS blown_by_name"
    " FROM whistle AS w"
    " LEFT JOIN app_user AS u ON u.id = w.blown_by"
)
_CALL = (
    "SELECT c.*, t.name AS team, t.name_en AS team_en, a.display_name AS answered_by_name,"
    " w.state AS whistle_state, w.destroyed_at, w.exercise, w.blown_by, w.response_id"
    " FROM whistle_call AS c"
    " JOIN whistle AS w ON w.id = c.whistle_id JOIN responder AS t ON t.id = c.team_id"
    " LEFT JOIN app_user AS a ON a.id = c.answered_by"
)


def insert(  # noqa: PLR0913 - the parts of a whistle
    tx: Transaction,
    *,
    area_code: str,
    response_id: int | None,
    matter: str,
    place: str,
    exercise: bool,
    minutes: int,
    tier: str,
    teams: Sequence[int],
    point: tuple[float, float] | None = None,
) -> int:
    """Insert a whistle with a call for each team; give its id."""
    found = int(
        tx.value(
            "INSERT INTO whistle (area_code, response_id, matter, place, exercise, minutes,"
            " blown_by, geom) VALUES (:area_code, :response, :matter, :place, :exercise, :minutes,"
            " :user, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) RETURNING id",
            lon=point and point[0],
            lat=point and point[1],
            area_code=area_code,
            response=response_id,
            matter=matter,
            place=place,
            exercise=exercise,
            minutes=minutes,
            user=tx.scope.user_id,
        )
    )
    tx.execute(
        "INSERT INTO whistle_call (whistle_id, area_code, team_id, tier, due_at)"
        " SELECT :id, :area_code, team, :tier, now() + make_interval(mins => :minutes)"
        " FROM unnest(CAST(:teams AS bigint[])) AS team",
        id=found,
        area_code=area_code,
        teams=list(teams),
        tier=tier,
        minutes=minutes,
    )
    return found


def inside(tx: Transaction, area_code: str, point: tuple[float, float]) -> bool:
    """Tell whether a point lies in the county of an area."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM area WHERE code = left(:code, 6)"
            " AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)))",
            code=area_code,
            lon=point[0],
            lat=point[1],
        )
    )


def listing(tx: Transaction, response_id: int | None = None, limit: int = 100) -> list[Row]:
    """List whistles, those of a response or the newest of all, the open ones first."""
    return tx.all(
        f"{_WHISTLE} WHERE CAST(:response AS bigint) IS NULL OR w.response_id = :response"
        " ORDER BY w.state = 'closed', w.blown_at DESC, w.id DESC LIMIT :limit",
        response=response_id,
        limit=limit,
    )


def calls(tx: Transaction, whistle_ids: Sequence[int]) -> list[Row]:
    """List the calls of whistles in the order in which they were made; no order of merit."""
    return tx.all(
        f"{_CALL} WHERE c.whistle_id = ANY(:ids) ORDER BY c.whistle_id, c.id",
        ids=list(whistle_ids),
    )


def lock(tx: Transaction, whistle_id: int) -> Row | None:
    """Give a whistle, held until the transaction ends; None where it cannot be changed."""
    return tx.maybe("SELECT * FROM whistle WHERE id = :id FOR UPDATE", id=whistle_id)


def lock_call(tx: Transaction, call_id: int) -> Row | None:
    """Give a call with its whistle, held until the transaction ends."""
    return tx.maybe(f"{_CALL} WHERE c.id = :id FOR UPDATE OF c", id=call_id)


def answer(tx: Transaction, call_id: int, state: str, reason: str) -> None:
    """Note what a team has answered; the first answer keeps its time."""
    tx.execute(
        "UPDATE whistle_call SET state = :state, reason = :reason, answered_by = :user,"
        " answered_at = coalesce(answered_at, now()),"
        " arrived_at = CASE WHEN :state = 'arrived' THEN now() END WHERE id = :id",
        id=call_id,
        state=state,
        reason=reason,
        user=tx.scope.user_id,
    )


def evaluate(tx: Transaction, call_id: int, result: str, words: str) -> None:
    """Note what came of it, in the words of who called."""
    tx.execute(
        "UPDATE whistle_call SET result = :result, words = :words WHERE id = :id",
        id=call_id,
        result=result,
        words=words,
    )


def close(tx: Transaction, whistle_id: int) -> None:
    """End a whistle."""
    tx.execute(
        "UPDATE whistle SET state = 'closed', closed_at = now() WHERE id = :id", id=whistle_id
    )


def close_all(tx: Transaction, response_id: int) -> int:
    """End the whistles of a response that has ended; give how many were open."""
    return tx.execute(
        "UPDATE whistle SET state = 'closed', closed_at = now()"
        " WHERE response_id = :id AND state = 'blown'",
        id=response_id,
    )


def overdue(tx: Transaction, limit: int = 200) -> list[Row]:
    """Let calls that nobody answered climb to the next tier; give them.

    At the county's tier they ring there once more each time they run out again. Those of a
    response that has ended, and those whose words were destroyed, are over.
    """
    return tx.all(
        "WITH late AS (SELECT c.id, w.minutes FROM whistle_call AS c JOIN whistle AS w"
        "  ON w.id = c.whistle_id AND w.state = 'blown' AND w.destroyed_at IS NULL"
        "  LEFT JOIN response AS r ON r.id = w.response_id WHERE c.state = 'called'"
        "  AND r.state IS DISTINCT FROM 'ended'"
        "  AND c.due_at < now() ORDER BY c.due_at LIMIT :limit FOR UPDATE OF c SKIP LOCKED)"
        " UPDATE whistle_call AS c SET tier = CASE c.tier WHEN 'village' THEN 'township'"
        "   ELSE 'county' END, due_at = now() + make_interval(mins => late.minutes),"
        "  escalations = least(c.escalations + 1, 1000)"
        " FROM late WHERE c.id = late.id"
        " RETURNING c.id, c.whistle_id, c.area_code, c.tier, c.team_id,"
        " (SELECT w.exercise FROM whistle AS w WHERE w.id = c.whistle_id) AS exercise,"
        " (SELECT w.response_id FROM whistle AS w WHERE w.id = c.whistle_id) AS response_id",
        limit=limit,
    )
