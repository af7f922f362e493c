"""A county with one community and two buildings, to import into."""

from collections.abc import Iterator

import pytest
import shapely

from gridmap.model.access import system_scope
from gridmap.store.database import Database

COUNTY, COMMUNITY = "990101", "990101001001"


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    outline = shapely.box(114.30, 30.50, 114.32, 30.52)
    with opened.transaction(system_scope()) as tx:
        for code, level, parent in (
            (COUNTY, "county", None),
            (COMMUNITY[:9], "township", COUNTY),
            (COMMUNITY, "community", COMMUNITY[:9]),
        ):
            tx.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (:code, :level,"
                " :parent, :code, ST_Multi(ST_GeomFromWKB(:wkb, 4326)))",
                code=code,
                level=level,
                parent=parent,
                wkb=outline.wkb,
            )
        for number, lon in (("1", 114.305), ("2", 114.310)):
            tx.execute(
                "INSERT INTO building (area_code, source_key, estate, building, address,"
                " address_key, geom) VALUES (:area, :number, '松山里', :number, :address, :address,"
                " ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(:lon, 30.51), 4326), 0.0001)))",
                area=COMMUNITY,
                number=number,
                address=f"松山里{number}栋",
                lon=lon,
            )
    yield opened
    opened.close()
