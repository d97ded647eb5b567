"""The Casebook for a council's own assistant: search, read and list, by the Model Context Protocol.

`python -m search_api.mcp` speaks over standard input and output; with --http it serves /mcp (streamable HTTP).
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field, ValidationError

from indexer.artefact.site_contract import site_address
from indexer.errors import CasebookError, message_of
from indexer.paper.forms import NOTICE, as_markdown
from indexer.paper.wording import LICENCE
from indexer.retrieval.records import SearchFocusArea
from search_api.__main__ import address_of, listen
from search_api.answer import MAX_QUERY_CHARACTERS, Answer, SearchRequest
from search_api.http.guard import Guard
from search_api.http.metrics import Metrics
from search_api.http.queue import BusyError, WorkQueue
from search_api.http.server import serve, start_logging
from search_api.papers import PapersRequest, UnknownPaperError, read_papers
from search_api.search import UnknownFocusAreaError
from search_api.serving import NOTHING_ALLOWED, Serving
from search_api.settings import PREFIX, read_settings

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

INSTRUCTIONS = (
    "The High Needs Casebook holds real, sourced examples of what councils in England did about problems in their high "
    "needs (SEND) systems, and the Department for Education's guidance of July 2021, restated. Search with the problem, "
    "not with the name of a solution. Quote a figure only with its source and its caveats, and say where a result was "
    "later reversed, is a projection or was self-reported. Where nothing covers the problem, say so. Never send anything "
    f"about a child who could be recognised. {NOTICE}{LICENCE}"
)


class CaseStudyText(BaseModel):
    """A case study whole."""

    markdown: str = Field(description="Its text in Markdown, with figures, sources as footnotes, caveats, law and citation.")


def mcp_server(serving: Serving, queue: WorkQueue, address: str = "") -> MCPServer:
    """The server with its three tools.

    Args:
        serving: Opened with a site, from which case studies are read.
        queue: Where searches wait for their turn.
        address: The site's address with the slash at its end, for citations; "" where it is not known.
    """
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.types import ToolAnnotations

    # Its lines could hold what was asked for.
    logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)
    server = MCPServer("High Needs Casebook", instructions=INSTRUCTIONS, website_url=address or None, log_level="CRITICAL")
    only_reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    places = f"Addresses in it start at {address or 'the root of the Casebook'}."

    @server.tool(description=f"Find examples for a problem in a high needs system. {places}", annotations=only_reads)
    async def search_casebook(
        problem: Annotated[
            str, Field(description="The problem, in a few words or a page.", max_length=MAX_QUERY_CHARACTERS)
        ],
        limit: Annotated[int, Field(description="The most pages to return.", ge=1, le=20)] = 5,
        focus_areas: Annotated[list[str] | None, Field(description="Only these focus areas, by slug.")] = None,
    ) -> Answer:
        def find() -> Answer:
            serving.look()
            return serving.now.searcher.search(SearchRequest(q=problem, limit=limit, focus_area=focus_areas or []))

        try:
            return await queue.run("mcp", find)
        except ValidationError as error:
            raise ToolError(f"The problem {message_of(error.errors()[0])}.") from None
        except UnknownFocusAreaError as error:
            raise ToolError(f"There is no such focus area. There are: {', '.join(error.allowed)}.") from None
        except BusyError as error:
            raise ToolError(f"Too much is being asked just now. Ask again in {error.retry_after_s} seconds.") from None

    @server.tool(description="Read a case study whole, to quote and cite it.", annotations=only_reads)
    async def read_case_study(
        slug: Annotated[str, Field(description="Its id, as search_casebook gives it.")],
    ) -> CaseStudyText:
        try:
            papers = read_papers(serving.now.sites, PapersRequest(ids=[slug], format="md").ids)
        except (UnknownPaperError, ValidationError):
            raise ToolError("There is no such case study. Take the id from a result of search_casebook.") from None
        return CaseStudyText(markdown=as_markdown(papers, address))

    @server.tool(description="List the guidance's focus areas, their questions and the law.", annotations=only_reads)
    async def list_focus_areas() -> list[SearchFocusArea]:
        return list(serving.now.searcher.focus_areas)

    return server


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until its input ends or it is stopped; the exit code: 0 well, 1 refused, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m search_api.mcp",
        description="Serves the Casebook to assistants (Model Context Protocol).",
        epilog=f"The settings of the server hold here too ({PREFIX}HOSTS and so on): docs/operations.md.",
    )
    parser.add_argument("--http", action="store_true", help="serve /mcp over HTTP, not standard input and output")
    parser.add_argument("--host", help="the address to listen on, with --http")
    parser.add_argument("--port", type=int, help="the port to listen on, with --http")
    parser.add_argument("--build", type=Path, help="the folder of builds, or one version's folder")
    parser.add_argument("--address", default="", help="where readers find the site, for citations")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except CasebookError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    given = {name: getattr(options, name) for name in ("host", "port", "build")}
    settings = read_settings(**given)
    start_logging(settings.log_level)
    queue = WorkQueue(settings.workers, settings.queue, settings.queue_wait_s)
    address = site_address(options.address)
    if not options.http:
        mcp_server(Serving.open(settings.build), queue, address).run()
        return 0
    from mcp.server.transport_security import TransportSecuritySettings

    with listen(settings.host, settings.port) as listener:
        serving = Serving.open(settings.build)
        app = mcp_server(serving, queue, address).streamable_http_app(
            json_response=True,
            stateless_http=True,
            # The guard checks the host, by our own settings.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        print(f"The Casebook's tools are at {address_of(listener, settings.host)}/mcp.", flush=True)
        metrics = Metrics(lambda: queue.waiting, lambda: serving.refused is not None)
        serve(Guard(app, settings, metrics, lambda _: NOTHING_ALLOWED), listener, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
