"""Every route of the desk, in one router for the application."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.desk import (
    admin_pages,
    card_page,
    deciding,
    distribution_pages,
    quality_page,
    queue_page,
    rule_pages,
    session_pages,
)
from service.desk.background import chores
from service.desk.guard import DeskRoute
from service.desk.pages import static_file

router = APIRouter(route_class=DeskRoute, include_in_schema=False, lifespan=chores)


@router.get("/static/{name}")
def static(name: str, v: str | None = None) -> Response:
    """Style, scripts and pictures of the desk."""
    return static_file(name, v)


for part in (session_pages, queue_page, deciding, card_page, distribution_pages, rule_pages, quality_page, admin_pages):
    router.include_router(part.router)
