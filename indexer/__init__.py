"""Builds the Casebook: content in; artefact, papers and site out. Each room says in its own file what it is for."""
