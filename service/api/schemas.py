"""The shapes of the project's own interface: what comes in is checked here, what goes out is documented here."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from data.records import Article, Comment, Kind, Status
from model.scores import ATTRIBUTES
from service.api.fields import FEW_COMMENTS, Address, CommentId, ShortText, few

AttributeName = Literal[
    "toxicity", "severe_toxicity", "identity_attack", "insult", "profanity", "threat", "sarcasm", "relevance"
]


class _Body(BaseModel):
    """Unknown fields are refused, so that a misspelt option does not pass silently."""

    model_config = ConfigDict(extra="forbid")


class ArticleIn(_Body):
    """What the comments are about; `relevance` is given when there is a title or a text."""

    url: Address | None = None
    title: ShortText | None = None
    text: str | None = Field(default=None, description="The body; paragraphs apart by blank lines.")

    def record(self) -> Article | None:
        """Return the article, or None when nothing of it is known that a scorer could use."""
        return article_record(title=self.title, paragraphs=paragraphs_of(self.text), url=self.url)


class CommentIn(_Body):
    """One comment as published."""

    id: CommentId | None = Field(default=None, description="Given back with the scores; its position when absent.")
    text: str
    author: ShortText | None = None
    published: ShortText | None = None
    parent_id: CommentId | None = None

    def record(self, position: int) -> Comment:
        """Return the comment; without an id its position names it."""
        return Comment(
            id=str(position if self.id is None else self.id),
            text=self.text,
            author=self.author,
            published=self.published,
            parent_id=None if self.parent_id is None else str(self.parent_id),
        )


class ScoreRequest(_Body):
    """Comments to score, about one article or none."""

    article: ArticleIn | None = None
    comments: Annotated[list[CommentIn], FEW_COMMENTS]
    attributes: Annotated[list[AttributeName], few(100)] | None = Field(
        default=None, description="Only these; all eight when absent."
    )
    spans: bool = Field(default=False, description="Also say where in the text: code points, end exclusive.")


class SpanOut(BaseModel):
    start: int
    end: int
    attribute: str
    score: float


class ReasonOut(BaseModel):
    """A threshold that a score crossed; `language` or `empty`, without numbers, where nothing could be scored."""

    attribute: str
    score: float | None
    threshold: float | None


class ResultOut(BaseModel):
    id: str | int
    language: str | None = Field(description="ISO 639-1; null when the text is too short to say.")
    scores: dict[str, float | None] = Field(examples=[dict.fromkeys(ATTRIBUTES, 0.12)])
    spans: list[SpanOut] | None = None
    recommendation: Literal["publish", "review"]
    reasons: list[ReasonOut]


class ScoreResponse(BaseModel):
    model_version: str
    results: list[ResultOut]


class ParseRequest(_Body):
    """A page or a text as a JSON body; one of `html` and `text`."""

    html: str | None = None
    text: str | None = None
    url: Address | None = None
    format: ShortText | None = Field(default=None, description="Forces a format, as `belowline parse --format` does.")


class DiscussionComment(CommentIn):
    """A comment of a discussion; `status` `deleted` takes it out of the queue, for which its `id` is enough."""

    model_config = ConfigDict(extra="ignore")  # the parser's own fields: XPath, votes ...

    text: str = ""
    depth: int = Field(default=0, ge=0, le=10_000)
    status: Status | None = None

    @model_validator(mode="after")
    def _says_something(self) -> DiscussionComment:
        if "text" not in self.model_fields_set and (self.status is not Status.DELETED or self.id is None):
            raise PydanticCustomError("no_text", "needs its text, or its id where it is deleted")
        return self


class DiscussionArticle(ArticleIn):
    """The article of a discussion."""

    byline: ShortText | None = None
    published: ShortText | None = None
    language: ShortText | None = None
    paragraphs: list[str] | None = None


class DiscussionRequest(DiscussionArticle):
    """A page to parse (`html` or `text` with `url`), or a discussion as `/v1/parse` gives it or with an `article`."""

    model_config = ConfigDict(extra="ignore")  # a discussion object may be sent back as it was received

    site: ShortText | None = Field(default=None, description="Whose comments these are; by default the URL's host.")
    section: ShortText | None = None
    kind: Kind = Field(default=Kind.ARTICLE, description="Of a thread the first post is the article.")
    html: str | None = None
    format: ShortText | None = None
    article: DiscussionArticle | None = None
    comments: Annotated[list[DiscussionComment], FEW_COMMENTS] | None = None
    complete: bool = Field(default=False, description="These are all: other stored comments are deleted.")


class DiscussionResponse(BaseModel):
    """What storing changed, in numbers of comments; sent again, everything is `unchanged`."""

    site: str
    article: str = Field(description="What identifies the article within the site: its URL, or a digest.")
    new: int
    edited: int
    unchanged: int
    deleted: int
    queued: int = Field(description="New or edited comments that now wait for a moderator.")
    model_version: str


class ModelOut(BaseModel):
    version: str
    attributes: list[str]
    manifest: dict[str, Any]


class ErrorOut(BaseModel):
    """Every error of this interface."""

    error: str = Field(examples=["TooManyComments"])
    detail: str = Field(examples=["A request may hold 1000 comments at most."])


def host_of(url: str | None) -> str | None:
    """Return the host that an address names, or None."""
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def paragraphs_of(text: str | None) -> tuple[str, ...]:
    """Cut a text at its blank lines."""
    return tuple(part.strip() for part in (text or "").replace("\r\n", "\n").split("\n\n") if part.strip())


def article_record(*, title: str | None, paragraphs: tuple[str, ...], url: str | None = None) -> Article | None:
    """Return an article with a title or a text, or None."""
    if not (title or "").strip() and not paragraphs:
        return None
    return Article(title=title, paragraphs=paragraphs, url=url)
