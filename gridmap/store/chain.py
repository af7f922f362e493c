"""What belongs to one hazard: its plan, the plan people are called out by, its response."""

from gridmap.store.database import Row, Transaction


def hazard_of(tx: Transaction, *, plan: int | None, response: int | None) -> int | None:
    """Give the hazard of a plan or of a response; None where there is none."""
    found = tx.value(
        "SELECT coalesce((SELECT hazard_id FROM plan WHERE id = :plan),"
        " (SELECT hazard_id FROM response WHERE id = :response))",
        plan=plan,
        response=response,
    )
    return None if found is None else int(found)


def of_hazard(tx: Transaction, hazard_id: int) -> Row | None:
    """Give what belongs to a hazard.

    Returns
    -------
    Row
        `id`, `area_code`, `name`, `name_en`, `state`, `exercise`; `plan`: the one in force, else
        the newest; `board`: the plan whose call-outs there are; `response`: an open one before
        one that has ended, `ended` for whether it has.
    """
    return tx.maybe(
        "SELECT h.id, h.area_code, h.name, h.name_en, h.state, h.exercise,"
        " (SELECT p.id FROM plan AS p WHERE p.hazard_id = h.id AND p.state <> 'failed'"
        "  ORDER BY p.state = 'active' DESC, p.version DESC LIMIT 1) AS plan,"
        " (SELECT max(c.plan_id) FROM plan AS p JOIN call_out AS c ON c.plan_id = p.id"
        "  WHERE p.hazard_id = h.id) AS board, r.id AS response, r.state = 'ended' AS ended"
        " FROM hazard AS h LEFT JOIN LATERAL (SELECT id, state FROM response"
        "  WHERE hazard_id = h.id ORDER BY state = 'ended', id DESC LIMIT 1) AS r ON true"
        " WHERE h.id = :id",
        id=hazard_id,
    )


def ended(tx: Transaction, response_id: int) -> bool:
    """Tell whether a response has ended."""
    return bool(tx.value("SELECT state = 'ended' FROM response WHERE id = :id", id=response_id))
