"""Cards for households: the code on them is known at the door of the shelter."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from test_call_outs import active, home, value
from webtown import token_of

from gridmap.model.access import system_scope
from gridmap.services import call_codes

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
__all__ = ["active"]
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


def test_the_code_on_a_card_is_known_at_the_door(store, browser, active):
    page = browser("officer").get(f"/plans/{active}/print?only=cards").get_data(as_text=True)
    written = set(CODE.findall(page))
    with_codes = value(store, "SELECT count(*) FROM call_out WHERE plan_id = :id", id=active)
    assert len(written) == with_codes == 3
    member = browser("member")
    headers = {"X-CSRFToken": token_of(member)}
    for code in written:
        found = member.post("/api/arrivals/look", json={"code": code}, headers=headers)
        assert found.status_code == 200, found.get_data(as_text=True)
    assert "到达卡" in page
    assert "GRIDMAP:" in page  # what the square says, for who cannot see it
    # nobody is sent anywhere who has no place
    assert "等通知，网格员来接" in page


def test_cards_of_one_grid_are_a_paper_of_their_own(store, browser, active):
    officer, grid = browser("officer"), "990101001001001"
    content = officer.get(f"/plans/{active}/print.pdf?only=cards&grid={grid}").data
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    at_home = value(
        store,
        "SELECT count(*) FROM call_out WHERE plan_id = :id AND area_code = :grid",
        id=active,
        grid=grid,
    )
    assert len(CODE.findall("".join(pages))) == at_home
    member = browser("member").get(f"/plans/{active}/print?only=cards&grid={grid}")
    assert member.status_code == 200
    assert browser("member").get(f"/plans/{active}/print?only=all").status_code == 400


def test_a_card_shows_what_is_signed_for_this_household(store, browser, active):
    with store.transaction(system_scope()) as tx:
        signed = call_codes.codes(tx, active)[home(store, "h1")]
    page = browser("officer").get(f"/plans/{active}/print?only=cards").get_data(as_text=True)
    assert f"{signed[:5]}-{signed[5:]}" in page
