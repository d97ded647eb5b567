"""Search over plain values: passages, rows of embeddings, BM25, fusion, ranking. Serving, measuring and the page share it.

May enter content (whose words it cuts) and model (whose embeddings it compares).
"""
