"""The arrows of the house point one way: who may import whom, and which library comes in by which door."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Who may import whom of ours. A module that is not here fails the tests: put it in, with the fewest arrows it needs.
RECORDS, ERRORS = "indexer.records", "indexer.errors"
MAY_IMPORT: dict[str, set[str]] = {
    "indexer": set(),
    RECORDS: set(),
    ERRORS: set(),
    "indexer.rules": {RECORDS},
    # The steps.
    "indexer.corpus": {RECORDS, ERRORS, "indexer.rules"},
    "indexer.passages": {RECORDS, ERRORS, "indexer.rules"},
    "indexer.encoder": {RECORDS, ERRORS},
    "indexer.vector_index": {ERRORS, "indexer.encoder"},
    "indexer.browser_model": {ERRORS},
    "indexer.sentence_model": {ERRORS, "indexer.browser_model", "indexer.encoder"},
    "indexer.layout": {RECORDS},
    "indexer.artefact": {RECORDS, ERRORS, "indexer.encoder", "indexer.layout", "indexer.vector_index"},
    # Retrieval: of plain values, for serving and measuring alike.
    "indexer.lexical": set(),
    "indexer.problems": {"indexer.layout"},
    "indexer.fusion": set(),
    "indexer.synonyms": {RECORDS},
    "indexer.ranking": {
        RECORDS, "indexer.encoder", "indexer.fusion", "indexer.layout", "indexer.lexical", "indexer.synonyms",
        "indexer.vector_index",
    },
    "indexer.evaluate": {
        ERRORS, "indexer.encoder", "indexer.fusion", "indexer.layout", "indexer.passages", "indexer.ranking",
        "indexer.vector_index",
    },
    "indexer.related": {RECORDS, "indexer.encoder"},
    "indexer.chart": {RECORDS, "indexer.rules"},
    "indexer.wording": set(),
    "indexer.paper": {RECORDS, "indexer.chart", "indexer.passages", "indexer.rules", "indexer.wording"},
    "indexer.word": {RECORDS, "indexer.paper", "indexer.wording"},
    "indexer.start_pages": {RECORDS, "indexer.encoder", "indexer.ranking"},
    "indexer.catalogue": {RECORDS},
    "indexer.ways_in": {RECORDS, "indexer.passages", "indexer.wording"},
    "indexer.new": {RECORDS, ERRORS, "indexer.passages"},
    # What puts the steps together. Only the command line knows the real model and the site.
    "indexer.page_index": {
        RECORDS, "indexer.artefact", "indexer.browser_model", "indexer.layout", "indexer.lexical", "indexer.problems",
        "indexer.ranking", "indexer.vector_index",
    },
    "indexer.hosting": {ERRORS},
    "indexer.build": {
        RECORDS, ERRORS, "indexer.artefact", "indexer.browser_model", "indexer.corpus", "indexer.encoder", "indexer.layout",
        "indexer.page_index", "indexer.passages", "indexer.related",
    },
    "indexer.site": {
        RECORDS, ERRORS, "indexer.catalogue", "indexer.chart", "indexer.corpus", "indexer.hosting", "indexer.paper",
        "indexer.passages", "indexer.related", "indexer.rules", "indexer.ways_in", "indexer.word", "indexer.wording",
    },
    "indexer.__main__": {
        RECORDS, ERRORS, "indexer.artefact", "indexer.build", "indexer.corpus", "indexer.encoder", "indexer.evaluate",
        "indexer.hosting", "indexer.new", "indexer.ranking", "indexer.sentence_model", "indexer.site", "indexer.start_pages",
    },
    # Serving reads the artefact; it knows nothing of building.
    "search_api": set(),
    "search_api.answer": {RECORDS},
    "search_api.search": {
        RECORDS, "indexer.artefact", "indexer.encoder", "indexer.layout", "indexer.problems", "indexer.ranking",
        "indexer.vector_index", "search_api.answer",
    },
    "search_api.papers": {RECORDS, "indexer.paper", "indexer.word"},
    "search_api.results_page": {"search_api.answer"},
    "search_api.site_files": {"indexer.hosting"},
    "search_api.work_queue": set(),
    "search_api.problem": set(),
    "search_api.metrics": set(),
    "search_api.settings": {ERRORS},
    "search_api.serving": {ERRORS, "indexer.artefact", "indexer.hosting", "search_api.search", "search_api.site_files"},
    "search_api.guard": {"search_api.metrics", "search_api.problem", "search_api.settings"},
    "search_api.http_server": {"search_api.problem", "search_api.settings"},
    "search_api.app": {
        ERRORS, "indexer.hosting", "search_api.answer", "search_api.guard", "search_api.metrics", "search_api.papers",
        "search_api.problem", "search_api.results_page", "search_api.search", "search_api.serving", "search_api.settings",
        "search_api.site_files", "search_api.work_queue",
    },
    "search_api.connector": set(),
    "search_api.mcp": {
        RECORDS, ERRORS, "indexer.hosting", "indexer.paper", "search_api.__main__", "search_api.answer", "search_api.guard",
        "search_api.http_server", "search_api.metrics", "search_api.papers", "search_api.search", "search_api.serving",
        "search_api.settings", "search_api.work_queue",
    },
    "search_api.__main__": {
        RECORDS, ERRORS, "indexer.artefact", "search_api.answer", "search_api.app", "search_api.connector",
        "search_api.http_server",
        "search_api.search", "search_api.serving", "search_api.settings", "search_api.terminal",
    },
    "search_api.terminal": {RECORDS, "indexer.wording", "search_api.answer"},
}  # fmt: skip
SERVING_MAY_IMPORT = {
    RECORDS, ERRORS, "indexer.artefact", "indexer.encoder", "indexer.hosting", "indexer.layout", "indexer.paper",
    "indexer.problems", "indexer.ranking", "indexer.vector_index", "indexer.word", "indexer.wording",
}  # fmt: skip
DOORS: dict[str, set[str]] = {
    "faiss": {"indexer.vector_index"},
    "torch": {"indexer.sentence_model"},
    "sentence_transformers": {"indexer.sentence_model"},
    "transformers": {"indexer.sentence_model"},
    "huggingface_hub": {"indexer.sentence_model"},
    "onnxruntime": {"indexer.encoder", "indexer.sentence_model"},
    "tokenizers": {"indexer.encoder"},
    "bm25s": {"indexer.lexical"},
    "Stemmer": {"indexer.lexical"},
    "ir_measures": {"indexer.evaluate"},
    "fastapi": {"search_api.app"},
    "uvicorn": {"search_api.http_server"},
    "pythonjsonlogger": {"search_api.http_server"},
    "prometheus_client": {"search_api.metrics"},
    "pydantic_settings": {"search_api.settings"},
    "mcp": {"search_api.mcp"},
    "limits": {"search_api.guard", "search_api.settings"},
    "yaml": {"indexer.corpus"},
    "brotli": {"indexer.hosting"},
    "docx": {"indexer.word"},
    "jinja2": {"indexer.site", "indexer.word", "search_api.results_page"},
    "rich": {"indexer.__main__", "search_api.terminal"},
}
OPENED_ON_FIRST_USE = [
    "faiss", "torch", "sentence_transformers", "transformers", "huggingface_hub", "onnxruntime", "tokenizers", "bm25s",
    "Stemmer", "ir_measures", "docx", "mcp",
]  # fmt: skip


def modules() -> dict[str, Path]:
    """Our modules, by name."""
    paths = [path for folder in ("indexer", "search_api") for path in sorted((ROOT / folder).rglob("*.py"))]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imports(source: str, package: str) -> Iterator[str]:
    """Every module that a source imports, at its head or within; `from a import b` gives a.b where b is a module of ours."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [package if node.level else "", node.module]))
            ours = [f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in MAY_IMPORT]
            yield from ours or [base]


