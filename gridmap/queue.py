"""From the outbox to the queues: the relay and the sweeper.

RQ only wakes a worker; the job table decides whether there is anything to do. Losing Redis
loses nothing, and a job enqueued twice runs once.
"""

from collections.abc import Iterable

import structlog
from redis import ConnectionPool, Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from gridmap.model.access import system_scope
from gridmap.store import event, job, job_sweeping
from gridmap.store.database import Database

QUEUES = ("urgent", "default", "slow")
# The longest a single job may take, as a last net: the lease in PostgreSQL is the real watch.
_JOB_TIMEOUT = 3600
_FAILURE_TTL = 300
_ALIVE_SECONDS = 1.0

log = structlog.get_logger("queue")


def connect(redis_url: str) -> Redis:
    """Give a client that does not wait for ever."""
    return Redis.from_url(redis_url, socket_connect_timeout=5, health_check_interval=15)


def queue(name: str, redis: Redis) -> Queue:
    """Give one of our queues."""
    return Queue(name, connection=redis, serializer=JSONSerializer)


def enqueue(redis: Redis, queue_name: str, job_id: int, token: int) -> None:
    """Wake a worker for a job row, unless RQ still holds this very attempt.

    The RQ id is made of the row and its next token: the same attempt is never put twice into a
    queue, however often the sweeper comes by, and a new attempt is a new RQ job.
    """
    name = f"{job_id}-{token + 1}"
    if _held(redis, name):
        return
    try:
        queue(queue_name, redis).enqueue_call(
            func="jobs.run.run",
            args=(job_id,),
            job_id=name,
            timeout=_JOB_TIMEOUT,
            result_ttl=0,
            failure_ttl=_FAILURE_TTL,
        )
    except DuplicateJobError:
        log.info("job.already_enqueued", job_id=job_id)


def _held(redis: Redis, name: str) -> bool:
    try:
        status = Job.fetch(name, connection=redis, serializer=JSONSerializer).get_status()
    except NoSuchJobError:
        return False
    return status is not None and str(getattr(status, "value", status)) in {"queued", "started"}


def _enqueue_rows(database: Database, redis: Redis, ids: Iterable[int]) -> int:
    done = 0
    for job_id in ids:
        with database.transaction(system_scope()) as tx:
            row = job.to_enqueue(tx, job_id)
        if row is not None:
            enqueue(redis, row["queue"], row["id"], row["token"])
            done += 1
    return done


def relay(database: Database, redis: Redis) -> int:
    """Enqueue what committed events ask for; give the number of events acted on.

    The event is marked after the job is in Redis: a crash in between enqueues it twice, which
    is harmless, and never not at all.
    """
    with database.transaction(system_scope()) as tx:
        waiting = event.undispatched(tx)
        ids = [int(row["payload"]["job"]) for row in waiting if row["kind"] == "job.requested"]
        rows = [found for found in (job.to_enqueue(tx, job_id) for job_id in ids) if found]
        for row in rows:
            enqueue(redis, row["queue"], row["id"], row["token"])
        event.mark_dispatched(tx, [int(row["seq"]) for row in waiting])
    return len(waiting)


def sweep(database: Database, redis: Redis, queued_seconds: float = 15.0) -> int:
    """Bring back what was lost on the way: queued too long, or a lease that ran out."""
    with database.transaction(system_scope()) as tx:
        rows = job_sweeping.overdue(tx, queued_seconds)
    for row in rows:
        if row["state"] == "running":
            with database.transaction(system_scope()) as tx:
                taken = job_sweeping.reclaim(tx, row["id"])
            if taken is not None:
                log.warning("job.lease_ran_out", job_id=row["id"], now=taken["state"])
    return _enqueue_rows(database, redis, [row["id"] for row in rows])


def is_open(redis_url: str) -> bool:
    """Tell whether Redis answers somebody who has no password."""
    pool = ConnectionPool.from_url(redis_url, socket_connect_timeout=5)
    pool.connection_kwargs.pop("username", None)
    pool.connection_kwargs.pop("password", None)
    try:
        return bool(Redis(connection_pool=pool).ping())
    except RedisError:
        return False
    finally:
        pool.disconnect()


def eviction(redis_url: str) -> str | None:
    """Give what Redis does when its memory is full; None where it does not say."""
    try:
        with Redis.from_url(redis_url, socket_connect_timeout=_ALIVE_SECONDS) as redis:
            held = redis.config_get("maxmemory-policy")
    except RedisError:
        return None
    return str(held["maxmemory-policy"]) if isinstance(held, dict) and held else None


def alive(redis_url: str) -> bool:
    """Tell whether Redis answers, soon: one that hangs must not hang who asks."""
    limits = {"socket_connect_timeout": _ALIVE_SECONDS, "socket_timeout": _ALIVE_SECONDS}
    try:
        with Redis.from_url(redis_url, retry=None, **limits) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
