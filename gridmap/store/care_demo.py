"""Ages of facts and past visits of a demo town, made from the numbers of its households."""

from gridmap.store.database import Transaction

# A number below `most` that is the same at every start and differs between households and facts.
_DRAWN = "(abs(hashtextextended(h.source_key || {salt}, 7)) % {most})"


def there(tx: Transaction, county: str) -> bool:
    """Tell whether the town has its visits already."""
    return bool(
        tx.value("SELECT EXISTS (SELECT 1 FROM visit WHERE area_code ^@ :code)", code=county)
    )


def date_facts(tx: Transaction, county: str) -> int:
    """Say when each known fact was seen: mostly in time, some too long ago, some never."""
    tx.execute(
        "UPDATE household_need n SET source = 'demo', seen_at = now() - make_interval(days => "
        + _DRAWN.format(salt="n.kind", most="200")
        + "::int) FROM household h WHERE h.id = n.household_id AND h.area_code ^@ :code",
        code=county,
    )
    return tx.execute(
        "INSERT INTO household_fact (household_id, area_code, field, seen_at, source)"
        " SELECT h.id, h.area_code, f.name, now() - make_interval(days => "
        + _DRAWN.format(salt="f.name", most="f.stale_days * 5 / 4")
        + "::int), 'demo' FROM household h JOIN household_field f ON f.area_code = :code"
        " WHERE h.area_code ^@ :code AND EXISTS"
        " (SELECT 1 FROM household_need n WHERE n.household_id = h.id)"
        " AND to_jsonb(h) ->> f.name IS NOT NULL ON CONFLICT DO NOTHING",
        code=county,
    )


def visit_most(tx: Transaction, county: str) -> int:
    """Give nearly every household with needs a past visit, most of them in time."""
    return tx.execute(
        "WITH ruled AS (SELECT h.id, h.area_code, h.source_key,"
        "  array_agg(n.kind ORDER BY n.kind) AS kinds, min(r.interval_days) AS days,"
        "  min(r.priority) AS priority FROM household h"
        "  JOIN household_need n ON n.household_id = h.id"
        "  JOIN visit_rule r ON r.need = n.kind AND r.area_code = :code"
        "  WHERE h.area_code ^@ :code GROUP BY h.id),"
        " past AS (SELECT h.*, now() - make_interval(days => "
        + _DRAWN.format(salt="'visit'", most="(h.days * 21 / 20)")
        + "::int, hours => 3) AS at FROM ruled h)"
        " INSERT INTO visit (household_id, area_code, state, due_on, kinds, priority, done_at,"
        " ended_at, planned_at) SELECT id, area_code, 'done', at::date, kinds, priority, at, at,"
        " at - interval '5 days' FROM past",
        code=county,
    )
