"""`gridmap up`: from a settings object to a served address.

`up` makes the folders and then runs `serve` in its own place: same pid, but the service user where
it was root, and none of what the command line has loaded.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import psutil

from gridmap import logs
from gridmap.local import asking, checkout, machine, parts, recovery, runfile, vault
from gridmap.local.child import base_environment
from gridmap.local.console import say
from gridmap.local.errors import LocalError
from gridmap.local.layout import Layout
from gridmap.local.postgres import Cluster
from gridmap.local.redis_server import RedisServer
from gridmap.local.supervisor import StopRequestedError, Supervisor, new_note
from gridmap.settings import Settings

# A database that was killed reads its log back first.
DATABASE_SECONDS = 300.0
PREPARE_SECONDS = 600.0
REDIS_SECONDS = 60.0
WEB_SECONDS = 90.0
DEMO_SECONDS = 1800.0


def up(settings: Settings, demo: str | None = None, port: int | None = None) -> int:
    """Start everything, watch it, and stop it when asked to.

    Parameters
    ----------
    settings : Settings
        Servers it names are used, the others are our own.
    demo : str, optional
        Town to load once the servers are up.
    port : int, optional
        Wins over the settings.

    Returns
    -------
    int
        1 when it could not start; the reason is on standard error. Otherwise it does not return:
        the process goes on as `serve`, and ends with 0 after a clean stop.
    """
    settings = replace(settings, port=port or settings.port).for_demo(demo or settings.demo)
    try:
        user = machine.runner()
        layout = machine.claim_state(settings.state, user)
        _refuse_second(layout)
        refuse_taken_port(settings.host, settings.port)
        sockets = machine.claim_sockets(layout, user)
        python = checkout.interpreter(user)
        code = checkout.runnable_code(user)
    except LocalError as error:
        say(str(error))
        return 1
    return become(user, python, code, replace(settings, state=layout.state), sockets)


def become(
    user: machine.User, python: Path, code: Path, settings: Settings, sockets: Path
) -> NoReturn:
    """Go on as the servers' user, in the same process: no rights, variables or modules kept."""
    environment = base_environment(settings.state / "cache")
    environment.update(settings.to_environment())
    environment["PYTHONPATH"] = str(code)
    os.chdir(code)
    if os.geteuid() != user.uid:
        os.setgroups([])
        os.setgid(user.gid)
        os.setuid(user.uid)
    os.execve(  # noqa: S606 - ourselves, with fewer rights
        python, [str(python), "-m", "gridmap.local.serve", str(sockets), str(code)], environment
    )


def serve(settings: Settings, sockets: Path, python: Path, code: Path) -> int:
    """Run the supervisor in this process, as this user.

    Parameters
    ----------
    settings : Settings
        With the real state folder.
    sockets : Path
        Folder for the Unix sockets, made already.
    python, code : Path
        What the parts are run with, and from where.

    Returns
    -------
    int
        0 after a clean stop, 1 when it could not start.
    """
    layout = Layout.of(settings.state)
    logs.configure("supervisor", settings.log_level, layout.logs / "supervisor.log")
    lock = runfile.take_lock(layout)
    if lock is None:
        say(_already_running(layout))
        return 1
    with lock:
        try:
            settings = _with_secrets(settings, layout, sockets)
            for line in recovery.clear_remains(layout, sockets):
                say(line)
            address = f"http://{settings.host}:{settings.port}"
            note = new_note(address, settings.demo)
            with Supervisor(layout, machine.runner(), note) as supervisor:
                demo = _start_all(supervisor, settings, sockets, python, code)
                _announce(address, demo)
                supervisor.watch()
                say("stopping ...")
        except StopRequestedError:
            say("stopped before it was up")
            return 0
        except LocalError as error:
            say(str(error))
            say(f"logs: {layout.logs}")
            return 1
    say("stopped")
    return 0


def _with_secrets(settings: Settings, layout: Layout, sockets: Path) -> Settings:
    """Return the settings with the connections of the servers that are our own."""
    vault.open_vault(layout, sockets)
    environment = settings.to_environment()
    return Settings.from_environment(environment, layout.state)


