"""A case study to take away: in plain words, as Markdown, CSV and Word. May enter content."""
