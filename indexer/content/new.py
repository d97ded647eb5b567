"""Makes a draft case study that passes the schema and that no one can take for a finished one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from indexer.content.reading import slugify
from indexer.content.records import SECTIONS
from indexer.errors import DraftError

_TEMPLATE = """---
title: {title}
summary: "To write: one plain sentence that says what was done about what, without figures."
organisation: "To write: the council's name"
focus_areas: [provision]
period: "To write: when, and whether before or after the guidance"
result: not-known
said_by: council
outcome_date: not stated
cost: not stated
cost_source: null
figures: []
questions: [provision-sufficient]
duties: [naming-a-school]
see_also: []
sources:
  - id: source-1
    title: "[To write: the page's title]"
    publisher: "To write: who published it"
    url: https://example.org/replace-this-address
    read: {today}
    read_as: full-page
    licence: not-stated
published: {today}
checked: {today}
review_due: {due}
status: draft
---

{body}"""


def new_case_study(folder: Path, title: str, today: date) -> Path:
    """Writes a draft named after its title.

    Args:
        folder: casestudies/.
        title: The title, without figures.
        today: The day that goes into its dates; its review is due a year later.

    Returns:
        The new file.

    Raises:
        DraftError: Where the title is empty, carries a figure or gives a file that is there already.
    """
    if not any(letter.isalpha() for letter in title) or any(letter.isdigit() for letter in title):
        raise DraftError("A title is some words without figures; figures stand in the text, beside their source.")
    path = folder / f"{slugify(title)[:80].strip('-')}.md"
    body = "\n\n".join(f"## {heading}\n\nTo write.{'[^source-1]' if heading == SECTIONS[0] else ''}" for heading in SECTIONS)
    quoted = json.dumps(" ".join(title.split()), ensure_ascii=False)
    text = _TEMPLATE.format(title=quoted, today=today, due=today + timedelta(days=365), body=body)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text + "\n")
    except FileExistsError as error:
        raise DraftError(f"{path} is there already. Choose another title, or write in that file.") from error
    except FileNotFoundError as error:
        raise DraftError(f"There is no folder {folder}. Run this in the project's folder.") from error
    return path
