"""The other programs of the coverage benchmark; run in the environment that has them.

Run as a program: ``_coverage_peers.py NAME FOLDER`` reads arrays from the folder and writes the
answer and the processor seconds there. Imports and reading are not counted.
"""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from tests.benchmarks._peers import ROOT, python


def solve(name: str, folder: Path, limit: float) -> dict[str, np.ndarray] | str:
    """Run a peer in a process of its own; give its arrays, or why there are none."""
    found = folder / f"{name}.npz"
    command = [python(), "-m", "tests.benchmarks._coverage_peers", name, str(folder)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return f"none in {limit:.0f} s"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return "not installed" if "No module named" in last else last[:80]
    with np.load(found) as arrays:
        return dict(arrays)


def pandana(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Contract the streets, then ask for the two nearest facilities of every node."""
    import pandana
    import pandas as pd

    began = time.process_time()
    network = pandana.Network(
        pd.Series(arrays["x"]),
        pd.Series(arrays["y"]),
        pd.Series(arrays["start"]),
        pd.Series(arrays["end"]),
        pd.DataFrame({"seconds": arrays["seconds"]}),
        twoway=True,
    )
    built = time.process_time()
    nodes = arrays["sources"]
    far = 1e6
    network.set_pois(
        "facilities", far, 2, pd.Series(arrays["x"][nodes]), pd.Series(arrays["y"][nodes])
    )
    found = network.nearest_pois(far, "facilities", num_pois=2)
    asked = time.process_time()
    return {
        "cost": found.to_numpy(),
        "built": np.array(built - began),
        "seconds": np.array(asked - built),
    }


def access(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Score demand by floating catchments from a table of ways."""
    import pandas as pd
    from access import Access, weights

    demand = pd.DataFrame({"id": np.arange(len(arrays["people"])), "people": arrays["people"]})
    supply = pd.DataFrame({"id": np.arange(len(arrays["room"])), "room": arrays["room"]})
    ways = pd.DataFrame(
        {"origin": arrays["origin"], "dest": arrays["dest"], "cost": arrays["cost"]}
    )
    limits, shares = arrays["limits"].tolist(), arrays["shares"].tolist()
    began = time.process_time()
    asked = Access(
        demand_df=demand,
        demand_index="id",
        demand_value="people",
        supply_df=supply,
        supply_index="id",
        supply_value="room",
        cost_df=ways,
        cost_origin="origin",
        cost_dest="dest",
        cost_name="cost",
    )
    asked.enhanced_two_stage_fca(
        name="fca",
        cost="cost",
        max_cost=limits[-1],
        weight_fn=weights.step_fn(dict(zip(limits, shares, strict=True))),
    )
    seconds = time.process_time() - began
    score = asked.access_df["fca_room"].reindex(demand["id"]).to_numpy()
    return {"score": score, "seconds": np.array(seconds)}


PEERS = {"pandana": pandana, "access": access}


def main() -> None:
    """Answer one question."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    with np.load(folder / "problem.npz") as problem:
        arrays = dict(problem)
    np.savez(folder / f"{name}.npz", **PEERS[name](arrays))


if __name__ == "__main__":
    main()
