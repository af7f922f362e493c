"""Warnings that came in or went out, and the chains of their updates."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.store.database import Row, Transaction
from gridmap.store.days import SETTING

_HEAD = (
    "a.id, a.area_code, a.direction, a.status, a.msg_type, a.identifier, a.sender, a.sent, a.class,"
    " a.kind, a.event, a.category, a.severity, a.starts_at, a.expires_at, a.headline, a.issuer,"
    " a.area_desc, a.state, a.followed_by, a.hazard_id, a.notes, a.refers_to, a.made_at,"
    " coalesce(a.expires_at <= now(), false) AS expired, a.geom IS NOT NULL AS has_area,"
    " h.state AS hazard_state, coalesce(h.adjusted_at, h.declared_at) AS hazard_changed_at"
)
_FROM = "FROM alert AS a LEFT JOIN hazard AS h ON h.id = a.hazard_id"


def insert(
    tx: Transaction, values: Mapping[str, Any], wkb: bytes | None, notes: Sequence[Any]
) -> int:
    """Insert a warning and give its id."""
    columns = ", ".join(values)
    placeholders = ", ".join(f":{name}" for name in values)
    return int(
        tx.value(
            f"INSERT INTO alert ({columns}, made_by, notes, geom) VALUES ({placeholders}, :made_by,"
            " CAST(:notes AS jsonb), ST_Multi(ST_GeomFromWKB(:wkb, 4326))) RETURNING id",
            **values,
            made_by=tx.scope.user_id,
            notes=json.dumps(list(notes), allow_nan=False),
            wkb=wkb,
        )
    )


def same(tx: Transaction, county: str, sender: str, identifier: str) -> Row | None:
    """Give the message of this name in a county, if it has come before."""
    return tx.maybe(
        "SELECT id, area_code, sha256 FROM alert WHERE left(area_code, 6) = :county"
        " AND sender = :sender AND identifier = :identifier ORDER BY id LIMIT 1",
        county=county,
        sender=sender,
        identifier=identifier,
    )


def hold_names(tx: Transaction, county: str) -> None:
    """Let one message of a county in after the other, so that none comes twice."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('alert'), :county)", county=int(county))


def followed(tx: Transaction, county: str, names: Sequence[tuple[str, str]]) -> list[Row]:
    """Give the messages of these senders and identifiers, locked."""
    return tx.all(
        "SELECT id, status, sender, identifier, sent, state, direction, hazard_id,"
        " (SELECT h.state FROM hazard AS h WHERE h.id = hazard_id) AS hazard_state FROM alert"
        " WHERE left(area_code, 6) = :county AND (sender, identifier) IN (SELECT * FROM"
        "  unnest(CAST(:senders AS text[]), CAST(:identifiers AS text[]))) FOR UPDATE",
        county=county,
        senders=[sender for sender, _ in names],
        identifiers=[identifier for _, identifier in names],
    )


def follow(tx: Transaction, alert_id: int, state: str, by: int) -> None:
    """Note that a message was replaced or cancelled by another."""
    tx.execute(
        "UPDATE alert SET state = :state, followed_by = :by WHERE id = :id AND state = 'current'",
        id=alert_id,
        state=state,
        by=by,
    )


def overtaking(
    tx: Transaction, county: str, sender: str, identifier: str, status: str
) -> list[Row]:
    """Give updates and cancellations of a message that came before the message itself."""
    return tx.all(
        "SELECT id, msg_type FROM alert WHERE left(area_code, 6) = :county AND sender = :sender"
        " AND status = :status AND msg_type IN ('Update', 'Cancel')"
        " AND EXISTS (SELECT 1 FROM unnest(refers_to) AS r(name)"
        "  WHERE starts_with(r.name, :prefix)) ORDER BY sent DESC LIMIT 1",
        county=county,
        sender=sender,
        status=status,
        prefix=f"{sender},{identifier},",
    )


