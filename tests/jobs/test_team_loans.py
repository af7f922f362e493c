"""Mutual aid: asked across areas, answered by the owner, lent, counted at both sides, returned."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from desk import at, done, execute, facility
from lattice import COUNTY
from sqlalchemy.exc import DBAPIError
from test_dispatch_answers import TOWN, account, asked, incident, officer, team

from gridmap.model.access import Role, Scope, system_scope
from gridmap.model.incident import Verb
from gridmap.model.problem import Problem
from gridmap.services import dispatching, incident_steps, team_loan_views, team_loans
from gridmap.services.access import Viewer
from gridmap.store import team_loan
from gridmap.store.database import Database

pytestmark = pytest.mark.database
__all__ = ["account"]
FAR = "990102"
FAR_TOWN = f"{FAR}001"
NEXT = f"{COUNTY}002"


def other(area: str) -> Viewer:
    """Somebody else on duty, in another area."""
    return Viewer(2, "other", "P", "zh_CN", demo=False, roles=((Role.DUTY_OFFICER, area),))


@pytest.fixture(autouse=True)
def colleague(store: Database, account: None) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO app_user (id, name, display_name, password_hash)"
            " OVERRIDING SYSTEM VALUE VALUES (2, 'other', 'P', 'x'), (3, 'crew', 'C', 'x')"
        )


def help_asked(store: Database, number: uuid.UUID, whom: int, viewer: Viewer, **more: Any) -> Any:
    given = {"exercise": False} | more
    return dispatching.ask_help(store, viewer, None, number, whom, **given)


def lent(store: Database, number: uuid.UUID, whom: int, area: str, **more: Any) -> Any:
    said = help_asked(store, number, whom, officer(TOWN), **more)
    found = team_loan_views.one(store, other(area), said["loan"])
    return team_loans.accept(store, other(area), None, said["loan"], found["revision"])


def refused(call: Any) -> int:
    with pytest.raises(Problem) as problem:
        call()
    return problem.value.status


def test_a_team_of_another_county_is_lent_sent_and_returned(store: Database) -> None:
    far = team(store, "their engine", at(9, 9), area=FAR_TOWN)
    own = team(store, "own", at(11, 11), area=TOWN)
    number = incident(store, at(4, 4))
    borrower, lender = officer(TOWN), other(FAR)
    found = asked(store, number, borrower)
    assert found["chosen"]["team"] == own
    assert [each["team"] for each in found["help"]] == [far]
    said = help_asked(store, number, far, borrower, note="人手不够", hours=6)
    # the lender learns number, category and place, and not which incident it is
    there = team_loan_views.one(store, lender, said["loan"])
    assert there["sides"] == ["lender"]
    assert there["can"] == ["accept", "decline"]
    assert there["incident"]["id"] is None
    assert there["incident"]["category"] == "fire"
    assert there["note"] == "人手不够"
    assert team_loan_views.one(store, borrower, said["loan"])["can"] == ["withdraw"]
    assert refused(lambda: dispatching.newest(store, lender, number)) == 404
    # nobody lends what is another's
    loan = said["loan"]
    assert refused(lambda: team_loans.accept(store, borrower, None, loan, 1)) == 403
    assert refused(lambda: team_loans.accept(store, other("990103"), None, loan, 1)) == 404
    taken = team_loans.accept(store, lender, None, loan, 1, reason="去一车")
    assert (taken["state"], taken["can"]) == ("accepted", ["extend", "return"])
    # the borrower's ranking has it, with its end; the lender's has it no more
    found = asked(store, number, borrower)
    ranked = {each["team"]: each for each in [found["chosen"], *found["next"]]}
    assert set(ranked) == {own, far}
    assert ranked[far]["lent_until"] == taken["lent_until"]
    assert ranked[far]["estimated"] is True
    assert ranked[far]["why"]["cover"]["households"] == 0
    assert [each["team"] for each in found["help"]] == []
    step = incident_steps.Act(Verb.ASSIGN, version(store, number), assignee=far)
    sent = incident_steps.act(store, borrower, None, number, step, english=False)
    assert sent["properties"]["assignee"]["name"] == "their engine"
    # back only when it is no longer at the incident
    assert refused(lambda: team_loans.give_back(store, lender, None, loan, 2)) == 409
    execute(store, "UPDATE incident SET state = 'closed' WHERE id = :id", id=number)
    back = team_loans.give_back(store, borrower, None, loan, 2)
    assert (back["state"], back["can"]) == ("returned", [])
    with store.transaction(system_scope()) as tx:
        trail = tx.all(
            "SELECT kind, area_code FROM event WHERE subject = 'team' ORDER BY seq, area_code"
        )
        inbox = tx.all("SELECT text FROM message WHERE to_user = 1")
    assert [(row["kind"], row["area_code"]) for row in trail] == [
        (kind, area)
        for kind in ("team.asked", "team.lent", "team.returned")
        for area in (TOWN, FAR_TOWN)
    ]
    assert ["来支援" in row["text"] for row in inbox] == [True]


def version(store: Database, number: uuid.UUID) -> int:
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE incident SET state = 'verified' WHERE id = :id", id=number)
        return int(tx.value("SELECT version FROM incident WHERE id = :id", id=number))


def test_what_is_lent_counts_as_away_at_home(store: Database) -> None:
    station = facility(store, "f")
    lent_one = team(store, "a", at(1, 1), facility=station, area=NEXT)
    stays = team(store, "b", at(1, 1), facility=station, area=NEXT)
    number = incident(store, at(4, 4))
    cover = asked(store, number, officer(COUNTY))["chosen"]["why"]["cover"]
    assert (cover["stay"], cover["households"]) == (1, 0)
    lent(store, number, lent_one, NEXT)
    # at another incident of the county: the other engine is the last of its station
    elsewhere = incident(store, at(6, 6))
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE incident SET area_code = :area WHERE id = :id", area=f"{NEXT}001", id=elsewhere
        )
    found = asked(store, elsewhere, officer(COUNTY))
    assert found["chosen"]["team"] == stays
    assert found["chosen"]["why"]["cover"]["households"] > 0
    assert found["left_out"] == {"lent": 1}
    # and where it is lent to, it leaves nobody uncovered any more
    found = asked(store, number, officer(TOWN))
    assert found["chosen"]["team"] == lent_one
    assert found["chosen"]["why"]["cover"]["households"] == 0


def test_the_lender_learns_whom_the_team_leaves_uncovered(store: Database) -> None:
    station = facility(store, "f")
    engine = team(store, "a", at(1, 1), facility=station, area=NEXT)
    number = incident(store, at(4, 4))
    loan = help_asked(store, number, engine, officer(TOWN))["loan"]
    with store.transaction(system_scope()) as tx:
        job_id = tx.value("SELECT id FROM job WHERE kind = 'teams.cover'")
    done(store, job_id)
    seen = team_loan_views.one(store, other(NEXT), loan)["uncovered"]
    assert seen["households"] > 0
    assert seen["by"]["fire"]["people"] == seen["people"]
    assert team_loan_views.one(store, officer(TOWN), loan)["uncovered"] is None


def test_a_refusal_needs_words_and_ends_it(store: Database) -> None:
    engine = team(store, "a", at(1, 1), area=NEXT)
    number = incident(store, at(4, 4))
    loan = help_asked(store, number, engine, officer(TOWN))["loan"]
    said = team_loans.decline(store, other(NEXT), None, loan, 1, "自己有火情")
    assert (said["state"], said["reason"]) == ("declined", "自己有火情")
    assert said["answered_at"] is not None
    there = team_loan_views.one(store, officer(TOWN), loan)
    assert there["reason"] == "自己有火情"
    assert refused(lambda: team_loans.accept(store, other(NEXT), None, loan, 2)) == 409
    again = help_asked(store, number, engine, officer(TOWN))["loan"]
    assert again != loan  # asked anew it is another asking
    assert team_loans.withdraw(store, officer(TOWN), None, again, 1)["state"] == "withdrawn"


def test_an_asking_that_ran_out_is_asked_and_answered_again(store: Database) -> None:
    engine = team(store, "a", at(1, 1), area=NEXT)
    number = incident(store, at(4, 4))
    loan = help_asked(store, number, engine, officer(TOWN), note="要一队")["loan"]
    execute(
        store,
        "UPDATE team_loan SET asked_until = asked_at + interval '1 millisecond'",
    )
    lender = other(NEXT)
    over = team_loan_views.one(store, lender, loan)
    assert (over["over"], over["can"]) == (True, [])
    said = help_asked(store, number, engine, officer(TOWN), note="还要一队", hours=6)
    assert (said["loan"], said["state"]) == (loan, "asked")
    again = team_loan_views.one(store, lender, loan)
    assert (again["over"], again["can"]) == (False, ["accept", "decline"])
    assert (again["note"], again["revision"]) == ("还要一队", over["revision"] + 1)
    # who still had the old page before them is told so
    assert refused(lambda: team_loans.accept(store, lender, None, loan, over["revision"])) == 409
    taken = team_loans.accept(store, lender, None, loan, again["revision"])
    assert taken["state"] == "accepted"
    # one that waits is not moved on by asking once more
    second = team(store, "b", at(1, 1), area=NEXT)
    waits = help_asked(store, number, second, officer(TOWN), hours=2)["loan"]
    before = team_loan_views.one(store, lender, waits)
    help_asked(store, number, second, officer(TOWN), hours=9)
    assert team_loan_views.one(store, lender, waits) == before


def test_an_unlent_team_of_others_is_not_sent(store: Database) -> None:
    engine = team(store, "a", at(1, 1), area=NEXT)
    number = incident(store, at(4, 4))
    step = incident_steps.Act(Verb.ASSIGN, version(store, number), assignee=engine)

    def send(viewer: Viewer) -> Any:
        return incident_steps.act(store, viewer, None, number, step, english=False)

    with pytest.raises(Problem) as unasked:
        send(officer(TOWN))
    assert "another area" in unasked.value.detail
    lent(store, number, engine, NEXT)
    assert send(officer(TOWN))["properties"]["assignee"]["id"] == engine


def test_lent_once_and_a_drill_lends_nothing_away(store: Database) -> None:
    engine = team(store, "a", at(1, 1), area=NEXT)
    number, second = incident(store, at(4, 4)), incident(store, at(5, 5))
    drill = lent(store, number, engine, NEXT, exercise=True)
    assert drill["exercise"] is True
    # incidents are real: a drill's yes puts nobody among those who may be sent to one
    found = asked(store, number, officer(TOWN))
    assert found["chosen"] is None
    assert [each["team"] for each in found["help"]] == [engine]
    step = incident_steps.Act(Verb.ASSIGN, version(store, number), assignee=engine)
    with pytest.raises(Problem) as practised:
        incident_steps.act(store, officer(TOWN), None, number, step, english=False)
    assert "exercise only" in practised.value.detail
    # a drill weakens nothing: at any other incident the team is what it was
    assert asked(store, second, officer(COUNTY))["left_out"] == {}
    lent(store, number, engine, NEXT)
    assert refused(lambda: help_asked(store, second, engine, officer(TOWN))) == 409
    assert asked(store, second, officer(TOWN))["chosen"]["team"] == engine  # lent to the area


def test_a_loan_whose_time_is_over_is_sent_no_more_and_may_last_longer(store: Database) -> None:
    engine = team(store, "a", at(1, 1), area=NEXT)
    number = incident(store, at(4, 4))
    loan = lent(store, number, engine, NEXT)["id"]
    execute(
        store,
        "UPDATE team_loan SET answered_at = now() - interval '2 hours',"
        " lent_until = now() - interval '1 minute'",
    )
    found = asked(store, number, officer(TOWN))
    assert found["chosen"] is None
    assert found["left_out"] == {"lent": 1}  # it has not come back either
    seen = team_loan_views.one(store, other(NEXT), loan)
    assert seen["over"] is True
    later = datetime.now(UTC) + timedelta(hours=3)
    assert refused(lambda: team_loans.extend(store, officer(TOWN), None, loan, 2, later)) == 403
    too_late = datetime.now(UTC) + timedelta(days=31)
    assert refused(lambda: team_loans.extend(store, other(NEXT), None, loan, 2, too_late)) == 400
    assert team_loans.extend(store, other(NEXT), None, loan, 2, later)["over"] is False
    assert asked(store, number, officer(TOWN))["chosen"]["team"] == engine


def test_the_database_shows_a_borrower_only_what_it_must(store: Database) -> None:
    far = team(store, "their engine", at(9, 9), area=FAR_TOWN)
    unasked = team(store, "their other", at(9, 9), area=FAR_TOWN)
    number = incident(store, at(4, 4))
    borrower, lender, third = Scope((TOWN,)), Scope((FAR,)), Scope((NEXT,))

    def teams(scope: Scope) -> set[int]:
        with store.transaction(scope) as tx:
            return {row["id"] for row in tx.all("SELECT id FROM responder")}

    def loans(scope: Scope) -> int:
        with store.transaction(scope) as tx:
            return len(team_loan.listing(tx, None, 10))

    asked(store, number, officer(TOWN))
    loan = help_asked(store, number, far, officer(TOWN))["loan"]
    assert teams(borrower) == set()  # asked for is not lent
    assert (loans(borrower), loans(lender), loans(third)) == (1, 1, 0)
    # whoever asks cannot say yes in the place of the owner
    with pytest.raises(DBAPIError) as refusal, store.transaction(borrower) as tx:
        team_loan.accept(tx, loan, datetime.now(UTC) + timedelta(hours=1), None)
    assert isinstance(refusal.value.orig, psycopg2.errors.InsufficientPrivilege)
    team_loans.accept(store, other(FAR), None, loan, 1)
    assert teams(borrower) == {far}
    assert teams(third) == set()
    assert teams(lender) == {far, unasked}
    with store.transaction(lender) as tx:
        assert tx.value("SELECT count(*) FROM incident") == 0
    with pytest.raises(DBAPIError), store.transaction(lender) as tx:
        tx.execute("UPDATE team_loan SET team_id = :id", id=unasked)
    team_loans.give_back(store, officer(TOWN), None, loan, 2)
    assert teams(borrower) == set()


def test_the_crew_of_a_lent_team_works_where_it_was_sent_and_nowhere_else(store: Database) -> None:
    far = team(store, "their engine", at(9, 9), area=FAR_TOWN)
    number, second = incident(store, at(4, 4)), incident(store, at(5, 5))
    crew = Viewer(3, "crew", "C", "zh_CN", demo=False, roles=((Role.UNIT, FAR),), team_id=far)
    asked(store, number, officer(TOWN))
    lent(store, number, far, FAR)
    assert refused(lambda: incident_steps.detail(store, crew, None, number, english=False)) == 404
    step = incident_steps.Act(Verb.ASSIGN, version(store, number), assignee=far)
    incident_steps.act(store, officer(TOWN), None, number, step, english=False)
    seen = incident_steps.detail(store, crew, None, number, english=False)["properties"]
    assert "start" in seen["actions"]
    begun = incident_steps.Act(Verb.START, seen["version"])
    after = incident_steps.act(store, crew, None, number, begun, english=False)
    assert after["properties"]["state"] == "handling"
    assert refused(lambda: incident_steps.detail(store, crew, None, second, english=False)) == 404
