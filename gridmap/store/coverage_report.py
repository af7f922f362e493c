"""What a report on the coverage of an area is written from: sums of parts, never a household."""

from collections.abc import Iterable, Sequence

from gridmap.store import coverage_days
from gridmap.store.database import Row, Transaction

_LENGTHS = (6, 9, 12)  # of the codes of a county, a township and a community
Box = tuple[float, float, float, float]
_SUMMED = (
    "households",
    "uncovered",
    "people",
    "people_uncovered",
    "with_needs",
    "with_needs_uncovered",
)
_PARTS = (
    "FROM coverage_run_part AS l JOIN coverage_part AS p ON p.id = l.part_id"
    " WHERE l.run_id = {run} AND starts_with(l.area_code, :area)"
)


def runs(tx: Transaction, area: str, keys: Sequence[str] | None) -> list[Row]:
    """Give the newest run of each standard about an area, and about each area around it.

    Parameters
    ----------
    keys
        None for every standard.
    """
    return tx.all(
        "SELECT r.* FROM unnest(CAST(:places AS text[])) AS p (code)"
        " CROSS JOIN (SELECT DISTINCT key FROM coverage_standard) AS k CROSS JOIN LATERAL"
        " (SELECT id, area_code, standard_key, standard, input_version, totals, created_at"
        "  FROM coverage_run AS r WHERE r.area_code = p.code AND r.standard_key = k.key"
        "  ORDER BY id DESC LIMIT 1) AS r"
        " WHERE CAST(:keys AS text[]) IS NULL OR k.key = ANY(:keys) ORDER BY k.key, r.id DESC",
        places=[area[:length] for length in _LENGTHS if length <= len(area)],
        keys=None if keys is None else list(keys),
    )


def sums(tx: Transaction, run: int, area: str) -> Row:
    """Sum up what a run found in an area; `parts` is 0 where nothing of it is kept there."""
    summed = ", ".join(f"coalesce(sum(p.{name}), 0)::int AS {name}" for name in _SUMMED)
    return tx.one(
        f"SELECT count(*)::int AS parts, {summed}, sum(p.always)::int AS always,"
        f" sum(p.sometimes)::int AS sometimes, sum(p.never)::int AS never"
        f" {_PARTS.format(run=':run')}",
        run=run,
        area=area,
    )


def reasons(tx: Transaction, run: int, area: str) -> dict[str, int]:
    """Count the households of an area that a run does not reach, by reason, the commonest first."""
    found = tx.all(
        "SELECT key, sum(value::int)::int AS households FROM (SELECT p.by_reason"
        f" {_PARTS.format(run=':run')}) AS each CROSS JOIN LATERAL jsonb_each_text(by_reason)"
        " GROUP BY key ORDER BY households DESC, key",
        run=run,
        area=area,
    )
    return {row["key"]: row["households"] for row in found}


def history(tx: Transaction, run: Row, area: str, limit: int) -> list[Row]:
    """Give what runs up to one found in an area by the same area's standard, the newest first.

    Of each day one run counts, and of today and yesterday each. Of old runs only the sums are
    kept: they tell of the area they were about and of no smaller one.

    Parameters
    ----------
    run
        The last one: its `id`, `standard_key` and `standard`.
    """
    names = ("households", "uncovered", "people", "people_uncovered")
    columns = ", ".join(
        f"CASE WHEN r.area_code = :area THEN (r.totals ->> '{name}')::int ELSE s.{name} END"
        f" AS {name}"
        for name in names
    )
    summed = ", ".join(f"sum(p.{name})::int AS {name}" for name in names)
    # the sums of parts are asked for of the runs that are shown, and of no other
    return tx.all(
        "WITH told AS MATERIALIZED (SELECT id, area_code, standard, totals, created_at FROM"
        f" (SELECT *, {coverage_days.stands()} AS stands FROM coverage_run AS e"
        "  WHERE standard_key = :key AND id <= :last AND area_code = ANY(:places)"
        "  AND (standard ->> 'area_code' IS NOT DISTINCT FROM :words OR id = :last)"
        "  AND (area_code = :area"
        "   OR EXISTS (SELECT FROM coverage_run_part AS l WHERE l.run_id = e.id))) AS r"
        " WHERE stands OR id = :last OR created_at > now() - interval '2 days'"
        " ORDER BY id DESC LIMIT :limit)"
        f" SELECT * FROM (SELECT r.id, r.created_at, (r.standard ->> 'version')::int AS version,"
        f" (r.standard ->> 'max_value')::float8 AS limit, {columns} FROM told AS r"
        f" LEFT JOIN LATERAL (SELECT {summed} {_PARTS.format(run='r.id')}"
        "  AND r.area_code <> :area) AS s ON true) AS h WHERE households > 0 ORDER BY id DESC",
        key=run["standard_key"],
        words=run["standard"].get("area_code"),
        area=area,
        places=[area[:length] for length in _LENGTHS if length <= len(area)],
        last=run["id"],
        limit=limit,
    )


def layers(tx: Transaction, names: Iterable[str]) -> dict[str, Row]:
    """Give version and last change of layers."""
    found = tx.all(
        "SELECT layer, version, changed_at FROM layer_version WHERE layer = ANY(:names)",
        names=sorted(names),
    )
    return {row["layer"]: row for row in found}


def outline(tx: Transaction, area: str) -> bytes | None:
    """Give the outline of an area, None where it has none."""
    found = tx.value("SELECT ST_AsBinary(geom) FROM area WHERE code = :area", area=area)
    return None if found is None else bytes(found)


def sites(tx: Transaction, kinds: Sequence[str], box: Box, english: bool) -> list[Row]:
    """Give the facilities of some kinds in a box, open or not."""
    name = "coalesce(name_en, name, '')" if english else "coalesce(name, '')"
    west, south, east, north = box
    return tx.all(
        f"SELECT kind, {name} AS name, open, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM facility"
        " WHERE kind = ANY(:kinds) AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
        " AND retired_at IS NULL ORDER BY id",
        kinds=list(kinds),
        west=west,
        south=south,
        east=east,
        north=north,
    )
