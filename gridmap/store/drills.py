"""The drill calendar: what is noted of each exercise, and when the last one was reviewed."""

from datetime import date

from gridmap.store import days
from gridmap.store.database import Row, Transaction

_OWN = "area_code ^@ ANY ((SELECT my_areas())::text[])"


def places(tx: Transaction, within: str) -> list[Row]:
    """List townships and communities in scope that have not ended: code, level and names."""
    return tx.all(
        "SELECT code, level, name_zh, name_en FROM area WHERE level IN ('township', 'community')"
        " AND valid_to IS NULL AND (starts_with(code, :code) OR starts_with(:code, code))"
        " AND code ^@ ANY ((SELECT my_areas())::text[]) ORDER BY code",
        code=within,
    )


def noted(tx: Transaction) -> list[Row]:
    """List what is noted of exercises in scope."""
    return tx.all(
        "SELECT id, area_code, template_key, name, planned_on, revision, told_for, told"
        f" FROM drill WHERE {_OWN}"
    )


def begun(tx: Transaction) -> list[Row]:
    """Give from which day each template has been there: area, key and day."""
    return tx.all(
        "SELECT area_code, key, min(valid_from) AS since FROM plan_template GROUP BY 1, 2"
    )


def held(tx: Transaction) -> list[Row]:
    """List exercises with a template: where, which, its drill, whether it is reviewed and when.

    `name` is None for one that was not begun from the calendar: it counts for every drill of its
    template.
    """
    return tx.all(
        "SELECT r.id, r.area_code, r.template_key, d.name, r.state,"
        f" {days.day('r.reviewed_at')} AS reviewed_on FROM response AS r"
        " LEFT JOIN drill AS d ON d.id = r.drill_id"
        " WHERE r.exercise AND r.template_key IS NOT NULL ORDER BY r.id"
    )


def hold(tx: Transaction, area_code: str, key: str, name: str) -> Row:
    """Give what is noted of an exercise, begun where nothing was, held to the transaction's end."""
    tx.execute(
        "INSERT INTO drill (area_code, template_key, name, set_by) VALUES (:code, :key, :name,"
        " :user) ON CONFLICT (area_code, template_key, name) DO NOTHING",
        code=area_code,
        key=key,
        name=name,
        user=tx.scope.user_id,
    )
    return tx.one(
        "SELECT id, planned_on, revision FROM drill WHERE area_code = :code"
        " AND template_key = :key AND name = :name FOR UPDATE",
        code=area_code,
        key=key,
        name=name,
    )


def plan(tx: Transaction, drill_id: int, day: date | None) -> int:
    """Note for which day an exercise is set; give the new revision."""
    return int(
        tx.value(
            "UPDATE drill SET planned_on = :day, revision = revision + 1, set_by = :user,"
            " set_at = now() WHERE id = :id RETURNING revision",
            id=drill_id,
            day=day,
            user=tx.scope.user_id,
        )
    )


def done(tx: Transaction, drill_id: int) -> None:
    """Forget the day of an exercise that has been reviewed: the next one has none yet."""
    tx.execute(
        "UPDATE drill SET planned_on = NULL, told_for = NULL, told = NULL,"
        " revision = revision + 1 WHERE id = :id",
        id=drill_id,
    )


def tell(tx: Transaction, area_code: str, key: str, name: str, day: date, told: str) -> bool:
    """Note that the office is reminded of a day; False where it has been."""
    return bool(
        tx.execute(
            "INSERT INTO drill (area_code, template_key, name, told_for, told)"
            " VALUES (:code, :key, :name, :day, :told)"
            " ON CONFLICT (area_code, template_key, name) DO UPDATE SET told_for = :day,"
            "  told = :told WHERE (drill.told_for, drill.told) IS DISTINCT FROM"
            "  (CAST(:day AS date), CAST(:told AS text))",
            code=area_code,
            key=key,
            name=name,
            day=day,
            told=told,
        )
    )
