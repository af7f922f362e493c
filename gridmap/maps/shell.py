"""The shell of every map: folium renders the view, the layers and the controls into our page.

Only the html and script parts that folium renders are used, never its header: that one carries
inline styles, an inline script and a viewport that forbids zooming. Everything live or written by
people is fetched and drawn by our own modules (``static/js/map``) into the layers declared here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import folium
from branca.element import Element, Figure
from folium.template import Template

MAP_NAME = "map_live"
LAYERS: Mapping[str, str] = {
    "communities": "社区界",
    "grids": "网格",
    "micro_grids": "微网格",
    "special_grids": "专属网格",
    "coverage": "覆盖缺口",
    "households": "住户",
    "hazards": "险情",
    "road_closures": "封路",
    "sensors": "监测点",
    "facilities": "设施与安置点",
    "routes": "转移路线",
    "responders": "队伍",
    "incidents": "事件",
}
"""Layer ids in drawing order, with their words in the source language."""

MARGIN = 0.5
"""How far beyond the town one can pan, as a share of its width and height."""


@dataclass(frozen=True)
class MapParts:
    """The two parts of a map that go into a page.

    Attributes
    ----------
    html : str
        The container element; no style, no text.
    script : str
        Statements for one classic script with the page's nonce, run after Leaflet has loaded
        and before our modules.
    """

    html: str
    script: str


class ShellMap(folium.Map):
    """A folium map that links to nothing and has a fixed name.

    Both link lists are replaced on the class: ``add_js_link`` would change the lists of every
    map of the process.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - typed like this by folium
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, name: str, **options: object) -> None:
        super().__init__(tiles=None, **options)  # type: ignore[arg-type]
        self._name, self._id = name.rsplit("_", 1)


class BaseHook(folium.map.Layer):
    """The place where our modules put the base map; nothing is requested by the shell itself."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.layerGroup();
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__(name="base", overlay=False, control=False, show=True)
        self._name, self._id = "layer", "base"


class LayerHook(folium.FeatureGroup):
    """An empty layer of the layer control that one of our modules fills."""

    def __init__(self, layer: str, words: str, shown: bool) -> None:
        super().__init__(name=words, overlay=True, control=True, show=shown)
        self._name, self._id = "layer", layer


class ShellLayerControl(folium.LayerControl):
    """The layer control with a fixed name."""

    def __init__(self) -> None:
        super().__init__(position="topright", collapsed=True, autoZIndex=False)
        self._name, self._id = "layer_control", "live"


def render(  # noqa: PLR0913 - each is one property of the view
    center: tuple[float, float],
    zoom: int,
    bounds: tuple[float, float, float, float],
    layers: Sequence[str] = tuple(LAYERS),
    hidden: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
) -> MapParts:
    """Render the shell of a map.

    Parameters
    ----------
    center : tuple of float
        Longitude and latitude, degrees.
    zoom : int
        Web Mercator zoom level to start at.
    bounds : tuple of float
        West, south, east, north of the town, degrees; panning ends a little outside.
    layers : sequence of str
        Ids from ``LAYERS`` that the page offers, in drawing order.
    hidden : sequence of str
        Those of them that start switched off.
    labels : mapping, optional
        Words of the layers in the language of the page. They come from the translation
        catalogues, never from people: folium escapes nothing.

    Returns
    -------
    MapParts
        The same bytes for the same arguments.

    Raises
    ------
    KeyError
        When a layer is not in ``LAYERS``.
    """
    west, south, east, north = bounds
    aside, above = (east - west) * MARGIN, (north - south) * MARGIN
    shell = ShellMap(
        MAP_NAME,
        location=[center[1], center[0]],
        zoom_start=zoom,
        control_scale=False,
        zoom_control=False,
        attribution_control=False,
        max_bounds=True,
        min_lat=south - above,
        max_lat=north + above,
        min_lon=west - aside,
        max_lon=east + aside,
        max_bounds_viscosity=0.7,
        bounce_at_zoom_limits=False,
    )
    BaseHook().add_to(shell)
    for layer in layers:
        words = (labels or LAYERS).get(layer, LAYERS[layer])
        LayerHook(layer, words, shown=layer not in hidden).add_to(shell)
    ShellLayerControl().add_to(shell)
    return _parts(shell)


def _parts(shell: ShellMap) -> MapParts:
    """Render the map and keep its html and script, leaving the header behind."""
    figure = shell.get_root()
    assert isinstance(figure, Figure)  # folium puts every map into one
    for child in list(figure._children.values()):
        child.render()
    return MapParts(html=_text(figure.html), script=_text(figure.script))


def _text(part: Element) -> str:
    """Join what was rendered into one part of the figure."""
    return "\n".join(child.render().strip() for child in part._children.values())
