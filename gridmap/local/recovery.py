"""What an earlier start left behind: orphans that still run, notes of processes long gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from gridmap.local.child import kill_all
from gridmap.local.layout import Layout

# PostgreSQL gets time to write a checkpoint; it recovers from less.
GENTLY = 20.0


def clear_remains(layout: Layout, sockets: Path) -> list[str]:
    """End what still runs of an earlier start, and remove what would be taken for running.

    Must only be called while the lock of the state folder is held.

    Parameters
    ----------
    layout : Layout
        The state folder.
    sockets : Path
        Folder of its sockets.

    Returns
    -------
    list of str
        What was found, in words, for the log.
    """
    found = []
    clients = list(_children_of(layout))
    if clients:
        found.append(f"ended {_names(clients)} left by an earlier start")
        kill_all(clients, gently=3.0)
    servers = list(_living_in(layout.pgdata, layout.redis))
    if servers:
        found.append(f"ended {_names(servers)} left by an earlier start")
        kill_all(servers, gently=GENTLY)
    # Nothing of ours is alive now, so whatever a lock file says, its process is gone and the pid
    # may be somebody else's: PostgreSQL would refuse to start because of that other process.
    stale = [layout.pgdata / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"]
    for path in stale:
        if path.exists():
            path.unlink()
            found.append(f"removed a stale {path.name}")
    return found


def _children_of(layout: Layout) -> Iterator[psutil.Process]:
    """Yield processes that a supervisor of this state folder started, by their environment."""
    me = os.getpid()
    for process in _ours():
        try:
            environment = process.environ()
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        mine = environment.get("GRIDMAP_STATE") == str(layout.state)
        if mine and "GRIDMAP_PART" in environment and process.pid != me:
            yield process


def _living_in(*folders: Path) -> Iterator[psutil.Process]:
    """Yield servers whose working folder is one of these: both go to their data folder."""
    wanted = {str(folder) for folder in folders}
    for process in _ours():
        try:
            if process.name() in ("postgres", "redis-server") and process.cwd() in wanted:
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue


def _ours() -> Iterator[psutil.Process]:
    uid = os.geteuid()
    for process in psutil.process_iter():
        try:
            if process.uids().effective == uid:
                yield process
        except psutil.NoSuchProcess:
            continue


def _names(processes: list[psutil.Process]) -> str:
    return ", ".join(f"{process.name()} ({process.pid})" for process in processes)
