"""Whom papers tell people to call: set by area, kept from what is not a number."""

import pytest
from webtown import COUNTY, HILL, MEMBER_GRID

from gridmap.model.access import Scope, system_scope
from gridmap.model.problem import Problem
from gridmap.services import offices

LAKE_ONE = "990101001001"


def value(store, sql):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql)


def put(
    store, area=LAKE_ONE, name="湖一居委会", phone="000-111", supervision="000-222", scope=None
):
    offices.put(
        store,
        scope or system_scope(),
        area,
        name=name,
        phone=phone,
        supervision_phone=supervision,
    )


def test_an_office_is_stored_once_and_replaced(store):
    put(store, phone="000-12345")
    put(store, phone="000-54321")
    row = value(store, "SELECT to_jsonb(o) FROM area_office AS o")
    assert row["phone"] == "000-54321"
    assert value(store, "SELECT count(*) FROM event WHERE kind = 'office.changed'") == 2


def test_the_trail_holds_no_number(store):
    put(store, phone="000-77777")
    said = value(store, "SELECT string_agg(payload::text, ' ') FROM event WHERE subject = 'office'")
    assert "77777" not in said


@pytest.mark.parametrize(
    "more", [{"phone": "call me"}, {"name": " "}, {"supervision": "1"}, {"name": "x" * 81}]
)
def test_what_is_no_number_or_name_is_refused(store, more):
    with pytest.raises(Problem) as error:
        put(store, **more)
    assert error.value.status == 400


def test_an_area_that_is_not_there_or_not_theirs(store):
    for area, scope in (("990101999", None), (LAKE_ONE, Scope((HILL,)))):
        with pytest.raises(Problem) as error:
            put(store, area=area, scope=scope)
        assert error.value.status == 404


def test_a_member_s_phone_is_private_until_it_is_made_public(store):
    scope = Scope((COUNTY,))
    offices.set_phone(store, scope, MEMBER_GRID, "周网格", "138", public=False)
    assert value(store, "SELECT phone_public FROM grid_member") is False
    offices.set_phone(store, scope, MEMBER_GRID, "周网格", "138", public=True)
    assert value(store, "SELECT phone_public FROM grid_member") is True
    with pytest.raises(Problem) as error:
        offices.set_phone(store, scope, MEMBER_GRID, "周网格", None, public=True)
    assert error.value.status == 400
    with pytest.raises(Problem) as error:
        offices.set_phone(store, scope, MEMBER_GRID, "nobody", "138", public=False)
    assert error.value.status == 404
