"""The search as a custom connector of Power Automate, which reads OpenAPI 2.0 only: made from our own description (3.1)."""

from __future__ import annotations

import re
from typing import Any

_UNKNOWN_IN_2 = ("examples", "prefixItems", "title")


def connector(described: dict[str, Any], host: str) -> dict[str, Any]:
    """The definition that Power Automate imports.

    Args:
        described: The endpoint's OpenAPI 3.1 document, with /api/search by POST.
        host: The name, and port where it is not 443, under which the server is reached.

    Returns:
        An OpenAPI 2.0 document with one action, and only the schemas that it needs.
    """
    schemas = described["components"]["schemas"]
    needed: dict[str, Any] = {}
    request, answer = (
        _converted({"$ref": f"#/components/schemas/{name}"}, schemas, needed) for name in ("SearchRequest", "Answer")
    )
    return {
        "swagger": "2.0",
        "info": {"title": "High Needs Casebook", "description": described["info"]["description"], "version": "1.0"},
        "host": host,
        "basePath": "/",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/api/search": {
                "post": {
                    "summary": "Find examples for a problem",
                    "description": "Real, sourced examples of what councils did about a problem in a high needs system.",
                    "operationId": "SearchCasebook",
                    "x-ms-visibility": "important",
                    "parameters": [{"name": "body", "in": "body", "required": True, "schema": request}],
                    "responses": {
                        "200": {"description": "The answer.", "schema": answer},
                        "default": {"description": "What is wrong, as problem details."},
                    },
                }
            }
        },
        "definitions": needed,
        "securityDefinitions": {},
    }


def _converted(schema: Any, schemas: dict[str, Any], needed: dict[str, Any]) -> Any:
    """A JSON Schema of OpenAPI 3.1 in the words of 2.0; what it refers to goes into `needed`."""
    if isinstance(schema, list):
        return [_converted(item, schemas, needed) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        if name not in needed:
            needed[name] = {}
            needed[name] = _converted(schemas[name], schemas, needed)
        return {"$ref": f"#/definitions/{name}"}
    if one := [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]:
        words = {name: value for name, value in schema.items() if name in ("description", "title")}
        return {**_converted({**one[0], **words} if "$ref" not in one[0] else one[0], schemas, needed), "x-nullable": True}
    converted = {name: value for name, value in schema.items() if name not in (*_UNKNOWN_IN_2, "properties")}
    converted = {name: _converted(value, schemas, needed) for name, value in converted.items()}
    if "prefixItems" in schema:
        converted["items"] = _converted(schema["prefixItems"][0], schemas, needed)
    if "properties" in schema:
        converted["properties"] = {
            name: _property(name, each, schemas, needed) for name, each in schema["properties"].items()
        }
    return converted


def _property(name: str, schema: dict[str, Any], schemas: dict[str, Any], needed: dict[str, Any]) -> dict[str, Any]:
    converted: dict[str, Any] = _converted(schema, schemas, needed)
    words = {"q": "Problem"}.get(name, re.sub(r"_", " ", name).capitalize())
    return converted if "$ref" in converted else {**converted, "x-ms-summary": words}
