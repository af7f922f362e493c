"""What `gridmap up` runs beside the two databases: web server, workers, scheduler, one-shots."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping
from pathlib import Path

from gridmap.local.child import Part, base_environment
from gridmap.local.layout import Layout
from gridmap.settings import Settings

# One queue a worker process: a worker of several queues can lose the job it was taking when it
# dies, for the job is then in no registry.
QUEUES = ("urgent", "default", "slow")
COMMAND_LINE = "import sys; from gridmap.cli import main; sys.exit(main())"


def environment_of(settings: Settings, layout: Layout, code: Path) -> dict[str, str]:
    """Return the environment of the parts: addresses, settings and where the code is.

    Parameters
    ----------
    settings : Settings
        The settings in force, connections included.
    layout : Layout
        The state folder.
    code : Path
        Folder of the packages.

    Returns
    -------
    dict of str to str
        Holds passwords; readable by the same user and root only.
    """
    result = base_environment(layout.cache)
    result.update(settings.to_environment())
    result["GRIDMAP_STATE"] = str(layout.state)
    result["PYTHONPATH"] = str(code)
    for name, value in (
        ("GRIDMAP_DATABASE_URL", settings.database_url),
        ("GRIDMAP_REDIS_URL", settings.redis_url),
        ("GRIDMAP_SECRET_KEY", settings.secret_key),
    ):
        if value:
            result[name] = value
    # The parts that face people never hold the right to change the schema.
    result.pop("GRIDMAP_MIGRATE_URL", None)
    return result


def _part(
    name: str,
    argv: Iterable[str],
    environment: Mapping[str, str],
    code: Path,
    stops: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 8.0),),
    when_parent_dies: str = "KILL",
) -> Part:
    named = {**environment, "GRIDMAP_PART": name}
    return Part(name, list(argv), named, code, stops, when_parent_dies)


def web(python: Path, environment: Mapping[str, str], code: Path) -> Part:
    """Return the web server: gunicorn with gevent workers."""
    # `gridmap.gunicorn_config` reads host, port and number of workers from the settings. Event
    # streams never end by themselves: it cuts them off, tablets and maps reconnect.
    argv = [str(python), "-m", "gunicorn", "-c", "python:gridmap.gunicorn_config"]
    argv += ["--no-control-socket"]  # its path would grow with the state folder's; nobody uses it
    return _part("web", argv, environment, code, ((signal.SIGTERM, 8.0),), "TERM")


def workers(python: Path, environment: Mapping[str, str], code: Path) -> list[Part]:
    """Return one worker for each queue, then the scheduler that wakes them."""
    # The first SIGTERM lets a worker end its job, the second makes it drop the job, which the
    # sweeper will give out again.
    stops = ((signal.SIGTERM, 5.0), (signal.SIGTERM, 3.0))
    parts = [
        _part(
            f"worker-{queue}", [str(python), "-m", "jobs.worker", queue], environment, code, stops
        )
        for queue in QUEUES
    ]
    return [*parts, _part("scheduler", [str(python), "-m", "jobs.scheduler"], environment, code)]


def prepare(
    python: Path, environment: Mapping[str, str], code: Path, migrate_url: str | None
) -> Part:
    """Return the one-shot that migrates the database.

    Parameters
    ----------
    migrate_url : str or None
        Address of somebody else's database; None for our own server, whose roles and database
        are made as well, with the passwords in the state folder.
    """
    more = {**environment, "GRIDMAP_MIGRATE_URL": migrate_url} if migrate_url else environment
    return _part("prepare", [str(python), "-m", "gridmap.local.prepare"], more, code)


def load_demo(python: Path, town: str, environment: Mapping[str, str], code: Path) -> Part:
    """Return the one-shot that loads a demo town, quick when it is there already."""
    argv = [str(python), "-c", COMMAND_LINE, "demo", "load", town, "--json"]
    return _part("demo", argv, environment, code)
