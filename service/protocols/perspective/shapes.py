"""The requests of commentanalyzer v1alpha1. Fields we do not use and nulls are tolerated, as clients send both."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from data.decoding import whole_characters
from service.api.body import parse_json
from service.api.fields import few
from service.errors import InvalidJson, first_problem
from service.protocols.perspective.errors import CommentError, invalid_request

Shape = TypeVar("Shape", bound=BaseModel)
MAX_ATTRIBUTES = 50  # in one request; Perspective had some 45, and OSMod asks for 16
MAX_ENTRIES = 1_000  # of other lists, of which one entry or none is read

Text = Annotated[str, AfterValidator(whole_characters)]
Language = Annotated[str, Field(max_length=35)]  # BCP 47 promises that this is enough for a tag
Languages = Annotated[list[Language], few(50)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True)


class TextEntry(_Message):
    """A text; `HTML` is refused, as it was by Google."""

    text: Text | None = None
    type: Text | None = None


class ArticleAndParent(_Message):
    article: TextEntry | None = None
    parent_comment: TextEntry | None = None


class Context(_Message):
    """What the comment is about: the first entry, or the article."""

    entries: Annotated[list[TextEntry], few(MAX_ENTRIES)] | None = None
    article_and_parent_comment: ArticleAndParent | None = None


class AttributeParameters(_Message):
    score_type: Text | None = None
    score_threshold: float | None = None


class AnalyzeRequest(_Message):
    comment: TextEntry | None = None
    context: Context | None = None
    requested_attributes: Annotated[dict[Text, AttributeParameters | None], few(MAX_ATTRIBUTES)] | None = None
    span_annotations: bool | None = None
    languages: Languages | None = None
    do_not_store: bool | None = None
    client_token: Text | None = None
    session_id: Text | None = None
    community_id: Text | None = None


class Score(_Message):
    value: float | None = None
    type: Text | None = None


class SpanScore(_Message):
    begin: int | None = None
    end: int | None = None
    score: Score | None = None


class AttributeScores(_Message):
    summary_score: Score | None = None
    span_scores: Annotated[list[SpanScore], few(MAX_ENTRIES)] | None = None


class SuggestRequest(_Message):
    comment: TextEntry | None = None
    context: Context | None = None
    attribute_scores: Annotated[dict[Text, AttributeScores], few(MAX_ATTRIBUTES)] | None = None
    languages: Languages | None = None
    community_id: Text | None = None
    client_token: Text | None = None
    session_id: Text | None = None


class AnalyzeResponse(_Message):
    attribute_scores: dict[str, AttributeScores] = Field(default_factory=dict)
    languages: list[str]
    detected_languages: list[str]
    client_token: str | None = None


class SuggestResponse(_Message):
    detected_languages: list[str]
    requested_languages: list[str]
    client_token: str | None = None


def read_message(body: bytes, shape: type[Shape]) -> Shape:
    """Check a body; one that is a JSON string of JSON, as axios 0.21.2 sends it, is unpacked first."""
    try:
        value = parse_json(body or b"{}")
        if isinstance(value, str):
            value = parse_json(value.encode("utf-8", "replace"))
        return shape.model_validate(value)
    except InvalidJson:
        raise invalid_request("Invalid JSON payload received. The body is not valid JSON.") from None
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise CommentError("INVALID_REQUEST", f"Invalid value at {first_problem(problem)}") from None
