"""A raster of depths comes in as hazards of their levels, read in the cage."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from geodata.errors import GeodataError
from gridmap.services import import_depths
from gridmap.services.import_files import Caged, Own


def raster(path: Path) -> Path:
    tags = ImageFileDirectory_v2()
    tags[33550] = (0.001, 0.001, 0.0)
    tags[33922] = (0.0, 0.0, 0.0, 114.40, 30.52, 0.0)
    tags[34735] = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    depths = np.zeros((6, 6), dtype=np.float32)
    depths[1:4, 1:4], depths[2, 2] = 0.4, 2.0
    Image.fromarray(depths).save(path, tiffinfo=tags)
    return path


@pytest.mark.parametrize("files", [Own(), Caged()], ids=["own", "caged"])
def test_each_level_that_occurs_is_a_hazard(tmp_path: Path, files: Own | Caged) -> None:
    found = import_depths.read(files, raster(tmp_path / "flood.tif"), None, {})
    assert found is not None
    assert list(found["severity"]) == ["yellow", "red"]
    assert list(found["kind"].unique()) == ["flood"]
    assert list(found["name"]) == ["flood ≥ 0.3", "flood ≥ 1.2"]
    assert list(found["external_id"]) == ["flood-yellow", "flood-red"]


def test_thresholds_are_mapped(tmp_path: Path) -> None:
    path = raster(tmp_path / "flood.tif")
    found = import_depths.read(Own(), path, None, {"0.35": "orange"})
    assert found is not None
    assert list(found["severity"]) == ["orange"]
    for mapping in ({"deep": "red"}, {"0.5": "purple"}, {"nan": "red"}):
        with pytest.raises(GeodataError, match="mapped to a level"):
            import_depths.read(Own(), path, None, mapping)


def test_another_file_is_left_to_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("{}", encoding="utf-8")
    assert import_depths.read(Own(), path, None, {}) is None
