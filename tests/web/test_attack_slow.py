"""Requests that never end are ended."""

import subprocess
import sys

SCRIPT = """
from gevent import monkey
monkey.patch_all()
import gevent
from gridmap.model.problem import Problem
from gridmap.web import context
with context.in_time(0.1):
    gevent.sleep(0)
try:
    with context.in_time(0.1):
        gevent.sleep(20)
except Problem as problem:
    print(problem.status)
gevent.sleep(0.3)  # the first one's time is up by now, and nobody hears of it
"""


def test_body_that_does_not_come_is_waited_for_only_so_long():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("408\n", 0), done.stderr
