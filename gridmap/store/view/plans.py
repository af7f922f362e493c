"""Evacuation plans for a page: heads, sums, rows and lines."""

from collections.abc import Sequence

from gridmap.store.database import Row, Transaction

_HEAD = (
    "SELECT p.id, p.area_code, p.hazard_id, p.version, p.state, p.created_at, p.drafted_at,"
    " p.approved_at, p.input_version, p.totals, p.person_seconds, p.bound, p.job_id,"
    " p.options, p.replans, p.revision, p.inputs, p.input_times, p.check_hash, p.clear_by,"
    " p.approval_reason, p.approved_stale,"
    " p.rejected_at, p.rejection_reason, p.activated_at, p.closed_at, p.superseded_by,"
    " {name} AS hazard_name, h.kind AS hazard_kind, h.severity AS hazard_severity,"
    " h.state AS hazard_state, h.exercise,"
    " p.created_by, (SELECT u.display_name FROM app_user u WHERE u.id = p.created_by)"
    "  AS created_name,"
    " p.approved_by, (SELECT u.display_name FROM app_user u WHERE u.id = p.approved_by)"
    "  AS approved_name,"
    " p.rejected_by, (SELECT u.display_name FROM app_user u WHERE u.id = p.rejected_by)"
    "  AS rejected_name,"
    " p.activated_by, (SELECT u.display_name FROM app_user u WHERE u.id = p.activated_by)"
    "  AS activated_name,"
    " p.closed_by, (SELECT u.display_name FROM app_user u WHERE u.id = p.closed_by)"
    "  AS closed_name,"
    " ARRAY(SELECT o.hazard_id || '-' || o.version FROM plan o WHERE o.id = p.replans"
    "  OR o.superseded_by = p.id AND o.approved_at IS NOT NULL ORDER BY o.id) AS replaces"
    " FROM plan p JOIN hazard h ON h.id = p.hazard_id"
)

# where needs may be read
_PERSONAL = "a.area_code ^@ ANY(CAST(:personal_in AS text[]))"
_REASON = (
    f"CASE WHEN a.reason = 'no_accessible_shelter' AND NOT {_PERSONAL} THEN 'no_shelter'"
    " ELSE a.reason END"
)


def _head(english: bool) -> str:
    return _HEAD.format(name="coalesce(h.name_en, h.name)" if english else "h.name")


def newest(tx: Transaction, english: bool, limit: int = 100) -> list[Row]:
    """List plans, the newest first."""
    return tx.all(f"{_head(english)} ORDER BY p.id DESC LIMIT :limit", limit=limit)


def read(tx: Transaction, plan_id: int, english: bool) -> Row | None:
    """Read the head of a plan."""
    return tx.maybe(f"{_head(english)} WHERE p.id = :id", id=plan_id)


def shelters(tx: Transaction, plan_id: int, english: bool) -> list[Row]:
    """Sum a plan up by shelter."""
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        f"SELECT f.id, {name} AS name, s.capacity, s.accessible, count(*)::int AS households,"
        " sum(a.people)::int AS people, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat"
        " FROM assignment a JOIN facility f ON f.id = a.shelter_id"
        " LEFT JOIN shelter s ON s.facility_id = f.id WHERE a.plan_id = :id"
        " GROUP BY f.id, s.capacity, s.accessible ORDER BY people DESC, f.id",
        id=plan_id,
    )


def zones(tx: Transaction, plan_id: int, english: bool, personal_in: Sequence[str]) -> list[Row]:
    """Sum a plan up by the grid people leave; needs and waves only where needs may be read."""
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        "SELECT a.area_code AS grid,"
        " CASE WHEN length(a.area_code) = 15 THEN substr(a.area_code, 10, 3) || '-' ||"
        "  substr(a.area_code, 13, 3) ELSE a.area_code END AS label,"
        " count(*)::int AS households, sum(a.people)::int AS people,"
        f" CASE WHEN {_PERSONAL} THEN count(*) FILTER (WHERE a.with_needs)::int END AS with_needs,"
        " count(*) FILTER (WHERE a.shelter_id IS NULL)::int AS unserved,"
        f" CASE WHEN {_PERSONAL} THEN min(a.wave)::int END AS wave,"
        f" coalesce(array_agg(DISTINCT {name}) FILTER (WHERE f.id IS NOT NULL), '{{}}') AS shelters"
        " FROM assignment a LEFT JOIN facility f ON f.id = a.shelter_id"
        " WHERE a.plan_id = :id GROUP BY a.area_code ORDER BY a.area_code",
        id=plan_id,
        personal_in=list(personal_in),
    )


def unserved(tx: Transaction, plan_id: int, english: bool, personal_in: Sequence[str]) -> list[Row]:
    """Sum up who cannot be served, and why; a reason that is a need only where it may be read.

    `short` names where beds are short and how many: what all of them who would go there need
    together, less what is free there.
    """
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        f"WITH own AS (SELECT {_REASON} AS reason, a.people, a.short_shelter_id, a.short_beds,"
        "  a.short_room FROM assignment a WHERE a.plan_id = :id AND a.shelter_id IS NULL),"
        " short AS (SELECT reason, short_shelter_id AS id,"
        "  greatest(sum(people) - max(short_room), max(short_beds))::int AS beds"
        "  FROM own WHERE short_shelter_id IS NOT NULL GROUP BY 1, 2)"
        " SELECT own.reason, count(*)::int AS households, sum(own.people)::int AS people,"
        " coalesce((SELECT json_agg(json_build_object('shelter', s.id, 'name', "
        f"  {name}, 'beds', s.beds) ORDER BY s.beds DESC, s.id)"
        "  FROM short s JOIN facility f ON f.id = s.id"
        "  WHERE s.reason = own.reason), '[]') AS short"
        " FROM own GROUP BY own.reason ORDER BY people DESC, own.reason",
        id=plan_id,
        personal_in=list(personal_in),
    )


