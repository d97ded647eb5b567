"""What a built site and whoever serves it agree on: the policy's file, the site's address, the search description."""

from __future__ import annotations

import re
from html import escape

from indexer.errors import UsageError

POLICY_FILE = "content-security-policy.txt"
OPENSEARCH = "application/opensearchdescription+xml"
_ADDRESS = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")


def site_address(text: str) -> str:
    """The site's address as somebody gave it, with a slash at its end; "" for "".

    Raises:
        UsageError: Where it is no web address.
    """
    if text and not _ADDRESS.fullmatch(text):
        raise UsageError(f"The address {text!r} is no web address. Write it whole: https://casebook.council.example/.")
    return f"{text.rstrip('/')}/" if text else ""


def opensearch(address: str) -> str:
    """How a browser searches here (OpenSearch 1.1); the problem stands after the #, so no server sees it in an address.

    Args:
        address: The site's, with a slash at its end.
    """
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        "<ShortName>High Needs Casebook</ShortName>\n"
        "<Description>What councils did about a problem in a high needs system</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" template="{escape(address)}search/#q={{searchTerms}}"/>\n'
        "</OpenSearchDescription>\n"
    )


def with_search_link(page: str, root: str) -> str:
    """A page that names the description, once; `root` leads from it to the site's root."""
    if 'rel="search"' in page:
        return page
    link = f'<link rel="search" type="{OPENSEARCH}" title="High Needs Casebook" href="{root}opensearch.xml">'
    return page.replace("</head>", f"{link}\n</head>", 1)