def _start_all(
    supervisor: Supervisor, settings: Settings, sockets: Path, python: Path, code: Path
) -> dict[str, Any]:
    """Start every part in order; return what the demo says about itself, if there is one."""
    environment = parts.environment_of(settings, supervisor.layout, code)
    said: dict[str, Any] = {}
    with _step(supervisor, "databases"):
        _start_databases(supervisor, settings, sockets)
    if settings.own_database or settings.migrate_url:
        with _step(supervisor, "migrations"):
            url = None if settings.own_database else settings.migrate_url
            supervisor.run_once(parts.prepare(python, environment, code, url), PREPARE_SECONDS)
    with _step(supervisor, "web server and workers"):
        supervisor.start(parts.web(python, environment, code))
        for part in parts.workers(python, environment, code):
            supervisor.start(part)
        supervisor.wait_ready("web", lambda: asking.is_ready(supervisor.note.address), WEB_SECONDS)
    if settings.demo:
        say(f"demo town {settings.demo}: the first time takes a minute or more ...")
        with _step(supervisor, f"demo town {settings.demo}"):
            part = parts.load_demo(python, settings.demo, environment, code)
            said = _document(supervisor.run_once(part, DEMO_SECONDS))
    supervisor.set_stage("up")
    return said


@contextmanager
def _step(supervisor: Supervisor, name: str) -> Iterator[None]:
    supervisor.set_stage(name)
    began = time.monotonic()
    yield
    say(f"{name}: ready after {time.monotonic() - began:.1f} s")


def _document(lines: list[str]) -> dict[str, Any]:
    """Return the JSON document that a command wrote among its messages."""
    for line in reversed(lines):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "accounts" in found:
            return found
    return {}


def _start_databases(supervisor: Supervisor, settings: Settings, sockets: Path) -> None:
    secrets = vault.read(supervisor.layout)
    layout, user = supervisor.layout, supervisor.user
    if settings.own_database:
        cluster = Cluster.at(layout.pgdata, sockets)
        cluster.initialise(secrets["postgres"], user)
        supervisor.start(cluster.part())
    if settings.own_redis:
        redis = RedisServer(layout.redis, sockets, secrets["redis"])
        supervisor.start(redis.part(user))
        supervisor.wait_ready("redis", redis.is_ready, REDIS_SECONDS)
    if settings.own_database:
        supervisor.wait_ready("postgres", cluster.is_ready, DATABASE_SECONDS)


def _announce(address: str, demo: dict[str, Any]) -> None:
    say("")
    say(f"gridmap is up: {address}")
    if demo.get("accounts"):
        password = f" (password {demo['password']})" if "password" in demo else ""
        say(f"demo accounts{password}: {', '.join(demo['accounts'])}")
    say("Ctrl-C, or `gridmap down` in another terminal, stops it; `gridmap logs` shows its logs.")


def _refuse_second(layout: Layout) -> None:
    lock = runfile.take_lock(layout)
    if lock is None:
        raise LocalError(_already_running(layout))
    lock.close()


def _already_running(layout: Layout) -> str:
    note = runfile.read_note(layout)
    who = f"as process {note.pid} at {note.address}" if note else f"in {layout.state}"
    return f"gridmap is already running {who}; `gridmap down` stops it"


def refuse_taken_port(host: str, port: int) -> None:
    """See to it that nobody listens where the web server is going to.

    Raises
    ------
    LocalError
        Names the process that does, as far as it may be known.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise LocalError(f"cannot listen on {host}:{port}: {error.strerror}") from error
            raise LocalError(
                f"port {port} is taken by {_listener(port)}; stop it, or choose another port: "
                f"gridmap up --port {port + 1}"
            ) from error


def _listener(port: int) -> str:
    try:
        found = [
            connection.pid
            for connection in psutil.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
            and connection.pid
        ]
        if found:
            return f"process {found[0]} ({psutil.Process(found[0]).name()})"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        pass
    return "a process of another user"