def assignments(  # noqa: PLR0913 - the parts of one page of a list
    tx: Transaction,
    plan_id: int,
    *,
    after: int,
    limit: int,
    personal_in: list[str],
    english: bool,
    grid: str | None = None,
    only: str | None = None,
) -> list[Row]:
    """Read a page of who goes where; needs only where the person may read them.

    Those with needs leave first, and some have a reason of their own to stay: wave and reason
    say as much as the need itself, and are for the same eyes.

    Parameters
    ----------
    grid
        Only those of this area; None for all.
    only
        `unserved` for those without a place; None for all.
    """
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        "SELECT a.household_id AS household, h.address,"
        " CASE WHEN length(a.area_code) = 15 THEN a.area_code END AS grid, a.people,"
        f" CASE WHEN {_PERSONAL} THEN coalesce((SELECT"
        " array_agg(n.kind ORDER BY n.kind) FROM household_need n"
        " WHERE n.household_id = a.household_id), '{}') END AS needs,"
        f" a.shelter_id, {name} AS shelter, a.seconds, a.metres,"
        f" CASE WHEN {_PERSONAL} THEN a.wave END AS wave,"
        # who does not walk needs help, and who is fetched at home has no point
        f" CASE WHEN {_PERSONAL} THEN a.assembly END AS assembly,"
        f" CASE WHEN {_PERSONAL} THEN a.assembly_seconds END AS assembly_seconds,"
        f" CASE WHEN {_PERSONAL} THEN a.travel END AS travel,"
        f" CASE WHEN {_PERSONAL} THEN a.travel_why END AS travel_why,"
        f" CASE WHEN {_PERSONAL} THEN a.departs_seconds END AS departs_seconds,"
        f" {_REASON} AS reason, a.short_beds, {name.replace('f.', 's.')} AS short_shelter"
        " FROM assignment a JOIN household h ON h.id = a.household_id"
        " LEFT JOIN facility f ON f.id = a.shelter_id"
        " LEFT JOIN facility s ON s.id = a.short_shelter_id"
        " WHERE a.plan_id = :id AND a.household_id > :after"
        " AND (CAST(:grid AS text) IS NULL OR a.area_code = :grid)"
        " AND (CAST(:only AS text) IS NULL OR a.shelter_id IS NULL)"
        " ORDER BY a.household_id LIMIT :limit",
        id=plan_id,
        after=after,
        limit=limit,
        personal_in=personal_in,
        grid=grid,
        only=only,
    )


def way(tx: Transaction, plan_id: int, household_id: int) -> list[Row]:
    """Read the ways of one household, on foot and by vehicle, as GeoJSON features in text."""
    return tx.all(
        "SELECT json_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON(geom, 6)::json,"
        " 'properties', json_build_object('household', household_id, 'mode', mode,"
        " 'seconds', seconds, 'metres', metres))::text AS feature FROM route"
        " WHERE plan_id = :id AND household_id = :household ORDER BY mode DESC",
        id=plan_id,
        household=household_id,
    )


def lines(
    tx: Transaction, plan_id: int, english: bool, mode: str, personal_in: list[str]
) -> list[Row]:
    """Merge the routes of a plan into lines that carry the same people to the same shelter.

    A line from one door in the first wave says who has needs: waves only where these may be read.

    Routes are cut into segments, segments that several households walk are summed up, and
    neighbours with equal sums are joined again: what is drawn once is sent once.
    """
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        "WITH step AS (SELECT a.shelter_id, a.people, r.mode,"
        f"  CASE WHEN {_PERSONAL} THEN a.wave END AS wave,"
        "  (ST_DumpSegments(r.geom)).geom AS geom FROM route r"
        "  JOIN assignment a USING (plan_id, household_id)"
        "  WHERE r.plan_id = :id AND r.mode = :mode AND a.shelter_id IS NOT NULL"
        "  AND ST_Dimension(r.geom) = 1),"
        " summed AS (SELECT shelter_id, mode, geom, count(*) AS households,"
        "  sum(people) AS people, min(wave) AS wave FROM step GROUP BY shelter_id, mode, geom),"
        " joined AS (SELECT shelter_id, mode, households, people, wave,"
        "  (ST_Dump(ST_LineMerge(ST_Collect(geom), true))).geom AS geom"
        "  FROM summed GROUP BY shelter_id, mode, households, people, wave)"
        " SELECT json_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON(j.geom, 6)::json,"
        f"  'properties', json_build_object('shelter', {name}, 'shelter_id', f.id,"
        "  'mode', j.mode, 'households', j.households, 'people', j.people,"
        "  'wave', j.wave))::text AS feature"
        " FROM joined j JOIN facility f ON f.id = j.shelter_id"
        " ORDER BY f.id, j.people, ST_AsBinary(j.geom)",
        id=plan_id,
        mode=mode,
        personal_in=personal_in,
    )
