"""The server's command line: `python -m search_api serve | search`."""

from __future__ import annotations

import argparse
import logging
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.text import Text

from indexer.artefact import load_artefact
from indexer.errors import CasebookError
from indexer.records import Weight
from search_api.answer import MAX_QUERY_CHARACTERS, Answer, Hit, SearchRequest
from search_api.app import POLICY_FILE, create_app
from search_api.search import Searcher, UnknownFocusAreaError

LOG_LEVELS = ("debug", "info", "warning", "error")


class UsageError(CasebookError):
    """What was asked for on the command line cannot be done; the message says what can."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0 well, 1 refused, 3 nothing found, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except CasebookError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m search_api", description="Serves the Casebook, or searches it here.")
    commands = parser.add_subparsers(required=True, metavar="command")
    serve = commands.add_parser("serve", help="serve the site and the search endpoint")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=int, default=8000, help="the port to listen on (default: %(default)s)")
    serve.add_argument("--site", type=Path, default=Path("build/site"), help="the built site (default: %(default)s)")
    serve.add_argument("--log-level", choices=LOG_LEVELS, default="info", help="how much to log (default: %(default)s)")
    serve.set_defaults(run=_serve)
    search = commands.add_parser("search", help="answer a problem in the terminal")
    search.add_argument("problem", nargs="+", help="the problem, in your own words")
    search.add_argument("--limit", type=int, default=5, help="the most hits, 1 to 50 (default: %(default)s)")
    search.add_argument("--focus-area", action="append", default=[], help="only this focus area; may repeat")
    search.add_argument("--kind", choices=("case-study", "guidance"), help="only this kind of page")
    search.add_argument("--json", action="store_true", help="print the answer as the endpoint gives it")
    search.set_defaults(run=_search)
    for command in (serve, search):
        command.add_argument(
            "--artefact", type=Path, default=Path("build/artefact"), help="the built artefact (default: %(default)s)"
        )
    return parser


def _serve(options: argparse.Namespace) -> int:
    listener = _listen(options.host, options.port)
    with listener:
        searcher = Searcher.of(load_artefact(options.artefact))
        if not (options.site / POLICY_FILE).is_file():
            raise UsageError(f"There is no site in {options.site}. Run `python -m indexer build`.")
        logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(message)s")
        # access_log would write each address with its query; our own line leaves it out.
        config = uvicorn.Config(
            create_app(searcher, options.site),
            access_log=False,
            log_config=None,
            log_level=max(logging.INFO, logging.getLevelName(options.log_level.upper())),
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        shown_host = f"[{options.host}]" if ":" in options.host else options.host
        port = listener.getsockname()[1]
        print(f"The Casebook is at http://{shown_host}:{port} (Ctrl-C stops it).", flush=True)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything is loaded.

    Raises:
        UsageError: Where the port is taken or not allowed, or the host is not ours.
    """
    if not 0 <= port <= 65535:
        raise UsageError(f"There is no port {port}; ports run from 0 to 65535. Choose another: make serve PORT=8123.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"The host {host} is not known here ({error}). Use HOST=127.0.0.1 or HOST=0.0.0.0.") from error
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(256)
    except OSError as error:
        listener.close()
        cure = f"Stop what uses it, or choose another: make serve PORT={port + 1}."
        raise UsageError(f"Port {port} on {host} cannot be taken ({error.strerror}). {cure}") from error
    return listener


def _search(options: argparse.Namespace) -> int:
    problem = " ".join(options.problem).strip()
    if not problem:
        raise UsageError('Say what the problem is: make search q="over-reliance on independent placements".')
    if len(problem) > MAX_QUERY_CHARACTERS:
        raise UsageError(f"The problem has {len(problem):,} characters; at most {MAX_QUERY_CHARACTERS:,} are taken.")
    if not 1 <= options.limit <= 50:
        raise UsageError(f"The limit is {options.limit}; it runs from 1 to 50.")
    searcher = Searcher.of(load_artefact(options.artefact))
    try:
        answer = searcher.search(
            SearchRequest(q=problem, limit=options.limit, focus_area=options.focus_area, kind=options.kind)
        )
    except UnknownFocusAreaError as error:
        raise UsageError(str(error)) from error
    if options.json:
        print(answer.model_dump_json(indent=2))
    else:
        _print_answer(answer, Console(highlight=False))
    return 0 if answer.answered else 3


def _print_answer(answer: Answer, console: Console) -> None:
    if not answer.answered:
        console.print("Nothing here covers that. Put it in other words, or browse the focus areas.")
        if answer.not_covered:
            console.print(f"This looks like {answer.not_covered}, which the Casebook does not cover.", markup=False)
        if answer.suggestion:
            console.print(f"The nearest focus area, which is no answer: {answer.suggestion.label}.", markup=False)
        return
    for number, hit in enumerate(answer.hits, 1):
        console.print(Text.assemble((f"{number}. {hit.title}", "bold"), f"  ({hit.organisation})"))
        console.print(_marked(hit), soft_wrap=False)
        if hit.evidence:
            console.print(f"   {_weighed(hit.evidence)}", markup=False)
        words = ", ".join(hit.why.terms) or "none"
        console.print(f"   {hit.url}", style="cyan", soft_wrap=True)
        console.print(f"   why: {hit.why.share}; shared words: {words}\n", style="dim")
    for area in answer.focus_areas[:1]:
        console.print(Text(f"Focus area: {area.label}. Questions to ask in your own area:", "bold"))
        for question in area.questions:
            console.print(f" - {question}", markup=False)
        console.print(Text("The law that limits ideas here:", "bold"))
        for duty in area.duties:
            console.print(f" - {duty.label}: {duty.text}", markup=False)


def _weighed(evidence: Weight) -> str:
    """A case study's evidence in a line of words."""
    marks = [evidence.kind.replace("-", " "), evidence.reported_by.replace("-", " ")]
    marks += ["later reversed"] * evidence.later_reversed + ["did not work as hoped"] * evidence.did_not_work
    return f"evidence: {', '.join(marks)}; outcome dated: {evidence.outcome_date}; cost: {evidence.cost}"


def _marked(hit: Hit) -> Text:
    text = Text(hit.passage.text)
    text.stylize("underline", *hit.passage.nearest)
    for start, end in hit.passage.highlights:
        text.stylize("bold yellow", start, end)
    text.truncate(400, overflow="ellipsis")
    return text


if __name__ == "__main__":
    sys.exit(main())
