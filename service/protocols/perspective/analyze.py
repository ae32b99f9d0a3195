"""`comments:analyze`: what was asked, which comments that takes to score, and the answer in Google's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from data.records import Article, Comment
from model.scores import CommentScores
from service.api.schemas import paragraphs_of
from service.protocols.perspective.attributes import Source, source_of
from service.protocols.perspective.errors import CommentError, invalid_request, language_not_supported
from service.protocols.perspective.sentences import sentences, utf16_length
from service.protocols.perspective.shapes import AnalyzeRequest, AttributeParameters, Context, TextEntry
from service.settings import Settings

MAX_BYTES = 20_480  # Google's "20 KB"
TOO_LONG = "Comment text too long."  # word for word Google's
PROBABILITY = "PROBABILITY"
READ_LANGUAGES = frozenset({"en"})  # what the models read
DECIMALS = 7


@dataclass(frozen=True, slots=True)
class Wanted:
    """One attribute under the name that it was asked by."""

    name: str
    source: Source
    threshold: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """A request that can be answered; `spans` are code point ranges, whose texts are scored like comments."""

    text: str
    article: Article | None
    wanted: tuple[Wanted, ...]
    spans: tuple[tuple[int, int], ...]
    languages: tuple[str, ...]
    client_token: str | None
    any_language: bool

    @property
    def comments(self) -> list[Comment]:
        """The whole text, then each span that is not the whole."""
        parts = self.spans if len(self.spans) > 1 else ()
        return [
            Comment("0", self.text),
            *(Comment(str(at), self.text[start:end]) for at, (start, end) in enumerate(parts)),
        ]

    @property
    def size(self) -> int:
        """How many `comments` there are."""
        return 1 + len(self.spans) if len(self.spans) > 1 else 1


def understand(request: AnalyzeRequest, settings: Settings) -> Analysis:
    """Check a request in the order in which Google did; raise `CommentError` with its words."""
    text = plain_text(request.comment, settings.max_text_chars)
    wanted = _wanted(request.requested_attributes or {}, settings.perspective_profile)
    languages = tuple(request.languages or ())
    read = any(language.partition("-")[0].lower() in READ_LANGUAGES for language in languages)
    if languages and not read and not settings.any_language:
        raise language_not_supported(wanted[0].name, detected=[], requested=list(languages))
    return Analysis(
        text=text,
        article=_article(request.context),
        wanted=wanted,
        spans=tuple(sentences(text)) if request.span_annotations else ((0, len(text)),),
        languages=languages,
        client_token=request.client_token,
        any_language=settings.any_language or read,  # who says "en" for all its readers, as Coral does, wants an answer
    )


def plain_text(entry: TextEntry | None, max_chars: int) -> str:
    """Return the text of a comment; empty and HTML ones, and those over Google's limit or ours, are refused."""
    if entry is None or not (entry.text or "").strip():
        raise CommentError("COMMENT_EMPTY", "Comment must be non-empty.")
    if entry.type == "HTML":
        raise invalid_request("Currently, only 'PLAIN_TEXT' comments are supported")
    if entry.type not in (None, "", "PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED"):
        raise invalid_request("Unknown text type")
    text = entry.text or ""
    if len(text) * 4 > MAX_BYTES and len(text.encode()) > MAX_BYTES:
        raise CommentError("COMMENT_TOO_LONG", TOO_LONG)
    if len(text) > max_chars:
        raise CommentError("COMMENT_TOO_LONG", f"{TOO_LONG} A comment may have {max_chars} characters at most here.")
    return text


def answer(analysis: Analysis, scored: Sequence[CommentScores]) -> dict[str, Any]:
    """Return the response to a request from the scores of its `comments`."""
    whole = scored[0]
    _check_scored(analysis, whole)
    detected = [whole.language] if whole.language else []
    response: dict[str, Any] = {
        "attributeScores": _attribute_scores(analysis, whole, scored[1:] or [whole]),
        "languages": list(analysis.languages) or detected or ["en"],
        "detectedLanguages": detected,
    }
    if analysis.client_token is not None:
        response["clientToken"] = analysis.client_token
    return response


def _check_scored(analysis: Analysis, whole: CommentScores) -> None:
    if whole.reason == "language":
        detected = [whole.language] if whole.language else []
        requested = list(analysis.languages)
        raise language_not_supported(analysis.wanted[0].name, detected=detected, requested=requested)
    if whole.reason is not None:
        raise CommentError("COMMENT_EMPTY", "Comment must be non-empty.")


def _attribute_scores(analysis: Analysis, whole: CommentScores, parts: Sequence[CommentScores]) -> dict[str, Any]:
    """Summary and spans for each attribute, without those below their threshold and off-topic without an article."""
    places = [(utf16_length(analysis.text[:start]), utf16_length(analysis.text[:end])) for start, end in analysis.spans]
    scores = {}
    for wanted in analysis.wanted:
        summary = wanted.source.value(whole)
        if summary is None or summary < wanted.threshold:
            continue
        values = [wanted.source.value(part) for part in parts]
        scores[wanted.name] = {
            "summaryScore": _score(summary),
            "spanScores": [
                {"begin": begin, "end": end, "score": _score(summary if value is None else value)}
                for (begin, end), value in zip(places, values, strict=True)
            ],
        }
    return scores


def _score(value: float) -> dict[str, Any]:
    return {"value": round(value, DECIMALS), "type": PROBABILITY}


def _wanted(asked: Mapping[str, AttributeParameters | None], profile: str) -> tuple[Wanted, ...]:
    if not asked:
        raise CommentError("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
    return tuple(_one_wanted(name, parameters or AttributeParameters(), profile) for name, parameters in asked.items())


def _one_wanted(name: str, parameters: AttributeParameters, profile: str) -> Wanted:
    source = source_of(name, profile)
    if source is None:
        raise invalid_request(f"Unknown requested attribute: {name[:100]}")
    if parameters.score_type not in (None, "", PROBABILITY, "SCORE_TYPE_UNSPECIFIED"):
        kind = str(parameters.score_type)[:100]
        raise invalid_request(f"Requested score type {kind} is not supported by attribute {name[:100]}")
    threshold = parameters.score_threshold or 0.0
    if not isfinite(threshold):
        raise invalid_request(f"The score threshold of attribute {name[:100]} is not a number from 0 to 1.")
    return Wanted(name, source, threshold)


def _article(context: Context | None) -> Article | None:
    text = context_text(context)
    return Article(paragraphs=paragraphs_of(text)) if (text or "").strip() else None


def context_text(context: Context | None) -> str | None:
    """Return what a comment is about: the first entry, or the article beside a parent comment; both are refused."""
    if context is None:
        return None
    pair = context.article_and_parent_comment
    if context.entries and pair is not None:
        raise invalid_request(
            "Context can have either entries or article_and_parent_comment, but both fields were populated."
        )
    entry = context.entries[0] if context.entries else pair.article if pair else None
    return entry.text if entry else None
