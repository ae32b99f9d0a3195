"""Requests made up from the OpenAPI document: none may end in a crash or in an answer that the document denies.

A few per route by default; `make fuzz` asks for 20,000 in all by the environment variable FUZZ_CASES.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from tests.service.api.serving import make_app

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis")
checks = pytest.importorskip("schemathesis.checks")
modes = pytest.importorskip("schemathesis.generation").GenerationMode
specs = pytest.importorskip("schemathesis.specs.openapi.checks")

ROUTES = 15
CASES = int(os.environ.get("FUZZ_CASES", "75"))
CHECKS = (
    checks.not_a_server_error,
    specs.status_code_conformance,
    specs.content_type_conformance,
    specs.response_schema_conformance,
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Any:
    app = make_app(tmp_path_factory.mktemp("fuzz"))
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.filterwarnings("default::hypothesis.errors.NonInteractiveExampleWarning")
def test_no_request_crashes_and_every_answer_is_documented(api: Any) -> None:
    for found in api.get_all_operations():
        operation = found.ok()
        _try(operation, operation.as_strategy(generation_mode=modes.POSITIVE))
        _try(operation, operation.as_strategy(generation_mode=modes.NEGATIVE))


def _try(operation: Any, cases: Any) -> None:
    @settings(
        max_examples=max(CASES // (2 * ROUTES), 1),
        deadline=None,
        derandomize=CASES < 1_000,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def answered(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    try:
        answered()
    except Unsatisfiable:  # a route without input has no wrong requests
        assert not operation.body
