"""The arrows of the house point one way: which room may enter which, and which library comes in by which door.

python -m tests.project.test_architecture      draws both tables anew in docs/architecture.md
"""

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

# Which room may enter which. A module belongs to the room with the longest name that its own begins with.
ROOMS: dict[str, set[str]] = {
    "indexer.content": set(),
    "indexer.model": set(),
    "indexer.retrieval": {"indexer.content", "indexer.model"},
    "indexer.paper": {"indexer.content"},
    "indexer.artefact": {"indexer.content", "indexer.model", "indexer.retrieval"},
    "indexer.site": {"indexer.content", "indexer.retrieval", "indexer.paper", "indexer.artefact"},
    "indexer.evaluation": {"indexer.model", "indexer.retrieval"},
    "search_api": {"indexer.retrieval", "indexer.artefact", "indexer.paper"},
    "search_api.http": {"search_api", "indexer.artefact"},
}
ARCHITECTURE = ROOT / "docs" / "architecture.md"
GROUND = {"indexer.errors", "indexer.folders"}
"""The ground floor: every room stands on it, and it enters none."""
COMMANDS = {"indexer.__main__", "indexer.adapting", "indexer.building", "search_api.__main__", "search_api.mcp"}
"""The front doors, and the order of a build: indexer's may enter every room of indexer, and search_api's what search_api may
and all of search_api."""
SERVING_NEVER_ENTERS = {"indexer.content", "indexer.model", "indexer.site", "indexer.evaluation"}
FASTAPI_MODULES = (
    "app", "error_handlers", "openapi", "operation_endpoints", "paper_endpoints", "search_endpoints", "site_pages"
)  # fmt: skip
DOORS: dict[str, set[str]] = {
    "faiss": {"indexer.retrieval.vector_index"},
    "torch": {"indexer.model.adapter", "indexer.model.sentence_model"},
    "peft": {"indexer.model.adapter"},
    "rapidfuzz": {"indexer.retrieval.spelling"},
    "sentence_transformers": {"indexer.model.sentence_model"},
    "transformers": {"indexer.model.sentence_model"},
    "huggingface_hub": {"indexer.model.sentence_model"},
    "onnxruntime": {"indexer.model.encoder", "indexer.model.sentence_model"},
    "tokenizers": {"indexer.model.encoder"},
    "bm25s": {"indexer.retrieval.lexical"},
    "Stemmer": {"indexer.retrieval.lexical"},
    "ir_measures": {"indexer.evaluation.measures"},
    "sklearn": {"indexer.evaluation.calibration"},
    "fastapi": {f"search_api.http.{module}" for module in FASTAPI_MODULES},
    "uvicorn": {"search_api.http.server"},
    "pythonjsonlogger": {"search_api.http.server"},
    "prometheus_client": {"search_api.http.metrics"},
    "pydantic_settings": {"search_api.settings"},
    "mcp": {"search_api.mcp"},
    "limits": {"search_api.http.guard", "search_api.settings"},
    "markdown": {"indexer.content.reading"},
    "yaml": {"indexer.content.loading"},
    "brotli": {"indexer.site.hosting"},
    "docx": {"indexer.paper.word"},
    "jinja2": {"indexer.site.staging", "indexer.paper.word", "search_api.pages"},
    "filelock": {"indexer.artefact.versions"},
    "rich": {"indexer.__main__", "search_api.terminal"},
}
OPENED_ON_FIRST_USE = [
    "faiss", "torch", "sentence_transformers", "transformers", "huggingface_hub", "onnxruntime", "tokenizers", "bm25s",
    "Stemmer", "ir_measures", "sklearn", "docx", "mcp", "markdown", "filelock",
]  # fmt: skip


def modules() -> dict[str, Path]:
    """Our modules, by name."""
    paths = [path for folder in ("indexer", "search_api") for path in sorted((ROOT / folder).rglob("*.py"))]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imports(source: str, package: str) -> Iterator[str]:
    """Every module that a source imports, at its head or within; `from a import b` gives a.b where b is a module of ours."""
    known = modules()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [package if node.level else "", node.module]))
            ours = [f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in known]
            yield from ours or [base]


def imports_of(module: str) -> set[str]:
    """What a module of ours imports."""
    return set(imports(modules()[module].read_text(encoding="utf-8"), module.partition(".")[0]))


def room_of(module: str) -> str:
    """The room of a module: itself for a command or a module of the ground floor; "" for the file of a building."""
    if module in GROUND | COMMANDS:
        return module
    fitting = [room for room in ROOMS if module == room or module.startswith(f"{room}.")]
    return max(fitting, key=len, default="")


def entered(module: str) -> set[str]:
    """The other rooms that a module enters."""
    ours = {
        name for name in imports_of(module) if name.partition(".")[0] in ("indexer", "search_api", "tests", "benchmarks")
    }
    return {room_of(name) or name for name in ours} - {room_of(module)}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import faiss", {"faiss"}),
        ("def f():\n    import torch.nn as nn, json", {"torch.nn", "json"}),
        ("from indexer.content import rules, new", {"indexer.content.rules", "indexer.content.new"}),
        ("from indexer.content.records import CaseStudy", {"indexer.content.records"}),
        ("from . import errors", {"indexer.errors"}),
        ("from .errors import Fault", {"indexer.errors"}),
        ("if True:\n    from search_api.http.app import x", {"search_api.http.app"}),
    ],
)
def test_every_way_to_import_is_seen(source: str, found: set[str]) -> None:
    """The reader of imports sees each form of import, also within functions."""
    assert set(imports(source, "indexer")) == found


