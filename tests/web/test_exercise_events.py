"""Everything that a drill leaves in the trail says that it was one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from message_town import change, draft, prepared, rows_of, step, value
from webtown import COUNTY, post, token_of

from gridmap.model.access import system_scope
from gridmap.services import (
    call_climbing,
    destruction,
    message_sending,
    plan_templates,
    whistles,
)
from gridmap.services.response_task_climbing import climb_due

ROOT = Path(__file__).resolve().parents[2]
# Nouns whose events belong to an emergency, real or not.
NOUNS = {
    *("hazard", "alert", "proposal", "plan", "call_out", "shelter", "return", "reunification"),
    *("response", "task", "whistle", "lesson", "drill", "after_action", "message", "volunteer"),
    *("personal_data", "team"),
}
# Not of one emergency: rules, registers and sweeps over everything.
OTHERS = {
    *("return.rule_set", "message.destroyed", "volunteer.added", "volunteer.changed"),
    *("volunteer.imported", "volunteer.exported", "volunteer.ended", "drill.reminded"),
    *("drill.planned", "drill.changed", "drill.dropped", "volunteer.forgotten"),
}


def recorded() -> Iterator[tuple[str, ast.Call, ast.Module]]:
    """Give each `event.record(tx, "kind", …)` of the services with its file."""
    for path in sorted((ROOT / "gridmap" / "services").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "event.record":
                second = node.args[1]
                if isinstance(second, ast.Constant):
                    yield str(second.value), node, tree


def says(node: ast.expr | None, tree: ast.Module) -> bool:
    """Tell whether a payload has the flag, also where it is made by a name of the same file."""
    if node is None:
        return False
    if "'exercise'" in ast.unparse(node):
        return True
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    for each in ast.walk(tree):
        made = isinstance(each, ast.FunctionDef) and each.name in names | {"_adjust"}
        set_to = isinstance(each, ast.Assign | ast.AnnAssign) and names & {
            target.id for target in ast.walk(each) if isinstance(target, ast.Name)
        }
        if (made or set_to) and "'exercise'" in ast.unparse(each):
            return True
    return False


def test_every_kind_of_an_emergency_carries_the_flag():
    kinds, bare = set(), []
    for kind, node, tree in recorded():
        if kind.split(".")[0] not in NOUNS or kind in OTHERS:
            continue
        kinds.add(kind)
        payload = next((one.value for one in node.keywords if one.arg == "payload"), None)
        if not says(payload, tree):
            bare.append(kind)
    assert len(kinds) > 25
    assert bare == []


def test_a_drill_from_the_hazard_to_the_destruction_is_one_in_every_event(store, people, browser):
    prepared(store, people)
    plan_templates.start_all(store, system_scope())
    officer, commander, member = browser("officer"), browser("commander"), browser("member")
    first = value(store, "SELECT coalesce(max(seq), 0) FROM event")
    ring = [[114.403, 30.509], [114.406, 30.509], [114.406, 30.512], [114.403, 30.509]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    declared = {"kind": "landslide", "name": "湖边坡", "severity": "red", "geometry": shape}
    hazard = post(officer, "/api/hazards", {**declared, "exercise": True}).get_json()["id"]
    warned(officer, hazard)
    plan = draft(store, people, hazard, {"h1": 1, "h2": 1})
    again = draft(store, people, hazard, {"h1": 1, "h2": 2})
    for each in (plan, again):
        for verb in ("approve", "activate"):
            assert step(commander, each, verb).status_code == 200
    called(store, member, officer, again)
    responded(store, browser, hazard)
    message_sending.send_due(store, {})
    volunteers(store, officer)
    assert post(officer, f"/api/hazards/{hazard}/lift", {}).status_code in {200, 204}
    post(officer, f"/api/plans/{again}/return/ask", {})
    post(commander, f"/api/plans/{again}/return/release", {"reason": "演练到此"})
    assert post(commander, f"/api/plans/{again}/return/open", {}).status_code in {200, 204}
    assert step(commander, again, "close").status_code == 200
    until = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    held = {"until": until, "reason": "评估还要用"}
    assert post(commander, f"/api/hazards/{hazard}/hold", held).status_code in {200, 204}
    assert post(commander, f"/api/hazards/{hazard}/release", {}).status_code in {200, 204}
    finished(store, hazard)
    assert destruction.destroy_due(store, 0) > 0

    found = rows_of(
        store,
        "SELECT kind, payload FROM event WHERE seq > :seq ORDER BY seq",
        seq=first,
    )
    emergency = [
        row for row in found if row["kind"].split(".")[0] in NOUNS and row["kind"] not in OTHERS
    ]
    assert [row["kind"] for row in emergency if row["payload"].get("exercise") is not True] == []
    assert {row["kind"] for row in emergency} >= {
        *("hazard.declared", "hazard.lifted", "alert.issued", "alert.updated", "alert.cancelled"),
        *("plan.approved", "plan.activated", "plan.superseded", "plan.closed"),
        *("call_out.called", "call_out.answered", "call_out.escalated", "call_out.arrived"),
        *("call_out.helper_set", "shelter.load_changed", "reunification.searched"),
        *("response.started", "response.ended", "task.created", "task.escalated"),
        *("whistle.blown", "whistle.escalated", "whistle.evaluated", "lesson.added"),
        *("message.queued", "message.composed", "volunteer.asked", "return.asked"),
        *("return.released", "return.opened", "personal_data.held", "personal_data.released"),
        "personal_data.destroyed",
    }


def warned(officer, hazard):
    said = {
        "headline": "滑坡预警",
        "event": "滑坡",
        "description": "山坡在动",
        "instruction": "离开山坡",
        "issuer": "东县应急局",
        "area_desc": "湖边",
        "starts_at": "2026-11-22T08:00:00+08:00",
        "expires_at": "2099-11-23T08:00:00+08:00",
    }
    answer = post(officer, "/api/alerts", {**said, "hazard": hazard})
    assert answer.status_code == 201, answer.get_json()
    number = answer.get_json()["id"]
    again = post(officer, f"/api/alerts/{number}/update", {**said, "reason": "雨小了"})
    assert again.status_code == 201, again.get_json()
    ended = post(officer, f"/api/alerts/{again.get_json()['id']}/cancel", {"reason": "雨停了"})
    assert ended.status_code in {200, 201}, ended.get_json()


def called(store, member, officer, plan):
    here = value(store, "SELECT id FROM household WHERE source_key = 'h1'")
    helper = {"helper": "孙大姐"}
    address = f"/api/plans/{plan}/call-outs/{here}"
    assert post(officer, f"{address}/helper", helper).status_code in {200, 204}
    change(store, "UPDATE call_out SET due_at = now() - interval '1 second', rung = 'gong'")
    assert call_climbing.climb(store) > 0
    for kind, more in (
        ("called", {"channel": "phone"}),
        ("answered", {}),
        ("arrived", {"place": "shelter"}),
    ):
        answer = post(member, f"{address}/steps", {"id": str(uuid4()), "kind": kind, **more})
        assert answer.status_code in {200, 201}, answer.get_json()
    shelter = value(store, "SELECT id FROM facility WHERE source_key = 'f2'")
    full = post(officer, f"/api/plans/{plan}/shelters/{shelter}", {"state": "full"})
    assert full.status_code in {200, 204}, full.get_json()
    asked = {"name": "王小明", "purpose": "family"}
    post(officer, f"/api/plans/{plan}/search", asked)


def responded(store, browser, hazard):
    officer, member = browser("officer"), browser("member")
    new = {
        "area": COUNTY,
        "kind": "landslide",
        "level": 2,
        "matter": "湖边坡滑坡",
        "measures": "转移、封路",
        "expected_until": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        "hazard": hazard,
    }
    answer = post(officer, "/api/responses", new)
    assert answer.status_code == 201, answer.get_json()
    number = answer.get_json()["id"]
    task = {"title": "备沙袋", "minutes": 10, "tier": "village"}
    assert post(officer, f"/api/responses/{number}/tasks", task).status_code == 201
    change(store, "UPDATE response_task SET due_at = now() - interval '1 second'")
    assert climb_due(store) > 0
    team = value(store, "SELECT id FROM responder WHERE source_key = 'r1'")
    blown = {"matter": "要抽水", "place": "湖边路 1 号", "teams": [team], "minutes": 10}
    made = post(member, "/api/whistles", {**blown, "response": number, "exercise": True})
    assert made.status_code == 201, made.get_json()
    change(store, "UPDATE whistle_call SET due_at = now() - interval '1 second'")
    assert whistles.climb_due(store) > 0
    call = value(store, "SELECT max(id) FROM whistle_call")
    reached = post(browser("unit"), f"/api/whistles/calls/{call}/answer", {"state": "arrived"})
    assert reached.status_code == 204, reached.get_json()
    result = {"results": [{"call": call, "result": "solved", "words": "抽干了"}]}
    closed = post(member, f"/api/whistles/{made.get_json()['id']}/close", result)
    assert closed.status_code == 204, closed.get_json()
    free = {
        "id": str(uuid4()),
        "group": "communities",
        "of": ["990101001001"],
        "channels": ["loudspeaker"],
        "text": "九点集合",
        "about": f"response:{number}",
    }
    assert post(officer, "/api/messages", free).status_code == 201
    headers = {"X-CSRFToken": token_of(officer), "If-Match": '"1"'}
    ended = officer.post(
        f"/api/responses/{number}/steps", json={"verb": "end", "reason": "做完了"}, headers=headers
    )
    assert ended.status_code in {200, 204}, ended.get_json()
    lesson = {"text": "哨子不够响", "owner": "县值班室", "due_on": "2099-01-01"}
    assert post(officer, f"/api/responses/{number}/lessons", lesson).status_code == 201


def volunteers(store, officer):
    change(
        store,
        "INSERT INTO volunteer (area_code, kind, name, phone, skills, consented_on)"
        " VALUES ('990101', 'person', '冯某', '13800000077', '{first_aid}', current_date)",
    )
    asked = {"area": COUNTY, "skills": ["first_aid"], "text": "到中学集合", "minutes": 60}
    answer = post(officer, "/api/volunteer-calls", {**asked, "id": str(uuid4()), "exercise": True})
    assert answer.status_code == 201, answer.get_json()


def finished(store, hazard):
    change(
        store,
        "UPDATE call_out SET home_at = now() - interval '1 day' WHERE plan_id IN"
        " (SELECT id FROM plan WHERE hazard_id = :id)",
        id=hazard,
    )
    change(
        store,
        "UPDATE hazard SET lifted_at = now() - interval '2 days' WHERE id = :id",
        id=hazard,
    )
