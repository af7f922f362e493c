"""The auditor's page of the trail, and who may see it."""

import ast
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from webtown import post

from gridmap.model.access import system_scope
from gridmap.store import event


def test_the_auditor_reads_the_trail_in_both_languages(browser):
    client = browser("auditor")
    for address, words in (("/trail?lang=zh_CN", "谁做了什么"), ("/trail?lang=en", "Who did what")):
        text = client.get(address, headers={"Accept": "text/html"}).get_data(as_text=True)
        assert words in text
        assert "session.opened" in text
    client.get("/trail?lang=zh_CN", headers={"Accept": "text/html"})
    found = client.get("/api/trail?kind=session&limit=2").get_json()
    assert {one["subject"] for one in found["items"]} == {"session"}


def test_text_in_a_search_stays_text(browser):
    script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E"
    answer = browser("auditor").get(f"/trail?person={script}", headers={"Accept": "text/html"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<script>alert(1)" not in text


def test_what_cannot_be_searched_for_is_refused(browser):
    client = browser("auditor")
    for query in ("since=yesterday", "kind=x%20y", "area=12", "before=-1", "colour=red"):
        assert client.get(f"/api/trail?{query}").status_code == 400


def test_a_check_is_asked_for_and_the_head_is_signed(browser):
    client = browser("auditor")
    answer = post(client, "/trail/verify", {})
    assert answer.status_code == 202
    assert client.get("/api/trail/check").get_json()["check"]["job"] == answer.get_json()["job"]
    head = client.get("/api/trail/head")
    assert "attachment" in head.headers["Content-Disposition"]
    assert {"position", "hash", "signature", "key"} <= set(head.get_json())


def test_nobody_else_reads_it(browser):
    for name in ("officer", "admin", "security", "planner", "member"):
        assert browser(name).get("/api/trail").status_code == 403


def test_an_auditor_of_another_area_sees_their_own(browser, store):
    from gridmap.model.access import Scope, system_scope
    from gridmap.services import trail
    from gridmap.store import event

    with store.transaction(system_scope()) as tx:
        event.record(tx, "hazard.declared", area_code="990102001", subject_id=77)
    own = trail.page(store, Scope(("990101",)), trail.Wanted(subject_id="77"))
    other = trail.page(store, Scope(("990102",)), trail.Wanted(subject_id="77"))
    assert (len(own["items"]), len(other["items"])) == (0, 1)


def recorded_details():
    """Give the names of everything our code writes into events."""
    root = Path(__file__).resolve().parents[2]
    found = set()
    for folder in ("gridmap", "jobs"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.keyword) and node.arg == "payload":
                    named = node.value
                    if isinstance(named, ast.Dict):
                        found |= {key.value for key in named.keys if isinstance(key, ast.Constant)}
    return found


def test_every_detail_of_an_event_has_words(app):
    names = recorded_details()
    assert {"households", "team", "interval_days"} <= names
    with app.test_request_context("/"):
        known = app.jinja_env.get_template("_event_details.html").module.detail_words
        assert not names - set(known)


def test_details_and_times_are_those_of_the_reader(browser, store):
    with store.transaction(system_scope()) as tx:
        event.record(
            tx,
            "role.granted",
            area_code="990101",
            subject_id=88,
            payload={"role": "planner", "personal": True, "team": None, "kinds": ["red", "x<b>"]},
        )
        at = tx.value("SELECT max(at) FROM event WHERE subject_id = '88'")
    client = browser("auditor")
    for language, words in (
        (
            "zh_CN",
            ("角色</span> 规划员", "含个人信息</span> 是", "队伍</span> –", "红、x&lt;b&gt;"),
        ),
        ("en", ("Roles</span> Planner", "yes", "red, x&lt;b&gt;")),
    ):
        address = f"/trail?subject_id=88&lang={language}"
        text = client.get(address, headers={"Accept": "text/html"}).get_data(as_text=True)
        for expected in words:
            assert expected.lower() in text.lower(), expected
        assert at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S") in text


def test_a_day_is_that_of_the_site(browser, store):
    with store.transaction(system_scope()) as tx:
        event.record(tx, "hazard.declared", area_code="990101", subject_id=89)
        at = tx.value("SELECT max(at) FROM event WHERE subject_id = '89'")
    day = at.astimezone(ZoneInfo("Asia/Shanghai")).date()
    client = browser("auditor")
    for since, until, count in (
        (day, day, 1),
        (day + timedelta(1), "", 0),
        ("", day - timedelta(1), 0),
    ):
        found = client.get(f"/api/trail?subject_id=89&since={since}&until={until}").get_json()
        assert len(found["items"]) == count, (since, until)
