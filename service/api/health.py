"""Health checks and metrics, for the machinery that watches the service."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.api.observe import Observer
from service.api.responses import ERRORS
from service.api.state import service_of
from service.errors import CompactJson

router = APIRouter(tags=["operation"])
NOT_READY: dict[int | str, dict[str, str]] = {503: {"description": "Not ready, and why."}}


@router.get("/health/live", summary="Is the process alive?")
async def live() -> dict[str, str]:
    """Answers as long as the process runs."""
    return {"status": "alive"}


@router.get("/health/ready", responses=NOT_READY, summary="Can it take work?")
async def ready(request: Request) -> CompactJson:
    """Ready when the model is warm and the database answers."""
    service = service_of(request)
    await run_in_threadpool(service.engine.start)
    checks = {"model": service.engine.warm, "store": await run_in_threadpool(service.store.healthy)}
    word = "ready" if all(checks.values()) else "not ready"
    return CompactJson({"status": word, **checks}, 200 if all(checks.values()) else 503)


@router.get("/metrics", responses={401: ERRORS[401], 200: {"content": {"text/plain": {}}}}, summary="Metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text format: requests per route and key, waiting work, cache."""
    observer: Observer = request.app.state.observer
    return Response(generate_latest(observer.registry), media_type=CONTENT_TYPE_LATEST)
