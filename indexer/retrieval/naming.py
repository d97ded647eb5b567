"""Which names a corpus has, how people write them, and the pages that each leads to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from indexer.content.corpus import Corpus
from indexer.content.lists import Council
from indexer.content.reading import slugify
from indexer.retrieval.names import Name, NameKind, plain_form


def names_of(corpus: Corpus) -> list[Name]:
    """The names of a corpus: every council, held here or not, and what the pages themselves name."""
    studies = corpus.case_studies
    groups: dict[tuple[NameKind, str], tuple[list[str], list[str], str]] = {}

    def add(kind: NameKind, label: str, forms: Iterable[str], page: str | None, url: str = "") -> None:
        known = groups.setdefault((kind, label), ([], [], url))
        known[0].extend(forms)
        known[1].extend([page] if page else [])

    for council in corpus.councils.councils:
        add("council", council.name, _forms(council), None, f"/browse/councils/#{slugify(council.name)}")
    for study in studies:
        for council in corpus.councils_of(study):
            add("council", council.name, (), study.slug)
            add("region", council.region, (council.region,), study.slug, f"/browse/regions/#{slugify(council.region)}")
        if number := study.matter.guidance_case_study:
            add("guidance-case-study", f"Case study {number}", (), study.slug)
        for publisher in dict.fromkeys(source.publisher.partition(" (")[0] for source in study.matter.sources):
            bodies = [term for term in corpus.glossary if term.expansion in publisher or term.abbreviation == publisher]
            for term in bodies:
                add("source", term.abbreviation, (term.abbreviation, term.expansion, *term.also), study.slug)
            if not bodies:
                add("source", publisher, (publisher,), study.slug)
        for year in dict.fromkeys(re.findall(r"\b(?:19|20)\d\d\b", f"{study.matter.period} {study.matter.outcome_date}")):
            add("year", year, (year,), study.slug)
    for seen in corpus.also_seen:
        for council in corpus.councils.councils:
            if any(re.search(rf"\b{re.escape(name)}\b", seen.text) for name in (council.name, *council.also_called)):
                add("council", council.name, (), seen.id)
    named = [set(map(plain_form, forms)) for (kind, _), (forms, _, _) in groups.items() if kind == "council"]
    clashes = Counter(form for forms in named for form in forms)
    made = []
    for (kind, label), (forms, pages, url) in groups.items():
        plain = dict.fromkeys(map(plain_form, forms))
        if kind == "council":
            kept = [form for form in plain if clashes[form] == 1 or form == plain_form(label)]
        else:
            kept = [form for form in plain if form not in clashes and not form.endswith(" council")]
        if kept or kind == "guidance-case-study":
            its = tuple(dict.fromkeys(pages))
            made.append(Name(label=label, kind=kind, forms=tuple(kept), pages=its, url=url if its else ""))
    return made


def _forms(council: Council) -> list[str]:
    """How people write a council: its names, and the initials that officers use where no other council has them."""
    words = [word for word in re.findall(r"[A-Za-z]+", council.name) if word[0].isupper()]
    initials = "".join(word[0] for word in words)
    made = [council.name, *council.also_called]
    made += [f"{initials}CC"] if council.kind == "county" else []
    made += [f"LB{initials}"] if council.kind == "london" else []
    made += [f"{initials[0]}&{initials[1]}"] if len(initials) == 2 and " and " in council.name else []
    return made
