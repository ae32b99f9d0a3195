"""Kinds of fields that requests are made of, with their limits; what the interfaces share of checking them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, StrictInt, StrictStr
from pydantic_core import CoreSchema, PydanticCustomError

from data.decoding import whole_characters
from service.errors import TooManyComments

MOST_COMMENTS = 10_000  # that the settings may allow; more are not even looked at
MAX_ID = 500  # characters; comment engines use numbers, UUIDs and URLs
MAX_SHORT = 2_000


@dataclass(frozen=True, slots=True)
class OneOf:
    """Says what a value of several kinds may be, where pydantic would name its own parts for each kind."""

    said: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: Any = handler(source)
        schema.update(custom_error_type="one_of", custom_error_message=self.said)
        checked: CoreSchema = schema
        return checked


def _at_most(limit: int) -> AfterValidator:
    """A length limit that, unlike pydantic's own, lets half a character pass: published texts hold them."""

    def check(text: str) -> str:
        if len(text) > limit:
            raise PydanticCustomError("too_long", "may have {limit} characters at most", {"limit": limit})
        return text

    return AfterValidator(check)


def few(most: int) -> BeforeValidator:
    """A limit of entries that is looked at before the entries are."""

    def check(value: object) -> object:
        if isinstance(value, list | dict) and len(value) > most:
            raise PydanticCustomError("too_many", "may have {most} entries at most", {"most": most})
        return value

    return BeforeValidator(check)


def _few_comments(value: object) -> object:
    if isinstance(value, list) and len(value) > MOST_COMMENTS:
        raise TooManyComments(f"A request may hold {MOST_COMMENTS} comments at most.")
    return value


FEW_COMMENTS = BeforeValidator(_few_comments)


def _some(text: str) -> str:
    if not text:
        raise PydanticCustomError("empty", "may not be empty")
    return text


def storable(text: str) -> str:
    """Names, dates and addresses without NULs and halves of characters, which databases do not take."""
    return whole_characters(text).replace("\0", "\ufffd")


def _address(url: str) -> str:
    try:
        urlsplit(url)
    except ValueError:
        raise PydanticCustomError("url", "is not an address") from None
    return url


ShortText = Annotated[
    str, _at_most(MAX_SHORT), AfterValidator(storable), Field(json_schema_extra={"maxLength": MAX_SHORT})
]
Address = Annotated[ShortText, AfterValidator(_address)]
_LENGTH = Field(json_schema_extra={"minLength": 1, "maxLength": MAX_ID})
IdText = Annotated[StrictStr, AfterValidator(_some), _at_most(MAX_ID), _LENGTH]
CommentId = Annotated[IdText | StrictInt, OneOf(f"should be a text of 1 to {MAX_ID} characters, or a whole number")]
