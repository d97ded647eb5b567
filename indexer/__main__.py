"""The builder's command line: `python -m indexer check | build | schema`."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from indexer.artefact import current_version
from indexer.build import build_artefact
from indexer.corpus import load_corpus
from indexer.encoder import TokenCounter, read_info
from indexer.errors import CasebookError
from indexer.records import CaseStudyMatter, Corpus
from indexer.sentence_model import DEFAULT_MODEL, SentenceModel
from indexer.site import build_site, stage


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0 well, 1 refused, 130 interrupted."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        options.run(options, console)
    except CasebookError as error:
        console.print(str(error), style="bold red", markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. What was built before is still whole.")
        return 130
    except OSError as error:
        console.print(_os_error(error), style="bold red", markup=False, highlight=False)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m indexer", description="Checks and builds the Casebook.")
    parser.add_argument("--root", type=Path, default=Path(), help="the project's folder (default: this one)")
    commands = parser.add_subparsers(required=True, metavar="command")
    check = commands.add_parser("check", help="check the content and list every fault")
    check.set_defaults(run=_check)
    build = commands.add_parser("build", help="check the content; build the embeddings, the index and the site")
    build.add_argument("--out", type=Path, default=Path("build"), help="where to build (default: build)")
    build.add_argument(
        "--model",
        default=os.environ.get("CASEBOOK_MODEL", DEFAULT_MODEL),
        help=f"a Sentence Transformers model's name or folder (default: CASEBOOK_MODEL, else {DEFAULT_MODEL})",
    )
    build.set_defaults(run=_build)
    schema = commands.add_parser("schema", help="write casestudies/schema.json, which helps editors")
    schema.set_defaults(run=_schema)
    return parser


def _check(options: argparse.Namespace, console: Console) -> None:
    console.print(_counts(load_corpus(options.root)))


def _counts(corpus: Corpus) -> str:
    studies, pages = len(corpus.case_studies), len(corpus.guidance)
    return f"The content is clean: {studies} case studies, {pages} guidance pages, {len(corpus.focus_areas)} focus areas."


def _build(options: argparse.Namespace, console: Console) -> None:
    out: Path = options.root / options.out
    corpus = load_corpus(options.root)
    console.print(_counts(corpus))
    model = SentenceModel(options.model)
    with _Steps(console) as steps:
        report = build_artefact(corpus, model, out / "artefact", out / "cache", steps)
        encoder = current_version(out / "artefact")
        stage(corpus, options.root / "docs", out / "docs", TokenCounter(encoder), read_info(encoder).max_tokens)
        done = steps.step("Building the site")
        built = build_site(options.root, out / "docs", out / "site")
        done()
    console.print(
        f"{report.manifest.passages} passages: {report.embedded} embedded now, {report.reused} as before. "
        f"The site was {'built' if built else 'in step already'}."
    )


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
