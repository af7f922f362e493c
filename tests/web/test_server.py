"""The real web server: hundreds of open streams, a slow query, and everybody still answered."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
from webtown import COUNTY, PASSWORD

from gridmap.model.access import system_scope
from gridmap.services.sessions import token_hash
from gridmap.store import event

ROOT = Path(__file__).resolve().parents[2]
STREAMS, EACH = 300, 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def tokens(store, people):
    """A hundred duty officers with an open session each; nobody hashes a hundred passwords."""
    made = [secrets.token_urlsafe(32) for _number in range(STREAMS // EACH)]
    with store.transaction(system_scope()) as tx:
        for number, token in enumerate(made):
            user = tx.value(
                "INSERT INTO app_user (name, display_name, password_hash)"
                " VALUES (:name, 'Watcher', 'x') RETURNING id",
                name=f"watcher{number}",
            )
            tx.execute(
                "INSERT INTO user_role (user_id, role, area_code)"
                " VALUES (:user, 'duty_officer', :area)",
                user=user,
                area=COUNTY,
            )
            tx.execute(
                "INSERT INTO session (token_hash, user_id, expires_at)"
                " VALUES (:hash, :user, now() + interval '1 hour')",
                hash=token_hash(token),
                user=user,
            )
    return made


@pytest.fixture(scope="module")
def server(settings, people, tmp_path_factory):
    """One worker, so that nothing can hide behind a second one."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GRIDMAP_")},
        **settings.to_environment(),
        "GRIDMAP_PORT": str(port),
        "GRIDMAP_WEB_WORKERS": "1",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                "gridmap/gunicorn_config.py",
                "gridmap.app:create_app()",
            ],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                if get(port, "/healthz")[0] == 200:
                    break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield port, process, log
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            process.kill()
            process.wait()


def get(port, path, token=None, seconds=30.0):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        headers = {"Cookie": f"gridmap_session={token}"} if token else {}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def begin(port, path, token):
    """Send a request and leave the answer for later."""
    opened = socket.create_connection(("127.0.0.1", port), timeout=30)
    opened.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: gridmap_session={token}\r\n\r\n".encode()
    )
    return opened


def read_until(opened, words):
    found = b""
    while words not in found:
        part = opened.recv(65536)
        assert part, found
        found += part
    return found


def status_of(opened):
    """Read the status of an answer."""
    return int(read_until(opened, b"\r\n").split(b" ", 2)[1])


@pytest.fixture
def streams():
    """Open connections; closed whatever happens."""
    with contextlib.ExitStack() as held:

        def opened(port, token, path="/api/live/stream"):
            return held.enter_context(contextlib.closing(begin(port, path, token)))

        yield opened


def test_streams_and_a_slow_query_leave_the_rest_alone(server, tokens, store, database, streams):
    port, _process, _log = server
    watching = [streams(port, token) for token in tokens for _number in range(EACH)]
    for stream in watching:
        assert b"200 OK" in read_until(stream, b"event: seen")
    assert get(port, "/api/live/stream", tokens[0])[0] == 503

    with contextlib.closing(psycopg2.connect(database.superuser_url)) as locker:
        with locker.cursor() as cursor:
            cursor.execute("LOCK TABLE facility IN ACCESS EXCLUSIVE MODE")
        slow = streams(port, tokens[0], "/api/facilities")
        slow.settimeout(2.0)
        with pytest.raises(TimeoutError):
            slow.recv(1)  # two seconds, and the query is still waiting
        # without a cooperative driver none of these would come back before the lock is gone
        assert get(port, "/healthz", seconds=10)[0] == 200
        assert get(port, "/api/areas", tokens[1], seconds=10)[0] == 200
        with store.transaction(system_scope()) as tx:
            last = event.record(tx, "hazard.declared", area_code=COUNTY, subject_id=1)
        for stream in watching:
            stream.settimeout(10)
            read_until(stream, f"id: {last}\n".encode())
    slow.settimeout(30)
    assert b"200 OK" in read_until(slow, b"\r\n\r\n")


def test_seat_of_a_reader_that_has_gone_is_free_at_once(server, tokens, streams):
    port, _process, _log = server
    for _time in range(4):
        three = [streams(port, tokens[50]) for _number in range(EACH)]
        for stream in three:
            # a page that is loaded again finds the seat of its last stream free
            until = time.monotonic() + 30
            # of the first line only: three figures may stand in any time or name that follows
            while status_of(stream) == 503 and time.monotonic() < until:
                stream = streams(port, tokens[50])  # noqa: PLW2901
            assert time.monotonic() < until
            stream.close()


def test_half_open_connections_hold_nothing_up(server):
    port, _process, _log = server
    with contextlib.ExitStack() as held:
        for _number in range(200):
            opened = socket.create_connection(("127.0.0.1", port), timeout=10)
            held.enter_context(contextlib.closing(opened))
            opened.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert get(port, "/healthz", seconds=10)[0] == 200


