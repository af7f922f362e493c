"""The shell of the maps: local, equal for equal input, and ours alone."""

import re

import folium
import pytest

from gridmap.maps import shell

CENTER = (114.394, 30.499)
BOUNDS = (114.37, 30.48, 114.42, 30.53)


def test_it_names_no_other_host_and_has_no_header():
    parts = shell.render(CENTER, 14, BOUNDS)
    text = parts.html + parts.script
    assert not re.search(r"(https?:)?//[a-z]", text)
    assert "<style" not in text
    assert "<script" not in text
    assert " style=" not in text


def test_two_renders_are_the_same_bytes():
    first = shell.render(CENTER, 14, BOUNDS, hidden=("households",))
    assert first == shell.render(CENTER, 14, BOUNDS, hidden=("households",))


def test_maps_of_others_keep_their_links_and_ours_get_none():
    before = list(folium.Map.default_js)
    shell.render(CENTER, 14, BOUNDS)
    assert folium.Map.default_js == before
    assert shell.ShellMap.default_js == []


def test_layers_have_fixed_names_in_the_given_order():
    parts = shell.render(CENTER, 14, BOUNDS, layers=("grids", "incidents"))
    assert re.findall(r"var (\w+) = L\.", parts.script) == [
        "map_live",
        "layer_base",
        "layer_grids",
        "layer_incidents",
    ]
    assert parts.html == '<div class="folium-map" id="map_live" ></div>'


def test_a_hidden_layer_is_declared_but_not_added():
    parts = shell.render(CENTER, 14, BOUNDS, layers=("grids", "households"), hidden=("households",))
    assert "layer_grids.addTo(map_live)" in parts.script
    assert "layer_households.addTo(map_live)" not in parts.script
    assert "layer_households" in parts.script


def test_the_view_is_that_asked_for_and_panning_ends_near_the_town():
    script = shell.render(CENTER, 14, BOUNDS).script
    assert "center: [30.499, 114.394]" in script
    assert '"zoom": 14' in script
    numbers = re.findall(r"-?\d+\.\d+", script.split('"maxBounds"')[1])
    south, west, north, east = (float(number) for number in numbers[:4])
    assert south == pytest.approx(30.455)
    assert west == pytest.approx(114.345)
    assert north == pytest.approx(30.555)
    assert east == pytest.approx(114.445)


def test_words_cannot_leave_their_string():
    words = dict.fromkeys(shell.LAYERS, "</script><script>alert(1)//`${x}`\"'")
    script = shell.render(CENTER, 14, BOUNDS, labels=words).script
    assert "</script>" not in script
    assert "<script>" not in script


def test_an_unknown_layer_is_a_mistake():
    with pytest.raises(KeyError):
        shell.render(CENTER, 14, BOUNDS, layers=("grids", "dragons"))
