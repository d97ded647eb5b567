"""How good search is, measured on judged problems. May enter model and retrieval."""
