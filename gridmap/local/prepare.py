"""The one-shot before anything is served: roles, database, migrations.

A process of its own, so that the supervisor never loads the migration tools.
"""

from __future__ import annotations

import os
from pathlib import Path

from gridmap.local import vault
from gridmap.local.layout import Layout
from gridmap.local.postgres import Cluster
from gridmap.store.migrate import migrate, prepare


def main() -> None:
    """Migrate the database named in the environment, or prepare our own server's."""
    url = os.environ.get("GRIDMAP_MIGRATE_URL")
    if url:
        migrate(url)
        return
    layout = Layout.of(Path(os.environ["GRIDMAP_STATE"]))
    secrets = vault.read(layout)
    cluster = Cluster.at(layout.pgdata, Path(secrets["sockets"]))
    roles = {name: secrets[name] for name in secrets if name.startswith("gridmap_")}
    prepare(cluster.url(secrets["postgres"]), roles)


if __name__ == "__main__":
    main()
