"""gunicorn: gevent workers, so that hundreds of open event streams fit on two cores."""

import logging
import os
from typing import Any

from gridmap import logs
from gridmap.settings import Settings

# imported before the fork: the seats are memory that the workers share
from gridmap.web import seats as _seats

_settings = Settings.from_environment(os.environ)
_part = os.environ.get("GRIDMAP_PART", "web")


def _logging() -> dict[str, Any]:
    """Log as the other processes do, but without gunicorn's own line for each request.

    That line repeats the whole address, and an address may hold a search for a person.
    """
    config = logs.logging_config(_part, _settings.log_level)
    config["loggers"]["gunicorn.access"] = {"handlers": [], "propagate": False}
    return config


wsgi_app = "wsgi:app"
bind = [f"{_settings.host}:{_settings.port}"]
workers = _settings.web_workers
worker_class = "gevent"
worker_connections = 1200  # more than the seats for streams, so that a full house still answers
timeout = 60
graceful_timeout = 5
keepalive = 30
backlog = 1024
# nobody in front of us moves the application to another path: a client that says so is not heard
forwarder_headers = ""
# nor to HTTPS: GRIDMAP_PROXIES says whom to believe
secure_scheme_headers: dict[str, str] = {}
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190
preload_app = False
logconfig_dict = _logging()
seats = _seats.shared


def post_fork(_server: object, _worker: object) -> None:
    """Make the database driver cooperative in the new worker, and its log lines ours."""
    from gridmap.store.cooperative import make_cooperative

    make_cooperative()
    logs.configure(_part, _settings.log_level)
    logging.getLogger("gunicorn.access").propagate = False
