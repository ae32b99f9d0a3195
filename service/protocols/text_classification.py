"""Text classification as TEI (`/predict`, flat) and Hugging Face's Inference API (`/hf`, nested) speak it.

A label is one of our attributes, a score its probability; what has no score is left out. A pair of texts is an
article and a comment on it. Schemas: text-embeddings-inference docs/openapi.json, huggingface_hub text_classification.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from math import log
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from data.records import Comment
from model.scores import ATTRIBUTES, CommentScores
from service.api.body import documented, read_json
from service.api.fields import FEW_COMMENTS, OneOf
from service.api.results import rounded
from service.api.schemas import article_record, paragraphs_of
from service.api.state import Service, service_of
from service.errors import CompactJson, InvalidRequest, ServiceError

router = APIRouter(tags=["Text classification"])
NEAREST = 1e-6  # to 0 and 1, for logits
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Pair = tuple[str | None, str]  # the article, if any, and the comment
Function = Literal["sigmoid", "softmax", "none"]  # of the logits
ERROR_TYPES = {429: "Overloaded", 503: "Overloaded"}


class Label(BaseModel):
    label: str
    score: float


class TeiError(BaseModel):
    error: str
    error_type: str


class HuggingFaceError(BaseModel):
    error: str


class EmptyInput(ServiceError):
    """TEI answers 400 with the kind "Empty"."""

    status = 400


class PredictRequest(BaseModel):
    """TEI's request: a text, a pair [article, comment], or a list of lists of one or two texts."""

    model_config = ConfigDict(extra="ignore")

    inputs: Annotated[
        str | list[str] | list[list[str]],
        OneOf("should be a text, a pair of texts, or a list of lists of these"),
        FEW_COMMENTS,
    ]
    raw_scores: bool = Field(default=False, description="Logits in place of probabilities.")
    truncate: bool | None = Field(default=None, description="Accepted; long texts are always cut.")


class Parameters(BaseModel):
    model_config = ConfigDict(extra="ignore")

    function_to_apply: Function | None = None
    top_k: int | None = Field(default=None, ge=1)


class HuggingFaceRequest(BaseModel):
    """The Inference API's request: a text or a list of texts."""

    model_config = ConfigDict(extra="ignore")

    inputs: Annotated[str | list[str], OneOf("should be a text or a list of texts"), FEW_COMMENTS]
    parameters: Parameters | None = None


def _errors(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": shape} for status in (400, 401, 403, 413, 415, 422, 429, 503)}


def _tei(path: str, *, shown: bool = True) -> Callable[[Endpoint], Endpoint]:
    return router.post(
        path,
        response_model=list[Label] | list[list[Label]],
        responses=_errors(TeiError),
        openapi_extra=documented(PredictRequest),
        include_in_schema=shown,
        summary="TEI's predict: a flat list of labels",
    )


@_tei("/predict")
@_tei("/invocations", shown=False)
async def predict(request: Request) -> CompactJson:
    """All labels of a text, the highest first; a list of such lists for a batch."""
    asked = read_json(await request.body(), PredictRequest)
    pairs, batched = _pairs(asked.inputs)
    labels = await _classify(service_of(request), pairs, "none" if asked.raw_scores else "sigmoid")
    return CompactJson(labels if batched else labels[0])


@router.get("/info", responses=_errors(TeiError), summary="TEI's description of the model")
async def info(request: Request) -> CompactJson:
    """The fields that clients of TEI look at."""
    service = service_of(request)
    labels = {str(number): name for number, name in enumerate(ATTRIBUTES)}
    described = {
        "model_id": service.engine.scorer.version,
        "model_type": {"classifier": {"id2label": labels, "label2id": {name: int(at) for at, name in labels.items()}}},
        "max_client_batch_size": service.settings.max_comments,
        "max_concurrent_requests": service.settings.max_waiting,
    }
    return CompactJson(described)


@router.post(
    "/hf",
    response_model=list[list[Label]],
    responses=_errors(HuggingFaceError),
    openapi_extra=documented(HuggingFaceRequest),
    summary="Hugging Face's text classification: a nested list",
)
async def hugging_face(request: Request) -> CompactJson:
    """A list of labels for each text, also for a single one: its clients take the first."""
    asked = read_json(await request.body(), HuggingFaceRequest)
    texts = [asked.inputs] if isinstance(asked.inputs, str) else asked.inputs
    parameters = asked.parameters or Parameters()
    pairs: list[Pair] = [(None, text) for text in texts]
    labels = await _classify(service_of(request), pairs, parameters.function_to_apply or "sigmoid")
    return CompactJson([one[: parameters.top_k] for one in labels])


def _pairs(inputs: str | list[str] | list[list[str]]) -> tuple[list[Pair], bool]:
    """Return (article, comment) pairs, and whether a list was asked for."""
    if isinstance(inputs, str):
        return [(None, inputs)], False
    if not inputs:
        raise EmptyInput("The inputs must not be empty.")
    if isinstance(inputs[0], list):
        return [_pair(one) for one in inputs if isinstance(one, list)], True
    return [_pair([text for text in inputs if isinstance(text, str)])], False


def _pair(texts: Sequence[str]) -> Pair:
    if len(texts) == 1:
        return None, texts[0]
    if len(texts) == 2:
        return texts[0], texts[1]
    raise InvalidRequest("inputs: An input is a text, or a pair of an article and a comment.")


async def _classify(service: Service, pairs: Sequence[Pair], function: Function) -> list[list[dict[str, Any]]]:
    """Score all pairs, those about one article together, and return their labels in order."""
    if not pairs or not all(text.strip() for _, text in pairs):
        raise EmptyInput("The inputs must not be empty.")
    service.check_sizes([text for _, text in pairs])
    groups: dict[str | None, list[int]] = defaultdict(list)
    for place, (context, _) in enumerate(pairs):
        groups[context].append(place)
    labels: dict[int, list[dict[str, Any]]] = {}
    for text, places in groups.items():
        article = article_record(title=None, paragraphs=paragraphs_of(text))
        comments = [Comment(str(place), pairs[place][1]) for place in places]
        scored = await service.engine.score(comments, article, any_language=service.settings.any_language)
        labels.update((place, _labels(one, function)) for place, one in zip(places, scored, strict=True))
    return [labels[place] for place in range(len(pairs))]


def _labels(scored: CommentScores, function: Function) -> list[dict[str, Any]]:
    known = [(name, score) for name, score in scored.scores.items() if score is not None]
    known.sort(key=lambda pair: -pair[1])
    values = _applied([score for _, score in known], function)
    return [{"label": name, "score": rounded(value)} for (name, _), value in zip(known, values, strict=True)]


def _applied(scores: Sequence[float], function: Function) -> Sequence[float]:
    """Probabilities as they are, their logits, or what a softmax of the logits is: each one's part of all odds."""
    if function == "sigmoid":
        return scores
    bounded = [min(max(score, NEAREST), 1 - NEAREST) for score in scores]
    odds = [score / (1 - score) for score in bounded]
    return [log(one) for one in odds] if function == "none" else [one / sum(odds) for one in odds]


def render_tei(error: ServiceError) -> Response:
    """TEI's shape: a sentence and one of its kinds of error."""
    kind = ERROR_TYPES.get(error.status, "Backend" if error.status >= 500 else "Validation")
    kind = "Empty" if isinstance(error, EmptyInput) else kind
    return CompactJson({"error": error.detail, "error_type": kind}, error.status)


def render_hugging_face(error: ServiceError) -> Response:
    """The Inference API's shape: a sentence under `error`."""
    return CompactJson({"error": error.detail}, error.status)
