"""The auditor's page of the trail, and who may see it."""

from webtown import post


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
