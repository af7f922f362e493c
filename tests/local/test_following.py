"""`gridmap logs`: all logs as one, in order, also while they grow and turn over."""

import json
import subprocess
import sys

import pytest

from gridmap.local import LocalError, follow_logs
from gridmap.settings import Settings

FOLLOW = """
import sys
from gridmap.local import follow_logs
from gridmap.settings import Settings
follow_logs(Settings.from_environment({}, sys.argv[1]), lines=1)
"""


def line(clock, part, event):
    return json.dumps({"timestamp": f"2026-03-01T{clock}Z", "part": part, "event": event}) + "\n"


@pytest.fixture
def logs(tmp_path):
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def test_last_lines_of_all_logs_in_order_of_time(logs, capsys):
    (logs / "web.log").write_text(line("08:00:02", "web", "b") + line("08:00:04", "web", "d"))
    (logs / "redis.log").write_text(line("08:00:01", "redis", "a") + line("08:00:03", "redis", "c"))
    follow_logs(Settings.from_environment({}, logs.parent), lines=3, follow=False)
    shown = [text.split() for text in capsys.readouterr().out.splitlines()]
    assert shown == [
        ["08:00:02", "web", "b"],
        ["08:00:03", "redis", "c"],
        ["08:00:04", "web", "d"],
    ]


def test_new_lines_are_followed_through_a_turn_over(logs):
    web = logs / "web.log"
    web.write_text(line("08:00:00", "web", "old"))
    with subprocess.Popen(
        [sys.executable, "-u", "-c", FOLLOW, str(logs.parent)], stdout=subprocess.PIPE, text=True
    ) as follower:
        try:
            began = follower.stdout.readline()
            with web.open("a") as file:
                file.write(line("08:00:01", "web", "appended"))
            first = follower.stdout.readline()
            web.replace(logs / "web.log.1")
            web.write_text(line("08:00:02", "web", "after"))
            second = follower.stdout.readline()
        finally:
            follower.kill()
    assert [text.split()[-1] for text in (began, first, second)] == ["old", "appended", "after"]


def test_no_logs_is_said(tmp_path):
    with pytest.raises(LocalError, match="there are no logs"):
        follow_logs(Settings.from_environment({}, tmp_path), follow=False)
