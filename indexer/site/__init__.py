"""The static site: staged Markdown, the site builder, and what makes the result fit for any web server.

May enter content, retrieval (for the passages' anchors), paper, and artefact (for what site and server agree on).
"""
