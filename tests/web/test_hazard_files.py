"""Hazards of files: what a raster means the second time, and what is seen before it is taken."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from test_uploads import hazards, read, send
from webtown import post

from gridmap.model.access import system_scope
from gridmap.services import import_hazards
from gridmap.store import event, hazard
from jobs.run import work


def raster(depth=0.4, east=114.401):
    """Nine cells of one depth, north-west of 114.4035 E, 30.5005 N if not moved east."""
    tags = ImageFileDirectory_v2()
    tags[33550] = (0.0005, 0.0005, 0.0)
    tags[33922] = (0.0, 0.0, 0.0, east, 30.503, 0.0)
    tags[34735] = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    values = np.zeros((5, 5), dtype=np.float32)
    values[1:4, 1:4] = depth
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, format="TIFF", tiffinfo=tags)
    return stream.getvalue()


def seen(client, store, content, name, **more):
    found = read(client, store, content, kind="hazards", name=name, **more)
    assert found["state"] == "read", found
    return found


def taken(client, store, content, name, **more):
    found = seen(client, store, content, name, **more)
    made = post(client, f"/api/uploads/{found['id']}/take", {}).get_json()
    work(store, made["job"])
    return client.get(f"/api/uploads/{found['id']}").get_json()


def changes(upload):
    return [each["change"] for each in upload["preview"]["hazards"]]


def stored(store, name):
    with store.transaction(system_scope()) as tx:
        return tx.all("SELECT * FROM hazard WHERE name LIKE :like ORDER BY id", like=f"{name} %")


def test_a_raster_of_the_next_flood_is_declared_though_the_last_was_lifted(browser, store):
    officer = browser("officer")
    assert changes(taken(officer, store, raster(), "spring.tif")) == ["new"]
    (spring,) = stored(store, "spring")
    assert post(officer, f"/api/hazards/{spring['id']}/lift", {}).status_code == 204
    assert changes(taken(officer, store, raster(), "spring.tif")) == ["new"]
    again = stored(store, "spring")
    assert [each["state"] for each in again] == ["lifted", "declared"]
    # once more it is the same, and deeper water of the same place is adjusted where it stands
    assert changes(seen(officer, store, raster(), "spring.tif")) == ["unchanged"]
    wider = raster(0.5, 114.4015)
    assert changes(taken(officer, store, wider, "spring.tif")) == ["adjusted"]
    assert [each["revision"] for each in stored(store, "spring")] == [1, 2]


def test_rasters_of_one_name_are_told_apart_by_kind_place_and_drill(browser, store):
    officer = browser("officer")
    taken(officer, store, raster(), "depth.tif")
    for more in (
        {"hazard_kind": "waterlogging"},
        {"exercise": "true"},
    ):
        assert changes(taken(officer, store, raster(), "depth.tif", **more)) == ["new"]
    elsewhere = raster(east=114.409)
    assert changes(taken(officer, store, elsewhere, "depth.tif")) == ["new"]
    found = stored(store, "depth")
    assert [(each["kind"], each["exercise"], each["revision"]) for each in found] == [
        ("flood", False, 1),
        ("waterlogging", False, 1),
        ("flood", True, 1),
        ("flood", False, 1),
    ]


def test_what_was_lifted_is_said_and_another_kind_is_refused(browser, store):
    officer = browser("officer")
    taken(officer, store, hazards("weir"), "z.geojson")
    other = hazards("weir").replace(b'"flood"', b'"landslide"')
    refused = read(officer, store, other, kind="hazards", name="z.geojson")
    assert refused["state"] == "refused"
    assert refused["faults"][0]["column"] == "kind"
    with store.transaction(system_scope()) as tx:
        number = tx.value("SELECT id FROM hazard WHERE source_key = 'weir'")
    assert post(officer, f"/api/hazards/{number}/lift", {}).status_code == 204
    found = seen(officer, store, hazards("weir"), "z.geojson")
    assert (changes(found), found["preview"]["lifted"]) == (["lifted"], 1)


def test_who_lives_there_is_counted_before_others_have_to_wait(browser, store, monkeypatch):
    done = []

    def noting(name, own):
        def call(*arguments, **named):
            done.append((name, len(arguments[1]) if name == "counted" else 0))
            return own(*arguments, **named)

        return call

    monkeypatch.setattr(import_hazards, "_SHOWN", 1)
    monkeypatch.setattr(hazard, "touched", noting("counted", hazard.touched))
    monkeypatch.setattr(event, "record", noting("told", event.record))
    both = hazards("a").replace(
        b'"features": [', b'"features": [' + hazards("b").split(b'"features": [')[1][:-2] + b", "
    )
    found = seen(browser("officer"), store, both, "z.geojson")
    assert (len(found["preview"]["hazards"]), found["preview"]["more"]) == (1, 1)
    counted = done.index(("counted", 1))
    assert ("told", 0) in done[counted:]  # the rehearsal's own event
    told = [name for name, _n in done]
    assert told[counted + 1 : counted + 3] == ["told", "told"]


def test_the_list_has_no_outlines_and_the_file_itself_has(browser, store):
    officer = browser("officer")
    found = seen(officer, store, hazards("long"), "z.geojson")
    listed = next(
        each
        for each in officer.get("/api/uploads").get_json()["items"]
        if each["id"] == found["id"]
    )
    (of_list,), (of_file,) = listed["preview"]["hazards"], found["preview"]["hazards"]
    assert of_file["geometry"]["type"] == "Polygon"
    assert "geometry" not in of_list
    assert of_list == {name: each for name, each in of_file.items() if name != "geometry"}


@pytest.mark.parametrize(
    "levels",
    ["0.5=yellow,0.5=red", "0.6=yellow,0.3=red", "0.5=yellow,0.50=red", "0.5=red,0.5=red"],
)
def test_depths_that_do_not_rise_or_are_named_twice_are_refused(browser, levels):
    answer = send(browser("officer"), raster(), kind="hazards", name="a.tif", levels=levels)
    assert answer.status_code == 400, answer.data
    sound = "0.3=yellow,0.6=red"
    answer = send(browser("officer"), raster(), kind="hazards", name="a.tif", levels=sound)
    assert answer.status_code == 202


@pytest.mark.parametrize("levels", ["3=red,3=yellow", "3=red,3.0=yellow"])
def test_a_category_is_named_once(browser, levels):
    more = {"levels": levels, "categories": "true", "hazard_kind": "landslide"}
    answer = send(browser("officer"), raster(), kind="hazards", name="a.tif", **more)
    assert answer.status_code == 400, answer.data
