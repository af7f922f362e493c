"""Areas as a layer, and the town whose data a page shows."""

from gridmap.store.database import Row, Transaction
from gridmap.store.view.feature import Source

TABLES = ("area",)


def source(english: bool) -> Source:
    """Areas of one level."""
    return Source(
        tables="area a",
        key="a.code",
        geometry="a.geom",
        area="a.code",
        properties={
            "code": "a.code",
            "level": "a.level",
            "name": "coalesce(a.name_en, a.name_zh)" if english else "a.name_zh",
        },
        where=("a.level = :level", "a.valid_to IS NULL"),
    )


def town(tx: Transaction) -> Row | None:
    """Give the town that this scope sees: title, bounds, centre, source and notice.

    A county that came in from files has no title page; it goes by its name and lies where its
    outline is.
    """
    return tx.maybe(
        "SELECT key, title_zh, title_en, notice_zh, notice_en, attribution, demo,"
        " ARRAY[ST_X(center), ST_Y(center)] AS center,"
        " ARRAY[ST_XMin(bounds), ST_YMin(bounds), ST_XMax(bounds), ST_YMax(bounds)] AS bounds"
        " FROM town ORDER BY loaded_at DESC, area_code LIMIT 1"
    ) or tx.maybe(
        "SELECT NULL AS key, name_zh AS title_zh, name_en AS title_en, '' AS notice_zh,"
        " '' AS notice_en, '' AS attribution, false AS demo,"
        " ARRAY[ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom))] AS center,"
        " ARRAY[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)] AS bounds"
        " FROM area WHERE level = 'county' ORDER BY code LIMIT 1"
    )
