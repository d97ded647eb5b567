"""Cuts a page into passages: at headings, then at sentence ends, so that each fits the model.

A part of a page knows where in the body it begins, so that the site can put a real anchor there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from indexer.content.corpus import Corpus
from indexer.content.lists import Change, Duty
from indexer.content.reading import read
from indexer.content.records import CaseStudy, CaseStudyMatter, GuidancePage
from indexer.content.tree import Body, Heading, Marker, Words, words_of
from indexer.retrieval.records import Document, Passage, Weight
from indexer.retrieval.sentences import sentence_starts

CountTokens = Callable[[str], int]
TextOfMarker = Callable[[Marker], str]
OVERVIEW = "overview"
UNSEARCHED_SECTIONS = ("What to check in your own area", "The law")
"""Lead-ins to the guidance's questions and the duties: they tell nothing of what happened, so search leaves them out."""


@dataclass(frozen=True)
class Part:
    """A stretch of a body under one heading.

    Attributes:
        heading: Its heading's words, "" before the first heading.
        anchor: Unique on the page.
        text: Its plain text.
        start: Where it begins in the body: its heading, where it is the first of a section that has one.
        first: Whether it is the first of its section.
    """

    heading: str
    anchor: str
    text: str
    start: int
    first: bool


@dataclass(frozen=True)
class _Chunk:
    """The least that is not cut: a word with the space after it, or all that a marker stands for (`whole`)."""

    text: str
    start: int
    whole: bool = False


def cut(body: Body, count_tokens: CountTokens, limit: int, text_of_marker: TextOfMarker = lambda marker: "") -> list[Part]:
    """Cuts a body at its second and third level headings, and where a section is too long, at sentence ends.

    Args:
        body: As it was read.
        count_tokens: The number of word pieces of a plain text.
        limit: The most word pieces that a part's text may have.
        text_of_marker: What a marker stands for.

    Returns:
        The parts in order. A section's first part has its heading's anchor, the others that with -2, -3 and so on.
    """
    parts: list[Part] = []
    taken = {block.anchor for block in body.blocks if isinstance(block, Heading)}
    for heading, sentences in _sections(body, text_of_marker):
        anchor = heading.anchor if heading else _free(OVERVIEW, taken)
        for index, piece in enumerate(_pieces(sentences, count_tokens, limit, body)):
            start = heading.start if heading and index == 0 else piece[0].start if piece else 0
            named = anchor if index == 0 else _free(anchor, taken)
            parts.append(Part(heading.words.plain if heading else "", named, _said(piece), start, index == 0))
    return parts


def texts_of(markdown: str, count_tokens: CountTokens, limit: int) -> list[str]:
    """The plain texts of a Markdown text's parts, cut as by `cut`; parts without words are left out."""
    return [part.text for part in cut(read(markdown), count_tokens, limit) if part.text]


def _free(anchor: str, taken: set[str]) -> str:
    number, free = 1, anchor
    while free in taken:
        number += 1
        free = f"{anchor}-{number}"
    taken.add(free)
    return free


def _sections(body: Body, text_of_marker: TextOfMarker) -> Iterator[tuple[Heading | None, list[list[_Chunk]]]]:
    """Each section's heading and its sentences."""
    heading: Heading | None = None
    sentences: list[list[_Chunk]] = []
    for block in body.blocks:
        if isinstance(block, Heading) and block.level in (2, 3):
            if heading or sentences:
                yield heading, sentences
            heading, sentences = block, []
        elif isinstance(block, Marker):
            sentences.append([_Chunk(f"{text_of_marker(block)} ", block.start, whole=True)])
        else:
            sentences += [sentence for words in words_of(block) for sentence in _sentences(words)]
    if heading or sentences:
        yield heading, sentences


