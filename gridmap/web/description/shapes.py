"""Schemas that no model of ours is the source of: GeoJSON, problem details, ways in."""

from typing import Any

GEOMETRY_FIELDS = frozenset({"geometry", "blocked", "line"})

PATH_KINDS: dict[str, dict[str, Any]] = {
    "number": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    "code": {"type": "string", "pattern": "^[0-9]{15}$"},
    "digits": {"type": "string", "pattern": "^[0-9]{6,15}$"},
    "uuid": {"type": "string", "format": "uuid"},
}

_POSITION = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
    "description": "longitude, latitude in EPSG:4326",
}
_LINE = {"type": "array", "items": _POSITION, "minItems": 2}
_RING = {"type": "array", "items": _POSITION, "minItems": 4}


def _geometry(kind: str, coordinates: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"type": {"const": kind}, "coordinates": coordinates},
        "required": ["type", "coordinates"],
        "additionalProperties": False,
    }


COMPONENTS: dict[str, Any] = {
    "schemas": {
        "Geometry": {
            "oneOf": [
                _geometry("Point", _POSITION),
                _geometry("LineString", _LINE),
                _geometry("Polygon", {"type": "array", "items": _RING, "minItems": 1}),
                _geometry(
                    "MultiPolygon",
                    {
                        "type": "array",
                        "items": {"type": "array", "items": _RING, "minItems": 1},
                        "minItems": 1,
                    },
                ),
            ],
            "description": "GeoJSON (RFC 7946), at most 10,000 vertices, no `crs` member",
        },
        "Feature": {
            "type": "object",
            "properties": {
                "type": {"const": "Feature"},
                "id": {"type": ["string", "integer"]},
                "geometry": {"type": ["object", "null"]},
                "properties": {"type": ["object", "null"]},
            },
            "required": ["type", "geometry", "properties"],
        },
        "FeatureCollection": {
            "type": "object",
            "properties": {
                "type": {"const": "FeatureCollection"},
                "as_of": {"type": "string", "format": "date-time"},
                "version": {"type": "integer"},
                "next": {"type": ["string", "null"], "description": "Address of the next page"},
                "features": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/Feature"},
                },
            },
            "required": ["type", "features"],
        },
        "Problem": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "instance": {"type": "string", "description": "Number of the request in the log"},
                "faults": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "place": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
                "said": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "The messages of `faults` in the language of the page",
                },
            },
            "required": ["title", "status"],
        },
    },
    "responses": {
        "Problem": {
            "description": "A problem (RFC 9457)",
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    },
    "securitySchemes": {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "Bound to one person and a scope; made on the account's page",
        },
        "session": {"type": "apiKey", "in": "cookie", "name": "gridmap_session"},
    },
}
