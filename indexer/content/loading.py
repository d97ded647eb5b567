"""The one way in for content: reads every file, checks all of it, and returns a corpus or every fault at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from indexer.content import rules
from indexer.content.corpus import Corpus
from indexer.content.lists import AlsoSeen, Change, Councils, Duty, Event, FocusArea, Moved, Reader, Term, Theme, Topic
from indexer.content.reading import read
from indexer.content.records import SECTIONS, CaseStudy, CaseStudyMatter, GuidanceMatter, GuidancePage
from indexer.content.tree import Body, Marker
from indexer.errors import CorpusError, Fault, message_of

MAX_FILE_BYTES = 200_000
FILE_NAME = "lower-case letters, digits and single hyphens, at most 80 characters and not index, then .md"
GUIDANCE = Path("docs/guidance")
CASE_STUDIES = Path("casestudies")
CODE_OF_PRACTICE = "code-of-practice"
"""The duty that the site shows beside all others."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no text holds, but a paste from Word or a PDF may."""

Matter = TypeVar("Matter", bound=BaseModel)


class _Faults(list[Fault]):
    """The faults found so far; paths are given from the root."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root
        self.unread = frozenset[Path]()
        """The files with faults of their own; what they may have said is not asked of the others, so that a fault is told
        once."""

    def end_reading(self) -> None:
        """Says that every file has been read, and only what they say of each other is still to be checked."""
        self.unread = frozenset(self._root / fault.file for fault in self)

    def add(self, path: Path, field: str, value: object, allowed: str) -> None:
        shown = str(value).replace("\n", " ")
        self.append(Fault(path.relative_to(self._root).as_posix(), field, shown[:120] or "(empty)", allowed))


def load_corpus(root: Path) -> Corpus:
    """Reads and checks all content under a project's root.

    Args:
        root: The folder that holds casestudies/ and docs/guidance/.

    Returns:
        The published content; drafts are checked and left out.

    Raises:
        CorpusError: With every fault of every file.
    """
    faults = _Faults(root)
    folder = root / CASE_STUDIES
    areas = _read_list(folder / "focus-areas.yml", FocusArea, faults)
    themes = _read_list(folder / "themes.yml", Theme, faults)
    councils = _read_table(folder / "councils.yml", Councils, faults)
    duties = _read_list(folder / "duties.yml", Duty, faults)
    changes = _read_list(folder / "currency.yml", Change, faults)
    also_seen = _read_list(folder / "also-seen.yml", AlsoSeen, faults)
    events = _read_list(folder / "timeline.yml", Event, faults)
    glossary = _read_list(folder / "glossary.yml", Term, faults)
    not_covered = _read_list(folder / "not-covered.yml", Topic, faults)
    moved = _read_list(folder / "moved.yml", Moved, faults)
    readers = _read_list(folder / "readers.yml", Reader, faults)
    studies = [
        CaseStudy(path.stem, matter, body)
        for path in _pages(folder, faults)
        for matter, body in _read_page(path, CaseStudyMatter, faults)
    ]
    guidance = [
        GuidancePage(path.stem, matter, body)
        for path in _pages(root / GUIDANCE, faults)
        for matter, body in _read_page(path, GuidanceMatter, faults)
    ]
    faults.end_reading()
    corpus = Corpus(
        focus_areas=tuple(areas),
        themes=tuple(themes),
        councils=councils or Councils.model_construct(councils=()),  # type: ignore[call-arg]
        duties=tuple(duties),
        changes=tuple(changes),
        also_seen=tuple(also_seen),
        events=tuple(sorted(events, key=lambda event: event.date)),
        glossary=tuple(sorted(glossary, key=lambda term: term.abbreviation.lower())),
        not_covered=tuple(not_covered),
        moved=tuple(moved),
        readers=tuple(readers),
        case_studies=tuple(study for study in studies if study.matter.status == "published"),
        guidance=tuple(sorted(guidance, key=lambda page: (page.matter.order, page.slug))),
    )
    _check_lists(root, corpus, faults)
    for study in studies:
        _check_case_study(folder / f"{study.slug}.md", study, corpus, faults)
    for page in guidance:
        _check_guidance(root / GUIDANCE / f"{page.slug}.md", page, corpus, faults)
    _check_repeats(root, studies, guidance, faults)
    if faults:
        raise CorpusError(faults)
    return corpus


def _pages(folder: Path, faults: _Faults) -> list[Path]:
    found = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    for path in found:
        fits = re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem) and len(path.stem) <= 80 and path.stem != "index"
        if not fits:
            faults.add(path, "file name", path.name, FILE_NAME)
    return found


def _read_text(path: Path, faults: _Faults) -> str | None:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            faults.add(path, "size", f"{size:,} bytes", f"at most {MAX_FILE_BYTES:,} bytes; is this the right file?")
            return None
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        faults.add(path, "file", "missing", "this file must be there")
    except UnicodeDecodeError as error:
        faults.add(path, "encoding", f"byte {error.start} is not UTF-8", "save the file as UTF-8")
    else:
        for number, line in enumerate(text.split("\n"), 1):
            for character in sorted(set(_CONTROL.findall(line))):
                allowed = "no such character; put a space or a new line in its place"
                faults.add(path, f"line {number}", f"the control character U+{ord(character):04X}", allowed)
        return text
    return None


def _parse_yaml(path: Path, text: str, faults: _Faults) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "unknown place"
        problem = getattr(error, "problem", None) or "cannot be read"
        faults.add(path, "YAML", f"{where}: {problem}", "valid YAML; put quotes round text that holds a colon and a space")
    except ValueError as error:  # YAML dates such as 2026-13-45
        faults.add(path, "YAML", error, "dates as YYYY-MM-DD that exist")
    return None


def _read_list(path: Path, model: type[Matter], faults: _Faults) -> list[Matter]:
    text, known = _read_text(path, faults), len(faults)
    items = _parse_yaml(path, text, faults) if text is not None else None
    if not isinstance(items, list):
        if text is not None and len(faults) == known:
            faults.add(path, "file", type(items).__name__, "a YAML list of entries that start with a hyphen")
        return []
    return [record for n, item in enumerate(items, 1) for record in _validated(path, f"entry {n}", item, model, faults)]


def _read_table(path: Path, model: type[Matter], faults: _Faults) -> Matter | None:
    """A list whose entries share what stands above them."""
    text, known = _read_text(path, faults), len(faults)
    data = _parse_yaml(path, text, faults) if text is not None else None
    if not isinstance(data, dict):
        if text is not None and len(faults) == known:
            faults.add(path, "file", type(data).__name__, "fields and their values, as casestudies/README.md shows")
        return None
    return next(iter(_validated(path, "", data, model, faults)), None)


def _read_page(path: Path, model: type[Matter], faults: _Faults) -> list[tuple[Matter, str]]:
    text = _read_text(path, faults)
    if text is None:
        return []
    match = re.match(r"\A---\r?\n(.*?)\r?\n---\r?\n(.*)\Z", text, re.DOTALL)
    if not match:
        faults.add(path, "front matter", text[:20], "a first line of three hyphens, YAML, a line of three hyphens, the text")
        return []
    known = len(faults)
    data = _parse_yaml(path, match[1], faults)
    if not isinstance(data, dict):
        if len(faults) == known:
            faults.add(path, "front matter", data or "", "fields and their values, as casestudies/README.md shows")
        return []
    return [(record, match[2].strip() + "\n") for record in _validated(path, "", data, model, faults)]


def _validated(path: Path, prefix: str, data: object, model: type[Matter], faults: _Faults) -> list[Matter]:
    try:
        return [model.model_validate(data)]
    except ValidationError as error:
        found = error.errors(include_url=False)
        # A list with a wrong entry is called too short as well; the entry's own fault says enough.
        inner = [fault for fault in found if not any(_holds(fault["loc"], other["loc"]) for other in found)]
        for fault in inner:
            field = ".".join([*filter(None, [prefix]), *map(str, fault["loc"])]) or "front matter"
            value = "missing" if fault["type"] == "missing" else fault["input"]
            if not fault["loc"] and isinstance(value, dict):
                value = "(the entry as a whole)"
            faults.add(path, field, value, message_of(fault))
        return []


def _holds(outer: tuple[int | str, ...], inner: tuple[int | str, ...]) -> bool:
    return len(outer) < len(inner) and inner[: len(outer)] == outer


def _check_known(
    path: Path, field: str, ids: Iterable[str], known: Sequence[str], faults: _Faults, place: Path | None = None
) -> None:
    """Each of `ids` is known; `place` is the file that lists what is known, or the folder whose pages are."""
    if place in faults.unread:
        return
    for unknown in [entry for entry in ids if entry not in known]:
        if not place or place / f"{unknown}.md" not in faults.unread:
            faults.add(path, field, unknown, "one of: " + ", ".join(known))


def _check_lists(root: Path, corpus: Corpus, faults: _Faults) -> None:
    folder = root / CASE_STUDIES
    path, duties = folder / "focus-areas.yml", [duty.id for duty in corpus.duties]
    tagged = {theme for study in corpus.case_studies for theme in study.matter.themes}
    if corpus.case_studies and not any(file.suffix == ".md" for file in faults.unread):
        for theme in corpus.themes:
            if theme.id not in tagged:
                allowed = "a theme that a published case study has; tag one, or name the gap in not-covered.yml instead"
                faults.add(folder / "themes.yml", "id", theme.id, allowed)
    questions = [question.id for area in corpus.focus_areas for question in area.questions]
    pages = [page.slug for page in corpus.guidance]
    for area in corpus.focus_areas:
        _check_known(path, f"{area.slug}.guidance_page", [area.guidance_page], pages, faults, root / GUIDANCE)
        _check_known(path, f"{area.slug}.related_questions", area.related_questions, questions, faults, path)
        _check_known(path, f"{area.slug}.duties", area.duties, duties, faults, folder / "duties.yml")
    told, lists = [*duties, *(change.id for change in corpus.changes)], (folder / "duties.yml", folder / "currency.yml")
    if not set(lists) & faults.unread:
        _check_known(folder / "timeline.yml", "told_in", [event.told_in for event in corpus.events], told, faults, lists[0])
    ids = {
        ("focus-areas.yml", "slug"): [area.slug for area in corpus.focus_areas],
        ("focus-areas.yml", "questions.id"): questions,
        ("duties.yml", "id"): duties,
        ("currency.yml", "id"): [change.id for change in corpus.changes],
        ("also-seen.yml", "id"): [seen.id for seen in corpus.also_seen],
        ("readers.yml", "slug"): [reader.slug for reader in corpus.readers],
        ("glossary.yml", "abbreviation"): [term.abbreviation for term in corpus.glossary],
        ("themes.yml", "id"): [theme.id for theme in corpus.themes],
        ("councils.yml", "councils.name"): [name for c in corpus.councils.councils for name in (c.name, *c.also_called)],
    }
    for (file, field), values in ids.items():
        for value in [value for value, count in Counter(values).items() if count > 1]:
            faults.add(folder / file, field, value, "each id once only")
    areas, seen_file = [area.slug for area in corpus.focus_areas], folder / "also-seen.yml"
    _check_known(seen_file, "focus_area", [seen.focus_area for seen in corpus.also_seen], areas, faults, path)
    names = {page.slug for page in corpus.pages}
    notes = {
        "duties.yml": duties,
        "currency.yml": [change.id for change in corpus.changes],
        "also-seen.yml": [seen.id for seen in corpus.also_seen],
    }
    for file, known in notes.items():
        for taken in sorted(set(known) & names):
            faults.add(folder / file, "id", taken, "a name that no page and no other note has")
        names |= set(known)
    if CODE_OF_PRACTICE not in duties and folder / "duties.yml" not in faults.unread:
        faults.add(folder / "duties.yml", "id", "missing", f"an entry {CODE_OF_PRACTICE}; every page shows it")


def _check_case_study(path: Path, study: CaseStudy, corpus: Corpus, faults: _Faults) -> None:
    matter, folder = study.matter, path.parent
    areas_file = folder / "focus-areas.yml"
    sources = [source.id for source in matter.sources]
    questions = [question.id for area in corpus.focus_areas for question in area.questions]
    areas, duties = [area.slug for area in corpus.focus_areas], [duty.id for duty in corpus.duties]
    _check_known(path, "focus_areas", matter.focus_areas, areas, faults, areas_file)
    _check_known(path, "themes", matter.themes, [theme.id for theme in corpus.themes], faults, folder / "themes.yml")
    _check_councils(path, study, corpus, faults)
    _check_known(path, "questions", matter.questions, questions, faults, areas_file)
    _check_known(path, "duties", matter.duties, duties, faults, folder / "duties.yml")
    main_area = next((area for area in corpus.focus_areas if area.slug == matter.focus_areas[0]), None)
    if main_area and not set(main_area.duties) & set(matter.duties):
        allowed = f"at least one duty of {main_area.slug}: " + ", ".join(main_area.duties)
        faults.add(path, "duties", ", ".join(matter.duties), allowed)
    _check_known(path, "see_also", matter.see_also, [other.slug for other in corpus.case_studies], faults, folder)
    _check_known(path, "figures.source", [figure.source for figure in matter.figures], sources, faults)
    _check_known(path, "cost_source", filter(None, [matter.cost_source]), sources, faults)
    for repeated in [source for source, count in Counter(sources).items() if count > 1]:
        faults.add(path, "sources", repeated, "each id once only")
    body = read(study.body)
    _check_form(path, body, (), faults)
    if problem := rules.section_faults(body):
        faults.add(path, "body", problem, "these headings, in this order, with text under each: " + "; ".join(SECTIONS))
    unknown, unused = rules.footnote_faults(body, sources)
    for footnote in unknown:
        faults.add(path, "body", f"[^{footnote}]", "a footnote names one of the sources: " + ", ".join(sources))
    for source in unused:
        faults.add(path, "sources", source, "each source is used: put its footnote where it is, or take the source out")
    for line, figures in rules.unsourced_figures(body):
        faults.add(path, f"body, line {line}", ", ".join(figures), "a footnote to a source in the same paragraph")
    if missing := rules.result_fault(matter, body):
        faults.add(path, "result", matter.result, missing)
    for index, dates in rules.measures_astray(matter.period, matter.figures):
        faults.add(
            path, f"figures.{index}", dates, f"a measure's dates straddle the period ({matter.period}); or another kind"
        )
    for index, value in rules.figures_not_in_body(matter.figures, body):
        faults.add(path, f"figures.{index}", value, "the body states each figure, in the same digits")
    _check_links(path, body, corpus, faults)


def _check_councils(path: Path, study: CaseStudy, corpus: Corpus, faults: _Faults) -> None:
    matter = study.matter
    if path.parent / "councils.yml" in faults.unread or matter.status == "draft":
        return
    field = "organisation" if matter.councils is None else "councils"
    for name in (matter.organisation,) if matter.councils is None else matter.councils:
        if not corpus.councils.named(name):
            near = get_close_matches(name, [council.name for council in corpus.councils.councils], n=3)
            like = f" (such as {', '.join(near)})" if near else ""
            faults.add(
                path, field, name, f"a name of councils.yml{like}; or the names in councils: [...], [] for another body"
            )


def _check_guidance(path: Path, page: GuidancePage, corpus: Corpus, faults: _Faults) -> None:
    areas = [area.slug for area in corpus.focus_areas]
    body = read(page.body)
    lists, changes = path.parents[2] / CASE_STUDIES, [change.id for change in corpus.changes]
    _check_known(path, "focus_areas", page.matter.focus_areas, areas, faults, lists / "focus-areas.yml")
    _check_known(path, "body", rules.markers(body, "questions"), areas, faults, lists / "focus-areas.yml")
    _check_known(path, "overtaken_by", page.matter.overtaken_by, changes, faults, lists / "currency.yml")
    _check_form(path, body, ("questions", "overtaken"), faults)
    marked = rules.markers(body, "overtaken")
    if sorted(marked) != sorted(page.matter.overtaken_by):
        value = ", ".join(marked) or "no marker"
        faults.add(path, "overtaken_by", value, "each id marked once in the text as <!-- overtaken: id -->, and no other")
    _check_links(path, body, corpus, faults)


def _check_form(path: Path, body: Body, known: Sequence[str], faults: _Faults) -> None:
    for block in body.blocks:
        if isinstance(block, Marker) and block.name not in known:
            allowed = "one of: " + ", ".join(known) if known else "no marker; markers are for guidance pages"
            faults.add(path, "body", f"<!-- {block.name}: {block.id} -->", allowed)
    for line, value, allowed in rules.form_faults(body):
        faults.add(path, f"body, line {line}", value, allowed)


def _check_links(path: Path, body: Body, corpus: Corpus, faults: _Faults) -> None:
    slugs, unread = {page.slug for page in corpus.pages}, {file.resolve() for file in faults.unread}
    for link in rules.project_links(body):
        target = (path.parent / link).resolve()
        if target in unread:
            continue
        if not target.is_file() or (target.suffix == ".md" and target.stem not in slugs):
            faults.add(path, "body", link, "a link to a file of the project that is there and is published")


def _check_repeats(root: Path, studies: list[CaseStudy], guidance: list[GuidancePage], faults: _Faults) -> None:
    slugs = {page.slug for page in guidance}
    numbers = Counter(study.matter.guidance_case_study for study in studies)
    titles = Counter(study.matter.title for study in studies)
    for study in studies:
        path = root / CASE_STUDIES / f"{study.slug}.md"
        if study.slug in slugs:
            faults.add(path, "slug", study.slug, "a name that no other page has; a guidance page has this one")
        if study.matter.guidance_case_study and numbers[study.matter.guidance_case_study] > 1:
            faults.add(path, "guidance_case_study", study.matter.guidance_case_study, "each number once only")
        if titles[study.matter.title] > 1:
            faults.add(path, "title", study.matter.title, "a title that no other case study has")
