"""The application: one scorer and one store behind every protocol and the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from model.scores import Scorer
from service.api import discussions, docs, health, pages, score
from service.api.gate import Gate
from service.api.observe import Observer
from service.api.routes import ELSEWHERE, area_of, renderer_for
from service.api.state import Service
from service.archive.models import cores
from service.desk import routes as desk
from service.desk.guard import problem_page
from service.engine.engine import Engine
from service.engine.waiting import Limits
from service.errors import Renderer, install_handlers
from service.protocols import coral, discourse, openai, text_classification
from service.protocols.perspective import batch, discovery, routes
from service.settings import Settings
from service.store import Store

DESCRIPTION = "Reads what is written below the line: parses discussions, scores comments, queues them for moderators."
ROUTERS = (
    score.router,
    pages.router,
    discussions.router,
    routes.router,
    batch.router,
    discovery.router,
    coral.router,
    text_classification.router,
    openai.router,
    discourse.router,
    health.router,
    docs.router,
    desk.router,
)


def create_app(settings: Settings, scorer: Scorer, store: Store) -> FastAPI:
    """Put the application together; nothing is read from the environment here."""
    engine = _engine(settings, scorer)
    service = Service(settings, engine, store)
    observer = Observer(engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(engine.start)
        yield
        await run_in_threadpool(engine.stop)

    app = FastAPI(
        title="Belowline",
        version=_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        middleware=_middleware(settings, service, observer),
    )
    app.state.settings, app.state.scorer, app.state.store, app.state.service = settings, scorer, store, service
    app.state.observer = observer
    for router in ROUTERS:
        app.include_router(router)
    install_handlers(app, _renderer_of)
    return app


def _renderer_of(request: Request) -> Renderer:
    """A browser that left the known addresses is shown a page; everyone else the shape of the path's protocol."""
    if area_of(request.url.path) is ELSEWHERE and "text/html" in request.headers.get("accept", ""):
        return partial(problem_page, request)
    return renderer_for(request.url.path)


def _version() -> str:
    try:
        return version("belowline")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"


def _engine(settings: Settings, scorer: Scorer) -> Engine:
    return Engine(
        scorer,
        threads=settings.threads or cores(),
        limits=Limits(settings.max_waiting, 10 * settings.max_comments, settings.max_wait_ms / 1000),
        cache_entries=settings.cache_entries,
    )


def _middleware(settings: Settings, service: Service, observer: Observer) -> list[Middleware]:
    """The gate, behind CORS when web origins are set: a browser's preflight carries no key."""
    gate = Middleware(
        Gate,
        service=service,
        observer=observer,
        max_body_bytes=settings.max_body_bytes,
    )
    if not settings.origins:
        return [gate]
    headers = ["Authorization", "X-API-Key", "X-Goog-Api-Key", "Content-Type"]
    return [
        Middleware(
            CORSMiddleware, allow_origins=settings.origins, allow_methods=["GET", "POST"], allow_headers=headers
        ),
        gate,
    ]
