"""Idempotent deployment of endpoints to Amazon SageMaker."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from igniteflow_core.config.serving import SageMakerSettings
from igniteflow_core.deployment.endpoint import EndpointName
from igniteflow_core.errors import PermanentError
from igniteflow_resources.deployment.archive import SETTINGS_FILE

VARIANT = "champion"
_MODEL_FOLDER = "/opt/ml/model"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_POLL_SECONDS = 15.0
_WAIT_SECONDS = 3_600.0


class DeploymentError(PermanentError):
    """SageMaker did not deploy the new version; the previous version continues to serve."""


@dataclass(frozen=True)
class Clients:
    """boto3 clients of the services that a deployment uses."""

    s3: Any
    sagemaker: Any
    autoscaling: Any
    cloudwatch: Any


@dataclass(frozen=True)
class SageMakerDeployed:
    """What the endpoint serves; ``changed`` is False if it already did before the deployment."""

    endpoint: str
    config: str
    model_data: str
    changed: bool


def connect(settings: SageMakerSettings) -> Clients:
    """Return clients for the region, with the credentials that boto3 finds."""
    import boto3  # noqa: PLC0415 - an optional extra

    options = {"region_name": settings.region, "endpoint_url": settings.endpoint_url}
    return Clients(
        s3=boto3.client("s3", **options),
        sagemaker=boto3.client("sagemaker", **options),
        autoscaling=boto3.client("application-autoscaling", **options),
        cloudwatch=boto3.client("cloudwatch", **options),
    )


def container_environment(settings: SageMakerSettings) -> dict[str, str]:
    """Return the container's environment; ``settings.environment`` overrides the defaults."""
    return {
        "IGNITEFLOW_SERVING__CONTRACT": "sagemaker",
        "IGNITEFLOW_SERVING__HOST": "0.0.0.0",  # noqa: S104  # nosec B104, B108 - in the container
        "IGNITEFLOW_SERVING__ENDPOINTS_DIR": _MODEL_FOLDER,
        "IGNITEFLOW_CONFIG_PATH": f"{_MODEL_FOLDER}/{SETTINGS_FILE}",
        # The only folder in which the image's user may write.
        "IGNITEFLOW_ONLINE__PATH": "/tmp/online.db",  # noqa: S108
        **settings.environment,
    }


