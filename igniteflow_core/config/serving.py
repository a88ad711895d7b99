"""Settings of the API, of what it serves, and of where endpoints run."""

from typing import Literal

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.secrets import Address, Options
from igniteflow_core.config.variables import aws_region


class ApiKeySettings(SettingsGroup):
    """An API key: the SHA-256 of a random key of at least 128 bits, in hexadecimal."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    requests_per_minute: int = Field(default=60_000, ge=1)


class RolloutSettings(SettingsGroup):
    """The challenger's role: none, scoring in the shadow, or serving a share of the requests."""

    challenger: Literal["none", "shadow", "canary"] = "none"
    canary_percent: float = Field(default=5.0, gt=0, le=100)


class SageMakerSettings(SettingsGroup):
    """Endpoints on Amazon SageMaker; ``endpoint_url`` is for a server other than Amazon's.

    The default of ``region`` is the variable AWS_REGION.

    ``image`` is IgniteFlow's, which answers SageMaker's contract. An update moves
    ``canary_percent`` of the capacity first and the rest after ``bake_seconds``; it is rolled back
    if more than ``max_errors_per_minute`` requests fail, or the model takes longer than
    ``max_latency_ms`` on average.
    """

    bucket: str
    image: str
    role_arn: str
    region: str = Field(default_factory=lambda: aws_region() or "eu-central-1")
    endpoint_url: Address | None = None
    name_prefix: str = Field(default="igniteflow", pattern=r"^[a-zA-Z0-9](-?[a-zA-Z0-9]){0,20}$")
    instance_type: str = "ml.c5.large"
    min_instances: int = Field(default=1, ge=1)
    max_instances: int = Field(default=4, ge=1)
    invocations_per_instance_per_minute: int = Field(default=12_000, ge=1)
    data_capture_percent: int = Field(default=100, ge=0, le=100)
    canary_percent: int = Field(default=10, ge=1, le=50)
    bake_seconds: int = Field(default=300, ge=0)
    max_errors_per_minute: int = Field(default=5, ge=0)
    max_latency_ms: float = Field(default=50.0, gt=0)
    environment: Options = Field(default_factory=dict)


class ServingSettings(SettingsGroup):
    """The API.

    Without ``api_keys`` every caller is accepted, which only the environment local allows. Requests
    whose features are ``stale``, ``absent`` (the customer or terminal is not in the online store)
    or ``unavailable`` (the store cannot be reached) are scored, flagged and counted, or refused.
    ``contract`` sagemaker serves only /ping and /invocations, where SageMaker has authenticated the
    caller, and writes no log, as SageMaker captures requests and responses. With ``sagemaker``,
    every rollout to the folder of endpoints is deployed there too. ``feedback_topic`` is a topic at
    the brokers of ``stream`` whose messages are processed like the entries of POST /feedback.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    contract: Literal["api", "sagemaker"] = "api"
    endpoints_dir: str = "data/endpoints"
    log_dir: str = "data/decisions"
    log_segment_bytes: int = Field(default=64_000_000, ge=1)
    log_segment_seconds: float = Field(default=60.0, gt=0)
    reload_seconds: float = Field(default=1.0, gt=0)
    api_keys: tuple[ApiKeySettings, ...] = ()
    max_body_bytes: int = Field(default=1_000_000, ge=1)
    max_batch: int = Field(default=256, ge=1)
    timeout_seconds: float = Field(default=2.0, gt=0)
    max_concurrent_requests: int = Field(default=64, ge=1)
    reasons: int = Field(default=3, ge=0)
    stale_features: Literal["score", "refuse"] = "score"
    absent_features: Literal["score", "refuse"] = "score"
    unavailable_features: Literal["score", "refuse"] = "refuse"
    feedback_topic: str | None = None
    rollout: RolloutSettings = RolloutSettings()
    sagemaker: SageMakerSettings | None = None
