"""A case study as a paper to take away: its plain words, and from those Markdown and a row of CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from indexer.content.corpus import Corpus
from indexer.content.reading import plain_text
from indexer.content.records import CaseStudy
from indexer.content.rules import FOOTNOTE, blocks
from indexer.paper.figures import figure_in_words
from indexer.paper.records import ROOT, Block, Paper, PaperSection, PaperSource, Run
from indexer.paper.wording import EVIDENCE, LICENCE, LICENCES, READ_AS, REPORTED_BY, citations, day, reversals

NOTICE = (
    "An independent restatement with no official status, and not legal advice. "
    "A reported outcome is not proof that the action caused it. "
)
SHORTLIST = "Shortlist from the High Needs Casebook"
COLUMNS = (
    "Title", "Council", "Region", "Period", "Focus areas", "The problem", "What they did", "What changed", "Evidence",
    "Outcome dated", "Cost", "Caveats and what happened later", "The law", "Figures", "Sources", "Citation", "Address",
    "Checked", "Licence",
)  # fmt: skip
"""The header of the CSV."""

_ITEM = re.compile(r"\A\s*(?:[-*+]|\d+\.)\s+")
_NOTED = re.compile(rf"((?:{FOOTNOTE.pattern})+)")
_MARKS = re.compile(r"[\\`*_\[\]<>|]|&(?=#?\w+;)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def paper_of(study: CaseStudy, corpus: Corpus) -> Paper:
    """A case study as a paper; duties, questions and focus areas are the corpus's."""
    matter = study.matter
    address = f"{ROOT}case-studies/{study.slug}/"
    duties = [duty for duty in corpus.duties if duty.id in (*matter.duties, "code-of-practice")]
    paper = Paper(
        slug=study.slug,
        title=matter.title,
        summary=matter.summary,
        facts=_facts(study, corpus),
        sections=tuple(_sections(study.body)),
        questions=tuple(corpus.question(question_id).text for question_id in matter.questions),
        duties=tuple(duty.stated() for duty in duties),
        figures=tuple(figure_in_words(figure) for figure in matter.figures),
        sources=tuple(
            PaperSource(
                id=source.id,
                publisher=source.publisher,
                title=source.title,
                url=str(source.url),
                note=f"Read {day(source.read)} {READ_AS[source.read_as]}. Licence: {LICENCES[source.licence]}.",
            )
            for source in matter.sources
        ),
        citations=citations(matter.title, matter.checked, address),
        address=address,
        checked=matter.checked,
    )
    return paper.model_copy(update={"markdown": _markdown(paper), "header": _line(COLUMNS), "row": _row(paper)})


def _facts(study: CaseStudy, corpus: Corpus) -> dict[str, str]:
    matter = study.matter
    weight = [EVIDENCE[matter.evidence.kind], REPORTED_BY[matter.evidence.reported_by]]
    weight += reversals(later_reversed=matter.later_reversed, did_not_work=matter.did_not_work)
    payer = next((source.publisher for source in matter.sources if source.id == matter.cost_source), "")
    return {
        "Who": matter.organisation,
        "Where": matter.region,
        "Period": matter.period,
        "Evidence": ", ".join(weight),
        "Outcome dated": matter.outcome_date,
        "Cost": f"{matter.cost} (source: {payer})" if payer else matter.cost,
        "Focus areas": "; ".join(corpus.focus_area(slug).label for slug in matter.focus_areas),
        "Checked": f"{day(matter.checked)} (review due {day(matter.review_due)})",
    }


def _sections(body: str) -> Iterable[PaperSection]:
    headings = re.findall(r"^## (.*)$", body, flags=re.MULTILINE)
    for heading, text in zip(headings, re.split(r"^## .*$", body, flags=re.MULTILINE)[1:], strict=True):
        found = (Block(item=bool(_ITEM.match(block.text)), runs=_runs(_ITEM.sub("", block.text))) for block in blocks(text))
        yield PaperSection(heading=heading.strip(), blocks=tuple(found))


def _runs(markdown: str) -> tuple[Run, ...]:
    """The stretches between footnote marks, each with the sources of the marks at its end."""
    pieces = _NOTED.split(markdown)[:: FOOTNOTE.groups + 2]
    marks = [FOOTNOTE.findall(found[0]) for found in _NOTED.finditer(markdown)]
    return tuple(
        Run(text=f"{' ' if piece[0].isspace() else ''}{plain_text(piece)}", sources=tuple(noted))
        for piece, noted in zip(pieces, [*marks, []], strict=True)
        if piece.strip()
    )