class SageMakerEndpoint:
    """One endpoint.

    Args:
        name: name of the endpoint in IgniteFlow; its SageMaker name is ``<name_prefix>-<name>``.
        settings: image, role, instances and deployment guardrails.
        clients: AWS clients.
        sleep: waits between two polls of the endpoint.
    """

    def __init__(
        self,
        name: EndpointName,
        settings: SageMakerSettings,
        clients: Clients,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = f"{settings.name_prefix}-{name}"
        self._settings = settings
        self._clients = clients
        self._sleep = sleep

    def deploy(self, archive: bytes) -> SageMakerDeployed:
        """Deploy an archive of ``model_archive``, and wait until it is in service.

        The first deployment creates the endpoint. A later one is blue/green: part of the capacity
        is updated first, and SageMaker rolls back automatically if an alarm fires.

        Raises:
            DeploymentError: the endpoint failed, or was rolled back to the previous version.
        """
        settings = self._settings
        described = json.dumps(settings.model_dump(), sort_keys=True).encode()
        version = hashlib.sha256(archive + described).hexdigest()[:12]
        model_data = self._upload(archive, version)
        model = self._create_model(version, model_data)
        config = self._create_config(version, model)
        self._put_alarms()
        current = self._describe()
        if current is None:
            self._clients.sagemaker.create_endpoint(
                EndpointName=self.name, EndpointConfigName=config
            )
        elif current["EndpointConfigName"] != config:
            self._clients.sagemaker.update_endpoint(
                EndpointName=self.name,
                EndpointConfigName=config,
                DeploymentConfig=self._blue_green(),
            )
        self._await(config)
        self._scale()
        changed = current is None or current["EndpointConfigName"] != config
        return SageMakerDeployed(self.name, config, model_data, changed)

    def delete(self) -> None:
        """Delete the endpoint and everything that ``deploy`` has created for it."""
        sagemaker, autoscaling = self._clients.sagemaker, self._clients.autoscaling
        target = {"ServiceNamespace": "sagemaker", "ResourceId": self._resource}
        for policy in autoscaling.describe_scaling_policies(**target)["ScalingPolicies"]:
            autoscaling.delete_scaling_policy(
                **target, ScalableDimension=_DIMENSION, PolicyName=policy["PolicyName"]
            )
        registered = autoscaling.describe_scalable_targets(
            ServiceNamespace="sagemaker", ResourceIds=[self._resource]
        )
        if registered["ScalableTargets"]:
            autoscaling.deregister_scalable_target(**target, ScalableDimension=_DIMENSION)
        if self._describe() is not None:
            sagemaker.delete_endpoint(EndpointName=self.name)
        for config in self._named("list_endpoint_configs", "EndpointConfig"):
            sagemaker.delete_endpoint_config(EndpointConfigName=config)
        for model in self._named("list_models", "Model"):
            sagemaker.delete_model(ModelName=model)
        self._clients.cloudwatch.delete_alarms(AlarmNames=[name for name, *_ in self._alarms()])
        pages = self._clients.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._settings.bucket, Prefix=f"{self.name}/models/"
        )
        for page in pages:
            for stored in page.get("Contents", ()):
                self._clients.s3.delete_object(Bucket=self._settings.bucket, Key=stored["Key"])

    @property
    def _resource(self) -> str:
        return f"endpoint/{self.name}/variant/{VARIANT}"

    def _upload(self, archive: bytes, version: str) -> str:
        key = f"{self.name}/models/{version}/model.tar.gz"
        self._clients.s3.put_object(Bucket=self._settings.bucket, Key=key, Body=archive)
        return f"s3://{self._settings.bucket}/{key}"

    def _create_model(self, version: str, model_data: str) -> str:
        name = f"{self.name}-{version}"
        if name not in self._named("list_models", "Model"):
            self._clients.sagemaker.create_model(
                ModelName=name,
                ExecutionRoleArn=self._settings.role_arn,
                PrimaryContainer={
                    "Image": self._settings.image,
                    "ModelDataUrl": model_data,
                    "Environment": container_environment(self._settings),
                },
            )
        return name

    def _create_config(self, version: str, model: str) -> str:
        name, settings = f"{self.name}-{version}", self._settings
        if name not in self._named("list_endpoint_configs", "EndpointConfig"):
            self._clients.sagemaker.create_endpoint_config(
                EndpointConfigName=name,
                ProductionVariants=[
                    {
                        "VariantName": VARIANT,
                        "ModelName": model,
                        "InstanceType": settings.instance_type,
                        "InitialInstanceCount": settings.min_instances,
                        "InitialVariantWeight": 1.0,
                    }
                ],
                DataCaptureConfig={
                    "EnableCapture": settings.data_capture_percent > 0,
                    "InitialSamplingPercentage": settings.data_capture_percent,
                    "DestinationS3Uri": f"s3://{settings.bucket}/{self.name}/capture",
                    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
                },
            )
        return name

    def _alarms(self) -> list[tuple[str, str, str, float]]:
        """Name, metric, statistic and threshold; SageMaker measures latency in microseconds."""
        settings = self._settings
        return [
            (f"{self.name}-errors", "Invocation5XXErrors", "Sum", settings.max_errors_per_minute),
            (f"{self.name}-latency", "ModelLatency", "Average", settings.max_latency_ms * 1_000),
        ]

    def _put_alarms(self) -> None:
        for name, metric, statistic, threshold in self._alarms():
            self._clients.cloudwatch.put_metric_alarm(
                AlarmName=name,
                Namespace="AWS/SageMaker",
                MetricName=metric,
                Dimensions=[
                    {"Name": "EndpointName", "Value": self.name},
                    {"Name": "VariantName", "Value": VARIANT},
                ],
                Statistic=statistic,
                Threshold=threshold,
                ComparisonOperator="GreaterThanThreshold",
                Period=60,
                EvaluationPeriods=1,
                TreatMissingData="notBreaching",
            )

    def _blue_green(self) -> dict[str, Any]:
        settings = self._settings
        return {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": settings.canary_percent},
                    "WaitIntervalInSeconds": settings.bake_seconds,
                },
                "TerminationWaitInSeconds": settings.bake_seconds,
            },
            "AutoRollbackConfiguration": {
                "Alarms": [{"AlarmName": name} for name, *_ in self._alarms()]
            },
        }

    def _scale(self) -> None:
        settings, autoscaling = self._settings, self._clients.autoscaling
        target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": self._resource,
            "ScalableDimension": _DIMENSION,
        }
        autoscaling.register_scalable_target(
            **target, MinCapacity=settings.min_instances, MaxCapacity=settings.max_instances
        )
        autoscaling.put_scaling_policy(
            **target,
            PolicyName=f"{self.name}-invocations",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": float(settings.invocations_per_instance_per_minute),
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
            },
        )

    def _await(self, config: str) -> None:
        waited = 0.0
        while True:
            endpoint = self._describe() or {"EndpointStatus": "deleted"}
            status = endpoint["EndpointStatus"]
            if status == "InService":
                break
            if status not in {"Creating", "Updating", "RollingBack", "SystemUpdating"}:
                raise self._failed(
                    f"it is {status}: {endpoint.get('FailureReason', 'no reason reported')}"
                )
            if waited >= _WAIT_SECONDS:
                raise self._failed(f"it is still {status} after {_WAIT_SECONDS:.0f} s")
            self._sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
        if endpoint["EndpointConfigName"] != config:
            raise self._failed("SageMaker rolled back to the previous version")

    def _failed(self, reason: str) -> DeploymentError:
        return DeploymentError(
            f"the endpoint does not serve the new version: {reason}",
            where=f"SageMaker endpoint {self.name} in {self._settings.region}",
            fix="check its alarms and its log in CloudWatch, then deploy again",
        )

    def _describe(self) -> dict[str, Any] | None:
        try:
            endpoint: dict[str, Any] = self._clients.sagemaker.describe_endpoint(
                EndpointName=self.name
            )
        except ClientError as error:
            if "Could not find" in error.response["Error"]["Message"]:
                return None
            raise
        return endpoint

    def _named(self, operation: str, kind: str) -> set[str]:
        """Return the names of this endpoint's models or configurations."""
        pages = self._clients.sagemaker.get_paginator(operation).paginate(
            NameContains=f"{self.name}-"
        )
        names = {entry[f"{kind}Name"] for page in pages for entry in page[f"{kind}s"]}
        return {name for name in names if name.startswith(f"{self.name}-")}
