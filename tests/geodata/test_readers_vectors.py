"""GeoJSON, GeoPackage and zipped Shapefiles: what is read, what is refused and why."""

import json
import sqlite3
import stat
import struct
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point, Polygon, box

from geodata.crs import wgs84_to_gcj02
from geodata.errors import GeodataError
from geodata.readers import archive, vectors

PLACES = [box(114.40, 30.50, 114.41, 30.51), box(114.41, 30.50, 114.42, 30.51)]
NAMES = ["关山街道", "花山街道"]


@pytest.fixture
def areas():
    return gpd.GeoDataFrame({"name": NAMES, "households": [400, 350]}, geometry=PLACES, crs=4326)


def refused(path, match, **options):
    with pytest.raises(GeodataError, match=match) as caught:
        vectors.read(path, **options)
    return [fault.row for fault in caught.value.faults]


def same(read, shapes=PLACES):
    assert read.crs.to_epsg() == 4326
    assert read.index.tolist() == list(range(1, len(shapes) + 1))
    assert all(
        shapely.hausdorff_distance(a, b) < 1e-8 for a, b in zip(read.geometry, shapes, strict=True)
    )
    return True


# --- GeoJSON --------------------------------------------------------------------------------


def geojson(path, *geometries, **members):
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": shapely.geometry.mapping(shape),
        }
        for name, shape in zip(NAMES, geometries, strict=False)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}))
    return path


def test_geojson(tmp_path):
    read = vectors.read(geojson(tmp_path / "a.geojson", *PLACES))
    assert same(read)
    assert read["name"].tolist() == NAMES


def test_the_name_of_a_file_counts_for_nothing(tmp_path):
    assert same(vectors.read(geojson(tmp_path / "a.shp", *PLACES)))


def test_geojson_in_a_declared_system(tmp_path):
    moved = shapely.transform(PLACES, lambda p: np.column_stack(wgs84_to_gcj02(p[:, 0], p[:, 1])))
    assert same(vectors.read(geojson(tmp_path / "a.geojson", *moved), crs="gcj02"))
    metres = gpd.GeoSeries(PLACES, crs=4326).to_crs(4547)
    assert same(vectors.read(geojson(tmp_path / "b.geojson", *metres), crs=4547))


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}},
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}},
        None,
    ],
)
def test_a_crs_member_is_refused(tmp_path, crs):
    refused(geojson(tmp_path / "a.geojson", *PLACES, crs=crs), "crs member")


def test_a_crs_member_that_says_what_the_standard_says_is_taken(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    plain = vectors.read(geojson(tmp_path / "a.geojson", *PLACES))
    assert vectors.read(geojson(tmp_path / "b.geojson", *PLACES, crs=crs)).equals(plain)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "no GeoJSON"),
        ('{"type": "Topology"}', "FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "no feature"),
        ('{"type": "FeatureCollection", "features": [', "JSON"),
        ('{"type": "FeatureCollection", "features": [1, {"type": "Feature"}]}', "row 1.*row 2"),
        ("[" * 5000, "no GeoJSON"),
        ('{"a":' * 5000, "deep"),
    ],
)
def test_what_is_no_geojson(tmp_path, text, message):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    refused(path, message)


BOW_TIE = Polygon([(114, 30), (115, 31), (115, 30), (114, 31)])


def test_bad_geometries_name_their_feature(tmp_path):
    assert refused(geojson(tmp_path / "a.geojson", PLACES[0], BOW_TIE), "cross|intersect") == [2]
    swapped = shapely.transform(PLACES[1], lambda p: p[:, ::-1])
    assert set(refused(geojson(tmp_path / "b.geojson", PLACES[0], swapped), "swapped")) == {2}
    assert refused(geojson(tmp_path / "c.geojson", Point(0, 0)), "no place") == [1]


# --- Shapefile ------------------------------------------------------------------------------


def shapefile(folder, frame, encoding="UTF-8", drop=()):
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / "areas.shp", encoding=encoding)
    for ending in drop:
        (folder / f"areas{ending}").unlink()
    return folder / "areas.shp"


