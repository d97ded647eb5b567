"""The server's command line: `python -m search_api serve | search`."""

from __future__ import annotations

import argparse
import json
import re
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from indexer.artefact.versions import load_current
from indexer.errors import CasebookError, UsageError
from indexer.retrieval.records import Kind
from search_api.answer import MAX_QUERY_CHARACTERS, SearchRequest
from search_api.search import Searcher, UnknownFocusAreaError
from search_api.serving import Serving
from search_api.settings import PREFIX, Settings, read_settings

LOG_LEVELS = get_args(Settings.model_fields["log_level"].annotation)
ANY_ADDRESS = ("0.0.0.0", "::")


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
    served = commands.add_parser(
        "serve",
        help="serve the site and the search endpoint",
        epilog=f"Each of these, and all other settings, can be set in the environment ({PREFIX}PORT and so on): "
        "docs/operations.md.",
    )
    served.add_argument("--host", help=_help("host"))
    served.add_argument("--port", type=int, help=_help("port"))
    served.add_argument("--build", type=Path, help=_help("build"))
    served.add_argument("--log-level", choices=LOG_LEVELS, help=_help("log_level"))
    served.set_defaults(run=_serve)
    search = commands.add_parser("search", help="answer a problem in the terminal")
    search.add_argument("problem", nargs="+", help="the problem, in your own words")
    search.add_argument("--limit", type=int, default=5, help="the most hits, 1 to 50 (default: %(default)s)")
    search.add_argument("--focus-area", action="append", default=[], help="only this focus area; may repeat")
    search.add_argument("--kind", choices=get_args(Kind), help="only this kind of page")
    search.add_argument("--json", action="store_true", help="print the answer as the endpoint gives it")
    search.set_defaults(run=_search)
    power = commands.add_parser("connector", help="print the definition of a custom connector for Power Automate")
    power.add_argument("name", help="the name by which the server is reached, as in casebook.council.example")
    power.set_defaults(run=_connector)
    for command in (search, power):
        default = Settings.model_fields["build"].default
        command.add_argument("--build", type=Path, default=default, help=_help("build"))
    return parser


def _help(setting: str) -> str:
    field = Settings.model_fields[setting]
    return f"{field.description} (default: {field.default})"


def _serve(options: argparse.Namespace) -> int:
    given = {name: getattr(options, name) for name in ("host", "port", "build", "log_level")}
    settings = read_settings(**given)
    with listen(settings.host, settings.port) as listener:
        from search_api.http.app import create_app
        from search_api.http.server import serve, start_logging

        serving = Serving.open(settings.build)
        start_logging(settings.log_level)
        app = create_app(serving, settings)
        print(f"The Casebook is at {address_of(listener, settings.host)} (Ctrl-C stops it).", flush=True)
        if settings.host in ANY_ADDRESS and not settings.hosts:
            print(f"Other machines are refused until {PREFIX}HOSTS holds the name by which they ask for it.", flush=True)
        serve(app, listener, settings)
    return 0


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything is loaded.

    Raises:
        UsageError: Where the port is taken, or the host is not ours.
    """
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


def address_of(listener: socket.socket, host: str) -> str:
    """Where a listening socket is reached: http://127.0.0.1:8000, http://[::1]:8000."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def _search(options: argparse.Namespace) -> int:
    problem = " ".join(options.problem).strip()
    if not problem:
        raise UsageError('Say what the problem is: make search q="over-reliance on independent placements".')
    if len(problem) > MAX_QUERY_CHARACTERS:
        raise UsageError(f"The problem has {len(problem):,} characters; at most {MAX_QUERY_CHARACTERS:,} are taken.")
    if not 1 <= options.limit <= 50:
        raise UsageError(f"The limit is {options.limit}; it runs from 1 to 50.")
    searcher = Searcher.from_artefact(load_current(options.build))
    try:
        answer = searcher.search(
            SearchRequest(q=problem, limit=options.limit, focus_area=options.focus_area, kind=options.kind)
        )
    except UnknownFocusAreaError as error:
        raise UsageError(str(error)) from error
    if options.json:
        print(answer.model_dump_json(indent=2))
    else:
        from search_api.terminal import print_answer

        print_answer(answer)
    return 0 if answer.answered else 3


def _connector(options: argparse.Namespace) -> int:
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", options.name):
        raise UsageError(f"{options.name!r} is no host's name. Write it without https:// and without a path.")
    from search_api.connector import connector
    from search_api.http.app import create_app
    from search_api.http.openapi import openapi_document

    searcher = Searcher.from_artefact(load_current(options.build))
    described = openapi_document(create_app(Serving(searcher)), searcher)
    print(json.dumps(connector(described, options.name), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
