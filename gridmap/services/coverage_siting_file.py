"""The file that proves where facilities would do most, made of what an answer was computed from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from geodata import siting_inputs, siting_proof
from geodata.siting_certificate import Answer, certificate
from geodata.siting_proof import Proof
from geodata.street_graph import Floats, Ints
from gridmap.services import coverage_ground as ground
from gridmap.services.coverage_siting_case import Case, Choice


def content(case: Case, choice: Choice, stated: Mapping[str, Any]) -> bytes:
    """Write the file of an answer, with prices that prove its bound as far as they can."""
    question, proof = case.question, _proof(case, choice)
    order = np.array([gain.site for gain in choice.gains], dtype=np.intp)
    adds = np.zeros(case.costs.shape[1])
    if choice.lost is not None:
        adds[: len(case.open)] = choice.lost
    for gain in choice.gains:
        adds[gain.site] = case.weights[gain.rows].sum()
    bound = choice.bound
    if proof is not None:  # prices may prove more than the search got to
        better = min if question.method == "cover_most" else max
        bound = better(bound, proof.bound)
    answer = Answer(
        method=question.method,
        count=question.count,
        counted=question.weight,
        labels=[str(label) for label in case.open],
        room=case.room,
        weights=case.weights,
        assignment=_served(case, choice),
        costs=case.costs,
        order=order,
        adds=adds,
        objective=choice.objective,
        bound=bound,
        proof=proof,
    )
    standard = ground.standard(case.inputs)
    return certificate(case.streets, case.demand.points, case.sites, standard, answer, stated)


def _proof(case: Case, choice: Choice) -> Proof | None:
    if choice.found is None:
        return None
    given = {"count": None, "limit": None, **case.given}
    counting = given["count"] is not None
    read = siting_inputs.read(case.costs, case.weights, counting=counting, **given)
    model: Any = case.question.method
    return siting_proof.proof(model, read, choice.found)


def _served(case: Case, choice: Choice) -> Ints:
    """Give who is served by whom with the first choice open, -1 for who is not."""
    if choice.found is not None:
        return choice.found.assignment
    held = list(case.fixed)
    if choice.gains:
        held.append(choice.gains[0].site)
    if not held:
        return np.full(len(case.demand), -1, dtype=np.intp)
    order = np.sort(np.array(held, dtype=np.intp))
    local: Floats = case.costs[:, order]
    best = local.argmin(axis=1)
    reached = np.isfinite(local.min(axis=1))
    return np.where(reached, order[best], -1).astype(np.intp)
