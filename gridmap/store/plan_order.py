"""From draft to order: the steps of a plan, each taken once whoever presses first."""

from datetime import datetime

from gridmap.store.database import Row, Transaction

# What was computed, in one text: who goes where in which wave, by which way, and who cannot.
# What more beds or streets would buy comes later, and is no part of what is ordered.
_CONTENT = (
    "SELECT string_agg(line, E'\\n' ORDER BY line) FROM ("
    " SELECT 'plan ' || p.hazard_id || ' ' || p.version || ' ' || md5(p.inputs::text) AS line"
    "  FROM plan AS p WHERE p.id = :id"
    " UNION ALL SELECT concat_ws(' ', 'household', household_id, area_code, people, with_needs,"
    "  shelter_id, round(seconds), round(metres), wave, reason, detail, 'kin ' || kin,"
    "  'out ' || round(departs_seconds), 'meet ' || assembly, 'by ' || travel,"
    "  travel_why, 'else ' || second_shelter_id,"
    "  'short ' || short_beds || ' at ' || short_shelter_id || ' of ' || short_room)"
    "  FROM assignment WHERE plan_id = :id"
    " UNION ALL SELECT concat_ws(' ', 'route', household_id, mode, md5(ST_AsBinary(geom)::text))"
    "  FROM route WHERE plan_id = :id"
    " UNION ALL SELECT concat_ws(' ', 'way', area_code, shelter_id, household_id,"
    "  md5(steps::text)) FROM plan_way WHERE plan_id = :id"
    " UNION ALL SELECT concat_ws(' ', 'part', kind, md5(content::text)) FROM plan_part"
    "  WHERE plan_id = :id AND kind <> 'prices'"
    " UNION ALL SELECT concat_ws(' ', 'stop', household_id, vehicle, tour, position, reason)"
    "  FROM plan_stop WHERE plan_id = :id"
    " UNION ALL SELECT concat_ws(' ', 'change', household_id, why) FROM plan_change"
    "  WHERE plan_id = :id) AS content"
)


def content_hash(tx: Transaction, plan_id: int) -> str:
    """Give the SHA-256 of what a plan says, computed from its rows."""
    return str(
        tx.value(f"SELECT encode(sha256(convert_to(({_CONTENT}), 'UTF8')), 'hex')", id=plan_id)
    )


def seal(tx: Transaction, plan_id: int) -> str:
    """Keep the hash of a fresh draft; from now on its content may not change unnoticed."""
    found = content_hash(tx, plan_id)
    tx.execute("UPDATE plan SET check_hash = :hash WHERE id = :id", hash=found, id=plan_id)
    return found


def lock(tx: Transaction, plan_id: int) -> Row | None:
    """Give a plan with its hazard, both held until the transaction ends; None if not in reach."""
    return tx.maybe(
        "SELECT p.id, p.area_code, p.hazard_id, p.version, p.state, p.revision, p.check_hash,"
        " p.inputs, p.created_by, p.approved_by, h.state AS hazard_state, h.exercise"
        " FROM plan AS p JOIN hazard AS h ON h.id = p.hazard_id WHERE p.id = :id"
        " FOR UPDATE OF p FOR SHARE OF h",
        id=plan_id,
    )


def approve(
    tx: Transaction,
    plan_id: int,
    *,
    reason: str | None,
    stale: list[str],
    clear_by: datetime | None,
) -> int:
    """Approve a draft; give its new revision."""
    return int(
        tx.value(
            "UPDATE plan SET state = 'approved', approved_by = :user,"
            " approved_at = clock_timestamp(), approval_reason = :reason,"
            " approved_stale = CAST(:stale AS text[]), clear_by = :clear_by"
            " WHERE id = :id AND state = 'drafted' RETURNING revision",
            id=plan_id,
            user=tx.scope.user_id,
            reason=reason,
            stale=stale,
            clear_by=clear_by,
        )
    )


def reject(tx: Transaction, plan_id: int, reason: str) -> int:
    """Send a draft back; give its new revision."""
    return int(
        tx.value(
            "UPDATE plan SET state = 'rejected', rejected_by = :user,"
            " rejected_at = clock_timestamp(), rejection_reason = :reason"
            " WHERE id = :id AND state = 'drafted' RETURNING revision",
            id=plan_id,
            user=tx.scope.user_id,
            reason=reason,
        )
    )


def activate(tx: Transaction, plan_id: int) -> int:
    """Set an approved plan going; give its new revision."""
    return int(
        tx.value(
            "UPDATE plan SET state = 'active', activated_by = :user,"
            " activated_at = clock_timestamp() WHERE id = :id AND state = 'approved'"
            " RETURNING revision",
            id=plan_id,
            user=tx.scope.user_id,
        )
    )


def close(tx: Transaction, plan_id: int) -> int:
    """End a plan; give its new revision."""
    return int(
        tx.value(
            "UPDATE plan SET state = 'closed', closed_by = :user, closed_at = clock_timestamp()"
            " WHERE id = :id AND state IN ('approved', 'active') RETURNING revision",
            id=plan_id,
            user=tx.scope.user_id,
        )
    )


def replace(tx: Transaction, hazard_id: int, plan_id: int, state: str) -> list[int]:
    """Put a plan in the place of the others of its hazard that are in a state; give their ids."""
    rows = tx.all(
        "UPDATE plan SET state = 'superseded', superseded_by = :id"
        " WHERE hazard_id = :hazard AND id <> :id AND state = :state RETURNING id",
        hazard=hazard_id,
        id=plan_id,
        state=state,
    )
    return sorted(int(row["id"]) for row in rows)
