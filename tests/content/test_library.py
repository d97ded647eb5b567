"""The library itself: how much of it there is, and that what limits an idea stands beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from indexer.content.corpus import Corpus, overdue
from tests.conftest import ROOT


def test_there_are_at_least_57_case_studies_and_all_twelve_themes(corpus: Corpus) -> None:
    """The library holds 57 or more case studies, and one for each of the guidance's twelve."""
    assert len(corpus.case_studies) >= 57
    numbers = sorted(study.matter.guidance_case_study for study in corpus.case_studies if study.matter.guidance_case_study)
    assert numbers == list(range(1, 13))


def test_every_entry_of_the_compilation_is_accounted_for() -> None:
    """docs/editorial.md names all 75 entries, each once, and every page that it names is there."""
    table = (ROOT / "docs" / "editorial.md").read_text(encoding="utf-8").split("| Entry | Case study | Note |")[1]
    cells = re.findall(r"^\| ([A-Z]\d+(?:, [A-Z]\d+)*) \|", table, re.MULTILINE)
    entries = [entry for cell in cells for entry in cell.split(", ")]
    sizes = {"E": 7, "S": 11, "A": 14, "C": 10, "P": 14, "F": 14, "K": 5}
    assert sorted(entries) == sorted(f"{theme}{n}" for theme, size in sizes.items() for n in range(1, size + 1))
    named = set(re.findall(r"\(case-studies/([a-z0-9-]+)\.md\)", table))
    assert named == {path.stem for path in (ROOT / "casestudies").glob("*.md")} - {"README"}


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
        (tmp_path / folder).mkdir(parents=True)
        for path in (ROOT / folder).iterdir():
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
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
