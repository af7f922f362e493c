"""Frames into tables, also where the driver gives way to others while it waits."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from psycopg2.extensions import set_wait_callback
from psycopg2.extras import wait_select

from gridmap.model.access import Scope
from gridmap.store import frames
from gridmap.store.database import Database

pytestmark = pytest.mark.database
SHAPE = shapely.multipolygons([shapely.box(114.4, 30.5, 114.5, 30.6)])
NAME = '"quoted", \\ and\nbroken'


@pytest.fixture(params=["copied", "cooperative"])
def _way(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "cooperative":
        set_wait_callback(wait_select)
    yield
    set_wait_callback(None)


@pytest.mark.usefixtures("_way")
def test_a_frame_becomes_rows(store: Database, scope: Scope) -> None:
    frame = gpd.GeoDataFrame(
        {
            "area_code": ["990101", "990101"],
            "source_key": ["a", NAME],
            "name": pd.Series([None, "楼"], dtype=object),
            "levels": [1, 32],
            "geom": np.array([SHAPE, SHAPE], dtype=object),
        }
    )
    with store.transaction(scope) as tx:
        assert frames.insert(tx, "building", frame) == 2
        held = frames.read(
            tx,
            "SELECT id, source_key, name, levels, ST_AsBinary(geom) AS geom FROM building"
            " ORDER BY id",
        )
    assert held["source_key"].tolist() == ["a", NAME]
    assert held["name"].isna().tolist() == [True, False]
    assert held["levels"].tolist() == [1, 32]
    assert held.geometry.iloc[0].equals(SHAPE)
