"""gunicorn: gevent workers, so that hundreds of open event streams fit on two cores."""

import os

from gridmap.logs import logging_config
from gridmap.settings import Settings

# imported before the fork: the seats are memory that the workers share
from gridmap.web import seats as _seats

_settings = Settings.from_environment(os.environ)

wsgi_app = "wsgi:app"
bind = [f"{_settings.host}:{_settings.port}"]
workers = _settings.web_workers
worker_class = "gevent"
worker_connections = 1200  # more than the seats for streams, so that a full house still answers
timeout = 60
graceful_timeout = 5
keepalive = 30
backlog = 1024
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190
preload_app = False
accesslog = None  # the application writes its own line, without addresses of people
logconfig_dict = logging_config(os.environ.get("GRIDMAP_PART", "web"), _settings.log_level)
seats = _seats.shared


def post_fork(_server: object, _worker: object) -> None:
    """Make the database driver cooperative in the new worker."""
    from gridmap.store.cooperative import make_cooperative

    make_cooperative()
