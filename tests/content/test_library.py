"""The library itself: how much of it there is, and that what limits an idea stands beside it."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from indexer.content.corpus import Corpus, overdue
from tests.conftest import ROOT


def test_there_are_at_least_57_case_studies_and_all_twelve_themes(corpus: Corpus) -> None:
    """The library holds 57 or more case studies, and one for each of the guidance's twelve."""
    assert len(corpus.case_studies) >= 57
    numbers = sorted(study.matter.guidance_case_study for study in corpus.case_studies if study.matter.guidance_case_study)
    assert numbers == list(range(1, 13))


def test_every_theme_has_three_case_studies(corpus: Corpus) -> None:
    """Each theme is treated in substance by at least three case studies, and each case study has a theme."""
    tagged = Counter(theme for study in corpus.case_studies for theme in study.matter.themes)
    assert {theme.id: tagged[theme.id] for theme in corpus.themes if tagged[theme.id] < 3} == {}
    assert [study.slug for study in corpus.case_studies if not study.matter.themes] == []


def test_the_table_of_councils_is_whole(corpus: Corpus) -> None:
    """All 153 councils are there, and their plans add up to England's number in the same release (638,745)."""
    councils = corpus.councils.councils
    assert len(councils) == 153
    assert sum(council.plans for council in councils) == 638_745
    prefixes = {"unitary": "E06", "metropolitan": "E08", "london": "E09", "county": "E10"}
    assert [council.name for council in councils if council.code[:3] != prefixes[council.kind]] == []


NOTES = ROOT / "casestudies" / "notes" / "entries.tsv"
EDITORIAL = ROOT / "docs" / "editorial.md"
SIZES = {
    "local-examples": {"E": 7, "S": 11, "A": 14, "C": 10, "P": 14, "F": 14, "K": 5},
    "more-examples": {"N": 31, "B": 10},
    "examples-B": {"M": 63},
    "facts-C": {"C": 57},
}
"""How many entries each file of the editors' notes has, by their first letter."""


def entries() -> list[dict[str, str]]:
    """What became of each entry of the notes."""
    return list(csv.DictReader(NOTES.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def table() -> str:
    """The entries as docs/editorial.md has them."""
    lines = ["| Notes | Entry | Became | Note |", "|---|---|---|---|"]
    for entry in entries():
        pages = [f"`{slug}`" for slug in entry["where"].split()]
        became = {
            "also seen": f"also seen, under `{entry['where']}`",
            "folded": "told on another page",
        }
        shown = "; ".join(pages) if entry["became"] == "page" or (pages and entry["became"] == "folded") else ""
        lines.append(f"| {entry['file']} | {entry['entry']} | {shown or became[entry['became']]} | {entry['note']} |")
    return "\n".join(lines)


def test_every_entry_of_the_notes_is_accounted_for(corpus: Corpus) -> None:
    """entries.tsv names each entry of each file at least once, and every page or focus area that it names is there."""
    found = entries()
    for file, sizes in SIZES.items():
        named = {name for entry in found if entry["file"] == file for name in re.split(r"[,; ]+", entry["entry"])}
        assert named == {f"{letter}{number}" for letter, size in sizes.items() for number in range(1, size + 1)}
    slugs, areas = {study.slug for study in corpus.case_studies}, {area.slug for area in corpus.focus_areas}
    assert {slug for e in found if e["became"] != "also seen" for slug in e["where"].split()} <= slugs
    assert {entry["where"] for entry in found if entry["became"] == "also seen"} <= areas
    also_seen = [entry["entry"] for entry in found if entry["became"] == "also seen"]
    assert sorted(also_seen) == sorted(seen.entry for seen in corpus.also_seen)


def test_the_editorial_page_shows_the_entries() -> None:
    """docs/editorial.md has the table as it is."""
    assert table() in EDITORIAL.read_text(encoding="utf-8"), "run python -m tests.content.test_library"


def test_the_library_is_wide(corpus: Corpus) -> None:
    """It holds at least 160 case studies from at least 95 councils or groups of them."""
    assert len(corpus.case_studies) >= 160
    assert len({study.matter.organisation for study in corpus.case_studies}) >= 95


def test_overdue_names_what_was_due_before_today(corpus: Corpus) -> None:
    """On the day of review nothing is overdue; the day after, it is."""
    first = min(study.matter.review_due for study in corpus.case_studies)
    assert overdue(corpus, first) == []
    late = overdue(corpus, first + timedelta(days=1))
    assert {study.slug for study in late} == {s.slug for s in corpus.case_studies if s.matter.review_due == first}


def test_check_overdue_fails_and_names_the_file(tmp_path: Path, corpus: Corpus) -> None:
    """`indexer check --overdue` exits with 1 and names a case study whose review date has passed, and 0 with none."""
    command = [sys.executable, "-m", "indexer", "--root", str(tmp_path), "check", "--overdue"]
    for folder in ("casestudies", "docs/guidance"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    late = tmp_path / "casestudies" / f"{corpus.case_studies[0].slug}.md"
    for path in (tmp_path / "casestudies").glob("*-*.md"):
        _replace(path, r"^review_due: .*$", "review_due: 2199-01-01")
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    _replace(late, r"^(published|checked|review_due): .*$", r"\1: 2024-01-01")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{late.name}: due on 2024-01-01" in done.stderr


def _replace(path: Path, pattern: str, text: str) -> None:
    path.write_text(re.sub(pattern, text, path.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")


def test_guidance_keeps_all_seventeen_questions(corpus: Corpus) -> None:
    """The guidance asks 17 questions in five parts: 3, 4, 3, 3 and 4."""
    counts = {area.slug: len(area.questions) for area in corpus.focus_areas if area.questions}
    assert counts == {"early-intervention": 3, "sen-support": 4, "ehcp-assessment": 3, "culture": 3, "provision": 4}


if __name__ == "__main__":
    from indexer.evaluation.report import write_between

    write_between(EDITORIAL, "entries", table())
