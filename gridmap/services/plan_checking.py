"""What the independent checker says of a draft before it is kept: it shares no code with drafts."""

from collections import Counter
from typing import Any

from geodata import evacuation
from geodata.verifying_evacuation import verify
from gridmap.model.plan_options import PROFILE, PlanOptions
from gridmap.services.plan_engine import engine
from gridmap.services.plan_inputs import Inputs

MOST_HOUSEHOLDS = 30_000  # beyond that nobody waits for it; the page says it was not checked
_KINDS = 20


def checked(inputs: Inputs, draft: evacuation.Draft, options: PlanOptions) -> dict[str, Any]:
    """Check a draft.

    Returns
    -------
    verdict
        `checked`, `households`; and if it was, `ways` that were looked at and `altered`: what
        cannot be right, in the checker's words, with how often.
    """
    households = len(inputs.households)
    if households > MOST_HOUSEHOLDS:
        return {"checked": False, "households": households}
    found = verify(
        inputs.roads,
        inputs.households,
        inputs.shelters,
        inputs.shape,
        draft,
        inputs.blocked,
        engine(options),
        inputs.water,
        PROFILE,
    )
    counts = Counter(each.message for each in found.altered)
    return {
        "checked": True,
        "households": households,
        "ways": found.counts["ways"],
        "altered": [
            {"message": message, "count": count} for message, count in counts.most_common(_KINDS)
        ],
    }
