"""A worker process for one queue: `python -m jobs.worker urgent|default|slow`.

One queue each, because a job taken by a dying worker of several queues is in no registry.
"""

import ctypes
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module

import structlog
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from gridmap.logs import configure
from gridmap.model.access import system_scope
from gridmap.queue import QUEUES, connect
from gridmap.services import network_folder as networks
from gridmap.settings import Settings
from gridmap.store import job as job_rows
from gridmap.store import job_sweeping
from gridmap.store.database import Database

# A work-horse that needs more than this is stopped before the machine is.
_DATA_BYTES = 2 * 1024**3
_HEARTBEAT_SECONDS = 10.0
_MAINTENANCE_SECONDS = 30
_PR_SET_PDEATHSIG = 1
_HOT = ("jobs.run", "gridmap.services.coverage_refresh", "gridmap.services.plans")
_WAIT_SECONDS = 45  # of an idle urgent worker, until it looks whether what it holds is of today
_SLOW_NICE = 10

log = structlog.get_logger("worker")


class GridmapWorker(Worker):
    """RQ's worker, whose work-horses never outlive it and stay within limits."""

    warm: Callable[[], None] | None = None

    def run_maintenance_tasks(self) -> None:
        """Tidy up as RQ does, then read what the next job will need."""
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        if self.warm is not None:
            self.warm()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do a job; what it has kept for the next one is at hand when that comes."""
        super().execute_job(job, queue)
        if self.warm is not None:
            self.warm()

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Bind the work-horse to this worker before it begins."""
        parent = os.getppid()
        # an orphaned work-horse would run beside its own retry
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        resource.setrlimit(resource.RLIMIT_DATA, (_DATA_BYTES, _DATA_BYTES))
        super().main_work_horse(job, queue)


def main(queue_name: str) -> None:
    """Work on one queue until told to stop."""
    settings = Settings.from_environment(os.environ)
    configure(f"worker-{queue_name}", settings.log_level)
    assert settings.database_url is not None
    assert settings.redis_url is not None
    database = Database(
        settings.database_url,
        size=1,
        zone=settings.time_zone,
        language=settings.language,
        address=settings.public_url,
    )
    redis = connect(settings.redis_url)
    _keep_beating(database, queue_name)

    def killed(rq_job: Job, _pid: int, _status: int, _usage: object) -> None:
        # the lease would run out by itself; ending it now saves the county a minute
        row, _, token = rq_job.id.partition("-")
        with database.transaction(system_scope()) as tx:
            job_sweeping.expire(tx, int(row), int(token))
        log.warning("worker.work_horse_killed", job_id=int(row))

    worker = GridmapWorker(
        [Queue(queue_name, connection=redis, serializer=JSONSerializer)],
        connection=redis,
        name=f"{queue_name}-{os.uname().nodename}-{os.getpid()}",
        serializer=JSONSerializer,
        maintenance_interval=_MAINTENANCE_SECONDS,
        work_horse_killed_handler=killed,
        worker_ttl=_WAIT_SECONDS + 15 if queue_name == "urgent" else None,
    )
    if queue_name != "slow":
        # what somebody waits for begins with everything at hand: a work-horse is a copy of this
        for module in _HOT:
            import_module(module)
    if queue_name == "urgent":
        networks.FOLDER.set(settings.state / "networks")
        worker.warm = _warming(database, worker.queues[0])
    elif queue_name == "slow":
        os.nice(_SLOW_NICE)  # nobody waits for it who could not wait a little longer
    log.info("worker.started", queue=queue_name)
    worker.work(with_scheduler=False, logging_level="WARNING")


def _warming(database: Database, queue: Queue) -> Callable[[], None]:
    """Give what reads, while nothing waits, what the next closure will ask for."""
    from gridmap.services.coverage_warming import Warm  # noqa: PLC0415 - heavy, for one queue only

    warm = Warm()

    def read() -> None:
        try:
            done = warm.read(database, lambda: queue.count > 0)
        except Exception as error:
            # without it the next job reads for itself
            log.warning("worker.not_warm", error=type(error).__name__)
        else:
            if done:
                log.info("worker.warm", standards=done)

    return read


def _keep_beating(database: Database, queue_name: str) -> None:
    name = f"{os.uname().nodename}-{os.getpid()}"
    stopped = threading.Event()

    def beat() -> None:
        while True:
            try:
                with database.transaction(system_scope()) as tx:
                    job_rows.beat(tx, name, queue_name)
            except Exception as error:
                log.warning("worker.heartbeat_failed", error=type(error).__name__)
            stopped.wait(_HEARTBEAT_SECONDS)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in QUEUES:
        sys.exit(f"usage: python -m jobs.worker {'|'.join(QUEUES)}")
    main(sys.argv[1])
