"""What runs in the cage: lock in first, then read; says one JSON object and ends."""

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from gridmap.sandbox import kernel

# Everything a caged process can be asked to do.
TASKS = {
    "photo": ("gridmap.sandbox.photo", "clean"),
    "vectors": ("gridmap.sandbox.reading", "vectors"),
    "grids": ("gridmap.sandbox.reading", "grids"),
    "raster": ("gridmap.sandbox.reading", "raster"),
    "osm": ("gridmap.sandbox.reading", "osm"),
    "tables": ("gridmap.sandbox.reading", "tables"),
    "probe": ("gridmap.sandbox.probe", "probe"),
}
# The libraries' own files, and what they look at while they load; nothing of the county's.
_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/usr/local/lib")
_DEVICES = ("/dev/urandom", "/dev/null", "/dev/zero")

Task = Callable[[Path, dict[str, Any]], dict[str, Any]]


def main() -> None:
    """Do the task that standard input names; whatever happens is said, never shown."""
    asked = json.loads(sys.stdin.buffer.read())
    kernel.die_with(int(asked["parent"]))
    module, name = TASKS[asked["task"]]
    task: Task = getattr(import_module(module), name)  # its libraries load before the door closes
    place = Path(asked["place"])
    os.chdir(place)
    try:
        kernel.limit(*asked["limits"])
        held = kernel.confine(_readable(), [place])
    except (kernel.CannotConfineError, OSError, ValueError) as error:
        _say({"cage": str(error)})
        return
    _say(_done(task, place, asked["arguments"] | {"held": held}))


def _done(task: Task, place: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    from geodata.errors import GeodataError

    try:
        return task(place, arguments)
    except GeodataError as error:
        return {
            "faults": [
                {"message": each.message, "row": each.row, "column": each.column}
                for each in error.faults
            ]
        }
    except MemoryError:
        return {"faults": [{"message": "reading this needs too much memory"}]}
    except Exception as error:
        # a library's sentence may repeat the file: only the kind of error leaves the cage
        return {"faults": [{"message": f"this cannot be read ({type(error).__name__})"}]}


def _readable() -> list[Path]:
    root = Path(__file__).resolve().parents[2]
    # not the folder of the checkout itself: secrets may lie in it
    own = [root / "gridmap", root / "geodata", Path(sys.prefix), Path(sys.base_prefix) / "lib"]
    listed = [Path(each) for each in sys.path if "site-packages" in each or "python3" in each]
    return [*own, *listed, *map(Path, _SYSTEM), *map(Path, _DEVICES)]


def _say(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found, allow_nan=False, default=str))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
