"""Google's Perspective API, commentanalyzer v1alpha1: analyze, suggestscore, discovery and batch.

The schemas follow the public discovery document; what real clients need beyond them is said where it is done.
"""