def zipped(path, shp, prefix="数据/"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in sorted(shp.parent.glob(f"{shp.stem}.*")):
            target.write(part, f"{prefix}{part.name}")
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB18030"])
@pytest.mark.parametrize("drop", [(), (".cpg",)])
def test_zipped_shapefile_in_either_encoding(tmp_path, areas, encoding, drop):
    path = zipped(tmp_path / "a.zip", shapefile(tmp_path / "s", areas, encoding, drop))
    read = vectors.read(path)
    assert same(read)
    assert read["name"].tolist() == NAMES
    assert read["households"].tolist() == [400, 350]


def test_a_cpg_that_is_wrong_is_not_believed(tmp_path, areas):
    shp = shapefile(tmp_path / "s", areas, "GBK")
    shp.with_suffix(".cpg").write_text("UTF-8")
    assert vectors.read(shp)["name"].tolist() == NAMES


@pytest.mark.parametrize("code", [4490, 4526, 4547, 32650])
def test_shapefile_in_another_system(tmp_path, areas, code):
    shp = shapefile(tmp_path / "s", areas.to_crs(code))
    assert same(vectors.read(shp))
    shp.with_suffix(".prj").unlink()
    refused(shp, "declare")
    assert same(vectors.read(shp, crs=code))


def test_a_declaration_against_the_file_is_refused(tmp_path, areas):
    refused(shapefile(tmp_path / "s", areas.to_crs(4547)), "declared is", crs=4526)
    refused(shapefile(tmp_path / "t", areas.to_crs(4547), drop=(".prj",)), "4547", crs=4526)


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_shapefile_with_a_part_missing_or_cut_off(tmp_path, areas, part):
    shp = shapefile(tmp_path / "s", areas)
    data = shp.with_suffix(part).read_bytes()
    shp.with_suffix(part).write_bytes(data[: len(data) - 8])
    refused(zipped(tmp_path / "cut.zip", shp), "cut off")
    shp.with_suffix(part).write_bytes(data[:10])
    refused(zipped(tmp_path / "stump.zip", shp), "damaged")
    shp.with_suffix(part).unlink()
    refused(zipped(tmp_path / "none.zip", shp), "lacks|one Shapefile")


def test_parts_of_different_shapefiles(tmp_path, areas):
    shp = shapefile(tmp_path / "s", areas)
    other = shapefile(tmp_path / "t", areas.iloc[:1])
    other.with_suffix(".dbf").replace(shp.with_suffix(".dbf"))
    refused(shp, "belong together")


def test_coordinates_that_are_not_finite(tmp_path, areas):
    points = areas.assign(geometry=[Point(114.4, 30.5), Point(114.5, 30.5)])
    shp = shapefile(tmp_path / "s", points)
    data = bytearray(shp.read_bytes())
    data[-16:-8] = struct.pack("<d", np.inf)
    shp.write_bytes(data)
    assert refused(shp, "finite") == [2]


def test_a_damaged_prj(tmp_path, areas):
    shp = shapefile(tmp_path / "s", areas)
    for text in ("../../etc/passwd", 'PROJCS["x"', ""):
        shp.with_suffix(".prj").write_text(text)
        refused(shp, "prj")


def test_a_zip_with_several_shapefiles(tmp_path, areas):
    one = shapefile(tmp_path / "s", areas)
    path = zipped(tmp_path / "two.zip", one, "a/")
    with zipfile.ZipFile(path, "a") as target:
        for part in one.parent.glob("areas.*"):
            target.write(part, f"b/others{part.suffix}")
    refused(path, "'areas', 'others'")
    assert same(vectors.read(path, layer="others"))


# --- hostile zip files ----------------------------------------------------------------------


def entry(path, name, data=b"x", attributes=None, method=zipfile.ZIP_DEFLATED):
    info = zipfile.ZipInfo(name)
    info.compress_type = method
    if attributes is not None:
        info.create_system = 3
        info.external_attr = attributes << 16
    with zipfile.ZipFile(path, "a") as target:
        target.writestr(info, data)
    return path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../areas.shp", "leaves the folder"),
        ("a/../../areas.shp", "leaves the folder"),
        ("/etc/areas.shp", "leaves the folder"),
        ("..\\areas.shp", "leaves the folder"),
        ("C:areas.shp", "leaves the folder"),
        ("inner.zip", "archive"),
        ("inner.tar.gz", "archive"),
        ("INNER.ZIP", "archive"),
    ],
)
def test_entries_that_lead_elsewhere(tmp_path, areas, name, message):
    path = zipped(tmp_path / "a.zip", shapefile(tmp_path / "s", areas))
    refused(entry(path, name), message)


def test_links_twins_and_other_compressions(tmp_path, areas):
    shp = shapefile(tmp_path / "s", areas)
    refused(entry(zipped(tmp_path / "a.zip", shp), "l", attributes=stat.S_IFLNK | 0o777), "link")
    refused(entry(zipped(tmp_path / "b.zip", shp), "数据/AREAS.shp"), "same name")
    refused(entry(zipped(tmp_path / "c.zip", shp), "x", method=zipfile.ZIP_BZIP2), "unusual")


def test_an_archive_under_another_name(tmp_path, areas):
    shp = shapefile(tmp_path / "s", areas)
    inner = zipped(tmp_path / "inner.zip", shp)
    shp.with_suffix(".prj").write_bytes(inner.read_bytes())
    refused(zipped(tmp_path / "a.zip", shp), "archive")


