"""The order of the case studies on each reader's start page: found by searching for the problems that the reader brings."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.content.lists import Reader
from indexer.retrieval.ranking import Ranker


def order_for(reader: Reader, case_studies: Sequence[str], ranker: Ranker) -> list[str]:
    """All case studies, those first that stand highest for the reader's problems.

    Args:
        reader: Whose problems are searched for.
        case_studies: The slugs of all case studies.
        ranker: Over a collection that holds them.

    Returns:
        The slugs by the sum of their reciprocal ranks over the problems, larger first; ties by slug.
    """
    summed = dict.fromkeys(sorted(case_studies), 0.0)
    embeddings = ranker.embed(reader.problems)
    for problem, embedding in zip(reader.problems, embeddings, strict=True):
        pages = [ranker.pages[page].id for page in ranker.rank(embedding, problem).order()]
        for rank, slug in enumerate((slug for slug in pages if slug in summed), 1):
            summed[slug] += 1 / rank
    return sorted(summed, key=lambda slug: -round(summed[slug], 9))
