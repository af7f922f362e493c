"""Logs: one JSON line an event, its request or job on it, nobody's data in it."""

import json
import logging
import subprocess
import sys

from gridmap import logs
from gridmap.local.child import LOG_BYTES, LOGS_KEPT, Log
from gridmap.local.console import described, readable


def lines_of(program):
    done = subprocess.run(
        [sys.executable, "-c", f"from gridmap import logs\nlogs.configure('web')\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_event_carries_part_request_and_time():
    (line,) = lines_of(
        "logs.bind(request='r-1'); logs.get('gridmap.x').info('plan.drafted', plan=7, seconds=3.1)"
    )
    assert line["event"] == "plan.drafted"
    assert (line["part"], line["request"], line["plan"]) == ("web", "r-1", 7)
    assert line["timestamp"].endswith("Z")
    assert line["level"] == "info"


def test_other_libraries_leave_by_the_same_door():
    (line,) = lines_of("import logging; logging.getLogger('rq.worker').warning('job %s', 'ok')")
    assert line["event"] == "job ok"
    assert line["logger"] == "rq.worker"


def test_personal_data_is_hidden_at_any_depth():
    (line,) = lines_of(
        "logs.get('x').info('a', phone='13900000000', data={'id_number': '4201', 'grid': 'g'})"
    )
    assert line["phone"] == logs.HIDDEN
    assert line["data"] == {"id_number": logs.HIDDEN, "grid": "g"}


def test_exception_keeps_kind_and_place_but_not_the_row_it_failed_on():
    (line,) = lines_of(
        "import logging\n"
        "try: raise ValueError('Key (phone)=(13900000000) already exists')\n"
        "except ValueError: logging.getLogger('x').exception('save.failed')"
    )
    assert line["exception"] == "builtins.ValueError"
    assert "<string>:4" in line["places"][-1]
    assert "1390000" not in json.dumps(line)


def test_level_is_kept():
    assert lines_of("logs.get('x').debug('quiet')") == []
    assert logs.logging_config("web", "debug")["root"]["level"] == logging.getLevelName(10)


def test_log_turns_over_at_a_size_and_wraps_plain_lines(tmp_path):
    log = Log(tmp_path / "redis.log", "redis")
    log.write(b"Ready to accept connections\n")
    log.write(b'{"event": "already json"}\n')
    log.write(b"\n")
    log.close()
    text = (tmp_path / "redis.log").read_text(encoding="utf-8")
    first, second = [json.loads(line) for line in text.splitlines()]
    assert (first["event"], first["part"]) == ("Ready to accept connections", "redis")
    assert second == {"event": "already json"}
    long = b'{"a": "' + b"x" * 15_000 + b'"}\n'
    for _ in range((LOG_BYTES // 15_000 + 2) * (LOGS_KEPT + 2)):
        log.write(long)
    log.close()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"redis.log", *(f"redis.log.{n}" for n in range(1, LOGS_KEPT + 1))}
    assert all(path.stat().st_size < LOG_BYTES + 20_000 for path in tmp_path.iterdir())


def test_readable_line():
    line = json.dumps(
        {
            "timestamp": "2026-03-01T04:05:06.7Z",
            "part": "web",
            "level": "error",
            "event": "reply",
            "status": 500,
        }
    )
    assert readable(line) == "04:05:06 web             ERROR reply status=500"
    assert readable("cut in hal") == "cut in hal"


def test_status_in_words():
    assert described({"running": False, "state": "/x", "parts": {}}) == [
        "gridmap is not running in /x"
    ]
    up = {"pid": 7, "running": True, "restarts": 0, "memory_mb": 40}
    status = {
        "running": True,
        "address": "http://127.0.0.1:8000",
        "pid": 5,
        "since": 0,
        "stage": "migrations",
        "memory_mb": 500,
        "parts": {"web": up, "redis": up | {"running": False, "restarts": 3}},
        "ready": {"status": 503, "database": True, "redis": False, "feed": {"age_seconds": 3.4}},
    }
    first, web, redis, feed = described(status)
    assert "starting: migrations" in first
    assert web.split() == ["web", "up,", "process", "7,", "40", "MB"]
    assert redis.split() == ["redis", "DOWN,", "restarted", "3", "times"]
    assert feed == "  NOT READY: no redis; last event 3 s ago"
    assert "does not answer" in described(status | {"ready": {"status": 0}})[-1]
