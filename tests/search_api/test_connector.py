"""The connector for Power Automate: a valid OpenAPI 2.0 document that says what the endpoint does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator

from search_api.__main__ import main
from search_api.connector import connector
from search_api.http.app import create_app
from search_api.http.openapi import openapi_document
from search_api.serving import Serving
from tests.conftest import ROOT
from tests.small_casebook import Page, client_over, searcher_over

EXAMPLE = ROOT / "deploy" / "power-automate" / "apiDefinition.swagger.json"
SEARCHER = searcher_over(Page("both", ("school plan. A parent said so; money too.",)), Page("other", ("money",)))


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    described = openapi_document(create_app(Serving(SEARCHER)), SEARCHER)
    return connector(described, "casebook.council.example")


def test_it_is_valid(made: dict[str, Any]) -> None:
    """The document is OpenAPI 2.0, within what Power Automate takes (1 MB), and names the host alone."""
    OpenAPIV2SpecValidator(made).validate()
    assert len(json.dumps(made)) < 1_000_000
    assert (made["host"], made["schemes"]) == ("casebook.council.example", ["https"])


def test_no_word_of_openapi_3_is_left(made: dict[str, Any]) -> None:
    """Nothing refers to components, and no form that 2.0 does not know is left."""
    text = json.dumps(made)
    assert [word for word in ("#/components", "anyOf", "prefixItems", '"null"') if word in text] == []
    assert set(made["definitions"]) >= {"SearchRequest", "Answer", "Hit"}
    assert "Alive" not in made["definitions"]


@pytest.mark.parametrize("problem", ["school plan", "nothing of this"])
def test_real_answers_are_as_it_says(made: dict[str, Any], problem: str) -> None:
    """An answer of the endpoint, with hits and without, fits the definition; a wrong one would not."""
    answer = client_over(SEARCHER).post("/api/search", json={"q": problem}).json()
    schema = nullable({**made["definitions"]["Answer"], "definitions": made["definitions"]})
    jsonschema.validate(answer, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**answer, "hits": "none"}, schema)


def nullable(schema: Any) -> Any:
    """The schema with x-nullable in JSON Schema's own words."""
    if isinstance(schema, list):
        return [nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {name: nullable(value) for name, value in schema.items()}
    return {"anyOf": [converted, {"type": "null"}]} if converted.pop("x-nullable", False) else converted


@pytest.mark.model
def test_the_example_is_in_step(build_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The committed example is what the command prints."""
    assert main(["connector", "casebook.council.example", "--build", str(build_folder)]) == 0
    assert capsys.readouterr().out == EXAMPLE.read_text(encoding="utf-8")


def test_an_address_is_no_name(capsys: pytest.CaptureFixture[str]) -> None:
    """A whole address is refused with what to write."""
    assert main(["connector", "https://casebook.council.example/"]) == 1
    assert "Write it without https://" in capsys.readouterr().err
