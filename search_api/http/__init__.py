"""Over HTTP: endpoints, errors, the guard, turns, counts, the site's files, and the server itself.

May enter the rest of search_api, and artefact for what site and server agree on.
"""
