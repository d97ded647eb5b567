"""The OpenAPI document: what FastAPI describes, with the content's own focus areas and an example."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from search_api.http.errors import Problem
from search_api.search import Searcher


def openapi_document(app: FastAPI, searcher: Searcher) -> dict[str, Any]:
    """The document, with the focus areas that there are and two case studies for example."""
    app.openapi_schema = None  # FastAPI keeps the last document, and a new build may have other focus areas
    document = app.openapi()
    schemas = document["components"]["schemas"]
    _describe_problem(schemas)
    _name_focus_areas(document, [area.slug for area in searcher.focus_areas])
    if "PapersRequest" in schemas:
        schemas["PapersRequest"]["example"] = {"ids": list(searcher.case_studies[:2]), "format": "docx"}
    return document


def _describe_problem(schemas: dict[str, Any]) -> None:
    """Puts problem details in the place of FastAPI's own errors."""
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))


def _name_focus_areas(document: dict[str, Any], focus_areas: list[str]) -> None:
    """Names the allowed focus areas in the query and the body of a search, and copies the query's words to the body."""
    fields = document["components"]["schemas"]["SearchRequest"]["properties"]
    for parameter in document["paths"]["/api/search"]["get"]["parameters"]:
        fields[parameter["name"]].setdefault("description", parameter.get("description", ""))
        if parameter["name"] == "focus_area":
            parameter["schema"]["items"]["enum"] = focus_areas
    fields["focus_area"]["items"]["enum"] = focus_areas
