"""`gridmap backup` and `gridmap restore`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.outcome import as_json, give, say, settings
from gridmap.model.problem import Problem
from gridmap.settings import Settings

if TYPE_CHECKING:
    from gridmap.store.backup_file import Manifest


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def backup(file: Path, as_json: bool) -> None:
    """Write everything to FILE and read it whole before it counts.

    Keep beside it, but not in the same place, the secret key of this county: second factors are
    sealed with it.
    """
    from gridmap.local.errors import LocalError
    from gridmap.store import backup as backups
    from gridmap.store.pg_programs import BackupError

    found = settings()
    if found.backup_url is None:
        raise LocalError("set GRIDMAP_BACKUP_URL to the address of the backup role")
    if not file.absolute().parent.is_dir():
        raise Problem(400, "Bad input", f"there is no folder {file.absolute().parent}")
    try:
        manifest = backups.make(found.backup_url, file.absolute(), found.secret_key)
    except BackupError as error:
        raise LocalError(str(error)) from error
    give(_told(file, manifest), as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Read it whole and stop there.")
@click.option(
    "--replace", is_flag=True, help="Take the place of a county; it is kept under another name."
)
@click.option(
    "--superuser-url",
    default=None,
    help="postgresql:// address of a superuser, for a server that `gridmap up` does not run;"
    " the password may be in PGPASSWORD.",
)
@as_json
def restore(
    file: Path, only_check: bool, replace: bool, superuser_url: str | None, as_json: bool
) -> None:
    """Bring FILE back beside what is there, check it, and only then put it in its place."""
    from gridmap.local.errors import LocalError
    from gridmap.store import backup_file
    from gridmap.store import restore as restoring
    from gridmap.store.pg_programs import BackupError

    found = settings()
    source = file.absolute()
    try:
        if only_check:
            give(_told(file, backup_file.check(source)), as_json)
            return
        url, passwords, name = _target(found, superuser_url)
        manifest, former = restoring.restore(source, url, passwords, name, replace=replace)
    except BackupError as error:
        raise LocalError(str(error)) from error
    _warn_of_key(manifest, found)
    give(_told(file, manifest) | {"database": name, "former": former}, as_json)


def _target(found: Settings, superuser_url: str | None) -> tuple[str, dict[str, str], str]:
    """Give the superuser's address, passwords of the roles, and the name of the database."""
    from gridmap.local import vault
    from gridmap.local.errors import LocalError
    from gridmap.local.layout import Layout
    from gridmap.local.postgres import Cluster
    from gridmap.store.pg_programs import database_of

    if not found.own_database or superuser_url is not None:
        if superuser_url is None or found.database_url is None:
            raise LocalError(
                "this database is not run by `gridmap up`: give --superuser-url and set"
                " GRIDMAP_DATABASE_URL"
            )
        name = database_of(found.database_url)
        return superuser_url, {}, name
    layout = Layout.of(found.state)
    try:
        secrets = vault.read(layout)
    except FileNotFoundError:
        raise LocalError("there is no database to restore into: `gridmap up` first") from None
    cluster = Cluster.at(layout.pgdata, Path(secrets["sockets"]))
    roles = {name: secrets[name] for name in secrets if name.startswith("gridmap_")}
    return cluster.url(secrets["postgres"]), roles, "gridmap"


def _warn_of_key(manifest: "Manifest", found: Settings) -> None:
    from gridmap.store.backup_file import fingerprint

    if manifest.key is not None and manifest.key != fingerprint(found.secret_key):
        say(
            "the secret key here is not the one of the backup: second factors have to be enrolled"
            " anew, or set GRIDMAP_SECRET_KEY to the former one"
        )


def _told(file: Path, manifest: "Manifest") -> dict[str, Any]:
    known = asdict(manifest)
    events, last = known.pop("trail")
    rows = known.pop("rows")
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        **known,
        "tables": len(rows),
        "rows": sum(rows.values()),
        "events": events,
        "trail_hash": last,
    }


COMMANDS = (backup, restore)
