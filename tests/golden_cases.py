"""The golden cases: requests and answers over a small hand-made Casebook, which pytest and `node --test` both read.

python -m tests.golden_cases      writes tests/golden/cases.json anew, after a change that is meant to change answers
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indexer.artefact.page_index import page_data
from indexer.content.lists import SearchDuty, Term, Topic
from indexer.model.encoder import Embeddings
from indexer.retrieval.layout import pages_of, texts_to_embed
from indexer.retrieval.names import Name
from indexer.retrieval.probability import Calibration, Features
from indexer.retrieval.ranking import Ranker
from indexer.retrieval.records import SearchFocusArea
from indexer.retrieval.vector_index import VectorIndex, dequantise, quantise
from search_api.answer import SearchRequest
from search_api.search import Searcher
from tests.conftest import ROOT
from tests.doubles import CountingEncoder
from tests.small_casebook import Page, manifest

CASES = ROOT / "tests" / "golden" / "cases.json"
DUTY = SearchDuty(label="A duty", law="An Act", url="https://www.legislation.gov.uk/", text="What it asks.")
AREAS = tuple(
    SearchFocusArea(slug=slug, label=slug.capitalize(), definition=words, questions=(f"What of {slug}?",), duties=(DUTY,))
    for slug, words in (("one", "Schools and money."), ("two", "Plans for a parent."), ("three", "Money."))
)
PAGES = (
    Page("ashby", ("School after school is full. No plan was made! The money went.", "A parent said “no.” School is far.")),
    Page(
        "bronte", ("Money, money, money: £2 million went to one school.",), ("three", "one"), asked_as=("where did it go",)
    ),
    Page(
        "cope",
        ("Headteachers’ plans for SEMH and the parent’s plan. 2 plans. Behaviour, too.",),
        ("two",),
        "guidance",
        ("plan plan", "parent"),
    ),
    Page(
        "dale",
        ("Équipe 😀 of the school; the caf\u00e9 plan.",),
        ("two", "one"),
        asked_as=("school plan", "money plan", "school"),
    ),
    Page("eden", ("School after school is full. No plan was made! The money went.",), ("one",)),
)
TOPICS = (
    Topic(id="bins", label="bins", said_as=("parent money parent", "my bin")),
    Topic(id="roads", label="roads", said_as=("pothole",)),
)
GLOSSARY = (
    Term(abbreviation="SEMH", expansion="social, emotional and mental health", also=("behaviour",)),
    Term(abbreviation="EP", expansion="school psychologist", also=()),
)
NAMES = (
    Name(label="Ashby", kind="council", forms=("ashby", "abc"), pages=("ashby", "eden"), url="/browse/councils/#ashby"),
    Name(label="Nowhere and Elsewhere", kind="council", forms=("nowhere and elsewhere", "n and e"), pages=(), url=""),
    Name(label="Reading", kind="council", forms=("reading",), pages=("dale",), url="/browse/councils/#reading"),
    Name(label="South West", kind="region", forms=("south west",), pages=("bronte", "cope"), url="/browse/regions/"),
    Name(label="Case study 7", kind="guidance-case-study", forms=(), pages=("bronte",), url=""),
    Name(label="Ofsted", kind="source", forms=("ofsted",), pages=("eden", "bronte"), url=""),
    Name(label="2019", kind="year", forms=("2019",), pages=("eden",), url=""),
)
LONG = (
    "The school is full and the plan is late. Help.\nA parent has no money! Why?\n\n"
    + "Every school wants another plan for every child. " * 9
)
REQUESTS: tuple[dict[str, Any], ...] = (
    {"q": "school plan"},
    {"q": "schools"},
    {"q": "money", "limit": 2},
    {"q": "plan", "kind": "guidance"},
    {"q": "plan", "focus_area": ["one", "three"]},
    {"q": "SEMH"},
    {"q": "social, emotional and mental health plan"},
    {"q": "EP ep school psychologist"},
    {"q": "an EP"},
    {"q": "SEMH plan for a parent"},
    {"q": "potholes"},
    {"q": "parent parent money"},
    {"q": "😀 caf\u00e9 École plan \u05e9\u05dc\u05d5\u05dd"},
    {"q": "the of and"},
    {"q": "<b>school</b> & \"plan\""},
    {"q": LONG, "limit": 5},
    {"q": "😀 school plan. " * 40},
    {"q": "Ashby"},
    {"q": "what has Ashby council done"},
    {"q": "Ashby school money"},
    {"q": "Nowhere & Elsewhere"},
    {"q": "nowhere and elsewhere schools"},
    {"q": "ashby, and nothing about potholes"},
    {"q": "Reading"},
    {"q": "reading and plans"},
    {"q": "a school in Reading and Ashby"},
    {"q": "case study 7"},
    {"q": "Case study no. 13 money"},
    {"q": "South West"},
    {"q": "Ofsted 2019"},
    {"q": "shcool plna"},
    {"q": "shcool plna", "as_typed": True},
    {"q": "parnets and moneey of École"},
    {"q": "Plam of shool"},
    {"q": "S.E.M.H. plan\u00ad, the co\u2011parent's \u201cmoney\u201d"},
    {"q": "coparent with £1.5 million"},
    {"q": "SEMHs"},
)  # fmt: skip


class RecordingEncoder:
    """Counts words, and remembers each text's embedding in `embeddings`."""

    def __init__(self) -> None:
        self.embeddings: dict[str, list[float]] = {}
        self.words = CountingEncoder.words

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """As `CountingEncoder` does."""
        rows = CountingEncoder().encode(texts)
        self.embeddings.update({text: row.tolist() for text, row in zip(texts, rows, strict=True)})
        return rows


def made() -> dict[str, Any]:
    """All of cases.json: what the page's engine is given, and the requests with the answers that the server gives."""
    documents = [page.document for page in PAGES]
    passages = sorted((passage for page in PAGES for passage in page.passages), key=lambda passage: passage.id)
    searched = pages_of(documents, passages)
    codes = quantise(CountingEncoder().encode(texts_to_embed(searched, TOPICS, AREAS)))
    calibration = Calibration(intercept=-0.85, weights=Features(0.5, 0.5, 0.25, 0.25, 0.25, -0.5))
    encoder = RecordingEncoder()
    given: dict[str, Any] = {"documents": documents, "passages": passages, "focus_areas": AREAS, "topics": TOPICS}
    searcher = Searcher(
        manifest=manifest(len(PAGES), len(passages)),
        ranker=Ranker(searched, VectorIndex.build(dequantise(codes)), encoder, TOPICS, GLOSSARY, NAMES),
        documents=documents,
        passages=passages,
        focus_areas=AREAS,
        floor=0.5,
        calibration=calibration,
    )
    answers = [
        searcher.search(SearchRequest(**{"focus_area": [], **request})).model_dump(mode="json") for request in REQUESTS
    ]
    for answer in answers:
        del answer["took_ms"]
    identity = {"format": 1, "model": "counting", "corpus": "hand-made"}
    return {
        "data": page_data(identity=identity, glossary=GLOSSARY, names=NAMES, floor=0.5, calibration=calibration, **given),
        "codes": codes.tolist(),
        "embeddings": encoder.embeddings,
        "words": sorted(encoder.words),
        "requests": list(REQUESTS),
        "answers": answers,
    }


def main() -> None:
    """Writes the file."""
    Path(CASES).write_text(json.dumps(made(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
