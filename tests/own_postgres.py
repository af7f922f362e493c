"""A PostgreSQL of a benchmark's own: started in a temporary folder, thrown away afterwards."""

import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from gridmap.local import machine
from gridmap.local.child import Child, Log, wait_until
from gridmap.local.postgres import Cluster
from gridmap.store.migrate import prepare


class Addresses(NamedTuple):
    """Where the migrated database is, for its superuser and for the application."""

    superuser: str
    app: str


@contextmanager
def empty_server(*, durable):
    """Start a server with nothing in it; give its cluster and the superuser's password.

    Parameters
    ----------
    durable
        Wait for the disk, as in production.
    """
    user = machine.runner()
    folder = Path(tempfile.mkdtemp(prefix="gmb"))  # short: a socket's path has 107 bytes
    os.chown(folder, user.uid, user.gid)
    cluster = Cluster.at(folder / "data", folder, durable=durable)
    password = secrets.token_urlsafe(16)
    cluster.initialise(password, user)
    server = Child(cluster.part(), user, Log(folder / "log", "postgres"))
    server.start()
    try:
        if not wait_until(cluster.is_ready, 60):
            raise SystemExit("PostgreSQL did not start: " + "\n".join(server.log.tail))
        yield cluster, password
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def migrated_server(*, durable):
    """Start a server and give the `Addresses` of a database with every migration."""
    with empty_server(durable=durable) as (cluster, password):
        roles = ("gridmap_migrator", "gridmap_app", "gridmap_backup")
        passwords = {name: secrets.token_urlsafe(16) for name in roles}
        prepare(cluster.url(password), passwords)
        app = cluster.url(passwords["gridmap_app"], "gridmap")
        yield Addresses(
            cluster.url(password, "gridmap"), app.replace("//postgres:", "//gridmap_app:", 1)
        )
