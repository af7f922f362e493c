"""Incidents as a layer and one by one: what is known, who has it, until when, what may be done."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from gridmap.model.access import Permission
from gridmap.model.incident import STEPS
from gridmap.store import days
from gridmap.store.database import Row, Transaction
from gridmap.store.view.emergency import OPEN_STATES
from gridmap.store.view.feature import Source

TABLES = ("incident", "incident_photo", "responder")
_NEAR_METRES = 150
_MOST_NEAR = 5

# who may take a step, as SQL: the twin of `gridmap.model.incident.Standing`
_DISPATCHES = "i.area_code ^@ ANY(CAST(:dispatch_in AS text[]))"
_HANDLES = (
    "(i.area_code ^@ ANY(CAST(:handle_in AS text[])) AND"
    f" ({_DISPATCHES} OR i.responder_id = CAST(:team AS bigint)))"
)
_NEEDS = {
    Permission.INCIDENT_DISPATCH: "dispatch",
    Permission.INCIDENT_HANDLE: "handle",
    None: "own",
}
_STEPS = ", ".join(
    f"({place}, '{step.verb}', '{step.before}', '{_NEEDS[step.needs]}')"
    for place, step in enumerate(STEPS)
)
_ACTIONS = (
    "(SELECT coalesce(json_agg(verb ORDER BY place), '[]') FROM (SELECT step.verb,"
    f" min(step.place) AS place FROM (VALUES {_STEPS}) AS step(place, verb, state, needs)"
    f" WHERE step.state = i.state AND CASE step.needs WHEN 'dispatch' THEN {_DISPATCHES}"
    f" WHEN 'handle' THEN coalesce({_HANDLES}, false) ELSE coalesce(i.reported_by = :me, false)"
    " END GROUP BY step.verb) AS can)"
)


# the grid around an incident on a day: `grid_code` is the one when it was reported
_AROUND = (
    "t.kind = 'comprehensive' AND t.valid_from <= :day"
    " AND (t.valid_to IS NULL OR t.valid_to > :day) AND t.geom && i.geom"
    " AND ST_Intersects(t.geom, i.geom)"
)
_THEN = f"(SELECT t.code FROM grid AS t WHERE {_AROUND} ORDER BY t.code LIMIT 1)"
_GRID_DIGITS = 15


def source(  # noqa: PLR0913 - what a list may be asked for
    english: bool,
    state: str | None,
    *,
    chosen: bool = False,
    dated: bool = False,
    area: str | None = None,
    until: bool = False,
    newest: bool = False,
) -> Source:
    """Give incidents: all, the open ones, those in one state (``:state``) or with some ``:ids``.

    Values: ``:dispatch_in``, ``:handle_in`` (areas of the person), ``:me`` (their id), ``:team``
    (that of theirs).

    Parameters
    ----------
    dated
        Tell which grid was around each on a ``:day``, and ask for areas of that day.
    area
        The area that is asked for: only what lies in the shape of a grid is looked at then.
    until
        Only what had been reported when the day ``:until`` was over.
    newest
        The newest report first.
    """
    where: tuple[str, ...] = ()
    if state == "open":
        where = (f"i.state IN {OPEN_STATES}",)
    elif state is not None:
        where = ("i.state = :state",)
    if chosen:
        where = (*where, "i.id = ANY(CAST(:ids AS uuid[]))")
    if until:
        where = (*where, f"i.reported_at < {days.after('CAST(:until AS date)')}")
    in_grid = dated and area is not None and len(area) == _GRID_DIGITS
    within = f" JOIN grid AS t ON t.code = :area AND {_AROUND}" if in_grid else ""
    title = "coalesce(i.title_en, i.title)" if english else "i.title"
    team = "coalesce(r.name_en, r.name)" if english else "r.name"
    return Source(
        tables=f"incident i{within} LEFT JOIN responder r ON r.id = i.responder_id",
        key="i.id",
        geometry="i.geom",
        # of the grids of a day one asks for those of that day
        area=f"coalesce({_THEN}, i.area_code)" if dated else "i.area_code",
        properties={
            "id": "i.id",
            "number": "i.number",
            "category": "i.category",
            "title": title,
            "level": "i.level",
            "state": "i.state",
            "version": "i.version",
            "reported_at": "i.reported_at",
            "state_changed_at": "i.state_changed_at",
            "due_at": "i.due_at",
            "overdue": "coalesce(i.due_at < now(), false)",
            "grid": "i.grid_code",
            "special_grid": "(SELECT s.name FROM grid AS s WHERE s.id = i.special_grid_id)",
            "grid_label": "substr(i.grid_code, 10, 3) || '-' || substr(i.grid_code, 13, 3)",
            "age_seconds": "extract(epoch FROM now() - i.reported_at)::int",
            "accuracy_m": "i.accuracy_m",
            "assignee": "CASE WHEN r.id IS NOT NULL THEN"
            f" json_build_object('id', r.id, 'name', {team}, 'kind', r.kind) END",
            "photos": "(SELECT count(*) FROM incident_photo AS p WHERE p.incident_id = i.id)",
            "merged_into": "i.merged_into",
            "actions": _ACTIONS,
            **({"grid_then": _THEN} if dated else {}),
        },
        where=where,
        newest="i.reported_at" if newest else None,
    )


def history(tx: Transaction, incident_id: UUID, english: bool) -> list[dict[str, Any]]:
    """Give what was done about an incident, its report first."""
    # a team that was lent is seen no more once it is back: its name was kept with the loan
    kept = "coalesce(l.team_name_en, l.team_name)" if english else "l.team_name"
    team = (
        f"coalesce({'coalesce(r.name_en, r.name)' if english else 'r.name'}, (SELECT {kept}"
        " FROM team_loan AS l WHERE l.team_id = s.responder_id ORDER BY l.id DESC LIMIT 1))"
    )
    rows = tx.all(
        "SELECT i.reported_at AS at, 'report' AS verb, u.display_name AS by, NULL AS text,"
        "  NULL::bigint AS number, NULL AS assignee, i.level, 0 AS id"
        " FROM incident AS i LEFT JOIN app_user AS u ON u.id = i.reported_by WHERE i.id = :id"
        " UNION ALL"
        f" SELECT s.at, s.verb, u.display_name, s.text, o.number, {team}, s.level, s.id"
        " FROM incident_step AS s LEFT JOIN app_user AS u ON u.id = s.user_id"
        " LEFT JOIN responder AS r ON r.id = s.responder_id"
        " LEFT JOIN incident AS o ON o.id = s.other WHERE s.incident_id = :id ORDER BY id",
        id=incident_id,
    )
    return [
        {
            "at": row["at"].isoformat(),
            "verb": row["verb"],
            "by": row["by"],
            "text": row["text"],
            "number": row["number"],
            "assignee": row["assignee"],
        }
        for row in rows
    ]


def more(tx: Transaction, incident_id: UUID) -> Row | None:
    """Give what only the details show, beside the feature: note, reporters, clock, place."""
    return tx.maybe(
        "SELECT i.note, i.placed_by, i.device_time, i.skew_seconds, i.area_code, i.reported_by,"
        " i.responder_id,"
        " (SELECT array_agg(DISTINCT u.display_name) FROM incident AS o"
        "  JOIN app_user AS u ON u.id = o.reported_by"
        "  WHERE o.id = i.id OR o.merged_into = i.id) AS reporters,"
        " (SELECT number FROM incident AS o WHERE o.id = i.merged_into) AS merged_into_number"
        " FROM incident AS i WHERE i.id = :id",
        id=incident_id,
    )


def photos(tx: Transaction, incident_id: UUID) -> list[dict[str, Any]]:
    """Give the photos of an incident and of those merged into it."""
    rows = tx.all(
        "SELECT p.incident_id, encode(p.sha256, 'hex') AS sha256, p.state, p.reason, p.width,"
        " p.height FROM incident_photo AS p JOIN incident AS i ON i.id = p.incident_id"
        " WHERE i.id = :id OR i.merged_into = :id ORDER BY i.number, p.sha256",
        id=incident_id,
    )
    return [{**row, "incident_id": str(row["incident_id"])} for row in rows]


def near(tx: Transaction, incident_id: UUID, seen_in: Sequence[str]) -> list[dict[str, Any]]:
    """Give open incidents close by that may be the same thing; those of its kind first.

    Of those outside `seen_in`, such as in the grid next to a member's, only number, kind and
    distance: their words are for others.
    """
    seen = "i.area_code ^@ ANY(CAST(:seen_in AS text[]))"
    rows = tx.all(
        "WITH here AS (SELECT id, category, geom, ST_Expand(geom, :degrees) AS box FROM incident"
        "  WHERE id = :id)"
        f" SELECT CASE WHEN {seen} THEN i.id END AS id, i.number, i.category,"
        f"  CASE WHEN {seen} THEN i.title END AS title, CASE WHEN {seen} THEN i.state END AS state,"
        "  round(ST_Distance(i.geom::geography, here.geom::geography))::int AS metres"
        " FROM here JOIN incident AS i ON i.geom && here.box AND i.id <> here.id"
        f" WHERE i.state IN {OPEN_STATES}"
        "  AND ST_DWithin(i.geom::geography, here.geom::geography, :metres)"
        " ORDER BY i.category <> here.category, metres, i.number LIMIT :most",
        id=incident_id,
        metres=_NEAR_METRES,
        degrees=_NEAR_METRES / 50_000,
        most=_MOST_NEAR,
        seen_in=list(seen_in),
    )
    return [{**row, "id": None if row["id"] is None else str(row["id"])} for row in rows]


def conflicts(tx: Transaction, incident_id: UUID) -> list[dict[str, Any]]:
    """Give the refused reports that came under the id of this one."""
    rows = tx.all(
        "SELECT c.content, u.display_name AS by, c.at FROM incident_conflict AS c"
        " LEFT JOIN app_user AS u ON u.id = c.sent_by WHERE c.incident_id = :id ORDER BY c.id",
        id=incident_id,
    )
    return [{**row, "at": row["at"].isoformat()} for row in rows]


def mine(tx: Transaction, since: object, limit: int, english: bool) -> list[Row]:
    """Give the reports of the person who asks, the newest change first."""
    title = "coalesce(i.title_en, i.title)" if english else "i.title"
    team = "coalesce(r.name_en, r.name)" if english else "r.name"
    return tx.all(
        f"SELECT i.id, i.number, i.category, {title} AS title, i.level, i.state, i.version,"
        " i.grid_code AS grid, i.reported_at, i.state_changed_at, i.due_at, i.skew_seconds,"
        f" {team} AS team, r.id AS team_id, r.kind AS team_kind, i.merged_into,"
        " o.number AS merged_into_number, round(ST_X(i.geom)::numeric, 6)::float8 AS lon,"
        " round(ST_Y(i.geom)::numeric, 6)::float8 AS lat,"
        " (SELECT s.text FROM incident_step AS s WHERE s.incident_id = i.id"
        "  ORDER BY s.id DESC LIMIT 1) AS reason,"
        " (SELECT coalesce(json_agg(json_build_object('sha256', encode(p.sha256, 'hex'),"
        "   'state', p.state, 'reason', p.reason) ORDER BY p.sha256), '[]')"
        "  FROM incident_photo AS p WHERE p.incident_id = i.id) AS photos"
        " FROM incident AS i LEFT JOIN responder AS r ON r.id = i.responder_id"
        " LEFT JOIN incident AS o ON o.id = i.merged_into"
        " WHERE i.reported_by = :me AND (CAST(:since AS timestamptz) IS NULL"
        "  OR i.state_changed_at > CAST(:since AS timestamptz))"
        " ORDER BY i.state_changed_at DESC, i.id LIMIT :limit",
        me=tx.scope.user_id,
        since=since,
        limit=limit,
    )


def answer_times(tx: Transaction) -> list[Row]:
    """Give how long an incident of each level may stay in each state."""
    return tx.all(
        "SELECT state, nullif(level, 0) AS level, seconds, source FROM response_time"
        " ORDER BY state, level"
    )
