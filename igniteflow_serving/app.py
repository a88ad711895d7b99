"""Creates the ASGI application: the routes and the boundary around them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException

from igniteflow_core.config.settings import Settings
from igniteflow_core.errors import ConfigurationError
from igniteflow_core.schemas.own_columns import OwnColumns
from igniteflow_core.telemetry.correlation import correlation_id
from igniteflow_serving.api_keys import ApiKeys
from igniteflow_serving.boundary import Boundary
from igniteflow_serving.contract import (
    FeedbackRequest,
    RecommendRequest,
    SimilarRequest,
    requests_with,
)
from igniteflow_serving.errors import ApiError
from igniteflow_serving.routes import api_routes, sagemaker_routes
from igniteflow_serving.service import Service, running_service

_DOCUMENTATION = frozenset({"/docs", "/openapi.json"})
"""Paths that a browser requests without an API key."""


def create_app(settings: Settings, on_start: Callable[[], None] = lambda: None) -> FastAPI:
    """Create the application; its start-up opens the models, the online store and the logs.

    Args:
        settings: settings of the platform.
        on_start: called after start-up, before the first request.

    Raises:
        ConfigurationError: no API keys are configured outside the environment local.
    """
    serving = settings.serving
    if serving.contract == "api" and not serving.api_keys and settings.environment != "local":
        raise ConfigurationError(
            f"the API of the environment {settings.environment} would not require an API key",
            where="serving.api_keys",
            fix="configure at least one key by its SHA-256 as sha256, see docs/serving.md",
        )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Service]]:
        async with running_service(settings) as service:
            on_start()
            yield {"service": service}

    app = FastAPI(
        title="IgniteFlow",
        description="Fraud decisions and recommendations",
        version="1",
        lifespan=lifespan,
        docs_url="/docs" if settings.environment == "local" else None,
        redoc_url=None,
        redirect_slashes=False,  # the redirect's address would come from the request
    )
    own = settings.sources.own_columns
    router = sagemaker_routes(own) if serving.contract == "sagemaker" else api_routes(own)
    app.include_router(router)
    app.add_exception_handler(HTTPException, _not_found_or_not_allowed)
    app.add_middleware(
        Boundary,
        keys=ApiKeys(serving.api_keys),
        paths=frozenset(route.path for route in router.routes if hasattr(route, "path")),
        open_paths=_DOCUMENTATION if settings.environment == "local" else frozenset(),
        max_body_bytes=serving.max_body_bytes,
        timeout_seconds=serving.timeout_seconds,
        max_concurrent=serving.max_concurrent_requests,
    )

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _openapi(app, own, with_keys=bool(serving.api_keys))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


async def _not_found_or_not_allowed(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    codes = {404: "not_found", 405: "method_not_allowed"}
    api_error = ApiError(
        error.status_code, codes.get(error.status_code, "http_error"), error.detail
    )
    return Response(
        api_error.body(correlation_id() or ""),
        status_code=error.status_code,
        media_type="application/json",
        headers=dict(error.headers or {}),
    )


def _openapi(app: FastAPI, own: OwnColumns, *, with_keys: bool) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    # FastAPI does not know the models of request bodies, because the routes read bytes.
    requests = (requests_with(own)[1], RecommendRequest, SimilarRequest, FeedbackRequest)
    _, bodies = models_json_schema(
        [(model, "validation") for model in requests],
        ref_template="#/components/schemas/{model}",
    )
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(bodies.get("$defs", {}))
    if with_keys:
        components["securitySchemes"] = {
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}
        }
        schema["security"] = [{"key": []}]
    return schema
