"""`gridmap up` with everything it runs: started, killed in parts, recovered, stopped."""

import os
import signal
import socket
import stat
import subprocess
import time

import psutil
import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from running_site import Site

from gridmap import local
from gridmap.local import machine
from gridmap.local.child import descendants_of, wait_until

PROGRAMS = {"web", "worker-urgent", "worker-default", "worker-slow", "scheduler"}


@pytest.fixture(scope="module")
def site(site_folder):
    site = Site(site_folder)
    try:
        site.start()
        yield site
    finally:
        site.stop()


def test_status_tells_every_part(site):
    status = local.status(site.settings)
    assert status["running"]
    assert status["stage"] == "up"
    assert status["address"] == site.address
    assert status["pid"] == site.process.pid
    assert set(status["parts"]) == PROGRAMS | {"postgres", "redis"}
    assert all(part["running"] and part["restarts"] == 0 for part in status["parts"].values())
    assert status["ready"]["status"] == 200
    assert 0 < status["memory_mb"] < 1500


def test_nothing_runs_as_root_or_listens_beyond_its_folder(site):
    user = machine.runner()
    family = [psutil.Process(site.process.pid), *descendants_of(site.process.pid)]
    assert len(family) > 10
    assert {process.uids().effective for process in family} == {user.uid}
    listening = {
        connection.laddr
        for process in family
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", site.port)}
    secrets = site.folder / ".gridmap" / "secrets.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert stat.S_IMODE(site.sockets.stat().st_mode) == 0o700


def test_nobody_comes_in_without_a_password(site):
    sockets = site.sockets
    for role in ("postgres", "gridmap_app"):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(host=sockets, user=role, dbname="gridmap")
    at_once = Retry(NoBackoff(), 0)
    client = redis.Redis(unix_socket_path=f"{sockets}/redis.sock", retry=at_once)
    with client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_what_is_acknowledged_is_on_disk(site):
    connection = site.superuser()
    with connection, connection.cursor() as cursor:
        shown = {}
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            cursor.execute(f"SHOW {name}")
            shown[name] = cursor.fetchone()[0]
    connection.close()
    assert set(shown.values()) == {"on"}
    with redis.Redis.from_url(site.settings.redis_url) as client:
        assert client.config_get("append*")["appendonly"] == "yes"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_second_up_says_that_the_first_runs(site):
    code, said = site.run_another()
    assert code == 1
    assert f"already running as process {site.process.pid} at {site.address}" in said
    assert local.status(site.settings)["parts"]["web"]["restarts"] == 0


def test_killed_parts_come_back_with_their_data(site):
    connection = site.superuser()
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()
    for part in ("postgres", "redis", "worker-slow", "web"):
        site.kill(part)
        assert local.status(site.settings)["parts"][part]["restarts"] == 1
    connection = site.superuser()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()


def test_servers_named_in_the_environment_are_used(site, site_folder, redis_url):
    """The database is the one `site` keeps: a server that does not wait for its disk is refused."""
    other = Site(
        site_folder / "named",
        GRIDMAP_DATABASE_URL=site.settings.database_url,
        GRIDMAP_REDIS_URL=redis_url,
        GRIDMAP_SECRET_KEY=site.secrets["secret_key"],
    )
    other.folder.mkdir()
    other.folder.chmod(0o755)
    try:
        other.start()
        assert set(local.status(other.settings)["parts"]) == PROGRAMS
        assert not (other.folder / ".gridmap" / "pgdata").exists()
        other.process.send_signal(signal.SIGINT)
        assert other.process.wait(30) == 0
    finally:
        other.stop()


def orphan_of(site):
    """A server that no supervisor knows of: same program, same folder."""
    data = site.folder / ".gridmap" / "redis"
    return subprocess.Popen(
        ["redis-server", str(data / "redis.conf")],
        stdout=subprocess.DEVNULL,
        cwd=data,
        **machine.runner().popen(),
    )


def test_killed_supervisor_leaves_nothing_and_the_next_one_recovers(site):
    """Also that a clean stop ends everything; the last test of `site`, for it stops it."""
    family = descendants_of(site.process.pid)
    site.process.kill()
    site.process.wait()
    _gone, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert local.status(site.settings)["running"] is False
    # a server killed with its supervisor leaves this, and the pid may be somebody else's by now
    stale = site.folder / ".gridmap" / "pgdata" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n")
    os.chown(stale, machine.runner().uid, machine.runner().gid)
    orphan = orphan_of(site)
    assert wait_until((site.sockets / "redis.sock").exists, 10)
    # nor does a damaged copy of the queues, which can be made again, keep it from starting
    (log,) = (site.folder / ".gridmap" / "redis" / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(b"*3\r\n$3\r\nSET\r\nnonsense" * 9 + log.read_bytes())
    site.forget()
    site.start()
    assert "redis did not accept its data" in site.said
    assert "removed a stale postmaster.pid" in site.said
    assert f"ended redis-server ({orphan.pid}) left by an earlier start" in site.said
    assert orphan.wait(5) is not None
    connection = site.superuser()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()
    family = descendants_of(site.process.pid)
    began = time.monotonic()
    assert local.down(site.settings) == 0
    assert time.monotonic() - began < 30
    assert site.process.wait(5) == 0
    assert [process for process in family if process.is_running()] == []
    assert "stopped" in site.said
    assert local.status(site.settings)["running"] is False
    assert local.down(site.settings) == 0


def test_taken_port_is_named_before_anything_starts(site_folder):
    site = Site(site_folder / "other")
    site.folder.mkdir()
    site.folder.chmod(0o755)
    with socket.create_server(("127.0.0.1", site.port)):
        code, said = site.run_another()
    assert code == 1
    assert f"port {site.port} is taken by process {os.getpid()}" in said
    assert not (site.folder / ".gridmap" / "pgdata").exists()