def _sentences(words: Words) -> Iterator[list[_Chunk]]:
    """A block's sentences as chunks; a line's end ends one too."""
    sentence, starts = list[_Chunk](), set(sentence_starts(words.text))
    ends = [place for place, _ in words.positions[1:]] + [len(words.text)]
    for (place, start), end in zip(words.positions, ends, strict=True):
        spaces = words.text[len(words.text[:place].rstrip()) : place]
        if sentence and ("\n" in spaces or place in starts):
            yield sentence
            sentence = []
        sentence.append(_Chunk(words.text[place:end], start))
    if sentence:
        *most, last = sentence
        yield [*most, _Chunk(f"{last.text} ", last.start)]


def _said(chunks: Sequence[_Chunk]) -> str:
    return " ".join("".join(chunk.text for chunk in chunks).split())


def _pieces(sentences: Sequence[list[_Chunk]], count_tokens: CountTokens, limit: int, body: Body) -> list[list[_Chunk]]:
    """Sentences put together for as long as they fit; one piece, though it is empty, where nothing is cut."""

    def fits(chunks: Sequence[_Chunk]) -> bool:
        return count_tokens(_said(chunks)) <= limit

    together = [chunk for sentence in sentences for chunk in sentence]
    if fits(together):
        return [together]
    pieces, current = list[list[_Chunk]](), list[_Chunk]()
    for sentence in sentences:
        if current and not fits([*current, *sentence]):
            pieces.append(current)
            current = []
        *full, current = _halved([*current, *sentence], fits, body)
        pieces += full
    return [*pieces, current]


def _halved(chunks: list[_Chunk], fits: Callable[[Sequence[_Chunk]], bool], body: Body) -> list[list[_Chunk]]:
    """Chunks cut until each piece fits, at the space nearest their middle, or a word alone in its own middle."""
    if fits(chunks) or chunks[0].whole:
        return [chunks]
    if len(chunks) == 1:
        chunks = _split(chunks[0], body)
        if len(chunks) == 1:
            return [chunks]
    lengths = [len(chunk.text) for chunk in chunks]
    middle = min(range(1, len(chunks)), key=lambda place: abs(2 * sum(lengths[:place]) - sum(lengths)))
    return [*_halved(chunks[:middle], fits, body), *_halved(chunks[middle:], fits, body)]


def _split(chunk: _Chunk, body: Body) -> list[_Chunk]:
    """A word in two, where the body writes it without any sign of Markdown."""
    half = len(chunk.text) // 2
    if half == 0 or not body.markdown.startswith(chunk.text[:half], chunk.start):
        return [chunk]
    return [_Chunk(chunk.text[:half], chunk.start), _Chunk(chunk.text[half:], chunk.start + half)]


def documents(corpus: Corpus) -> list[Document]:
    """What search knows of each page, sorted by id."""
    found = [
        Document(
            id=study.slug,
            kind="case-study",
            title=study.matter.title,
            summary=study.matter.summary,
            organisation=study.matter.organisation,
            url=f"/case-studies/{study.slug}/",
            focus_areas=study.matter.focus_areas,
            asked_as=study.matter.asked_as,
            evidence=_weight(study.matter),
        )
        for study in corpus.case_studies
    ]
    found += [
        Document(
            id=page.slug,
            kind="guidance",
            title=page.matter.title,
            summary=page.matter.summary,
            organisation=page.matter.source.publisher,
            url=f"/guidance/{page.slug}/",
            focus_areas=page.matter.focus_areas,
            asked_as=page.matter.asked_as,
        )
        for page in corpus.guidance
    ]
    found += [
        Document(
            id=duty.id,
            kind="duty",
            title=duty.label,
            summary=duty.law,
            organisation="The law",
            url="/law/",
            focus_areas=tuple(area.slug for area in corpus.focus_areas if duty.id in area.duties),
            asked_as=duty.asked_as,
        )
        for duty in corpus.duties
    ]
    found += [
        Document(
            id=change.id,
            kind="change",
            title=change.label,
            summary="What has changed since the guidance of July 2021.",
            organisation="What has changed",
            url="/changed-since/",
            focus_areas=tuple(dict.fromkeys(slug for page in corpus.guidance for slug in _areas_of(change, page))),
            asked_as=change.asked_as,
        )
        for change in corpus.changes
    ]
    found += [
        Document(
            id=seen.id,
            kind="also-seen",
            title=f"Also seen: {seen.source.publisher}",
            summary=seen.source.title,
            organisation=seen.source.publisher,
            url=f"/focus-areas/{seen.focus_area}/",
            focus_areas=(seen.focus_area,),
        )
        for seen in corpus.also_seen
    ]
    return sorted(found, key=lambda document: document.id)


