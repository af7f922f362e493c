"""Care in the demo town: facts of different ages, visits done and due, what offices need them for.

All of it is simulated from the households' own numbers, so that every start shows the same town.
"""

from datetime import date

from gridmap.model.access import system_scope
from gridmap.store import care_demo, care_rule, event, visit
from gridmap.store.database import Database

# Item, office, legal basis, facts and needs used. The law is real, the offices' lists are made up.
_ITEMS = (
    (
        "独居和留守老人走访",
        "民政局",
        "《突发事件应对法》第十一条",
        ("phone", "carer", "carer_phone", "needs_help"),
        ("elderly_alone", "left_behind_elder"),
    ),
    (
        "留守儿童走访",
        "民政局",
        "《突发事件应对法》第十一条",
        ("phone", "carer", "carer_phone"),
        ("left_behind_child",),
    ),
    (
        "汛期转移人员名单",
        "应急管理局",
        "《突发事件应对法》第六十七条",
        ("people", "phone", "needs_help"),
        ("bedridden", "wheelchair", "disabled", "pregnant", "infant", "elderly_alone"),
    ),
    (
        "残疾人上门服务",
        "残疾人联合会",
        "《突发事件应对法》第十一条",
        ("phone", "needs_help"),
        ("disabled", "wheelchair"),
    ),
    (
        "居住情况登记",
        "公安局",
        "演示：事项清单，依据由县里填",
        ("people", "residence", "registered_at"),
        (),
    ),
)


def load(database: Database, county: str) -> int:
    """Give the town its care once; the number of visits that are due, 0 when it was there."""
    with database.transaction(system_scope()) as tx:
        if care_demo.there(tx, county):
            return 0
        for name, owner, basis, facts, needs in _ITEMS:
            care_rule.put_service_item(
                tx,
                {
                    "area_code": county,
                    "name": name,
                    "owner": owner,
                    "legal_basis": basis,
                    "admitted_on": date(2026, 1, 1),
                    "ends_on": None,
                    "fields": list(facts),
                    "needs": list(needs),
                },
            )
        care_demo.date_facts(tx, county)
        care_demo.visit_most(tx, county)
        due = visit.plan(tx, county)
        event.record(
            tx, "visit.planned", area_code=county, subject_id="due", payload={"visits": due}
        )
    return due
