"""`GET /docs`: the interface in one page of our own, from the OpenAPI document; it loads nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

router = APIRouter()
TEMPLATES = Path(__file__).parent / "templates"
METHODS = ("get", "post", "put", "patch", "delete")


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The routes with their shapes and errors."""
    document = request.app.openapi()
    style = (TEMPLATES / "docs.css").read_text(encoding="utf-8")
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    page = environment.get_template("docs.html").render(
        title=document["info"]["title"],
        version=document["info"]["version"],
        description=document["info"].get("description", ""),
        sections=_sections(document),
        style=style,
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": _policy(style)})


def _policy(style: str) -> str:
    """Nothing may load or run but this one style sheet, known by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"


def _sections(document: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Routes by their first tag, in the order of the document."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                section = (operation.get("tags") or ["other"])[0]
                sections.setdefault(section, []).append(_operation(document, path, method, operation))
    return list(sections.items())


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", "").split("`"),  # every second piece is code
        "parameters": [(one["name"], one["in"], one.get("description", "")) for one in operation.get("parameters", [])],
        "request": _shape(document, content.get("application/json", {}).get("schema")),
        "also": [kind for kind in content if kind != "application/json"],
        "responses": [(status, answer["description"]) for status, answer in operation.get("responses", {}).items()],
        "answer": _shape(document, _answer_schema(operation)),
    }


def _answer_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    answer = operation.get("responses", {}).get("200", {})
    schema: dict[str, Any] | None = answer.get("content", {}).get("application/json", {}).get("schema")
    return schema


def _shape(document: dict[str, Any], schema: dict[str, Any] | None) -> str:
    """A schema as indented JSON in which every value is the name of its type."""
    if not schema:
        return ""
    return json.dumps(_outline(document, schema, 0), indent=2, ensure_ascii=False)


def _outline(document: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"].get(name, {})
    if options := schema.get("anyOf"):
        kinds = [_outline(document, option, depth) for option in options if option.get("type") != "null"]
        plain = all(isinstance(kind, str) for kind in kinds)
        return " | ".join(dict.fromkeys(kinds)) if plain and kinds else (kinds[0] if kinds else "null")
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return [_outline(document, schema.get("items", {}), depth + 1)]
    if properties := schema.get("properties"):
        return {name: _outline(document, one, depth + 1) for name, one in properties.items()} if depth < 6 else "object"
    return str(schema.get("type", "any"))
