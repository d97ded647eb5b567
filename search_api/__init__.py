"""Serves the Casebook: reads the artefact, answers problems over HTTP or in a terminal, and writes nothing."""
