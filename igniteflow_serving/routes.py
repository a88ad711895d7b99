"""The routes of the API and of the SageMaker container."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeAlias, TypeVar

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import TypeAdapter, ValidationError

from igniteflow_core.schemas.own_columns import OwnColumns
from igniteflow_core.telemetry.correlation import correlation_id
from igniteflow_core.telemetry.metrics import REGISTRY
from igniteflow_serving.contract import (
    UNION_TAGS,
    ErrorBody,
    ErrorPart,
    FeedbackRequest,
    FeedbackResponse,
    Health,
    Prediction,
    PredictRequest,
    PredictResponse,
    Readiness,
    RecommendRequest,
    RecommendResponse,
    SimilarRequest,
    SimilarResponse,
    TransactionIn,
    example_of,
    one_or_many,
)
from igniteflow_serving.errors import ApiError
from igniteflow_serving.feedback import Feedback
from igniteflow_serving.service import Service

Body = TypeVar("Body")
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
Responses: TypeAlias = dict[int | str, dict[str, Any]]

_RECOMMEND = TypeAdapter(RecommendRequest)
_SIMILAR = TypeAdapter(SimilarRequest)
_FEEDBACK = TypeAdapter(FeedbackRequest)

_TRANSACTION = {
    "transaction_id": "TX-1",
    "event_time": "2025-03-16T12:30:00Z",
    "customer_id": "C0000017",
    "terminal_id": "T0000003",
    "amount": 57.16,
}


def _examples(own: OwnColumns) -> dict[str, Any]:
    transaction = _TRANSACTION | example_of(own)
    return {
        "one": {"summary": "One transaction", "value": transaction},
        "many": {"summary": "Several", "value": {"transactions": [transaction]}},
    }


_ERRORS: Responses = {
    401: {"model": ErrorBody, "description": "No valid API key"},
    413: {"model": ErrorBody, "description": "Body or batch too large"},
    422: {"model": ErrorBody, "description": "The request does not validate"},
    429: {"model": ErrorBody, "description": "Too many requests for this API key"},
    503: {"model": ErrorBody, "description": "Not deployed, not ready, or temporarily unavailable"},
    504: {"model": ErrorBody, "description": "Timeout"},
}


def _parsed(adapter: TypeAdapter[Body], body: bytes) -> Body:
    try:
        return adapter.validate_json(body, strict=True)
    except ValidationError as error:
        raise ApiError(
            422,
            "invalid_request",
            "The request does not validate",
            details=[
                ErrorPart(at=_place(part["loc"]), message=part["msg"])
                for part in error.errors(include_url=False, include_input=False)
            ],
        ) from error


def _place(location: tuple[int | str, ...]) -> str:
    """Return the location in the body as the caller wrote it."""
    return ".".join(str(part) for part in location if part not in UNION_TAGS)


def _documented(adapter: TypeAdapter[Any], examples: dict[str, Any]) -> dict[str, Any]:
    """Return the request body for OpenAPI; the route itself reads bytes, which is faster."""
    schema = adapter.json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    content = {"application/json": {"schema": schema, "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def _json(content: object) -> Response:
    body = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, media_type="application/json")


def _service(request: Request) -> Service:
    service: Service = request.state.service
    return service


def _caller(request: Request) -> str | None:
    return getattr(request.state, "caller", None)


def _predict(adapter: TypeAdapter[TransactionIn | PredictRequest]) -> Handler:
    """Return the handler that scores requests of this form."""

    async def predict(request: Request) -> Response:
        """Score one transaction or several, with reasons; each is written to the decision log."""
        body = _parsed(adapter, await request.body())
        service, caller = _service(request), _caller(request)
        if isinstance(body, PredictRequest):
            return _json({"predictions": await service.fraud.predict(body.transactions, caller)})
        return _json((await service.fraud.predict((body,), caller))[0])

    return predict


async def recommend(request: Request) -> Response:
    """Recommend the best unseen items to a known user, or to a user with the given likes."""
    body = _parsed(_RECOMMEND, await request.body())
    return _json(await _service(request).recommendations.recommend(body, _caller(request)))


async def similar(request: Request) -> Response:
    """Find the items that are most similar to an item."""
    body = _parsed(_SIMILAR, await request.body())
    return _json(await _service(request).recommendations.similar(body))


async def feedback(request: Request) -> Response:
    """Write labels and outcomes to the feedback log, and outcomes to the users' histories."""
    body = _parsed(_FEEDBACK, await request.body())
    service = _service(request).feedback
    service.require_known_actions(body.feedback)
    now, caller, correlation = datetime.now(UTC), _caller(request), correlation_id() or ""
    await service.take(
        [Feedback(uuid.uuid4().hex, each, now, caller, correlation) for each in body.feedback]
    )
    return _json({"accepted": len(body.feedback)})