def hold(tx: Transaction, alert_id: int) -> Row | None:
    """Give one warning that this person may change, locked, or None."""
    return tx.maybe(
        "SELECT a.*, ST_AsBinary(a.geom) AS wkb, coalesce(a.expires_at <= now(), false) AS expired"
        " FROM alert AS a WHERE a.id = :id FOR UPDATE",
        id=alert_id,
    )


def take(tx: Transaction, alert_id: int, hazard_id: int) -> None:
    """Note which hazard was declared because of a warning."""
    tx.execute(
        "UPDATE alert SET hazard_id = :hazard_id WHERE id = :id", id=alert_id, hazard_id=hazard_id
    )


def read(tx: Transaction, alert_id: int) -> Row | None:
    """Give one warning with its words and its area, or None."""
    return tx.maybe(
        f"SELECT {_HEAD}, a.description, a.instruction, a.reason, u.display_name AS by,"
        f" ST_AsGeoJSON(a.geom, 6) AS geometry {_FROM}"
        " LEFT JOIN app_user AS u ON u.id = a.made_by WHERE a.id = :id",
        id=alert_id,
    )


def told(tx: Transaction, alert_id: int) -> Row:
    """Give what is passed on of a warning that was issued here, with times as people read them."""
    at = "to_char({} AT TIME ZONE current_setting('" + SETTING + "'), 'MM-DD HH24:MI')"
    return tx.one(
        "SELECT area_code, hazard_id, issuer, instruction, area_desc,"
        " regexp_replace(headline, '^演练：', '') AS headline,"
        f' {at.format("starts_at")} AS "from", {at.format("expires_at")} AS until'
        " FROM alert WHERE id = :id",
        id=alert_id,
    )


def document(tx: Transaction, alert_id: int) -> Row | None:
    """Give the message as it came or went out, or None."""
    return tx.maybe("SELECT identifier, document FROM alert WHERE id = :id", id=alert_id)


def listing(tx: Transaction, limit: int, *, in_force: bool) -> list[Row]:
    """Give warnings, the newest first; `in_force` those alone that are to be heeded now.

    The end of one from elsewhere is to be heeded while the hazard of it is still declared.
    """
    only = (
        " WHERE a.state = 'current' AND a.status IN ('Actual', 'Exercise')"
        " AND (a.msg_type IN ('Alert', 'Update')"
        "   AND (a.expires_at IS NULL OR a.expires_at > now())"
        "  OR a.msg_type = 'Cancel' AND a.direction = 'received' AND h.state = 'declared')"
        if in_force
        else ""
    )
    return tx.all(
        f"SELECT {_HEAD} {_FROM}{only} ORDER BY a.sent DESC, a.id DESC LIMIT :limit", limit=limit
    )


def chain(tx: Transaction, alert_id: int) -> list[Row]:
    """Give all messages that belong together with one, the oldest first."""
    return tx.all(
        "WITH RECURSIVE linked(id) AS (SELECT CAST(:id AS bigint) UNION"
        " SELECT n.id FROM linked AS l JOIN alert AS o ON o.id = l.id JOIN alert AS n"
        "  ON n.id = o.followed_by OR n.followed_by = o.id"
        "  OR (left(n.area_code, 6) = left(o.area_code, 6) AND n.status = o.status"
        "   AND (EXISTS (SELECT 1 FROM unnest(n.refers_to) AS r(name)"
        "     WHERE starts_with(r.name, o.sender || ',' || o.identifier || ','))"
        "    OR EXISTS (SELECT 1 FROM unnest(o.refers_to) AS r(name)"
        "     WHERE starts_with(r.name, n.sender || ',' || n.identifier || ',')))))"
        f" SELECT {_HEAD} {_FROM} JOIN linked ON linked.id = a.id ORDER BY a.sent, a.id",
        id=alert_id,
    )


def of_hazard(tx: Transaction, hazard_id: int) -> Row | None:
    """Give the warning in force that was issued for a hazard, or None."""
    return tx.maybe(
        "SELECT id FROM alert WHERE hazard_id = :id AND direction = 'issued'"
        " AND state = 'current' AND msg_type <> 'Cancel' ORDER BY id DESC LIMIT 1",
        id=hazard_id,
    )
