"""Logs: one JSON document a line, with the request or job it belongs to, and no personal data.

Every process calls `configure` once; what the standard library's loggers say (gunicorn, RQ,
alembic) leaves by the same door.
"""

from __future__ import annotations

import logging
import logging.config
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

# Fields that could name or find a person, or open a door. A caller that logs one by mistake leaves
# its name in the log and nothing else.
PERSONAL = frozenset(
    {
        "address",
        "authorization",
        "birth",
        "body",
        "cookie",
        "description",
        "email",
        "full_name",
        "id_number",
        "lat",
        "latitude",
        "lon",
        "longitude",
        "name_of_person",
        "needs",
        "password",
        "person",
        "phone",
        "secret",
        "text",
        "token",
    }
)
HIDDEN = "(hidden)"
# Faults of the program or the machine, whose messages name code and files, never people.
PLAIN = (ImportError, NameError, AttributeError, SyntaxError, OSError)


def hide_personal(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace the values of fields that may hold personal data or secrets.

    Parameters
    ----------
    event : mapping
        The event being logged; nested mappings are looked into.

    Returns
    -------
    mapping
        The same event.
    """
    for key, value in event.items():
        if key in PERSONAL:
            event[key] = HIDDEN
        elif isinstance(value, Mapping):
            event[key] = dict(hide_personal(_logger, _method, dict(value)))
    return event


def _only_places(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep the kind of an exception and where it was raised.

    The message of a database error repeats the row it failed on, which may be a household.
    """
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()
    elif isinstance(failure, BaseException):
        failure = (type(failure), failure, failure.__traceback__)
    if not failure or failure[0] is None:
        return event
    kind, error, trace = failure
    event["exception"] = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, PLAIN):
        event["reason"] = str(error)
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    event["places"] = places[-12:]
    return event


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_personal,
        _only_places,
    ]


def logging_config(part: str, level: str = "info", path: Path | None = None) -> dict[str, Any]:
    """Return a `logging.config.dictConfig` document that writes JSON lines.

    Parameters
    ----------
    part : str
        Name of the process, put on every line: ``web``, ``worker-slow``.
    level : str
        Least level that is written.
    path : Path, optional
        File to write to, turned over at 10 MB; standard error if not given.

    Returns
    -------
    dict
        Also fit for gunicorn's ``logconfig_dict``.
    """

    def say_part(
        _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["part"] = part
        return event

    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _shared(),
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            say_part,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    }
    quiet = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"lines": {**_output(path), "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": level.upper()},
        "loggers": {"gunicorn.error": dict(quiet), "gunicorn.access": dict(quiet)},
    }


def _output(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
    return {
        "class": "logging.handlers.RotatingFileHandler",
        "filename": str(path),
        "maxBytes": 10_000_000,
        "backupCount": 3,
        "encoding": "utf-8",
    }


def configure(part: str, level: str = "info", path: Path | None = None) -> None:
    """Set up logging for this process.

    Parameters
    ----------
    part : str
        Name of the process.
    level : str
        Least level that is written: debug, info, warning, error.
    path : Path, optional
        File to write to; standard error if not given.
    """
    logging.config.dictConfig(logging_config(part, level, path))
    structlog.configure(
        processors=[
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def get(name: str) -> Any:
    """Return a logger: ``get("gridmap.plans").info("plan.drafted", plan=7, seconds=3.1)``."""
    return structlog.stdlib.get_logger(name)


def bind(**values: object) -> None:
    """Put values, such as ``request`` or ``job``, on every later line of this request or job."""
    structlog.contextvars.bind_contextvars(**values)


def unbind() -> None:
    """Forget what `bind` put on, at the end of a request or job."""
    structlog.contextvars.clear_contextvars()
