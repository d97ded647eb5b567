"""The builder's command line: `python -m indexer check | new | build | rollback | evaluate | calibrate | adapt | schema`."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from indexer.adapting import adapt
from indexer.artefact.site_contract import site_address
from indexer.artefact.store import load_artefact
from indexer.artefact.versions import Version, go_back, load_current, open_version
from indexer.building import build
from indexer.content.corpus import Corpus, overdue
from indexer.content.loading import load_corpus
from indexer.content.new import new_case_study
from indexer.content.records import CaseStudyMatter
from indexer.errors import CasebookError, CollectionError, OverdueError
from indexer.evaluation.calibration import report_of_calibration
from indexer.evaluation.judged import read_judgements, read_pages, read_queries
from indexer.evaluation.report import report_of_casebook, report_of_collection, write_between
from indexer.evaluation.systems import ranker_over
from indexer.model.adapter import CASEBOOK_ADAPTER
from indexer.model.encoder import TokenCounter
from indexer.model.sentence_model import DEFAULT_MODEL, chosen_model


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0 well, 1 refused, 130 interrupted."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        options.run(options, console)
    except CasebookError as error:
        console.quiet = False
        console.print(str(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. What was built before is still whole.")
        return 130
    except OSError as error:
        console.quiet = False
        console.print(_os_error(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m indexer", description="Checks and builds the Casebook.")
    parser.add_argument("--root", type=Path, default=Path(), help="the project's folder (default: this one)")
    commands = parser.add_subparsers(required=True, metavar="command")
    check = commands.add_parser("check", help="check the content and list every fault")
    check.add_argument("--overdue", action="store_true", help="name the case studies overdue for review; exit code 1")
    check.set_defaults(run=_check)
    new = commands.add_parser("new", help="make a draft case study to fill in")
    new.add_argument("title", help="its title, without figures")
    new.set_defaults(run=_new)
    built = commands.add_parser("build", help="check the content; build the embeddings, the index and the site")
    built.add_argument("--out", type=Path, default=Path("build"), help="where to build (default: build)")
    built.add_argument(
        "--model",
        default=os.environ.get("CASEBOOK_MODEL", DEFAULT_MODEL),
        help=f"a Sentence Transformers model's name or folder (default: CASEBOOK_MODEL, else {DEFAULT_MODEL})",
    )
    built.add_argument(
        "--adapter",
        default=os.environ.get("CASEBOOK_ADAPTER", ""),
        help="an adapter's folder, or \"none\" (default: CASEBOOK_ADAPTER, else the Casebook's own for the default model)",
    )
    built.add_argument(
        "--address",
        default=os.environ.get("CASEBOOK_ADDRESS", ""),
        help="where the site will stand, to be written into what readers take away (default: CASEBOOK_ADDRESS, else unsaid)",
    )
    built.add_argument("--quiet", action="store_true", help="say nothing where all goes well")
    built.set_defaults(run=_build)
    back = commands.add_parser("rollback", help="serve the version before again; once more, the newest")
    back.add_argument("--out", type=Path, default=Path("build"), help="where was built (default: build)")
    back.set_defaults(run=_roll_back)
    measured = commands.add_parser(
        "evaluate", help="measure search on judged problems: the Casebook's own or any collection's"
    )
    measured.add_argument("--corpus", type=Path, help="JSON Lines (_id, title, text) or a folder of Markdown files")
    measured.add_argument("--queries", type=Path, help="JSON Lines (_id, text)")
    measured.add_argument("--qrels", type=Path, help="tab-separated: query-id, corpus-id, score")
    measured.add_argument("--out", type=Path, default=Path("build"), help="where was built (default: build)")
    measured.add_argument("--write", type=Path, help="a page whose numbers are to be replaced, between its two markers")
    measured.set_defaults(run=_evaluate)
    calibrate = commands.add_parser("calibrate", help="fit the probability that the best page answers, and print it")
    calibrate.add_argument("--out", type=Path, default=Path("build"), help="where was built (default: build)")
    calibrate.set_defaults(run=_calibrate)
    adapted = commands.add_parser("adapt", help="train the model's adapter on training/; takes some 20 minutes")
    adapted.add_argument("--out", type=Path, default=Path("build"), help="where was built (default: build)")
    adapted.add_argument(
        "--to", type=Path, default=CASEBOOK_ADAPTER, help="the folder to write (default: the Casebook's own)"
    )
    adapted.set_defaults(run=_adapt)
    schema = commands.add_parser("schema", help="write casestudies/schema.json, which helps editors")
    schema.set_defaults(run=_schema)
    return parser


def _check(options: argparse.Namespace, console: Console) -> None:
    corpus = load_corpus(options.root)
    console.print(_counts(corpus))
    if options.overdue:
        late = overdue(corpus, date.today())
        if late:
            lines = [f"  casestudies/{study.slug}.md: due on {study.matter.review_due}" for study in late]
            raise OverdueError(f"{len(late)} of them are overdue for review.\n" + "\n".join(lines))
        console.print("No review is overdue.")


def _new(options: argparse.Namespace, console: Console) -> None:
    path = new_case_study(options.root / "casestudies", options.title, date.today())
    console.print(f"Made {path}. Fill it in; set status to published when it is ready. casestudies/README.md has the rules.")


def _counts(corpus: Corpus) -> str:
    studies, pages = len(corpus.case_studies), len(corpus.guidance)
    return f"The content is clean: {studies} case studies, {pages} guidance pages, {len(corpus.focus_areas)} focus areas."


def _build(options: argparse.Namespace, console: Console) -> None:
    console.quiet = options.quiet
    out: Path = options.root / options.out
    address = site_address(options.address)
    corpus = load_corpus(options.root)
    console.print(_counts(corpus))
    model = chosen_model(options.model, options.adapter)
    with _Steps(console) as steps:
        built = build(options.root, corpus, model, out, address=address, today=date.today(), progress=steps)
    if built.not_in_page:
        console.print(f"{built.not_in_page} Without it the site can be searched only where search_api serves it.")
    report = built.report
    console.print(
        f"{report.manifest.passages} passages. Of all texts, {report.embedded} embedded now, {report.reused} as before. "
        f"The site was {'built' if built.is_new else 'in step already'}."
    )
    _say_current(built.version, console)


def _roll_back(options: argparse.Namespace, console: Console) -> None:
    _say_current(go_back(options.root / options.out), console)


def _say_current(version: Version, console: Console) -> None:
    console.print(f"Version {version.name} is in use; its site is in {version.site}.", soft_wrap=True)


def _evaluate(options: argparse.Namespace, console: Console) -> None:
    files = (options.corpus, options.queries, options.qrels)
    if any(files) and not all(files):
        raise CollectionError("A collection has three parts: give --corpus, --queries and --qrels, or none of them.")
    version = open_version(options.root / options.out)
    artefact = load_artefact(version.artefact)
    if options.corpus:
        counter, most = TokenCounter(version.artefact), artefact.encoder.info.max_tokens
        ranker = ranker_over(read_pages(options.corpus, counter, most), artefact.encoder)
        numbers = report_of_collection(ranker, read_queries(options.queries), read_judgements(options.qrels))
    else:
        numbers = report_of_casebook(artefact.ranker(), options.root / "tests" / "relevance")
    print(numbers)
    if options.write:
        write_between(options.write, "numbers", numbers)


def _calibrate(options: argparse.Namespace, console: Console) -> None:
    ranker = load_current(options.root / options.out).ranker()
    print(report_of_calibration(ranker, options.root / "tests" / "relevance", options.root / "training"))


def _adapt(options: argparse.Namespace, console: Console) -> None:
    card = adapt(options.root / "training", options.root / options.out, options.to, console.print)
    console.print(f"Wrote {options.to}, {card.weights_sha256[:12]}…. Build again, calibrate, and measure.")


def schema_text() -> str:
    """The JSON Schema of a case study's front matter, as casestudies/schema.json holds it."""
    return json.dumps(CaseStudyMatter.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _schema(options: argparse.Namespace, console: Console) -> None:
    path = options.root / "casestudies" / "schema.json"
    path.write_text(schema_text(), encoding="utf-8")
    console.print(f"Wrote {path}.")


class _Steps:
    """Shows each long step with its progress, on standard error."""

    def __init__(self, console: Console) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console)

    def __enter__(self) -> _Steps:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, name: str, total: int | None = None) -> Callable[[], None]:
        task = self._progress.add_task(name, total=total or 1)
        return lambda: self._progress.advance(task)


def _os_error(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"The disk is full{where}. Free some space and run the command again; what was built before is still whole."
    return f"{error.strerror or error}{where}. What was built before is still whole."


if __name__ == "__main__":
    sys.exit(main())
