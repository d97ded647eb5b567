"""All that serving needs, as files that know what they are: written, checked, loaded.

May enter content, model and retrieval.
"""
