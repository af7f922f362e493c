"""What counts when teams are ranked, by area and in versions."""

from collections.abc import Mapping

from gridmap.store.database import Row, Transaction

_SHOWN = (
    "w.area_code, w.version, w.skill_seconds, w.kind_seconds, w.load_seconds, w.person_seconds,"
    " w.most_cover_seconds, w.retired, w.note, w.set_at"
)
NAMES = ("skill_seconds", "kind_seconds", "load_seconds", "person_seconds", "most_cover_seconds")


def in_force(tx: Transaction, area: str) -> Row | None:
    """Give what holds in an area: its own, or that of the nearest area above it that has one."""
    return tx.maybe(
        f"SELECT {_SHOWN} FROM dispatch_weight AS w WHERE starts_with(:area, w.area_code)"
        " AND NOT w.retired AND NOT EXISTS (SELECT 1 FROM dispatch_weight AS n"
        "  WHERE n.area_code = w.area_code AND n.version > w.version)"
        " ORDER BY length(w.area_code) DESC LIMIT 1",
        area=area,
    )


def newest(tx: Transaction, area: str) -> int:
    """Give the newest version of an area; 0 where none was ever set."""
    return int(
        tx.value(
            "SELECT coalesce(max(version), 0) FROM dispatch_weight WHERE area_code = :area",
            area=area,
        )
    )


def listing(tx: Transaction) -> list[Row]:
    """List every version with who set it, the newest of an area first."""
    return tx.all(
        f"SELECT {_SHOWN}, u.display_name AS by FROM dispatch_weight AS w"
        " LEFT JOIN app_user AS u ON u.id = w.set_by ORDER BY w.area_code, w.version DESC LIMIT 500"
    )


def add(
    tx: Transaction,
    area: str,
    version: int,
    values: Mapping[str, float],
    note: str,
    *,
    retired: bool,
) -> bool:
    """Add a version; False if somebody else has added it meanwhile."""
    return bool(
        tx.execute(
            "INSERT INTO dispatch_weight (area_code, version, skill_seconds, kind_seconds,"
            " load_seconds, person_seconds, most_cover_seconds, retired, note, set_by)"
            " VALUES (:area, :version, :skill_seconds, :kind_seconds, :load_seconds,"
            " :person_seconds, :most_cover_seconds, :retired, :note, :user_id)"
            " ON CONFLICT DO NOTHING",
            area=area,
            version=version,
            note=note,
            retired=retired,
            user_id=tx.scope.user_id,
            **values,
        )
    )