def test_zip_bombs(tmp_path, areas):
    shp = shapefile(tmp_path / "s", areas)
    refused(
        entry(zipped(tmp_path / "a.zip", shp), "zeros.bin", bytes(20_000_000)), "times its size"
    )
    many = zipped(tmp_path / "b.zip", shp)
    with zipfile.ZipFile(many, "a") as target:
        for number in range(archive.MAX_ENTRIES):
            target.writestr(f"{number}.txt", "x")
    refused(many, "entries")
    large = zipped(tmp_path / "c.zip", shp)
    data = bytearray(large.read_bytes())
    first = data.index(b"PK\x01\x02")
    data[first + 24 : first + 28] = struct.pack("<I", archive.MAX_BYTES + 1)
    large.write_bytes(data)
    refused(large, "at most 209,715,200 are allowed")


def test_entries_that_overlap(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.shp", bytes(range(256)) * 4)
        target.writestr("b.shp", bytes(range(256)) * 4)
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = struct.pack("<I", 10)  # inside the first entry
    path.write_bytes(data)
    refused(path, "overlaps")


def test_encrypted_and_damaged_zip_files(tmp_path, areas):
    path = zipped(tmp_path / "a.zip", shapefile(tmp_path / "s", areas))
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    locked = data.copy()
    locked[first + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    refused(tmp_path / "locked.zip", "entry '.*' is encrypted$")
    (tmp_path / "half.zip").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "half.zip", "damaged")
    start = data.index(b"areas.shp") + 12
    data[start : start + 40] = bytes(40)
    (tmp_path / "torn.zip").write_bytes(data)
    refused(tmp_path / "torn.zip", "damaged")


def test_a_zip_file_without_a_shapefile(tmp_path):
    refused(entry(tmp_path / "a.zip", "readme.txt"), "one Shapefile")


# --- GeoPackage -----------------------------------------------------------------------------


def test_geopackage(tmp_path, areas):
    areas.to_crs(4526).to_file(tmp_path / "a.gpkg", layer="towns")
    read = vectors.read(tmp_path / "a.gpkg")
    assert same(read)
    assert read["name"].tolist() == NAMES


def test_a_geopackage_with_several_layers(tmp_path, areas):
    areas.to_file(tmp_path / "a.gpkg", layer="towns")
    areas.iloc[:1].to_file(tmp_path / "a.gpkg", layer="villages")
    refused(tmp_path / "a.gpkg", "'towns', 'villages'")
    assert len(vectors.read(tmp_path / "a.gpkg", layer="villages")) == 1


def test_views_and_other_databases_are_refused(tmp_path, areas):
    path = tmp_path / "a.gpkg"
    areas.to_file(path, layer="towns")
    base = sqlite3.connect(path)
    for statement in (
        "DROP TRIGGER IF EXISTS rtree_towns_geom_delete",
        "CREATE VIEW sly AS SELECT fid, geom, name FROM towns",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        "VALUES ('sly', 'features', 'sly', 4326)",
        "INSERT INTO gpkg_geometry_columns VALUES ('sly', 'geom', 'POLYGON', 4326, 0, 0)",
    ):
        base.execute(statement)
    base.commit()
    base.close()
    refused(path, "no plain table", layer="sly")
    other = tmp_path / "b.gpkg"
    base = sqlite3.connect(other)
    base.execute("CREATE TABLE t (x)")
    base.commit()
    base.close()
    refused(other, "no GeoPackage")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_geopackage_cut_off(tmp_path, areas, share):
    areas.to_file(tmp_path / "a.gpkg")
    data = (tmp_path / "a.gpkg").read_bytes()
    (tmp_path / "half.gpkg").write_bytes(data[: int(len(data) * share)])
    refused(tmp_path / "half.gpkg", "damaged|no GeoPackage")


def test_features_without_geometry(tmp_path, areas):
    bare = areas.assign(geometry=[PLACES[0], None])
    bare.to_file(tmp_path / "a.gpkg")
    assert refused(tmp_path / "a.gpkg", "no geometry") == [2]


def test_geometries_of_binary_files_pass_the_same_gate(tmp_path, areas):
    areas.assign(geometry=[PLACES[0], BOW_TIE]).to_file(tmp_path / "a.gpkg")
    assert refused(tmp_path / "a.gpkg", "cross|intersect") == [2]
    shp = shapefile(tmp_path / "s", areas.assign(geometry=[BOW_TIE, PLACES[1]]))
    assert refused(zipped(tmp_path / "a.zip", shp), "cross|intersect") == [1]


def test_files_that_are_absent_empty_or_foreign(tmp_path):
    path = tmp_path / "a.gpkg"
    refused(path, "no such file")
    path.write_bytes(b"")
    refused(path, "empty")
    path.write_text("words")
    refused(path, "no GeoJSON")
