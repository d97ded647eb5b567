"""Case studies as documents: any of them by POST, and each beside its page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from search_api.http.errors import SEARCH_ERRORS, responses
from search_api.http.guard import client_of
from search_api.http.queue import WorkQueue
from search_api.papers import MEDIA_TYPES, Form, PapersRequest, UnknownPaperError, composed, read_papers
from search_api.serving import Serving


@dataclass(frozen=True)
class QueuedPapers:
    """Makes documents of the site's case studies, each request in its turn in the queue."""

    serving: Serving
    queue: WorkQueue

    async def response(self, papers: PapersRequest, name: str, request: Request) -> Response:
        """The document, to be saved as `name` with its form's ending."""
        root, sites = str(request.base_url), self.serving.taken(request.scope).sites

        def compose() -> bytes:
            return composed(read_papers(sites, papers.ids), papers.format, root, date.today())

        headers = {"Content-Disposition": f'attachment; filename="{name}.{papers.format}"'}
        document = await self.queue.run(client_of(request.scope), compose)
        return Response(document, media_type=MEDIA_TYPES[papers.format], headers=headers)


def add_paper_endpoints(app: FastAPI, documents: QueuedPapers) -> None:
    """Adds /api/papers, and an address for each form of each case study."""

    @app.post(
        "/api/papers",
        response_class=Response,
        responses={
            200: {"content": {kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values()}},
            **SEARCH_ERRORS,
            **responses(404),
        },
        summary="Take case studies away as one document",
        tags=["papers"],
    )
    async def papers_by_post(papers: PapersRequest, request: Request) -> Response:
        """With citations, sources, the address and the licence. Nothing is kept of what was asked for."""
        return await documents.response(papers, f"casebook-{date.today()}", request)

    for form in MEDIA_TYPES:
        path = f"/case-studies/{{slug}}/{{name}}.{form}"
        app.get(path, include_in_schema=False)(_document_of_one(documents, form))


def _document_of_one(documents: QueuedPapers, form: Form) -> Callable[[str, str, Request], Awaitable[Response]]:
    """An endpoint for one case study in one form; its file is named after it, as in `slug/slug.docx`."""

    async def document(slug: str, name: str, request: Request) -> Response:
        try:
            if slug != name:
                raise HTTPException(404)
            return await documents.response(PapersRequest(ids=[slug], format=form), slug, request)
        except (UnknownPaperError, ValidationError) as error:
            raise HTTPException(404) from error

    return document
