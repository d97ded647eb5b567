"""Serves the Casebook: reads what was built, answers problems over HTTP, in a terminal or to assistants, and writes nothing.

May enter, of indexer, no more than retrieval, artefact (the loader) and paper.
"""
