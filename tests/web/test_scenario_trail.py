"""Each step of a scenario is in the trail, with who took it and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scenario_steps import WEST, done, opened, rows, validated
from webtown import post

from gridmap.services import publishing

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
TOMORROW = TODAY + timedelta(days=1)


def test_each_step_is_in_the_trail(browser, store):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner)
    number = address.rpartition("/")[2]

    def step(client, name, **body):
        answer = post(client, f"{address}/{name}", body)
        assert answer.status_code == 200, answer.get_json()

    done(planner, address, 0, "rename", grid=WEST, name="湖西")
    done(planner, address, 1, "undo")
    done(planner, address, 2, "redo")
    step(planner, "discard")
    step(planner, "reopen")
    assert validated(planner, store, address)["state"] == "valid"
    step(lead, "approve")
    step(lead, "publish", effective_from=TOMORROW.isoformat())
    step(lead, "withdraw")
    step(lead, "publish", effective_from=TOMORROW.isoformat())
    assert publishing.take_effect(store, TOMORROW) == 1

    stored = rows(
        store,
        "SELECT e.kind, u.name, e.payload, e.at FROM event AS e LEFT JOIN app_user AS u"
        f" ON u.id = e.user_id WHERE e.subject_id = '{number}'"
        " AND (e.kind LIKE 'scenario.%' OR e.kind LIKE 'grids.%')"
        " AND e.kind NOT IN ('scenario.locked', 'scenario.measured') ORDER BY e.seq",
    )
    assert [(row["kind"], row["name"]) for row in stored] == [
        ("scenario.opened", "planner"),
        ("scenario.changed", "planner"),
        ("scenario.changed", "planner"),
        ("scenario.changed", "planner"),
        ("scenario.discarded", "planner"),
        ("scenario.reopened", "planner"),
        ("scenario.validated", "planner"),
        ("scenario.approved", "lead"),
        ("grids.published", "lead"),
        ("grids.withdrawn", "lead"),
        ("grids.published", "lead"),
        ("grids.in_force", None),  # the day came: nobody did anything
    ]
    verbs = [row["payload"].get("verb") for row in stored[1:4]]
    assert verbs == ["do", "undo", "redo"]
    # which version each of them was about, and from which day on
    assert {row["payload"]["version"] for row in stored[4:]} == {3}
    assert stored[8]["payload"]["effective_from"] == TOMORROW.isoformat()
    times = [row["at"] for row in stored]
    assert times == sorted(times)
    assert None not in times

    # and the auditor reads them, the newest first
    found = browser("auditor").get("/api/trail?kind=grids&limit=4").get_json()["items"]
    mine = [each for each in found if str(each["subject_id"]) == number]
    assert [each["kind"] for each in mine] == [
        "grids.in_force",
        "grids.published",
        "grids.withdrawn",
        "grids.published",
    ]
    assert [each["person"] for each in mine] == [None, "lead", "lead", "lead"]
    assert all(each["at"] for each in mine)