@pytest.mark.parametrize(
    "target",
    [
        "/api/search?q=%00",
        "/api/search?q=%zz",
        "/api/search?q=%C3%28",
        "/api/grids/%00",
        "/api/grids/%zz",
        "/api/grids/%ff",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../gridmap/app.py",
        "/static/%2e%2e/wsgi.py",
        "/static/package.json",
        "/static/node_modules/leaflet/package.json",
        "/tiles/base/99/0/0.mvt",
        "/tiles/base/1/9999999999999999999999/0.mvt",
        "/api/jobs/99999999999999999999999999",
        "/" + "a" * 5000,
        "/api/live?after=" + "9" * 400,
    ],
)
def test_hostile_addresses_are_refused(server, tokens, target):
    port, _process, _log = server
    opened = begin(port, target, tokens[5])
    status = int(read_until(opened, b"\r\n").split()[1])
    opened.close()
    assert 400 <= status < 500


@pytest.mark.parametrize(
    "header",
    [
        b"SCRIPT_NAME: /elsewhere",
        b"SCRIPT_NAME: /healthz",
        b"PATH_INFO: /api/me",
        b"X-Forwarded-Prefix: /elsewhere",
    ],
)
def test_headers_of_a_proxy_do_not_move_the_application(server, header):
    port, _process, _log = server
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as opened:
        opened.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\n" + header + b"\r\n\r\n")
        assert b'{"status":"ok"}' in read_until(opened, b"}")


@pytest.mark.parametrize("chunks", [b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n", b"2\r\n{}xx\r\n"])
@pytest.mark.parametrize("path", [b"/sign-in", b"/api/plans"])
def test_malformed_chunks_are_refused(server, tokens, path, chunks):
    port, _process, _log = server
    kind = b"application/x-www-form-urlencoded"
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as opened:
        opened.sendall(
            b"POST " + path + b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
            b"Cookie: gridmap_session="
            + tokens[7].encode()
            + b"\r\nContent-Type: "
            + kind
            + b"\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + chunks
        )
        assert read_until(opened, b"\r\n").startswith(b"HTTP/1.1 400 ")


def test_address_with_two_slashes_sends_nobody_to_another_host(server):
    port, _process, _log = server
    # another host's name is not answered at all
    for host, status in (("127.0.0.1", 404), ("elsewhere.test", 400)):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/static//css/look.css", headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.getheader("Location")) == (status, None)
        connection.close()


def test_sign_in_on_the_real_server_and_log_without_people(server, store):
    port, _process, log = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/about", headers={"Accept": "text/html"})
    page = connection.getresponse()
    cookie = page.getheader("Set-Cookie").split(";")[0]
    text = page.read().decode()
    token = text.partition('name="csrf-token" content="')[2].partition('"')[0]
    connection.request(
        "POST",
        "/sign-in",
        body=f"csrf_token={token}&name=officer&password={PASSWORD}",
        headers={"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"},
    )
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303
    [cookie] = [
        value.split(";")[0]
        for name, value in answer.getheaders()
        if name == "Set-Cookie" and value.startswith("gridmap_session=")
    ]
    headers = {"Cookie": cookie, "X-Request-ID": "made-by-a-test"}
    connection.request("GET", "/api/search?q=wangxiaoming", headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert (answer.status, answer.getheader("X-Request-ID")) == (200, "made-by-a-test")
    connection.close()
    written = log.read_text()
    lines = [line for line in written.splitlines() if "made-by-a-test" in line]
    assert len(lines) == 1
    assert '"route": "/api/search"' in lines[0]
    for private in ("wangxiaoming", PASSWORD, cookie.partition("=")[2]):
        assert private not in written


def test_hazard_is_declared_on_the_real_server(server, tokens):
    port, _process, log = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    cookie = {"Cookie": f"gridmap_session={tokens[6]}"}
    connection.request("GET", "/about", headers={**cookie, "Accept": "text/html"})
    page = connection.getresponse().read().decode()
    csrf = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    square = [[114.405, 30.505], [114.407, 30.505], [114.407, 30.507], [114.405, 30.505]]
    for ring, status in ((square, 201), (square[:3], 400)):
        body = {"kind": "flood", "name": "drill", "severity": None, "exercise": True}
        body["geometry"] = {"type": "Polygon", "coordinates": [ring]}
        headers = {**cookie, "Content-Type": "application/json", "X-CSRFToken": csrf}
        connection.request("POST", "/api/hazards", body=json.dumps(body), headers=headers)
        answer = connection.getresponse()
        assert answer.status == status, answer.read()
        answer.read()
    connection.close()
    # where it lies is the caller's own business, and a refusal is no fault of ours
    assert "Traceback" not in log.read_text()


def test_server_stops_with_streams_open(server, tokens, streams):
    port, process, _log = server
    for token in tokens[60:80]:
        read_until(streams(port, token), b"event: seen")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
