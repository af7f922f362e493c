"""Hazards, road closures, facilities and responders as layers."""

from gridmap.store.closure import IN_FORCE
from gridmap.store.view.feature import Source

HAZARD_TABLES = ("hazard", "plan")
CLOSURE_TABLES = ("road_closure",)
FACILITY_TABLES = ("facility", "shelter")
RESPONDER_TABLES = ("responder",)

OPEN_STATES = "('reported', 'verified', 'assigned', 'handling', 'resolved', 'objected')"


def _name(table: str, english: bool, column: str = "name") -> str:
    return f"coalesce({table}.{column}_en, {table}.{column})" if english else f"{table}.{column}"


def hazards(english: bool) -> Source:
    """Hazards that are in force, with the newest plan of each."""
    return Source(
        tables="hazard h LEFT JOIN LATERAL (SELECT id, state FROM plan WHERE hazard_id = h.id"
        " AND state NOT IN ('failed', 'superseded') ORDER BY id DESC LIMIT 1) p ON true",
        key="h.id",
        geometry="h.geom",
        area="h.area_code",
        properties={
            "id": "h.id",
            "kind": "h.kind",
            "area": "h.area_code",
            "class": "h.class",
            "name": _name("h", english),
            "severity": "h.severity",
            "state": "h.state",
            "exercise": "h.exercise",
            "declared_at": "h.declared_at",
            "households_affected": "h.households",
            "people_affected": "h.people",
            "plan_id": "p.id",
            "plan_state": "p.state",
            "ends_at": "h.ends_at",
            "note": "h.note",
            "revision": "h.revision",
            "adjusted_at": "h.adjusted_at",
            "reason": "h.reason",
            "blocked": "ST_AsGeoJSON(h.blocked, 6)::json",
            # what it was before its last adjustment, where that was of its shape
            "before": "(SELECT ST_AsGeoJSON(v.geom, 6)::json FROM hazard_revision v"
            " WHERE v.hazard_id = h.id AND v.revision = h.revision - 1"
            " AND NOT ST_Equals(v.geom, h.geom))",
        },
        where=("h.state = 'declared'",),
    )


def closures() -> Source:
    """Road closures that are in force; drawn at a point of the ground that is closed."""
    return Source(
        tables="road_closure c",
        key="c.id",
        geometry="c.geom",
        area="c.area_code",
        properties={
            "id": "c.id",
            "name": "c.name",
            "reason": "c.reason",
            "closes": "c.closes",
            "starts_at": "c.starts_at",
            "ends_at": "c.ends_at",
            "at": "ST_AsGeoJSON(ST_PointOnSurface(c.geom), 6)::json->'coordinates'",
        },
        where=(IN_FORCE,),
    )


def facilities(english: bool, *, retired: bool = False) -> Source:
    """Facilities; those people are taken to with capacity; `retired`: those given up as well."""
    return Source(
        tables="facility f LEFT JOIN shelter s ON s.facility_id = f.id",
        key="f.id",
        geometry="f.geom",
        area="f.area_code",
        properties={
            "id": "f.id",
            "kind": "f.kind",
            "name": _name("f", english),
            "capacity": "coalesce(s.capacity, f.capacity)",
            "accessible": "s.accessible",
            "address": "f.address",
            "open": "f.open",
            "crew": "f.crew",
            "level": "f.level",
            "hours": "f.hours",
            "closed_why": "f.closed_why",
            "closed_until": "f.closed_until",
            "retired": "f.retired_at IS NOT NULL",
            "revision": "f.revision",
        },
        where=() if retired else ("f.retired_at IS NULL",),
    )


def responders(english: bool) -> Source:
    """Teams at their last known position."""
    return Source(
        tables="responder r",
        key="r.id",
        geometry="r.geom",
        area="r.area_code",
        properties={
            "id": "r.id",
            "kind": "r.kind",
            "name": _name("r", english),
            "people": "r.people",
            "on_duty": "r.on_duty",
            "seen_at": "r.seen_at",
        },
        where=("r.geom IS NOT NULL",),
    )
