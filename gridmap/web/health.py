"""Whether the process is up, and everything it needs."""

from flask import Blueprint, Response, jsonify

from gridmap import queue
from gridmap.services import health
from gridmap.web.context import aside, parts
from gridmap.web.permissions import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """Say that this process answers; asks nobody else."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """Say which parts are up, and how old the feed is; 503 unless all are."""
    held = parts()
    state = health.readiness(held.database)
    redis_url = held.settings.redis_url
    state["redis"] = redis_url is not None and aside(lambda: queue.alive(redis_url))
    state["demo"] = held.settings.demo
    served = {worker["queue"] for worker in state["workers"]}
    state["ready"] = bool(state["database"] and state["redis"] and served.issuperset(queue.QUEUES))
    return jsonify(state), 200 if state["ready"] else 503
