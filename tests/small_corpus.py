"""A small, good corpus, written from scratch: two case studies, a draft, and two pages of guidance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FOCUS_AREAS = """\
- slug: provision
  label: Provision
  definition: Places are planned from need.
  guidance_page: places
  guidance_case_studies: [12]
  example_of: planning places
  questions:
    - id: places-enough
      text: Do we have enough places?
  related_questions: []
  duties: [naming-a-school]
  law: A shortage of money is not an exception.
- slug: culture
  label: Culture
  definition: Schools share one goal.
  guidance_page: goals
  guidance_case_studies: [10]
  example_of: a shared goal
  questions: []
  related_questions: [places-enough]
  duties: [assessment-test]
  law: Each child's case is decided by itself.
"""
THEMES = """\
- {id: resource-bases, label: Units, meaning: Bases in mainstream schools.}
"""
COUNCILS = """\
plans_counted: January 2025
plans_source: {title: Plans, publisher: Department, url: "https://example.org/plans", read: 2026-01-05}
kinds_source: {title: Kinds, publisher: Statistics, url: "https://example.org/kinds", read: 2026-01-05}
councils:
  - {name: Ashby, code: E06000001, kind: unitary, region: East Midlands, plans: 1250}
  - {name: Llŷn and Brontë, also_called: [Brontë], code: E10000001, kind: county, region: North West, plans: 12000}
"""
DUTIES = """\
- id: assessment-test
  label: When a child must be assessed
  law: Children and Families Act 2014, section 36
  url: https://example.org/section-36
  text: A council must assess a child who may need a plan.
  checked: 2026-01-05
- id: naming-a-school
  label: The school that a family asks for
  law: Children and Families Act 2014, section 39
  url: https://example.org/section-39
  text: The council must name the school unless an exception applies.
  checked: 2026-01-05
- id: code-of-practice
  label: The Code
  law: SEND code of practice
  url: https://example.org/code
  text: Councils must have regard to the Code.
  checked: 2026-01-05
"""
CURRENCY = """\
- id: new-law
  label: A new law
  text: A White Paper came out.
  sources:
    - title: News of the law
      url: https://example.org/news
"""
ALSO_SEEN = """\
- id: seen-carrow
  entry: N1
  focus_area: provision
  text: Carrow shared a hall with a school.
  source: {title: Minute, publisher: Carrow Council, url: "https://example.org/minute", read: 2026-01-05}
"""
TIMELINE = """\
- {date: "2026-02", kind: law, label: A White Paper came out, told_in: new-law}
- {date: "2014", kind: law, label: The Act, told_in: assessment-test}
"""
NOT_COVERED = """\
- {id: bins, label: bins, said_as: [my bin was not emptied, recycling]}
"""
MOVED = """\
- {from: case-studies/ashby/, to: case-studies/ashby-units/, why: It has a longer name now.}
"""
READERS = """\
- slug: finance-officers
  label: Finance officers
  lead: Where the money goes.
  problems: [no room in special schools]
  figures: {words: [opened], most: 5}
"""
GLOSSARY = """\
- abbreviation: EHCP
  expansion: education, health and care plan
  also: [plan]
"""
CASE_STUDY = """\
---
title: Units beside schools
summary: A council opened units beside its schools.
organisation: Ashby
focus_areas: [provision]
themes: [resource-bases]
asked_as: [no room in special schools]
guidance_case_study: 12
period: 2022 to 2024
result: not-known
said_by: council
figures:
  - label: Places opened
    before: null
    after: 40
    unit: places
    kind: outcome
    source: committee
questions: [places-enough]
duties: [naming-a-school, assessment-test]
see_also: []
sources:
  - id: committee
    title: Report to committee
    publisher: Ashby Council
    url: https://example.org/committee
    read: 2026-01-05
    read_as: full-page
    licence: OGL-3.0
published: 2026-01-05
checked: 2026-01-05
review_due: 2027-01-05
status: published
---

## The problem

Schools had no units, and the [guidance](../docs/guidance/places.md) speaks of that.

## What they did

The council opened 40 places beside its schools.[^committee]

## What changed

Fewer children left the area.

## What to check in your own area

Ask where your units are.

## The law

A parent may ask for any school.

## Caveats and what happened later

Costs are not stated in what was read.
"""
SECOND_CASE_STUDY = (
    CASE_STUDY.replace("Units beside schools", "Headteachers who share a goal")
    .replace("opened units beside its schools", "met its headteachers each month")
    .replace("Ashby", "Llŷn and Brontë")
    .replace("guidance_case_study: 12", "guidance_case_study: 10")
    .replace("[provision]", "[culture, provision]")
    .replace("see_also: []", "see_also: [ashby-units]")
    .replace("Fewer children left the area.", "Headteachers said that they agreed, “naïvely” at first.")
)
DRAFT = (
    CASE_STUDY.replace("Units beside schools", "A story that is not out yet")
    .replace("guidance_case_study: 12\n", "")
    .replace("status: published", "status: draft")
)
PLACES = """\
---
title: Planning places
summary: Why places are planned from need.
focus_areas: [provision]
order: 2
source:
  title: Sustainable high needs systems
  section: Places
  publisher: Department for Education
  url: https://example.org/guidance
  published: 2021-07-19
  licence: OGL-3.0
checked: 2026-01-05
overtaken_by: []
---

## Places close to home

Councils plan places from need, as one [council](../../casestudies/ashby-units.md) did.

## Questions to consider

<!-- questions: provision -->
"""
GOALS = """\
---
title: The goals
summary: One mission and the goals under it.
focus_areas: [culture]
order: 1
source:
  title: Sustainable high needs systems
  section: Goals
  publisher: Department for Education
  url: https://example.org/guidance
  published: 2021-07-19
  licence: OGL-3.0
checked: 2026-01-05
overtaken_by: [new-law]
---

The chair introduces the goals.

## One mission

Leaders share one mission.

<!-- overtaken: new-law -->

Every council has the same focus.
"""
FILES: Mapping[str, str] = {
    "casestudies/focus-areas.yml": FOCUS_AREAS,
    "casestudies/themes.yml": THEMES,
    "casestudies/councils.yml": COUNCILS,
    "casestudies/duties.yml": DUTIES,
    "casestudies/currency.yml": CURRENCY,
    "casestudies/also-seen.yml": ALSO_SEEN,
    "casestudies/timeline.yml": TIMELINE,
    "casestudies/glossary.yml": GLOSSARY,
    "casestudies/moved.yml": MOVED,
    "casestudies/readers.yml": READERS,
    "casestudies/not-covered.yml": NOT_COVERED,
    "casestudies/README.md": "# How to write one\n",
    "casestudies/ashby-units.md": CASE_STUDY,
    "casestudies/bronte-headteachers.md": SECOND_CASE_STUDY,
    "casestudies/secret-draft.md": DRAFT,
    "docs/guidance/places.md": PLACES,
    "docs/guidance/goals.md": GOALS,
}


def write_small_corpus(root: Path) -> Path:
    """Writes `FILES` under `root` and returns it."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
