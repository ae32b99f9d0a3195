"""The discovery document: Google's own client libraries read it first, and build their methods from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from service.api.state import service_of
from service.errors import CompactJson, NotFound
from service.protocols.perspective.attributes import MODELLED
from service.protocols.perspective.routes import GOOGLE_ERRORS

router = APIRouter(tags=["Perspective"])
NAME, VERSION = "commentanalyzer", "v1alpha1"
METHODS = {"analyze": "AnalyzeComment", "suggestscore": "SuggestCommentScore"}
HOST = re.compile(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?", re.ASCII)
DESCRIPTION = (
    "Scores of reader comments, served by Belowline. Attributes: " + ", ".join(MODELLED) + ". SARCASM and OFF_TOPIC "
    "are extensions; OFF_TOPIC needs the article as context.entries[0] or context.articleAndParentComment.article."
)


@router.get("/$discovery/rest", responses={404: GOOGLE_ERRORS[400]}, summary="Discovery document")
async def discovery(request: Request, version: str = VERSION) -> CompactJson:
    """Read by google-api-python-client, and by googleapis for Node, in place of Google's."""
    if version != VERSION:
        raise NotFound(f"Discovery document not found: {NAME} has the version {VERSION} only.")
    return CompactJson(document(root_url(request)))


def root_url(request: Request) -> str:
    """Return the address as clients see it, ending in "/": the setting, what a proxy says, or the Host header."""
    if public := service_of(request).settings.public_url:
        return public.rstrip("/") + "/"
    headers = request.headers
    host = headers.get("x-forwarded-host", headers.get("host", "")).partition(",")[0].strip()
    scheme = headers.get("x-forwarded-proto", request.url.scheme).partition(",")[0].strip()
    if not HOST.fullmatch(host):
        host = f"{service_of(request).settings.host}:{service_of(request).settings.port}"
    return f"{'https' if scheme == 'https' else 'http'}://{host}/"


def document(root: str) -> dict[str, Any]:
    """Return the document of a service at `root`."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"{NAME}:{VERSION}",
        "name": NAME,
        "canonicalName": "Comment Analyzer",
        "version": VERSION,
        "title": "Perspective Comment Analyzer API",
        "description": DESCRIPTION,
        "protocol": "rest",
        "rootUrl": root,
        "servicePath": "",
        "baseUrl": root,
        "batchPath": "batch",
        "parameters": {name: _text(text, location="query") for name, text in PARAMETERS.items()},
        "schemas": {name: {"id": name, "type": "object", "properties": shape} for name, shape in SCHEMAS.items()},
        "resources": {
            "comments": {"methods": {"analyze": _method("analyze"), "suggestscore": _method("suggestscore")}}
        },
    }


def _method(name: str) -> dict[str, Any]:
    kind = METHODS[name]
    path = f"{VERSION}/comments:{name}"
    return {
        "id": f"{NAME}.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{kind}Request"},
        "response": {"$ref": f"{kind}Response"},
    }


def _text(description: str = "", **more: str) -> dict[str, Any]:
    return {"type": "string", **({"description": description} if description else {}), **more}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": name}


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _map(name: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _ref(name)}


def _number(kind: str, form: str) -> dict[str, str]:
    return {"type": kind, "format": form}


PARAMETERS = {
    "key": "API key, if the service asks for one.",
    "alt": "Data format of the response; json.",
    "prettyPrint": "Accepted and ignored.",
    "fields": "Accepted and ignored.",
    "quotaUser": "Accepted and ignored.",
    "$.xgafv": "Accepted and ignored.",
    "access_token": "Accepted and ignored.",
    "oauth_token": "Accepted and ignored.",
    "callback": "Accepted and ignored.",
    "upload_protocol": "Accepted and ignored.",
    "uploadType": "Accepted and ignored.",
}
_ABOUT: dict[str, Any] = {
    "comment": _ref("TextEntry"),
    "context": _ref("Context"),
    "languages": _list(_text()),
    "clientToken": _text("Given back as it is."),
    "sessionId": _text(),
    "communityId": _text(),
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "TextEntry": {"text": _text(), "type": _text("PLAIN_TEXT")},
    "Context": {"entries": _list(_ref("TextEntry")), "articleAndParentComment": _ref("ArticleAndParentComment")},
    "ArticleAndParentComment": {"article": _ref("TextEntry"), "parentComment": _ref("TextEntry")},
    "AttributeParameters": {"scoreType": _text("PROBABILITY"), "scoreThreshold": _number("number", "float")},
    "Score": {"value": _number("number", "float"), "type": _text("PROBABILITY")},
    "SpanScore": {
        "begin": _number("integer", "int32"),
        "end": _number("integer", "int32"),
        "score": _ref("Score"),
    },
    "AttributeScores": {"summaryScore": _ref("Score"), "spanScores": _list(_ref("SpanScore"))},
    "AnalyzeCommentRequest": {
        **_ABOUT,
        "requestedAttributes": _map("AttributeParameters"),
        "spanAnnotations": {"type": "boolean"},
        "doNotStore": {"type": "boolean"},
    },
    "AnalyzeCommentResponse": {
        "attributeScores": _map("AttributeScores"),
        "languages": _list(_text()),
        "detectedLanguages": _list(_text()),
        "clientToken": _text(),
    },
    "SuggestCommentScoreRequest": {**_ABOUT, "attributeScores": _map("AttributeScores")},
    "SuggestCommentScoreResponse": {
        "clientToken": _text(),
        "detectedLanguages": _list(_text()),
        "requestedLanguages": _list(_text()),
    },
}
