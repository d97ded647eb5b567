"""A case study as a paper: what is taken from its front matter and from the tree of its text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from indexer.content.corpus import Corpus
from indexer.content.reading import read
from indexer.content.records import CaseStudy
from indexer.content.tree import Block as BodyBlock
from indexer.content.tree import Body, Heading, HtmlBlock, Image, Item, Marker, Note, Row, Text, Words
from indexer.paper.figures import figure_in_words
from indexer.paper.forms import with_forms
from indexer.paper.records import ROOT, Block, Paper, PaperSection, PaperSource, Run
from indexer.paper.wording import KNOWN, LICENCES, READ_AS, RESULTS, SAID_BY, citations, compared, day


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
        sections=tuple(_sections(read(study.body), study.slug)),
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
    return with_forms(paper)


def _facts(study: CaseStudy, corpus: Corpus) -> dict[str, str]:
    matter = study.matter
    label, meaning = RESULTS[matter.result]
    payer = next((source.publisher for source in matter.sources if source.id == matter.cost_source), "")
    return {
        "Who": matter.organisation,
        **_place(study, corpus),
        "Period": matter.period,
        "Result": f"{label} ({meaning}){f'; {SAID_BY[matter.said_by]}' if matter.result in KNOWN else ''}",
        "Outcome dated": matter.outcome_date,
        "Cost": f"{matter.cost} (source: {payer})" if payer else matter.cost,
        "Focus areas": "; ".join(corpus.focus_area(slug).label for slug in matter.focus_areas),
        "Checked": f"{day(matter.checked)} (review due {day(matter.review_due)})",
    }


def _place(study: CaseStudy, corpus: Corpus) -> dict[str, str]:
    """Where it was and what to compare it by; nothing of a body that is no council."""
    councils, table = corpus.councils_of(study), corpus.councils
    if not councils:
        return {}
    return {
        "Where": "; ".join(corpus.regions_of(study)),
        "Kind of council": f"{'. '.join(compared(councils, table.plans_counted))} (source: {table.plans_source.publisher})",
    }


def _sections(body: Body, slug: str) -> Iterator[PaperSection]:
    """A body's sections, each from one heading of the second level to the next."""
    starts = [place for place, block in enumerate(body.blocks) if isinstance(block, Heading) and block.level == 2]
    for start, end in zip(starts, [*starts[1:], len(body.blocks)], strict=True):
        heading = body.blocks[start]
        assert isinstance(heading, Heading)
        blocks = (_block(block, slug) for block in body.blocks[start + 1 : end])
        yield PaperSection(heading=heading.words.plain, blocks=tuple(block for block in blocks if block))


def _block(block: BodyBlock, slug: str) -> Block | None:
    match block:
        case Marker() | HtmlBlock():
            return None
        case Row():
            return Block(kind="row", cells=tuple(_runs(cell, slug) for cell in block.cells), header=block.header)
        case Heading():
            return Block(kind="heading", level=max(block.level, 3), runs=_runs(block.words, slug))
        case Item():
            return Block(kind="item", level=block.depth, number=block.number, runs=_runs(block.words, slug))
        case _:
            return Block(kind="paragraph", runs=_runs(block.words, slug))


def _runs(words: Words, slug: str) -> tuple[Run, ...]:
    """The words of a block in runs, on one line with single spaces, each with the sources of the notes at its end."""
    runs: list[Run] = []
    for inline in words.inlines:
        match inline:
            case Note():
                last = runs.pop() if runs else Run(text="")
                runs.append(last.model_copy(update={"text": last.text.rstrip(), "sources": (*last.sources, inline.source)}))
            case Text():
                url = None if inline.href is None else _address(inline.href, slug)
                _add(runs, Run(text=inline.text, strong=inline.strong, emphasis=inline.emphasis, url=url))
            case Image():
                _add(runs, Run(text=inline.alt))
    if runs:
        runs[-1] = runs[-1].model_copy(update={"text": runs[-1].text.rstrip()})
    return tuple(run for run in runs if run.text or run.sources)


def _add(runs: list[Run], run: Run) -> None:
    """Adds a run, its white space made single spaces, and none where one stands before it already."""
    spaced = f"{' ' * run.text[:1].isspace()}{' '.join(run.text.split())}{' ' * run.text[-1:].isspace()}"
    text = spaced if run.text.strip() else " " * bool(run.text)
    if not runs or runs[-1].text.endswith(" "):
        text = text.lstrip()
    if text:
        runs.append(run.model_copy(update={"text": text}))


def _address(href: str, slug: str) -> str:
    """A link's address as a paper gives it: of the web as it stands, of the project's files as pages of the site."""
    if "://" in href or href.startswith("mailto:"):
        return href
    path, _, fragment = href.partition("#")
    folder = "guidance" if "guidance" in PurePosixPath(path).parts else "case-studies"
    return f"{ROOT}{folder}/{PurePosixPath(path).stem or slug}/{'#' if fragment else ''}{fragment}"