def _weight(matter: CaseStudyMatter) -> Weight:
    """What a reader weighs a case study by, in today's words and in those of the endpoint's first version."""
    return Weight(
        result=matter.result,
        said_by=matter.said_by,
        kind=matter.result if matter.result in ("projection", "plan-only") else "reported-outcome",
        reported_by="self-reported" if matter.said_by == "council" else matter.said_by,
        outcome_date=matter.outcome_date,
        cost=matter.cost,
        later_reversed=matter.later_reversed,
        did_not_work=matter.did_not_work,
    )


def _areas_of(change: Change, page: GuidancePage) -> tuple[str, ...]:
    """The focus areas of a guidance page that a change overtakes."""
    return page.matter.focus_areas if change.id in page.matter.overtaken_by else ()


def passages(corpus: Corpus, count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """All passages of a corpus that search looks at, sorted by id.

    Args:
        corpus: The checked content.
        count_tokens: Word pieces of a text, without the model's own two marks.
        max_tokens: The most word pieces that the model reads, its two marks included.

    Returns:
        Passages whose embedded text, context included, the model reads whole.
    """
    found: list[Passage] = []
    for page in corpus.pages:
        for part in parts_of(page, corpus, count_tokens, max_tokens):
            if part.text and part.heading not in UNSEARCHED_SECTIONS:
                found.append(
                    Passage(
                        id=f"{page.slug}#{part.anchor}",
                        document=page.slug,
                        heading=part.heading or "Overview",
                        text=part.text,
                        context=_context(page, part.heading),
                    )
                )
    notes: list[Duty | Change] = [*corpus.duties, *corpus.changes]
    for note in notes:
        for part in parts_of_note(note, count_tokens, max_tokens):
            identity = f"{note.id}#{part.anchor}"
            found.append(Passage(id=identity, document=note.id, heading=note.label, text=part.text, context=note.label))
    for seen in corpus.also_seen:
        identity = f"{seen.id}#{seen.id}"
        found.append(
            Passage(id=identity, document=seen.id, heading="Also seen", text=seen.text, context=seen.source.publisher)
        )
    return sorted(found, key=lambda passage: passage.id)


def parts_of_note(note: Duty | Change, count_tokens: CountTokens, max_tokens: int) -> list[Part]:
    """The parts of a duty's or a change's text, with the anchors that they have on the page that lists them all."""
    parts = cut(read(note.text), count_tokens, max(max_tokens - 2 - count_tokens(note.label), 16))
    taken = set[str]()
    return [replace(part, heading=note.label, anchor=_free(note.id, taken)) for part in parts]


def parts_of(page: CaseStudy | GuidancePage, corpus: Corpus, count_tokens: CountTokens, max_tokens: int) -> list[Part]:
    """A page's parts, as both the passages and the site's anchors are made from."""
    body = read(page.body)
    headings = [block.words.plain for block in body.blocks if isinstance(block, Heading)]
    context = max(count_tokens(_context(page, heading)) for heading in ["", *headings])
    return cut(body, count_tokens, max(max_tokens - 2 - context, 16), lambda marker: _shown(marker, corpus))


def _context(page: CaseStudy | GuidancePage, heading: str) -> str:
    who = f" ({page.matter.organisation})" if isinstance(page, CaseStudy) else ""
    return f"{page.matter.title}{who}. {heading}".strip()


def _shown(marker: Marker, corpus: Corpus) -> str:
    """What the site shows in a marker's place."""
    if marker.name == "questions":
        return " ".join(question.text for question in corpus.focus_area(marker.id).questions)
    change = next(change for change in corpus.changes if change.id == marker.id)
    return f"Since then: {change.text}"
