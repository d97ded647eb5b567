"""Builds the Casebook: checks the content, embeds its passages, writes the artefact and the site's pages."""