def as_markdown(papers: Sequence[Paper], root: str) -> str:
    """One paper, or several under a heading of their own, as Markdown.

    Args:
        papers: At least one.
        root: The site's address with the slash at its end, or "" where it is not known.
    """
    if len(papers) == 1:
        text = papers[0].markdown
    else:
        below = (re.sub(r"^#", "##", paper.markdown, flags=re.MULTILINE) for paper in papers)
        text = "\n".join([f"# {SHORTLIST}\n", *below])
    return text.replace(ROOT, root)


def as_csv(papers: Sequence[Paper], root: str) -> str:
    """A header and a row for each paper, for Excel: with a byte order mark, so that it reads £ and emoji right."""
    return "".join(["\ufeff", papers[0].header, *(paper.row for paper in papers)]).replace(ROOT, root)


def escaped(text: str) -> str:
    """A text in Markdown that reads as it stands."""
    return _MARKS.sub(r"\\\g<0>", text)


def _markdown(paper: Paper) -> str:
    def block(found: Block) -> str:
        noted = "".join(
            escaped(run.text) + "".join(f"[^{paper.slug}-{source}]" for source in run.sources) for run in found.runs
        )
        return f"- {noted}" if found.item else noted

    lines = [f"# {escaped(paper.title)}", "", escaped(paper.summary), ""]
    lines += [f"- **{name}:** {escaped(fact)}" for name, fact in paper.facts.items()]
    lines += [f"- **Address:** <{paper.address}>", ""]
    for section in paper.sections:
        lines += [f"## {section.heading}", "", *(line for found in section.blocks for line in (block(found), ""))]
        if section.heading == "What to check in your own area" and paper.questions:
            lines += ["The guidance's own questions that fit:", "", *(f"- {escaped(text)}" for text in paper.questions), ""]
        if section.heading == "The law":
            lines += [f"- **{duty.label}.** {escaped(duty.text)} [{duty.law}]({duty.url})" for duty in paper.duties] + [""]
    if paper.figures:
        lines += ["## The figures", "", "| What was measured | Before | After or only value | When | Kind |"]
        lines += ["|---|---|---|---|---|"]
        lines += [
            f"| {escaped(figure.label)}[^{paper.slug}-{figure.source}] | {figure.before} | {figure.after} "
            f"| {escaped(figure.when)} | {figure.kind} |"
            for figure in paper.figures
        ]
        lines += [""]
    lines += ["## Cite this", "", *(f"- {escaped(citation)}" for citation in paper.citations), "", f"{NOTICE}{LICENCE}", ""]
    lines += [
        f"[^{paper.slug}-{source.id}]: {escaped(source.publisher)}, {escaped(source.title)}, <{source.url}>. {source.note}"
        for source in paper.sources
    ]
    return "\n".join(lines) + "\n"


def _row(paper: Paper) -> str:
    told = {section.heading: "\n".join(_said(found) for found in section.blocks) for section in paper.sections}
    values = {
        "Title": paper.title,
        "Council": paper.facts["Who"],
        "Region": paper.facts["Where"],
        **{name: paper.facts[name] for name in COLUMNS if name in paper.facts},
        **{name: told[name] for name in COLUMNS if name in told},
        "The law": "\n".join(f"{duty.label}: {duty.text} {duty.law}, {duty.url}" for duty in paper.duties),
        "Figures": "\n".join(
            f"{figure.label}: before {figure.before}, after or only value {figure.after}; {figure.when}; {figure.kind}; "
            f"source {_source(paper, figure.source)}"
            for figure in paper.figures
        ),
        "Sources": "\n".join(f"{source.publisher}, {source.title}, {source.url}. {source.note}" for source in paper.sources),
        "Citation": paper.citations[0],
        "Address": paper.address,
        "Licence": f"{NOTICE}{LICENCE}",
    }
    return _line(values[name] for name in COLUMNS)


def _said(block: Block) -> str:
    text = "".join(run.text for run in block.runs)
    return f"• {text}" if block.item else text


def _source(paper: Paper, source_id: str) -> str:
    return next(source.publisher for source in paper.sources if source.id == source_id)


def _line(values: Iterable[str]) -> str:
    """A line of CSV in Excel's dialect. What Excel would take for a formula gets an apostrophe, so that it stays a text."""
    output = io.StringIO(newline="")
    csv.writer(output).writerow([f"'{value}" if value.startswith(_FORMULA) else value for value in values])
    return output.getvalue()
