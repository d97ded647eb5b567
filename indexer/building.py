"""A whole build, in its order: artefact, papers and site as one version, checked, and then published in one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from indexer.artefact import versions
from indexer.artefact.build import BuildModel, PageModel, Progress, Report, build_artefact, build_page_index
from indexer.artefact.store import Artefact, load_artefact
from indexer.artefact.versions import Version
from indexer.content.corpus import Corpus
from indexer.errors import ModelError
from indexer.model.encoder import TokenCounter, read_info
from indexer.paper.files import write_papers
from indexer.site.builder import build_site, site_stamp
from indexer.site.check import PAGE_INDEX, check_site
from indexer.site.related import related
from indexer.site.staging import stage
from indexer.site.start_pages import order_for


class Model(BuildModel, PageModel, Protocol):
    """What a whole build asks of a model; `indexer.model.sentence_model.SentenceModel` is the real one."""


@dataclass(frozen=True)
class Built:
    """What a build did.

    Attributes:
        report: Of the artefact.
        version: What is current now.
        is_new: Whether its site was built now; it was not where nothing had changed.
        not_in_page: Why the page cannot search by itself; "" where it can.
    """

    report: Report
    version: Version
    is_new: bool
    not_in_page: str


def build(
    root: Path, corpus: Corpus, model: Model, out: Path, *, address: str = "", today: date, progress: Progress
) -> Built:
    """Makes a version of everything and publishes it; until then, and whatever fails, the old one stays in use.

    Args:
        root: The project's folder.
        corpus: Its checked content.
        model: The model to embed with.
        out: The folder of builds.
        address: The site's address with a slash at its end; "" where it is not known.
        today: The day by which a review counts as overdue.
        progress: Told of each long step.

    Raises:
        CasebookError: Naming what cannot be built, or that another build is running.
    """
    with versions.building(out) as made:
        report = build_artefact(corpus, model, made / "artefact", out / "cache", progress)
        artefact = load_artefact(made / "artefact")
        _stage(root, corpus, report, artefact, made / "artefact", out / "docs", address, today)
        done = progress.step("Writing the case studies as papers")
        write_papers(corpus, out / "papers", address)
        done()
        not_in_page = _write_page_index(out, artefact, made / "artefact", model, progress)
        stamp = site_stamp(root, out / "docs", out / "papers", address)
        if kept := versions.alike(out, made, stamp):
            versions.make_current(out, kept)
            return Built(report, kept, False, not_in_page)
        done = progress.step("Building the site")
        build_site(root, out / "docs", made / "site", out / "papers", address, versions.whole_site(out))
        check_site(made / "site", artefact, address)
        done()
        return Built(report, versions.publish(out, made, stamp), True, not_in_page)


def _stage(
    root: Path, corpus: Corpus, report: Report, artefact: Artefact, encoder: Path, staged: Path, address: str, today: date
) -> None:
    ranker, slugs = artefact.ranker(), [study.slug for study in corpus.case_studies]
    stage(
        corpus,
        related(corpus, report.passages, report.embeddings),
        root / "docs",
        staged,
        count_tokens=TokenCounter(encoder),
        max_tokens=read_info(encoder).max_tokens,
        today=today,
        orders={reader.slug: order_for(reader, slugs, ranker) for reader in corpus.readers},
        address=address,
    )


def _write_page_index(out: Path, artefact: Artefact, encoder: Path, model: Model, progress: Progress) -> str:
    try:
        build_page_index(out / "docs" / PAGE_INDEX, artefact, encoder, model, out / "cache", progress)
    except ModelError as error:
        return str(error)
    return ""
