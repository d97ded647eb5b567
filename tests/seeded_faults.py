"""One fault each, to seed in the small corpus, with the line that it must give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from indexer.content.loading import CODE_OF_PRACTICE, FILE_NAME, MAX_FILE_BYTES
from indexer.content.records import SECTIONS
from tests.small_corpus import CASE_STUDY

Edit = Callable[[Path], object]
STUDY = "casestudies/ashby-units.md"
AREAS, DUTIES = "one of: provision, culture", "one of: assessment-test, naming-a-school, code-of-practice"
WRONG_HEADINGS = [*SECTIONS[:2], "Results", *SECTIONS[3:]]


def swap(name: str, old: str, new: str) -> Edit:
    """An edit that puts `new` in the place of the first `old` of a file."""

    def edit(root: Path) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def write(name: str, content: str | bytes) -> Edit:
    """An edit that writes a whole file."""
    return lambda root: (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def remove(name: str) -> Edit:
    """An edit that removes a file."""
    return lambda root: (root / name).unlink()


def another_study(name: str, **fields: str) -> Edit:
    """An edit that adds a case study of the small corpus's kind, with some lines of its front matter changed."""
    text = CASE_STUDY.replace("title: Units beside schools", "title: A third story").replace("guidance_case_study: 12\n", "")
    for field, value in fields.items():
        start = text.index(f"\n{field}:") if f"\n{field}:" in text else text.index("\nperiod:")
        end = text.index("\n", start + 1) if f"\n{field}:" in text else start
        text = f"{text[:start]}\n{field}: {value}{text[end:]}"
    return write(f"casestudies/{name}.md", text)


