"""Scoring under load: a bounded, fair queue in front of the scorer's threads, and a cache of scores."""
