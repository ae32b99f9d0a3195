"""`comments:suggestscore`: what moderators decided elsewhere becomes feedback, the labels of a later training run."""

from __future__ import annotations

from math import isfinite
from typing import Any

from data.language import detect
from service.api.state import Service
from service.protocols.perspective.analyze import context_text, plain_text
from service.protocols.perspective.attributes import source_of
from service.protocols.perspective.errors import invalid_request
from service.protocols.perspective.shapes import MAX_ATTRIBUTES, AttributeScores, SuggestRequest

MAX_NAME = 2_000  # characters of what a client calls its community, its session and the comment
MAX_CONTEXT = 20_000  # characters; more than twice what the model reads of an article


def suggest_score(service: Service, message: SuggestRequest) -> dict[str, Any]:
    """Keep every suggested score and answer in Google's shape. Blocks on the database."""
    text = plain_text(message.comment, service.settings.max_text_chars)
    labels = _labels(message, service.settings.perspective_profile)
    context = _context(message)
    for attribute, value in labels.items():
        service.store.add_feedback("perspective", text, attribute, value, context)
    language = detect(text)
    response: dict[str, Any] = {
        "detectedLanguages": [language] if language else [],
        "requestedLanguages": list(message.languages or []),
    }
    if message.client_token is not None:
        response["clientToken"] = message.client_token
    return response


def _labels(message: SuggestRequest, profile: str) -> dict[str, float]:
    """Return our attribute -> value; a stand-in's judgement is kept under its own name, as it is not ours."""
    suggested = message.attribute_scores or {}
    if not suggested:
        raise invalid_request(f"Give 1 to {MAX_ATTRIBUTES} attribute_scores.")
    labels = {}
    for name, scores in suggested.items():
        modelled, known = source_of(name, ""), source_of(name, profile)
        if known is None:
            raise invalid_request(f"Unknown requested attribute: {name[:100]}")
        value = _value(name, scores)
        if modelled is None:
            labels[name.partition("@")[0].lower()] = value
        else:
            labels[modelled.attribute] = 1 - value if modelled.inverted else value
    return labels


def _value(name: str, scores: AttributeScores) -> float:
    summary = scores.summary_score
    if summary is not None and summary.type not in (None, "", "PROBABILITY", "SCORE_TYPE_UNSPECIFIED"):
        raise invalid_request(f"Requested score type {summary.type[:100]} is not supported by attribute {name[:100]}")
    if summary is None or summary.value is None or not isfinite(summary.value) or not 0 <= summary.value <= 1:
        raise invalid_request(f"The summary_score of attribute {name[:100]} needs a value from 0 to 1.")
    return summary.value


def _context(message: SuggestRequest) -> dict[str, Any]:
    """What the client says of where the comment was, without what it left out."""
    names = {
        "community_id": message.community_id,
        "client_token": message.client_token,
        "session_id": message.session_id,
    }
    given: dict[str, Any] = {name: value[:MAX_NAME] for name, value in names.items() if value}
    about = {"languages": message.languages, "context": (context_text(message.context) or "")[:MAX_CONTEXT]}
    return given | {name: value for name, value in about.items() if value}
