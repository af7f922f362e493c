"""What a booklet says beside its sheets: offices to call, the plans before, what has changed."""

from gridmap.store.database import Row, Transaction


def posts(tx: Transaction, area_code: str, codes: list[str]) -> list[Row]:
    """Give the offices of the areas around some grids, and who looks after the grids."""
    return tx.all(
        "SELECT o.area_code AS code, o.name, o.phone, true AS public FROM area_office AS o"
        " WHERE EXISTS (SELECT 1 FROM unnest(CAST(:codes AS text[])) AS c(code)"
        "  WHERE starts_with(c.code, o.area_code)) OR o.area_code = :area"
        " UNION ALL SELECT m.area_code, m.name, m.phone, m.phone_public FROM grid_member AS m"
        "  WHERE m.area_code = ANY(:codes) AND m.role <> 'adviser' AND m.valid_to IS NULL"
        " ORDER BY 1, 2",
        area=area_code,
        codes=codes,
    )


def versions(tx: Transaction, hazard_id: int, plan_id: int) -> list[Row]:
    """Give the plans of a hazard up to one, in their order: who made them, who decided."""
    return tx.all(
        "SELECT p.hazard_id, p.version, p.state, p.drafted_at, p.approved_at, p.approval_reason,"
        " p.rejection_reason, coalesce(p.check_hash, '') AS check_hash,"
        " (SELECT u.display_name FROM app_user AS u WHERE u.id = p.created_by) AS drafted_by,"
        " (SELECT u.display_name FROM app_user AS u WHERE u.id = p.approved_by) AS approved_by,"
        " (SELECT r.hazard_id || '-' || r.version FROM plan AS r WHERE r.id = p.replans)"
        "  AS replans FROM plan AS p WHERE p.hazard_id = :hazard AND p.id <= :id"
        " AND p.state NOT IN ('drafting', 'failed') ORDER BY p.version",
        hazard=hazard_id,
        id=plan_id,
    )


def names(tx: Transaction, ids: list[int], english: bool) -> list[str]:
    """Give what some facilities are called, in their order."""
    name = "coalesce(name_en, name)" if english else "name"
    rows = tx.all(f"SELECT {name} AS name FROM facility WHERE id = ANY(:ids) ORDER BY id", ids=ids)
    return [row["name"] for row in rows if row["name"]]


def english_names(tx: Transaction, names: list[str]) -> dict[str, str]:
    """Give what facilities of some names are called in English, where that is known."""
    rows = tx.all(
        "SELECT DISTINCT ON (name) name, name_en FROM facility"
        " WHERE name = ANY(:names) AND name_en IS NOT NULL ORDER BY name, id",
        names=names,
    )
    return {row["name"]: row["name_en"] for row in rows}


def hazard_name(tx: Transaction, hazard_id: int, english: bool) -> str:
    """Give what people call a hazard."""
    name = "coalesce(name_en, name)" if english else "name"
    return str(tx.value(f"SELECT {name} FROM hazard WHERE id = :id", id=hazard_id))
