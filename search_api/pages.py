"""The site's pages that ask this server for something, and the search page with its results filled in."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from indexer.artefact.site_contract import with_search_link
from indexer.paper.wording import KNOWN, RESULTS, SAID_BY
from search_api.answer import Answer, MatchedPassage, ProblemPart

_PLACE = '<div class="results" data-search="results"></div>'
_FORM = re.compile(r'method="get" action="([./]*)browse/#without-script"')
_BOX_END = "</textarea>"
LONGEST_QUOTE = 120
KINDS = {
    "guidance": "Guidance (restated)",
    "duty": "The law (restated)",
    "change": "What has changed since 2021",
    "also-seen": "Also seen, in one sentence",
}
"""What a page is that is no case study."""


def with_endpoint(page: str) -> str:
    """A page whose search form, as built for a server that runs nothing, is sent to this server, by POST.

    The shortlist's page is told likewise that a server can make its Word document.
    The built form has no name for what is typed, so that a static host gets no word of it. The form's method also tells the
    page's script that there is an endpoint.
    """
    page = page.replace('data-endpoint="no"', 'data-endpoint="yes"')
    sent = _FORM.sub(r'method="post" action="\1search/"', page)
    if sent == page:
        return page
    root = _FORM.search(page)
    named = sent.replace('<textarea id="problem"', '<textarea id="problem" name="q"')
    return with_search_link(named, root[1] if root else "")


def results_page(page: str, problem: str, answer: Answer | None, error: str = "") -> str:
    """The search page with an answer, or with what is wrong with the problem.

    Args:
        page: The built search page, whose form comes back here.
        problem: As it was typed; it stands in the box again.
        answer: None where there is an error.
        error: A sentence, or empty.
    """
    heading = _heading(answer) if answer else "Error"
    view = _template().render(answer=answer, error=error, problem=problem, heading=heading, marked=marked, quoted=quoted)
    titled = page.replace("<title>", f"<title>{escape(heading)} - ", 1)
    filled = titled.replace(_BOX_END, f"{escape(problem)}{_BOX_END}", 1)
    return filled.replace(_PLACE, f'<div class="results" data-search="results">{view}</div>', 1)


def marked(passage: MatchedPassage) -> Markup:
    """The passage's text: the sentence nearest in meaning underlined, matched words marked, all else escaped."""
    start, end = passage.nearest
    parts = (_stretch(passage, *span) for span in ((0, start), (start, end), (end, len(passage.text))))
    before, nearest, after = parts
    return Markup('{}<span class="nearest">{}</span>{}').format(before, nearest, after)


def quoted(problem: str, part: ProblemPart) -> str:
    """A part of a long problem, cut to a line or two."""
    text = problem[part.start : part.end]
    return f"“{text[:LONGEST_QUOTE]}{'…' if len(text) > LONGEST_QUOTE else ''}”"


def _stretch(passage: MatchedPassage, start: int, end: int) -> Markup:
    pieces, at = [], start
    for first, last in passage.highlights:
        if start <= first and last <= end:
            pieces += [escape(passage.text[at:first]), Markup("<mark>{}</mark>").format(passage.text[first:last])]
            at = last
    return Markup("").join([*pieces, escape(passage.text[at:end])])


def _heading(answer: Answer) -> str:
    if not answer.answered:
        return "Nothing here covers that"
    close = sum(hit.close for hit in answer.hits)
    return "1 result" if close == 1 else f"{close} results"


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("search_api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(RESULTS=RESULTS, SAID_BY=SAID_BY, KNOWN=KNOWN, KINDS=KINDS)
    return environment.get_template("results.html")
