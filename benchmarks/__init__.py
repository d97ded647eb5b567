"""Measurements, one file a question. Each prints its table; results that decide something stand in docs/ with their date."""
