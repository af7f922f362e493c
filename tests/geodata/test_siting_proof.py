"""Prices that prove a bound: never better than any choice, and as good as the best where it can."""

import numpy as np
import pytest
from test_siting_capacity import towns

from geodata import siting, siting_proof
from geodata.siting_inputs import read

MODELS = ("p_median", "p_center", "cover_all", "cover_most")


def asked(model, costs, weights, count, fixed, room, limit=None):
    """Give the case, the answer and its proof."""
    wanted = None if model == "cover_all" else count
    counting = wanted is not None
    found = getattr(siting, model)(costs, weights, wanted, limit, fixed, room)
    case = read(costs, weights, wanted, limit, fixed, room, counting=counting)
    return found, siting_proof.proof(model, case, found)


def check(model, found, proof):
    """Compare with what the exact search proves."""
    slack = 1e-6 * max(abs(found.bound), 1.0) if np.isfinite(found.bound) else 0.0
    if model == "cover_most":
        assert proof.bound >= found.objective - slack
    else:
        assert proof.bound <= found.objective + slack


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(25))
def test_no_choice_is_better_with_room(model, seed):
    costs, weights, count, fixed, room = towns(seed)
    found, proof = asked(model, costs, weights, count, fixed, room)
    check(model, found, proof)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(25))
def test_no_choice_is_better_without_limit_of_room(model, seed):
    draw = np.random.default_rng(seed)
    costs = draw.integers(0, 60, (30, 9)).astype(float)
    if seed % 2:
        costs[draw.random(costs.shape) < 0.3] = np.inf
    weights = draw.integers(0, 5, 30).astype(float)
    fixed = [0, 4] if seed % 3 == 0 else []
    found, proof = asked(model, costs, weights, 4, fixed, None, 40.0)
    check(model, found, proof)