def imports_of(module: str) -> set[str]:
    """What a module of ours imports."""
    return set(imports(modules()[module].read_text(encoding="utf-8"), module.partition(".")[0]))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import faiss", {"faiss"}),
        ("def f():\n    import torch.nn as nn, json", {"torch.nn", "json"}),
        ("from indexer import rules, build", {"indexer.rules", "indexer.build"}),
        ("from indexer.records import Corpus", {"indexer.records"}),
        ("from . import records", {"indexer.records"}),
        ("from .errors import Fault", {"indexer.errors"}),
        ("if True:\n    from search_api.app import x", {"search_api.app"}),
    ],
)
def test_every_way_to_import_is_seen(source: str, found: set[str]) -> None:
    """The reader of imports sees each form of import, also within functions."""
    assert set(imports(source, "indexer")) == found


def test_every_module_is_in_the_table() -> None:
    """The table names each module of ours and no other."""
    assert sorted(modules()) == sorted(MAY_IMPORT)


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_a_module_imports_only_what_it_may(module: str) -> None:
    """A module imports none of ours but what its row of the table allows."""
    ours = {
        name for name in imports_of(module) if name.partition(".")[0] in ("indexer", "search_api", "tests", "benchmarks")
    }
    assert ours - MAY_IMPORT[module] == set()


