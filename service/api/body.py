"""Reading bodies: JSON whatever the content type says (`curl -d` calls it a form), checked against a shape."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from service.errors import InvalidJson, InvalidRequest, first_problem

Shape = TypeVar("Shape", bound=BaseModel)


def read_json(body: bytes, shape: type[Shape]) -> Shape:
    """Check a JSON body against a shape; the sentences name the place, never the value."""
    try:
        return shape.model_validate(parse_json(body))
    except ValidationError as error:
        raise InvalidRequest(first_problem(error.errors(include_url=False, include_input=False)[0])) from None


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON body; `InvalidJson` also for nesting too deep and bytes that are no text."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidJson("The body is not valid JSON.") from None


UNSAID = ("", "application/x-www-form-urlencoded")  # what curl's -d says of any body


def is_json(request: Request, body: bytes) -> bool:
    """Whether the body says of itself that it is JSON, or says nothing and begins like an object."""
    kind = request.headers.get("content-type", "").lower()
    return "json" in kind or (kind.partition(";")[0].strip() in UNSAID and body.lstrip()[:1] == b"{")


def documented(shape: type[BaseModel], *others: str) -> dict[str, Any]:
    """Return `openapi_extra` for a route that reads its body itself: JSON of a shape, and other types as they are."""
    content: dict[str, Any] = {"application/json": {"schema": inlined_schema(shape)}}
    content.update({kind: {"schema": {"type": "string"}} for kind in others})
    return {"requestBody": {"required": True, "content": content}}


def inlined_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a shape with every reference replaced by what it names."""
    schema = shape.model_json_schema()
    inlined: dict[str, Any] = _inline(schema, schema.pop("$defs", {}))
    return inlined


def _inline(schema: Any, known: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inline(one, known) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(known[schema["$ref"].rpartition("/")[2]], known)
    return {name: _inline(value, known) for name, value in schema.items()}
