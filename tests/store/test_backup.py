"""A backup holds everything or is refused; a restore brings everything back or changes nothing."""

import json
import subprocess
import tarfile
from contextlib import closing

import psycopg2
import pytest

from gridmap.model.access import Scope, system_scope
from gridmap.services import trail
from gridmap.store import backup, event, migrate, restore
from gridmap.store.backup_file import check
from gridmap.store.database import Database
from gridmap.store.pg_programs import BackupError

pytestmark = pytest.mark.database

SECRET = "0123456789abcdef-of-this-test-only"  # noqa: S105  of this test only
COUNTY = "990101"
SQUARE = "ST_Multi(ST_MakeEnvelope(114, 30, 115, 31, 4326))"


@pytest.fixture
def county(fresh_database):
    """A database with a county, 300 households, as many events, and an open session."""
    opened = Database(fresh_database.app_url)
    with opened.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO area (code, level, name_zh, geom)"
            f" VALUES ('{COUNTY}', 'county', '示范县', {SQUARE})"
        )
        tx.execute(
            "INSERT INTO household (area_code, source_key, address, people, unplaced_reason)"
            f" SELECT '{COUNTY}001001', 'h' || n, E'一行\\n两行\\\\.' || n, 3, 'no_match'"
            " FROM generate_series(1, 300) AS n"
        )
        tx.execute(
            "INSERT INTO app_user (name, display_name, password_hash) VALUES ('a1', 'A', 'x')"
        )
        tx.execute(
            "INSERT INTO session (token_hash, user_id, expires_at)"
            " SELECT sha256('t'), id, now() + interval '1 day' FROM app_user"
        )
    for number in range(20):
        with opened.transaction(Scope((COUNTY,))) as tx:
            event.record(tx, "household.read", area_code=COUNTY, subject_id=number)
    opened.close()
    return fresh_database


@pytest.fixture
def spare(county):
    """Name of a database that does not exist yet; dropped afterwards with what it left."""
    name = f"{county.name}_spare"
    yield name
    with closing(psycopg2.connect(county.server.superuser_dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (name + "%",))
            for (found,) in cursor.fetchall():
                cursor.execute(f'DROP DATABASE "{found}" WITH (FORCE)')


def backup_url(county):
    return county.server.url("gridmap_backup", county.name)


def contents(county, name=None):
    """Every row of every table, as the superuser sees it."""
    url = county.server.url("postgres", name or county.name)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        found = {}
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' ORDER BY 1"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t'
            )
            found[table] = cursor.fetchone()[0]
    return found


def test_everything_comes_back(county, spare, tmp_path):
    file = tmp_path / "county.backup"
    manifest = backup.make(backup_url(county), file, SECRET)
    assert manifest.rows["household"] == 300
    assert manifest.trail[0] == 20
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert check(file) == manifest
    restore.restore(file, county.server.superuser_dsn, {}, spare)
    before, after = contents(county), contents(county, spare)
    assert before.pop("session") is not None
    assert after.pop("session") is None  # who had signed out stays signed out
    assert after == before
    opened = Database(county.server.url("gridmap_app", spare))
    assert trail.verify(opened) == trail.Verdict(20, None)
    with opened.transaction(Scope(("990102",))) as tx:
        assert tx.value("SELECT count(*) FROM household") == 0  # row security came back too
    with opened.transaction(Scope((COUNTY,))) as tx:
        assert tx.value("SELECT count(*) FROM household") == 300
        event.record(tx, "household.read", area_code=COUNTY, subject_id=1)
    assert trail.verify(opened) == trail.Verdict(21, None)
    opened.close()
    url = county.server.url("postgres", spare)
    with closing(psycopg2.connect(url)) as connection:
        assert migrate.leakproof_marked(connection)


def test_a_role_under_row_security_makes_no_backup(county, tmp_path):
    with pytest.raises(BackupError, match="row security"):
        backup.make(county.app_url, tmp_path / "x", None)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def file(county, tmp_path):
    path = tmp_path / "county.backup"
    backup.make(backup_url(county), path, SECRET)
    return path


def repacked(file, tmp_path, change):
    """Take a backup apart, change manifest or dump, and pack it again with a right checksum."""
    folder = tmp_path / "apart"
    with tarfile.open(file) as archive:
        archive.extractall(folder)  # noqa: S202  ours
    manifest = json.loads((folder / "manifest.json").read_text())
    change(folder, manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(file, "w") as archive:
        for name in ("manifest.json", "database.dump"):
            archive.add(folder / name, name)


def test_a_byte_that_differs_is_found(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(BackupError, match="damaged"):
        check(file)


@pytest.mark.parametrize("part", [0, 100, 5000, -20000])
def test_a_backup_cut_short_is_found(file, part):
    file.write_bytes(file.read_bytes()[:part])
    with pytest.raises(BackupError, match="damaged|no backup"):
        check(file)


def test_a_dump_filtered_by_row_security_is_found(file, county, tmp_path):
    def change(folder, manifest):
        dump = folder / "database.dump"
        superuser = county.server.url("postgres", county.name)
        with closing(psycopg2.connect(superuser)) as connection, connection:
            rights = "GRANT SELECT ON ALL {} IN SCHEMA public TO gridmap_app"
            connection.cursor().execute(rights.format("TABLES") + ";" + rights.format("SEQUENCES"))
        url = county.server.url("gridmap_app", county.name)
        subprocess.run(
            ["pg_dump", f"--dbname={url}", "--format=custom", "--enable-row-security",
             f"--file={dump}"],
            check=True,
        )  # fmt: skip
        from gridmap.store.backup_file import sha256_of

        manifest["sha256"] = sha256_of(dump)
        manifest["rows"] = {name: 0 for name in manifest["rows"] if name in ("area", "household")}

    repacked(file, tmp_path, change)
    with pytest.raises(BackupError, match="row security"):
        check(file)


def test_a_table_with_other_rows_is_named(file, tmp_path):
    repacked(file, tmp_path, lambda _folder, manifest: manifest["rows"].update(household=301))
    with pytest.raises(BackupError, match="household: 300 of 301"):
        check(file)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 7}', "\udcff"])
def test_a_file_that_is_none_is_refused(tmp_path, text):
    file = tmp_path / "x"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BackupError, match="no backup"):
        check(file)


def test_a_county_is_not_overwritten(file, county):
    before = contents(county)
    with pytest.raises(BackupError, match="holds a county"):
        restore.restore(file, county.server.superuser_dsn, {}, county.name)
    assert contents(county) == before


def test_a_county_replaced_is_kept_and_a_damaged_file_changes_nothing(file, county, spare):
    dsn = county.server.superuser_dsn
    restore.restore(file, dsn, {}, spare)
    opened = Database(county.server.url("gridmap_app", spare))
    with opened.transaction(system_scope()) as tx:
        tx.execute("UPDATE household SET people = 9")
    _manifest, former = restore.restore(file, dsn, {}, spare, replace=True)
    with opened.transaction(system_scope()) as tx:  # the same pool goes on with what came back
        assert tx.value("SELECT max(people) FROM household") == 3
    opened.close()
    assert former.startswith(spare)
    url = county.server.url("postgres", former)
    with closing(psycopg2.connect(url)) as kept, kept.cursor() as cursor:
        cursor.execute("SELECT min(people) FROM household")
        assert cursor.fetchone() == (9,)
    before = contents(county, spare)
    file.write_bytes(file.read_bytes()[:-20000])
    with pytest.raises(BackupError):
        restore.restore(file, dsn, {}, spare, replace=True)
    assert contents(county, spare) == before
