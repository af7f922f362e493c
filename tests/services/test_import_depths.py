"""A raster of depths comes in as hazards of their levels, read in the cage."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from geodata.errors import GeodataError
from gridmap.services import import_depths
from gridmap.services.import_depths import Classes
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
    found = import_depths.read(files, raster(tmp_path / "flood.tif"), None, Classes())
    assert found is not None
    assert list(found["severity"]) == ["yellow", "red"]
    assert list(found["kind"].unique()) == ["flood"]
    assert list(found["name"]) == ["flood ≥ 0.3", "flood ≥ 1.2"]
    assert list(found["external_id"]) == ["flood-flood-yellow", "flood-flood-red"]


def test_thresholds_are_mapped(tmp_path: Path) -> None:
    path = raster(tmp_path / "flood.tif")
    found = import_depths.read(Own(), path, None, Classes({"0.35": "orange"}))
    assert found is not None
    assert list(found["severity"]) == ["orange"]
    for mapping in ({"deep": "red"}, {"0.5": "purple"}, {"nan": "red"}):
        with pytest.raises(GeodataError, match="mapped to a level"):
            import_depths.read(Own(), path, None, Classes(mapping))


def test_another_file_is_left_to_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("{}", encoding="utf-8")
    assert import_depths.read(Own(), path, None, Classes()) is None


def categories(path: Path) -> Path:
    """Write a map of susceptibility: 1 nearly everywhere, 3 and 4 in the middle, 9 is no data."""
    found = np.ones((6, 6), dtype=np.float32)
    found[1:4, 1:4], found[2, 2], found[0, 0] = 3, 4, 9
    tags = ImageFileDirectory_v2()
    tags[33550] = (0.001, 0.001, 0.0)
    tags[33922] = (0.0, 0.0, 0.0, 114.40, 30.52, 0.0)
    tags[34735] = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    tags[42113] = "9"
    Image.fromarray(found).save(path, tiffinfo=tags)
    return path


@pytest.mark.parametrize("files", [Own(), Caged()], ids=["own", "caged"])
def test_categories_are_classes_and_no_value_is_more_than_another(
    tmp_path: Path, files: Own | Caged
) -> None:
    path = categories(tmp_path / "slope.tif")
    told = Classes({"4": "orange", "3": "orange", "7": "red"}, "landslide", categories=True)
    found = import_depths.read(files, path, None, told)
    assert found is not None
    (row,) = found.to_dict("records")
    assert (row["kind"], row["severity"], row["cells"]) == ("landslide", "orange", 9)
    assert (row["name"], row["nodata"], row["epsg"]) == ("slope = 3, 4", 1, 4326)
    with pytest.raises(GeodataError, match="its values are 1, 3, 4"):
        import_depths.read(files, path, None, Classes({"8": "red"}, categories=True))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Classes({}, "landslide", categories=True), "each is mapped to a level"),
        (Classes({"0.5": "red", "0.7": "red"}), "begins at one value"),
        (Classes({"0.5": "red"}, "sunshine"), "a kind of hazard"),
        (Classes({"0.5": "red"}, "crowd"), "a kind of hazard"),
    ],
)
def test_classes_that_are_none_are_refused(tmp_path: Path, told: Classes, words: str) -> None:
    with pytest.raises(GeodataError, match=words):
        import_depths.read(Own(), raster(tmp_path / "a.tif"), None, told)
