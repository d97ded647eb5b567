"""Related case studies: nearest by meaning, and in what two case studies differ, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from indexer.content.corpus import Corpus
from indexer.content.records import CaseStudy
from indexer.paper.wording import RESULTS
from indexer.retrieval.records import Passage

RELATED = 3


def related(corpus: Corpus, passages: Sequence[Passage], embeddings: npt.NDArray[np.float32]) -> dict[str, tuple[str, ...]]:
    """Up to three nearest case studies of each, nearest first.

    Args:
        corpus: The content.
        passages: All passages.
        embeddings: Row i embeds passage i, shape (passages, dimension).

    Returns:
        Slugs by slug. A case study stands at the mean of its passages' embeddings, scaled to length 1; the nearness of
        two is the cosine; ties go by slug.
    """
    slugs = [study.slug for study in corpus.case_studies]
    rows = {slug: [row for row, passage in enumerate(passages) if passage.document == slug] for slug in slugs}
    if not slugs:
        return {}
    means = np.stack([embeddings[rows[slug]].mean(axis=0) for slug in slugs])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    nearness = np.round(means @ means.T, 6)
    found: dict[str, tuple[str, ...]] = {}
    for place, slug in enumerate(slugs):
        others = sorted((-float(nearness[place, other]), slugs[other]) for other in range(len(slugs)) if other != place)
        found[slug] = tuple(other for _, other in others[:RELATED])
    return found


def difference(study: CaseStudy, other: CaseStudy) -> str:
    """In what `other` differs from `study`: council, main focus area and what came of it."""
    here, there = study.matter, other.matter
    shared = set(here.focus_areas) & set(there.focus_areas)
    words = [
        "same council" if here.organisation == there.organisation else "another council",
        "same main focus area"
        if here.focus_areas[0] == there.focus_areas[0]
        else ("shares a focus area" if shared else "another focus area"),
        f"result: {RESULTS[there.result][0].lower()}",
    ]
    return ", ".join(words)
