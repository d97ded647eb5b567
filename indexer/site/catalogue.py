"""The whole library to take away: one CSV, one JSON, one Atom feed. Same content, same bytes."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import date
from typing import Any
from xml.etree import ElementTree

from indexer.content.corpus import Corpus
from indexer.content.records import CaseStudy
from indexer.paper.wording import LICENCE, told

FIELDS = {
    "slug": "the case study's name in its address",
    "address": "its page, from the site's root",
    "title": "its title",
    "summary": "one sentence, without figures",
    "organisation": "the council",
    "councils": "the councils whose story it is, as councils.yml names them; in the CSV parted by semicolons",
    "region": "the English region, or regions parted by semicolons",
    "kinds": "the kind of each of its councils: county, unitary, metropolitan or london; in the CSV parted by semicolons",
    "plans": "children and young people with plans in all of its councils, at the date that the site gives; null where none",
    "focus_areas": "slugs of its focus areas, the main one first; in the CSV parted by semicolons",
    "themes": "ids of its themes; in the CSV parted by semicolons",
    "guidance_case_study": "the number of the Department's case study on the same theme; never the same text",
    "period": "when it was done, and whether before or after the guidance of July 2021",
    "result": "what came of it: improved, mixed, no-change, got-worse, did-not-last, too-early, projection, plan-only, "
    "not-known",
    "said_by": "who says so: council, independent or press",
    "evidence_kind": "of result, in the words of the first version: reported-outcome, projection or plan-only",
    "reported_by": "of said_by, in the words of the first version: self-reported, independent or press",
    "outcome_date": 'the date of the outcome, or "not stated"',
    "cost": 'what it cost, or "not stated"',
    "later_reversed": "true where a reported result did not last",
    "did_not_work": "true where what was aimed at stayed as it was or got worse",
    "figures": "what was measured: label, before, after, unit, dates, kind, series, source; in the CSV as JSON",
    "sources": "addresses of the sources; in the CSV parted by spaces",
    "published": "the day on which it was first published here",
    "checked": "the day on which it was last checked",
    "review_due": "the day by which it is to be checked again",
    "licence": "the licence line",
}
_ATOM = "http://www.w3.org/2005/Atom"


def as_record(study: CaseStudy, corpus: Corpus) -> dict[str, Any]:
    """A case study with the fields of `FIELDS`, in that order."""
    matter = study.matter
    data = matter.model_dump(mode="json")
    councils = corpus.councils_of(study)
    return {
        "slug": study.slug,
        "address": f"/case-studies/{study.slug}/",
        **{name: data[name] for name in ("title", "summary", "organisation")},
        "councils": [council.name for council in councils],
        "region": "; ".join(corpus.regions_of(study)),
        "kinds": [council.kind for council in councils],
        "plans": sum(council.plans for council in councils) if councils else None,
        **{name: data[name] for name in ("focus_areas", "themes")},
        "guidance_case_study": matter.guidance_case_study,
        "period": matter.period,
        "result": matter.result,
        "said_by": matter.said_by,
        "evidence_kind": matter.result if matter.result in ("projection", "plan-only") else "reported-outcome",
        "reported_by": "self-reported" if matter.said_by == "council" else matter.said_by,
        **{name: data[name] for name in ("outcome_date", "cost")},
        "later_reversed": matter.later_reversed,
        "did_not_work": matter.did_not_work,
        "figures": data["figures"],
        "sources": [str(source.url) for source in matter.sources],
        **{name: data[name] for name in ("published", "checked", "review_due")},
        "licence": LICENCE,
    }


def as_json(corpus: Corpus) -> str:
    """The library as one JSON object: licence, fields, case_studies."""
    records = [as_record(study, corpus) for study in corpus.case_studies]
    return json.dumps({"licence": LICENCE, "fields": FIELDS, "case_studies": records}, indent=1, ensure_ascii=False) + "\n"


def as_csv(corpus: Corpus) -> str:
    """The library as CSV with a header, in Excel's dialect."""
    output = io.StringIO(newline="")
    writer = csv.DictWriter(output, list(FIELDS))
    writer.writeheader()
    for study in corpus.case_studies:
        record = as_record(study, corpus)
        for name in ("focus_areas", "themes", "councils", "kinds"):
            record[name] = ";".join(record[name])
        record["sources"] = " ".join(record["sources"])
        record["figures"] = json.dumps(record["figures"], ensure_ascii=False)
        writer.writerow(record)
    return output.getvalue()


def as_feed(corpus: Corpus, address: str = "") -> str:
    """An Atom feed (RFC 4287) of the case studies, last checked first; without the site's address, links are relative."""
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    _add(feed, "title", "High Needs Casebook: new and changed case studies")
    _add(feed, "id", _urn("feed"))
    _add(feed, "updated", _stamp(max((study.matter.checked for study in corpus.case_studies), default=date(2021, 7, 19))))
    _add(feed, "rights", LICENCE)
    author = ElementTree.SubElement(feed, f"{{{_ATOM}}}author")
    _add(author, "name", "High Needs Casebook")
    ElementTree.SubElement(feed, f"{{{_ATOM}}}link", rel="self", href=f"{address}feed.xml")
    for study in sorted(corpus.case_studies, key=lambda study: (-study.matter.checked.toordinal(), study.slug)):
        entry = ElementTree.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(entry, "title", f"{study.matter.title} ({study.matter.organisation})")
        _add(entry, "id", _urn(study.slug))
        ElementTree.SubElement(entry, f"{{{_ATOM}}}link", href=f"{address}case-studies/{study.slug}/")
        _add(entry, "published", _stamp(study.matter.published))
        _add(entry, "updated", _stamp(study.matter.checked))
        _add(entry, "summary", study.matter.summary)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(feed, encoding="unicode") + "\n"


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}").text = text


def _urn(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"high-needs-casebook/{name}").urn


def _stamp(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def as_llms(corpus: Corpus) -> str:
    """What is here, for programs that read for people (llms.txt): a Markdown list of the pages, their addresses relative."""
    lines = [
        "# High Needs Casebook",
        "",
        "> Real, sourced examples of what councils in England did about problems in their high needs systems, and the "
        "Department for Education's guidance of July 2021 restated. An independent restatement with no official status.",
        "",
        "Quote a figure only with its source and its caveats, which stand on its page; most outcomes were reported by the "
        f"councils themselves. It is not legal advice. {LICENCE}",
        "",
        "## Focus areas",
        "",
        *(f"- [{area.label}](focus-areas/{area.slug}/): {area.definition}" for area in corpus.focus_areas),
        "",
        "## Guidance, restated",
        "",
        *(f"- [{page.matter.title}](guidance/{page.slug}/): {page.matter.summary}" for page in corpus.guidance),
        "",
        "## Case studies",
        "",
        *(
            f"- [{study.matter.title}](case-studies/{study.slug}/): {study.matter.summary} "
            f"({study.matter.organisation}; {told(study.matter.result, study.matter.said_by)})"
            for study in corpus.case_studies
        ),
        "",
        "## For programs",
        "",
        "- [All case studies as JSON](catalogue.json), with figures and sources",
        "- [The search endpoint](api/): where the server runs, POST a problem to /api/search",
    ]
    return "\n".join(lines) + "\n"