def test_the_table_itself_keeps_the_house_rules() -> None:
    """Records and errors import nothing of ours, serving never sees building, building never sees serving, no circles."""
    assert MAY_IMPORT[RECORDS] == MAY_IMPORT[ERRORS] == set()
    assert MAY_IMPORT["indexer.rules"] == {RECORDS}
    for module, allowed in MAY_IMPORT.items():
        serving = module.startswith("search_api")
        foreign = {name for name in allowed if name.startswith("search_api") != serving}
        assert foreign <= (SERVING_MAY_IMPORT if serving else set())
    seen: set[str] = set()
    while open_ := [module for module, allowed in MAY_IMPORT.items() if module not in seen and allowed <= seen]:
        seen.update(open_)
    assert seen == set(MAY_IMPORT)


def test_nothing_imports_the_tests() -> None:
    """No code that is not a test imports the tests."""
    paths = [*modules().values(), ROOT / "bootstrap.py"]
    found = {
        str(path): [name for name in imports(path.read_text(encoding="utf-8"), "") if name.startswith("tests")]
        for path in paths
    }
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("library", DOORS)
def test_a_library_comes_in_by_its_own_door(library: str) -> None:
    """Each library is imported by the modules that are its door, and by no other."""
    importers = {module for module in modules() if library in {name.partition(".")[0] for name in imports_of(module)}}
    assert importers == DOORS[library]


def in_a_fresh_process(code: str) -> object:
    """What a piece of Python prints as JSON in a process of its own."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_loads_no_heavy_library() -> None:
    """Importing each of our modules, one after another, loads none of the libraries that are opened on first use."""
    code = f"""
import importlib, json, sys
loaded = {{}}
for module in {sorted(MAY_IMPORT)}:
    importlib.import_module(module)
    loaded[module] = [name for name in {OPENED_ON_FIRST_USE} if name in sys.modules]
print(json.dumps(loaded))
"""
    assert in_a_fresh_process(code) == {module: [] for module in sorted(MAY_IMPORT)}


@pytest.mark.model
def test_serving_never_loads_the_building_libraries(build_folder: Path) -> None:
    """A process that serves, with the real artefact loaded and a problem answered, has no torch in it."""
    code = f"""
import json, sys
from pathlib import Path
import search_api.__main__
from indexer.artefact import load_artefact
from search_api.answer import SearchRequest
from search_api.search import Searcher
searcher = Searcher.of(load_artefact(Path({str(build_folder / "artefact")!r})))
answer = searcher.search(SearchRequest(q="over-reliance on independent placements", focus_area=[]))
building = ("torch", "sentence_transformers", "transformers", "huggingface_hub", "mkdocs", "yaml")
print(json.dumps([answer.answered, [name for name in building if name in sys.modules], "faiss" in sys.modules]))
"""
    assert in_a_fresh_process(code) == [True, [], True]


SEARCH = ROOT / "docs" / "assets" / "search"
ONLY_IN = {
    r"\bfetch\(": {"client.js"},
    r"\bdocument\.(query|getEl|title|active|body)|\blocation\b|\bwindow\.|\bhistory\.": {
        "page.js",
        "embed.js",
        "shortlist-page.js",
    },
    r"\bdocument\.createElement\(": {"view.js"},
    r"\bnew Worker\(": {"local.js"},
    r"\beval\(|\bnew Function\(|\bWebAssembly\b|\binnerHTML\b|\bdocument\.write": set(),
    r"\bsessionStorage\b": {"shortlist.js"},
    r"\blocalStorage\b|\bindexedDB\b|\.cookie\b|\bsendBeacon\b|\bXMLHttpRequest\b": set(),
    r"https?://(?!\w)|import\(": set(),
}
"""What stands in which file of the page's own code, and what in none."""


@pytest.mark.parametrize("pattern", ONLY_IN)
def test_the_pages_code_has_one_door_for_each(pattern: str) -> None:
    """Each of these things is done in its own file; none evaluates text, and only the shortlist is kept, in the tab."""
    code = {path.name: _without_comments(path) for path in SEARCH.rglob("*.js") if "vendor" not in path.parts}
    assert len(code) > 10
    assert {name for name, text in code.items() if re.search(pattern, text)} == ONLY_IN[pattern]


def test_the_pages_code_is_checked_for_types() -> None:
    """Each file of ours asks editors to check its types."""
    paths = [path for path in SEARCH.rglob("*.js") if "vendor" not in path.parts]
    assert [path for path in paths if not path.read_text(encoding="utf-8").startswith("// @ts-check\n")] == []


def _without_comments(path: Path) -> str:
    code = re.sub(r"/\*[\s\S]*?\*/", "", path.read_text(encoding="utf-8"))
    return re.sub(r"^\s*//.*$|(?<=[;{}]) //.*$", "", code, flags=re.MULTILINE)