async def healthz() -> Health:
    """Liveness probe: the process is running."""
    return Health()


async def readyz(request: Request) -> Readiness:
    """Readiness probe: a model is loaded, and the online store has been reached."""
    return await _service(request).readiness()


async def metrics() -> Response:
    """Return Prometheus metrics."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


async def ping(request: Request) -> Response:
    """Respond to SageMaker's health check."""
    await _service(request).readiness()
    return Response()


def _invocations(predict: Handler) -> Handler:
    """Return the handler that calls the model that is deployed."""

    async def invocations(request: Request) -> Response:
        """Handle SageMaker's call with the body of /predict or /recommend."""
        service = _service(request)
        if service.fraud_models.champion_version is not None:
            return await predict(request)
        return await recommend(request)

    return invocations


def _add_probes(router: APIRouter) -> None:
    tags: list[str | Enum] = ["operation"]
    router.get("/healthz", response_model=Health, tags=tags)(healthz)
    unready: Responses = {503: {"model": ErrorBody, "description": "Not ready"}}
    router.get("/readyz", response_model=Readiness, responses=unready, tags=tags)(readyz)
    text: Responses = {
        200: {"content": {"text/plain": {}}, "description": "Prometheus text format"}
    }
    router.get("/metrics", response_class=Response, responses=text, tags=tags)(metrics)


def api_routes(own: OwnColumns) -> APIRouter:
    """Return the routes of the API; they are matched in order, so the busiest is the first."""
    router = APIRouter()
    adapter = one_or_many(own)

    def post(
        path: str,
        handler: Handler,
        response: Any,  # noqa: ANN401 - a model or a union of models
        adapter: TypeAdapter[Any],
        examples: dict[str, Any],
        errors: Responses | None = None,
    ) -> None:
        router.add_api_route(
            path,
            handler,
            methods=["POST"],
            tags=["decisions"],
            response_class=Response,
            responses={200: {"model": response}, **_ERRORS, **(errors or {})},
            openapi_extra=_documented(adapter, examples),
        )

    prediction = Prediction | PredictResponse
    post("/predict", _predict(adapter), prediction, adapter, _examples(own))
    post(
        "/recommend",
        recommend,
        RecommendResponse,
        _RECOMMEND,
        {
            "known": {"summary": "A known user", "value": {"user_id": "U0000007", "n": 5}},
            "new": {"summary": "A new user", "value": {"liked": ["I0000001"], "n": 5}},
        },
    )
    post(
        "/similar",
        similar,
        SimilarResponse,
        _SIMILAR,
        {"item": {"value": {"item_id": "I0000001", "n": 5}}},
        {404: {"model": ErrorBody, "description": "Unknown item"}},
    )
    time = "2025-03-20T08:00:00Z"
    label = {"kind": "label", "transaction_id": "TX-1", "is_fraud": True, "event_time": time}
    outcome = {
        "kind": "outcome",
        "user_id": "U0000007",
        "item_id": "I0000001",
        "action": "purchase",
        "event_time": time,
    }
    post(
        "/feedback",
        feedback,
        FeedbackResponse,
        _FEEDBACK,
        {
            "label": {"value": {"feedback": [label]}},
            "outcome": {"value": {"feedback": [outcome]}},
        },
    )
    _add_probes(router)
    return router


def sagemaker_routes(own: OwnColumns) -> APIRouter:
    """Return the two routes that SageMaker calls, and the metrics route."""
    router = APIRouter()
    adapter = one_or_many(own)
    router.get("/ping", response_class=Response)(ping)
    router.post(
        "/invocations",
        response_class=Response,
        responses=_ERRORS,
        openapi_extra=_documented(adapter, _examples(own)),
    )(_invocations(_predict(adapter)))
    router.get("/metrics", response_class=Response)(metrics)
    return router
