"""Delivery: the command line, the HTTP service, the moderators' desk and the archive runner."""