def test_every_module_stands_in_a_room() -> None:
    """Each module of ours belongs to a room, to the ground floor or is a command; each of those is there."""
    known = modules()
    assert [name for name in known if not room_of(name) and name not in ("indexer", "search_api")] == []
    assert {room_of(name) for name in known} - {""} == set(ROOMS) | GROUND | COMMANDS


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_module_enters_only_the_rooms_it_may(module: str) -> None:
    """A module imports from its own room, the ground floor, and the rooms that its own may enter."""
    found = entered(module) - GROUND
    if module in GROUND:
        assert found == set()
    elif module in COMMANDS and module.startswith("indexer."):
        assert [name for name in found if not name.startswith("indexer.")] == []
    elif module in COMMANDS:
        assert found & SERVING_NEVER_ENTERS == set()
    else:
        assert found <= ROOMS.get(room_of(module), set())


def test_the_table_itself_keeps_the_house_rules() -> None:
    """Fewer than twenty arrows, none that is not used, no circles; serving never enters building, nor building serving."""
    arrows = {(room, other) for room, others in ROOMS.items() for other in others}
    used = {(room_of(module), other) for module in modules() for other in entered(module)}
    assert len(arrows) < 20
    assert arrows - used == set()
    for room, other in arrows:
        if room.startswith("search_api"):
            assert other not in SERVING_NEVER_ENTERS
        else:
            assert not other.startswith("search_api")
    seen: set[str] = set()
    while open_ := [room for room, others in ROOMS.items() if room not in seen and others <= seen]:
        seen.update(open_)
    assert seen == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room: str) -> None:
    """The docstring of a room's package says what it is for and what it may enter, as the table has it."""
    docstring = ast.get_docstring(ast.parse(modules()[room].read_text(encoding="utf-8"))) or ""
    assert len(docstring.split()) > 8
    said = docstring.partition("nter")[2]
    for other in ROOMS[room]:
        name = "rest of search_api" if other == "search_api" else other.rpartition(".")[2]
        assert name in said, f"{room} may enter {other}"


def drawn() -> str:
    """The tables as docs/architecture.md has them: each room, its purpose, its files, what it may enter, its doors."""
    lines = ["| Room | What it is for | Its files | May enter | Libraries that come in by it |", "|---|---|---|---|---|"]
    for room in ROOMS:
        docstring = ast.get_docstring(ast.parse(modules()[room].read_text(encoding="utf-8"))) or ""
        purpose = " ".join(docstring.partition("\n\n")[0].split()).partition(" May enter")[0].partition(" Enters")[0]
        files = [name.rpartition(".")[2] for name in modules() if room_of(name) == room and name != room]
        doors = [
            f"{library} ({', '.join(short)})"
            for library, modules_ in DOORS.items()
            if (short := sorted(name.rpartition(".")[2] for name in modules_ if room_of(name) == room))
        ]
        enters = [f"`{other}`" for other in sorted(ROOMS[room])]
        cells = [f"`{room}`", purpose, ", ".join(files), ", ".join(enters) or "none", ", ".join(doors) or "none"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", "```text", *_layers(), "```"])


def _layers() -> list[str]:
    """The rooms as levels: each stands on those below it."""
    floors, seen = list[list[str]](), set[str]()
    while open_ := [room for room, others in ROOMS.items() if room not in seen and others <= seen]:
        floors.append(open_)
        seen.update(open_)
    rows = [[f"{room} -> {', '.join(sorted(ROOMS[room]))}" if ROOMS[room] else room for room in floor] for floor in floors]
    ground = f"ground: {', '.join(sorted(GROUND))}"
    commands = "commands: " + ", ".join(
        " ".join([name, *(f"({library})" for library, doors in DOORS.items() if name in doors)]) for name in sorted(COMMANDS)
    )
    return [commands, *(f"level {number}: {row}" for number in range(len(rows), 0, -1) for row in rows[number - 1]), ground]


def test_the_documented_rooms_are_the_tables() -> None:
    """docs/architecture.md shows the rooms and doors as they are."""
    assert drawn() in ARCHITECTURE.read_text(encoding="utf-8"), "run python -m tests.project.test_architecture"


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
for module in {sorted(modules())}:
    importlib.import_module(module)
    loaded[module] = [name for name in {OPENED_ON_FIRST_USE} if name in sys.modules]
print(json.dumps(loaded))
"""
    assert in_a_fresh_process(code) == {module: [] for module in sorted(modules())}


@pytest.mark.model
def test_serving_never_loads_the_building_libraries(build_folder: Path) -> None:
    """A process that serves, with the real artefact loaded and a problem answered, has no torch in it."""
    code = f"""
import json, sys
from pathlib import Path
import search_api.__main__
from indexer.artefact.versions import load_current
from search_api.answer import SearchRequest
from search_api.search import Searcher
searcher = Searcher.from_artefact(load_current(Path({str(build_folder)!r})))
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


if __name__ == "__main__":
    from indexer.evaluation.report import write_between

    write_between(ARCHITECTURE, "rooms", drawn())
