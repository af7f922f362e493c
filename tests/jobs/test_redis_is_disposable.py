"""Redis may hang, die or lose its file: reports and the map go on, and every job comes back."""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pytest
from lattice import COUNTY, SOUTH, STEP, WEST, load_town
from running_site import Site

from gridmap.local.child import wait_until
from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import accounts, coverage
from gridmap.store.database import Database

pytestmark = [pytest.mark.database, pytest.mark.timeout(1500)]
PASSWORD = "river-lantern-42"  # noqa: S105  of this test only
WAIT = 60.0  # seconds after Redis is back within which the next of the jobs has to end
LONGEST_ANSWER = 5.0
MOST_JOBS = 12


class Browser:
    """A member's browser, as far as reporting and the map go."""

    def __init__(self, address):
        self.address = address
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.sign_in()

    def page_token(self):
        text = self.opener.open(f"{self.address}/", timeout=10).read().decode()
        return re.search(r'name="csrf-token" content="([^"]+)"', text)[1]

    def sign_in(self):
        form = {"csrf_token": self.page_token(), "name": "officer", "password": PASSWORD}
        data = urllib.parse.urlencode(form).encode()
        self.opener.open(f"{self.address}/sign-in", data, timeout=10).read()
        self.token = self.page_token()

    def ask(self, path, body=None):
        """Give status and seconds; a page that hangs fails."""
        request = urllib.request.Request(self.address + path)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
            request.add_header("X-CSRFToken", self.token)
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=20) as answer:
                answer.read()
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        return status, time.monotonic() - began

    def report(self):
        number = str(uuid.uuid4())
        point = [WEST + 3 * STEP, SOUTH + 3 * STEP]
        body = {
            "id": number,
            "category": "waterlogging",
            "title": "积水",
            "level": 3,
            "geometry": {"type": "Point", "coordinates": point},
        }
        return number, *self.ask("/api/incidents", body)


@pytest.fixture(scope="module")
def site(site_folder):
    made = Site(site_folder, GRIDMAP_TOTP="off")
    try:
        made.start()
        with_town(made)
        yield made
    finally:
        made.stop()


def with_town(site):
    store = Database(site.settings.database_url)
    load_town(store)
    with store.transaction(system_scope()) as tx:
        accounts.create_user(tx, "officer", PASSWORD, "O", [(Role.DUTY_OFFICER, COUNTY)])
    store.close()


@pytest.fixture
def store(site):
    opened = Database(site.settings.database_url)
    yield opened
    opened.close()


def states(store, jobs):
    with store.transaction(system_scope()) as tx:
        rows = tx.all("SELECT id, state, attempt, error FROM job WHERE id = ANY(:ids)", ids=jobs)
    return {row["id"]: (row["state"], row["attempt"], row["error"]) for row in rows}


def all_end(store, jobs):
    """Wait until every job is done; one after the other, as fast as this machine does them.

    A job that Redis has lost is back with a worker within a minute: never does a longer time pass
    in which none of them ends.
    """
    left = len(jobs) + 1
    while left:
        before = left

        def fewer(before=before):
            now = states(store, jobs).values()
            assert "failed" not in {state for state, *_ in now}, now
            return sum(state != "done" for state, *_ in now) < before

        assert wait_until(fewer, WAIT, 0.3), states(store, jobs)
        left = sum(state != "done" for state, *_ in states(store, jobs).values())


def stored(store):
    with store.transaction(system_scope()) as tx:
        return {str(row["id"]) for row in tx.all("SELECT id FROM incident")}


def go_on(site, store, seconds, jobs):
    """Report, look at the map and ask for work as long as `seconds` say; give what was taken."""
    browser = Browser(site.address)
    taken = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        number, status, took = browser.report()
        assert status == 201, status
        assert took < LONGEST_ANSWER
        taken.append(number)
        for path in ("/map", "/api/incidents?state=open", "/api/live?after=0"):
            status, took = browser.ask(path)
            assert (status, took < LONGEST_ANSWER) == (200, True), (path, status, took)
        # a handful: what is shown is that they come back, not how fast one worker does them
        if len(jobs) < MOST_JOBS:
            jobs.append(coverage.request(store, Scope((COUNTY,)), "fire", COUNTY))
        time.sleep(0.3)
    return taken


def lose(site, how):
    """Take Redis away as `how` says; give what brings it back."""
    pid = site.pid("redis")
    data = site.folder / ".gridmap" / "redis"
    os.kill(pid, signal.SIGSTOP)
    if how == "hangs":
        return lambda: os.kill(pid, signal.SIGCONT)
    if how == "file lost":
        for path in data.glob("appendonly*"):
            shutil.rmtree(path)
    if how == "file cut":
        for path in data.glob("appendonlydir/*.incr.aof"):
            os.truncate(path, path.stat().st_size * 2 // 3)

    def kill():
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: site.pid("redis") not in (None, pid), 60, 0.2), site.said

    return kill


def all_goes_on(site, store, how, seconds):
    before = stored(store)
    jobs = [coverage.request(store, Scope((COUNTY,)), "fire", COUNTY) for _ in range(3)]
    bring_back = lose(site, how)
    taken = go_on(site, store, seconds, jobs)
    bring_back()
    taken += go_on(site, store, 1, jobs)
    all_end(store, jobs)
    assert stored(store) - before == set(taken)
    with store.transaction(system_scope()) as tx:
        runs = tx.all("SELECT job_id, count(*) AS n FROM coverage_run GROUP BY job_id")
    assert {row["n"] for row in runs} == {1}
    assert {row["job_id"] for row in runs} >= set(jobs)


@pytest.mark.parametrize("how", ["hangs", "file lost"])
def test_reports_and_map_go_on_without_redis(site, store, how):
    all_goes_on(site, store, how, 4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "seconds"), [("hangs", 600), ("file lost", 60), ("file cut", 60), ("file cut", 5)]
)
def test_reports_and_map_go_on_without_redis_for_long(site, store, how, seconds):
    all_goes_on(site, store, how, seconds)
