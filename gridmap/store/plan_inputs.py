"""What a draft was computed from, layer by layer, and whether that is still so."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import shapely

from gridmap.store import plan_people, shelter_status
from gridmap.store.database import Transaction

_DIGITS = "regexp_replace(coalesce({}, ''), '[^0-9]', '', 'g')"

# each gives one text for what its layer contributes to the draft of this hazard, and no other
_PRINTS: Mapping[str, str] = {
    "hazard": "SELECT md5(z.state || ST_AsBinary(z.geom)::text) FROM hazard AS z WHERE z.id = :id",
    "road_closure": (
        "SELECT md5(coalesce(string_agg(md5(c.closes || ST_AsBinary(c.geom)::text), '' ORDER BY"
        "  md5(c.closes || ST_AsBinary(c.geom)::text)), '')) FROM ("
        " SELECT closes, geom FROM road_closure WHERE starts_with(area_code, left(:code, 6))"
        "  AND starts_at <= now() AND (ends_at IS NULL OR ends_at > now())"
        " UNION ALL SELECT 'ground', blocked FROM hazard WHERE state = 'declared'"
        "  AND blocked IS NOT NULL AND NOT exercise"
        "  AND starts_with(area_code, left(:code, 6))) AS c(closes, geom)"
    ),
    "household": (
        "SELECT md5(coalesce(string_agg(concat_ws(':', h.id, h.people, ST_AsBinary(h.geom)::text),"
        "  ' ' ORDER BY h.id), '')) FROM hazard AS z JOIN household AS h ON h.geom && z.geom"
        " AND ST_Intersects(h.geom, z.geom) WHERE z.id = :id"
    ),
    "household_need": (
        "SELECT md5(coalesce(string_agg(concat_ws(':', n.household_id, n.kind, n.people), ' '"
        "  ORDER BY n.household_id, n.kind), '')) FROM hazard AS z JOIN household AS h"
        " ON h.geom && z.geom AND ST_Intersects(h.geom, z.geom)"
        " JOIN household_need AS n ON n.household_id = h.id WHERE z.id = :id"
    ),
    "shelter": (
        "SELECT md5(coalesce(string_agg(concat_ws(':', f.id, s.capacity, s.accessible, f.open"
        "  AND NOT EXISTS (SELECT 1 FROM hazard AS z WHERE z.state = 'declared'"
        "  AND NOT z.exercise AND z.id <> :id AND z.geom && f.geom"
        "  AND ST_Intersects(z.geom, f.geom))"
        f"  AND NOT {shelter_status.closed_in_drill('id')},"
        "  ST_AsBinary(f.geom)::text, s.area_m2,"
        # said at the door while this hazard goes on; nothing for all others
        f"  CASE WHEN {shelter_status.said_last(':id')} = 'full' THEN 'full' END), ' '"
        "  ORDER BY f.id), ''))"
        " FROM facility AS f JOIN shelter AS s ON s.facility_id = f.id"
        " WHERE starts_with(f.area_code, left(:code, 6))"
    ),
    # how fast people walk, for the needs that occur here
    "walking_speed": (
        "SELECT md5(coalesce(string_agg(concat_ws(':', w.area_code, w.need, w.kmh), ' '"
        "  ORDER BY w.area_code, w.need), '')) FROM walking_speed AS w"
        " WHERE starts_with(w.area_code, left(:code, 6)) AND EXISTS (SELECT 1 FROM hazard AS z"
        "  JOIN household AS h ON h.geom && z.geom AND ST_Intersects(h.geom, z.geom)"
        "  JOIN household_need AS n ON n.household_id = h.id AND n.kind = w.need"
        "  WHERE z.id = :id)"
    ),
    "vehicle": (
        "SELECT md5(coalesce(string_agg(concat_ws(':', id, seats, wheelchairs, ready_minutes,"
        "  hours, ST_AsBinary(geom)::text), ' ' ORDER BY id), '')) FROM vehicle"
        " WHERE starts_with(area_code, left(:code, 6)) AND in_use"
    ),
    # a telephone is no secret in a hash of many; carers are found by it
    "carer": (
        "SELECT md5(coalesce(string_agg(concat_ws(':', h.id,"
        f"  {_DIGITS.format('h.phone')}, {_DIGITS.format('h.carer_phone')}), ' '"
        "  ORDER BY h.id), ''))"
        " FROM hazard AS z JOIN household AS h ON h.geom && z.geom"
        " AND ST_Intersects(h.geom, z.geom) WHERE z.id = :id"
    ),
    # a county's streets come from a file as a whole, so that their version tells enough
    "road": "SELECT version::text FROM layer_version WHERE layer = 'road'",
}
_DRAFT = tuple(_PRINTS)
OTHER_HAZARD = "other_hazard"
LAYERS = (*_DRAFT, OTHER_HAZARD)
BESIDE = 400.0  # metres from the edge of a hazard within which its people meet


def prints(tx: Transaction, hazard_id: int, area_code: str) -> dict[str, str]:
    """Give the fingerprint of each layer as it would go into a draft now."""
    columns = ", ".join(f"({sql}) AS {layer}" for layer, sql in _PRINTS.items())
    row = tx.one(f"SELECT {columns}", id=hazard_id, code=area_code)
    return {layer: str(row[layer]) for layer in _DRAFT}


def others(tx: Transaction, plan_id: int, dangers: gpd.GeoDataFrame) -> str:
    """Give the fingerprint of those other hazards that a saved plan has to do with.

    They are beside its own hazard, where people would meet, around a point where they do meet, or
    across a way they go. Far from all of these a hazard is no matter of this plan.

    Parameters
    ----------
    dangers
        As from `plan_people.dangers`, when the draft was read or now.
    """
    shapes = [shapely.to_wkb(shape) for shape in dangers.geometry]
    near = tx.all(
        "SELECT z.id FROM plan AS p JOIN hazard AS own ON own.id = p.hazard_id, unnest("
        "  CAST(:ids AS bigint[]), CAST(:shapes AS bytea[])) AS t(id, wkb),"
        " LATERAL (SELECT t.id, ST_GeomFromWKB(t.wkb, 4326) AS geom) AS z"
        " WHERE p.id = :plan AND (ST_DWithin(z.geom::geography, own.geom::geography, :beside)"
        "  OR EXISTS (SELECT FROM route AS r WHERE r.plan_id = p.id AND r.geom && z.geom"
        "   AND ST_Intersects(r.geom, z.geom))"
        "  OR EXISTS (SELECT FROM plan_part AS k,"
        "   jsonb_to_recordset(k.content -> 'points') AS m(lon float, lat float)"
        "   WHERE k.plan_id = p.id AND k.kind = 'assembly'"
        "   AND ST_Intersects(z.geom, ST_SetSRID(ST_MakePoint(m.lon, m.lat), 4326))))"
        " ORDER BY z.id",
        plan=plan_id,
        ids=[int(label) for label in dangers.index],
        shapes=shapes,
        beside=BESIDE,
    )
    prints = {
        int(label): hashlib.md5(shape, usedforsecurity=False).hexdigest()
        for label, shape in zip(dangers.index, shapes, strict=True)
    }
    return " ".join(f"{row['id']}:{prints[int(row['id'])]}" for row in near)


def keep_others(tx: Transaction, plan_id: int, dangers: gpd.GeoDataFrame) -> None:
    """Keep with a draft, once its ways and points are saved, what `others` gives of it."""
    tx.execute(
        "UPDATE plan SET inputs = inputs || CAST(:kept AS jsonb) WHERE id = :id",
        id=plan_id,
        kept=json.dumps({OTHER_HAZARD: others(tx, plan_id, dangers)}),
    )


def times(tx: Transaction) -> dict[str, str]:
    """Give when each layer has last changed."""
    rows = tx.all(
        "SELECT layer, changed_at FROM layer_version WHERE layer = ANY(:layers) ORDER BY layer",
        layers=list(LAYERS),
    )
    return {row["layer"]: row["changed_at"].isoformat() for row in rows}


def changed(
    tx: Transaction, plan_id: int, hazard_id: int, area_code: str, before: Mapping[str, Any]
) -> list[str]:
    """Give the layers whose contribution differs from that of a draft."""
    now = prints(tx, hazard_id, area_code)
    if OTHER_HAZARD in before:
        now[OTHER_HAZARD] = others(tx, plan_id, plan_people.dangers(tx, area_code, hazard_id))
    # a plan that is older than a print was compared without it
    return [layer for layer in LAYERS if layer in before and before[layer] != now[layer]]
