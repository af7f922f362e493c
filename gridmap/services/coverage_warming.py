"""An urgent worker that waits reads meanwhile what a closure will ask for."""

from collections.abc import Callable

import shapely
import structlog

from geodata.errors import GeodataError
from gridmap.model.access import system_scope
from gridmap.model.problem import Problem
from gridmap.services import coverage_hot, coverage_inputs, coverage_kept, coverage_refresh
from gridmap.store import coverage as rows
from gridmap.store import version
from gridmap.store.database import Database

_NOWHERE = shapely.Point(0.0, 0.0)

log = structlog.get_logger("coverage")


class Warm:
    """Keeps in this process's memory what a refresh reads, as far as it has been computed before.

    Streets and answers are mapped from the worker's folder and mended once: what is compiled at
    its first call is compiled then as well. Nothing is computed from scratch and nothing stored.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[coverage_kept.Stamp, str]] = {}
        coverage_hot.hold()

    def read(self, database: Database, wanted: Callable[[], bool]) -> int:
        """Read what is not at hand yet; give how many standards were.

        Parameters
        ----------
        wanted
            Tells whether somebody waits for this worker: then the rest is left for later.
        """
        with database.transaction(system_scope()) as tx:
            now = coverage_kept.stamp(tx), version.stamp(tx, "coverage_standard")
            missing = [
                (key, area_code)
                for county in rows.counties(tx)
                for area_code, keys in coverage_refresh.followed(tx, county).items()
                for key in sorted(keys, key=coverage_refresh.turn)
                if self._seen.get((area_code, key)) != now
                and coverage_kept.there(tx, key, area_code)
            ]
        done = 0
        for key, area_code in missing:
            if wanted():
                break
            seen = self._seen.get((area_code, key))
            same = seen is not None and (seen[0].streets, seen[1]) == (now[0].streets, now[1])
            _read(database, key, area_code, mend=not same)
            self._seen[area_code, key] = now
            done += 1
        return done


def _read(database: Database, key: str, area_code: str, *, mend: bool) -> None:
    try:
        with database.transaction(system_scope(), snapshot=True) as tx:
            inputs = coverage_inputs.read(tx, key, area_code)
            stamped = coverage_kept.stamp(tx)
        if not mend:
            return  # the households have been read, and the rest is at hand
        for network in coverage_inputs.networks(inputs).values():
            # the index that finds the streets in a closure is made with the first one
            network.unclosed.close(_NOWHERE)
        coverage_kept.mend(inputs, stamped)
    except (GeodataError, Problem) as why:
        # what cannot be computed is told by the run that somebody asks for
        log.info("coverage.not_at_hand", standard=key, area=area_code, why=str(why))