SEEDED: dict[str, tuple[Edit, str]] = {
    "broken YAML": (
        swap("casestudies/bronte-headteachers.md", "period: 2022 to 2024", "period: from: 2022"),
        "casestudies/bronte-headteachers.md: YAML: line 8, column 13: mapping values are not allowed here: "
        "valid YAML; put quotes round text that holds a colon and a space",
    ),
    "broken YAML in a list": (
        swap("casestudies/duties.yml", "label: The Code", "label: ['The Code"),
        "casestudies/duties.yml: YAML: line 19, column 1: found unexpected end of stream: "
        "valid YAML; put quotes round text that holds a colon and a space",
    ),
    "a list that is none": (
        write("casestudies/currency.yml", "id: new-law\n"),
        "casestudies/currency.yml: file: dict: a YAML list of entries that start with a hyphen",
    ),
    "a missing list": (
        remove("casestudies/focus-areas.yml"),
        "casestudies/focus-areas.yml: file: missing: this file must be there",
    ),
    "an entry without its text": (
        swap("casestudies/duties.yml", "  text: Councils must have regard to the Code.\n", ""),
        "casestudies/duties.yml: entry 3.text: missing: Field required",
    ),
    "a repeated entry": (
        swap("casestudies/duties.yml", "- id: naming-a-school", "- id: assessment-test\n  label: x\n  law: x\n  url: "
             "https://example.org/x\n  text: x\n  checked: 2026-01-05\n- id: naming-a-school"),
        "casestudies/duties.yml: id: assessment-test: each id once only",
    ),
    "no Code of Practice": (
        swap("casestudies/duties.yml", "- id: code-of-practice", "- id: another-duty"),
        f"casestudies/duties.yml: id: missing: an entry {CODE_OF_PRACTICE}; every page shows it",
    ),
    "a date that does not exist": (
        swap(STUDY, "checked: 2026-01-05", "checked: 2026-13-45"),
        f"{STUDY}: YAML: month must be in 1..12: dates as YYYY-MM-DD that exist",
    ),
    "a date that is none": (
        swap(STUDY, "checked: 2026-01-05", "checked: last week"),
        f"{STUDY}: checked: last week: Input should be a valid date or datetime, input is too short",
    ),
    "dates out of order": (
        swap(STUDY, "review_due: 2027-01-05", "review_due: 2025-01-05"),
        f"{STUDY}: front matter: (the entry as a whole): the dates must run published, checked, review_due, in that order",
    ),
    "a number nobody can write": (
        swap(STUDY, "after: 40", "after: .nan"),
        f"{STUDY}: figures.0.after: nan: Input should be a finite number",
    ),
    "an unknown focus area": (
        swap(STUDY, "focus_areas: [provision]", "focus_areas: [provision, transport]"),
        f"{STUDY}: focus_areas: transport: {AREAS}",
    ),
    "a focus area in letters outside ASCII": (
        swap(STUDY, "focus_areas: [provision]", "focus_areas: [éducation]"),
        f"{STUDY}: focus_areas.0: éducation: String should match pattern '^[a-z0-9]+(-[a-z0-9]+)*$'",
    ),
    "a theme without pages": (
        swap("casestudies/themes.yml", "- {id:", "- {id: transport, label: Travel, meaning: Buses.}\n- {id:"),
        "casestudies/themes.yml: id: transport: a theme that a published case study has; "
        "tag one, or name the gap in not-covered.yml instead",
    ),
    "an unknown theme": (
        swap(STUDY, "themes: [resource-bases]", "themes: [resource-bases, travel]"),
        f"{STUDY}: themes: travel: one of: resource-bases",
    ),
    "an unknown council": (
        swap(STUDY, "organisation: Ashby", "organisation: Ashbury"),
        f"{STUDY}: organisation: Ashbury: a name of councils.yml (such as Ashby); "
        "or the names in councils: [...], [] for another body",
    ),
    "a council's kind that is none": (
        swap("casestudies/councils.yml", "kind: unitary", "kind: parish"),
        "casestudies/councils.yml: councils.0.kind: parish: Input should be 'county', 'unitary', 'metropolitan' or 'london'",
    ),
    "two councils of one name": (
        swap("casestudies/councils.yml", "also_called: [Brontë]", "also_called: [Ashby]"),
        "casestudies/councils.yml: councils.name: Ashby: each id once only",
    ),
    "councils in a bare list": (
        write("casestudies/councils.yml", "- {name: Ashby}\n"),
        "casestudies/councils.yml: file: list: fields and their values, as casestudies/README.md shows",
    ),
    "an unknown duty": (
        swap(STUDY, "duties: [naming-a-school", "duties: [naming-a-school, tidiness"),
        f"{STUDY}: duties: tidiness: {DUTIES}",
    ),
    "an unknown question": (
        swap(STUDY, "questions: [places-enough]", "questions: [why-not]"),
        f"{STUDY}: questions: why-not: one of: places-enough",
    ),
    "an unknown case study to see also": (
        swap(STUDY, "see_also: []", "see_also: [nowhere]"),
        f"{STUDY}: see_also: nowhere: one of: ashby-units, bronte-headteachers",
    ),
    "a missing source": (
        swap(STUDY, "    source: committee", "    source: minutes"),
        f"{STUDY}: figures.source: minutes: one of: committee",
    ),
    "an unknown footnote": (
        swap(STUDY, "left the area.", "left the area.[^minutes]"),
        f"{STUDY}: body: [^minutes]: a footnote names one of the sources: committee",
    ),
    "an unused footnote": (
        swap(STUDY, "sources:\n", "sources:\n  - {id: minutes, title: Minutes, publisher: Us, url: https://example.org/m, "
             "read: 2026-01-05, read_as: full-page, licence: not-stated}\n"),
        f"{STUDY}: sources: minutes: each source is used: put its footnote where it is, or take the source out",
    ),
    "a figure without a footnote": (
        swap(STUDY, "Fewer children left", "Already 15% fewer children left"),
        f"{STUDY}: body, line 11: 15: a footnote to a source in the same paragraph",
    ),
    "a figure that is not in the body": (
        swap(STUDY, "after: 40", "after: 41"),
        f"{STUDY}: figures.0: 41: the body states each figure, in the same digits",
    ),
    "a figure in the title": (
        swap(STUDY, "title: Units beside schools", "title: 40 places beside schools"),
        f"{STUDY}: title: 40 places beside schools: carries a figure; figures stand in the body, beside their source",
    ),
    "a section out of order": (
        swap(STUDY, "## What changed", "## Results"),
        f"{STUDY}: body: the headings are {str(WRONG_HEADINGS)[:103]}: "
        f"these headings, in this order, with text under each: {'; '.join(SECTIONS)}",
    ),
    "a marker in a case study": (
        swap(STUDY, "Ask where your units are.", "<!-- questions: provision -->"),
        f"{STUDY}: body: <!-- questions: provision -->: no marker; markers are for guidance pages",
    ),
    "missing front matter": (
        write(STUDY, "# Units beside schools\n"),
        f"{STUDY}: front matter: # Units beside schoo: "
        "a first line of three hyphens, YAML, a line of three hyphens, the text",
    ),
    "empty front matter": (
        write(STUDY, "---\n\n---\n\n## The problem\n"),
        f"{STUDY}: front matter: (empty): fields and their values, as casestudies/README.md shows",
    ),
    "a field missing": (
        swap(STUDY, "period: 2022 to 2024\n", ""),
        f"{STUDY}: period: missing: Field required",
    ),
    "an empty file": (
        write(STUDY, ""),
        f"{STUDY}: front matter: (empty): a first line of three hyphens, YAML, a line of three hyphens, the text",
    ),
    "too large a file": (
        write(STUDY, CASE_STUDY + "x" * (MAX_FILE_BYTES + 1 - len(CASE_STUDY.encode()))),
        f"{STUDY}: size: 200,001 bytes: at most 200,000 bytes; is this the right file?",
    ),
    "a file that is not UTF-8": (
        write(STUDY, CASE_STUDY.replace("Ashby", "Brontë").encode("latin-1")),
        f"{STUDY}: encoding: byte 103 is not UTF-8: save the file as UTF-8",
    ),
    "capitals in a file name": (
        another_study("Third-Story"),
        f"casestudies/Third-Story.md: file name: Third-Story.md: {FILE_NAME}",
    ),
    "a file name that is taken by the site": (
        another_study("index"),
        f"casestudies/index.md: file name: index.md: {FILE_NAME}",
    ),
    "too long a file name": (
        another_study("a" * 81),
        f"casestudies/{'a' * 81}.md: file name: {'a' * 81}.md: {FILE_NAME}",
    ),
    "a file name in letters outside ASCII": (
        another_study("llŷn"),
        f"casestudies/llŷn.md: file name: llŷn.md: {FILE_NAME}",
    ),
    "a dead link": (
        swap(STUDY, "guidance/places.md", "guidance/moved.md"),
        f"{STUDY}: body: ../docs/guidance/moved.md: a link to a file of the project that is there and is published",
    ),
    "a link to a draft": (
        swap("docs/guidance/goals.md", "Leaders share", "Leaders [share](../../casestudies/secret-draft.md)"),
        "docs/guidance/goals.md: body: ../../casestudies/secret-draft.md: "
        "a link to a file of the project that is there and is published",
    ),
    "a slug that a guidance page has": (
        another_study("places"),
        "casestudies/places.md: slug: places: a name that no other page has; a guidance page has this one",
    ),
    "an unknown change": (
        swap("docs/guidance/places.md", "overtaken_by: []", "overtaken_by: [old-law]\n---\n\n<!-- overtaken: old-law -->\n"),
        "docs/guidance/places.md: overtaken_by: old-law: one of: new-law",
    ),
    "an overtaken marker that is missing": (
        swap("docs/guidance/goals.md", "<!-- overtaken: new-law -->\n\n", ""),
        "docs/guidance/goals.md: overtaken_by: no marker: "
        "each id marked once in the text as <!-- overtaken: id -->, and no other",
    ),
    "an overtaken marker that the front matter does not name": (
        swap("docs/guidance/goals.md", "overtaken_by: [new-law]", "overtaken_by: []"),
        "docs/guidance/goals.md: overtaken_by: new-law: "
        "each id marked once in the text as <!-- overtaken: id -->, and no other",
    ),
    "a marker with a slip of the pen": (
        swap("docs/guidance/places.md", "<!-- questions:", "<!-- question:"),
        "docs/guidance/places.md: body: <!-- question: provision -->: one of: questions, overtaken",
    ),
    "questions of an unknown area": (
        swap("docs/guidance/places.md", "<!-- questions: provision", "<!-- questions: transport"),
        f"docs/guidance/places.md: body: transport: {AREAS}",
    ),
}  # fmt: skip
