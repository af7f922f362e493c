"""A whole `gridmap up` with the small county of the web tests in it, durable as in production."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest
from reports import PASSWORD
from running_site import Site

from gridmap.model.access import Role, system_scope
from gridmap.services import accounts
from gridmap.store.database import Database

if TYPE_CHECKING:
    from psycopg2.extensions import connection

TOWN = Path(__file__).parents[1] / "web" / "town.sql"
GRID = "990101001001001"


@pytest.fixture(scope="session")
def county() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="gridmap-promises-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = Site(folder, GRIDMAP_BOUNDS="114,30,115,31")
        try:
            site.start()
            fill(site)
            yield site
        finally:
            site.stop()


def fill(site: Site) -> None:
    owner = as_superuser(site)
    with owner, owner.cursor() as cursor:
        cursor.execute(TOWN.read_text(encoding="utf-8"))
    owner.close()
    store = Database(site.settings.database_url)
    with store.transaction(system_scope()) as tx:
        accounts.create_user(tx, "member", PASSWORD, "Member", [(Role.GRID_MEMBER, GRID)])
    store.close()


def as_superuser(site: Site) -> connection:
    known = site.secrets
    return psycopg2.connect(
        host=known["sockets"], user="postgres", password=known["postgres"], dbname="gridmap"
    )


@pytest.fixture
def store(county: Site) -> Iterator[Database]:
    opened = Database(county.settings.database_url)
    yield opened
    opened.close()
