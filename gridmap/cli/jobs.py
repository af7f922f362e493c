"""`gridmap jobs sweep|show`."""

import click

from gridmap.cli.outcome import as_json, database, give, settings
from gridmap.model.access import system_scope


@click.group()
def jobs() -> None:
    """Long work in the workers."""


@jobs.command()
@as_json
def sweep(as_json: bool) -> None:
    """Enqueue again what was lost on the way to a worker; the scheduler does it by itself."""
    from gridmap import queue
    from gridmap.local.errors import LocalError

    url = settings().redis_url
    if url is None:
        raise LocalError("there is no Redis: start one with `gridmap up`, or set GRIDMAP_REDIS_URL")
    if not queue.alive(url):
        raise LocalError("Redis does not answer; `gridmap status` tells what is up")
    with database() as db:
        relayed = queue.relay(db, queue.connect(url))
        swept = queue.sweep(db, queue.connect(url), queued_seconds=0.0)
    give({"relayed": relayed, "enqueued_again": swept}, as_json)


@jobs.command()
@click.argument("job_id", metavar="JOB", type=int)
@as_json
def show(job_id: int, as_json: bool) -> None:
    """Show state and progress of JOB."""
    from gridmap.services import jobs as service

    with database() as db:
        give(service.show(db, system_scope(), job_id), as_json)


@jobs.command()
@click.argument("job_id", metavar="JOB", type=int)
@as_json
def cancel(job_id: int, as_json: bool) -> None:
    """Cancel JOB."""
    from gridmap.services import jobs as service

    with database() as db:
        give(service.cancel(db, system_scope(), job_id), as_json)


COMMANDS = (jobs,)
