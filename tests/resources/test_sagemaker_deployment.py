"""Against moto's server, which speaks AWS over HTTP."""

import io
import json
import tarfile
from dataclasses import replace

import pytest

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.serving import SageMakerSettings
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_resources.deployment.archive import SETTINGS_FILE, model_archive
from igniteflow_resources.deployment.sagemaker import (
    VARIANT,
    DeploymentError,
    SageMakerEndpoint,
    connect,
)
from tests.aws_server import KEYS, REGION, aws_server, new_bucket


class Updating:
    """moto's SageMaker with the update that moto lacks; what is asked of it is recorded."""

    def __init__(self, client, *, rolls_back=False):
        self._client = client
        self._rolls_back = rolls_back
        self.updates = []

    def __getattr__(self, name):
        return getattr(self._client, name)

    def update_endpoint(self, **request):
        self.updates.append(request)
        if not self._rolls_back:
            self._client.delete_endpoint(EndpointName=request["EndpointName"])
            self._client.create_endpoint(
                EndpointName=request["EndpointName"],
                EndpointConfigName=request["EndpointConfigName"],
            )


@pytest.fixture(scope="module")
def aws():
    with aws_server() as address:
        yield address


@pytest.fixture
def settings(aws, monkeypatch):
    for name, value in KEYS.items():
        monkeypatch.setenv(name.upper(), value)
    new_bucket(aws, "models")
    return SageMakerSettings(
        bucket="models",
        image="123456789012.dkr.ecr.us-east-1.amazonaws.com/igniteflow:1",
        role_arn="arn:aws:iam::123456789012:role/serving",
        region=REGION,
        endpoint_url=aws,
    )


@pytest.fixture
def clients(settings):
    connected = connect(settings)
    yield replace(connected, sagemaker=Updating(connected.sagemaker))
    SageMakerEndpoint("fraud", settings, connected).delete()


def test_a_deployment_makes_model_configuration_endpoint_alarms_and_scaling(settings, clients):
    deployed = SageMakerEndpoint("fraud", settings, clients).deploy(b"archive")

    assert (deployed.endpoint, deployed.changed) == ("igniteflow-fraud", True)
    config = clients.sagemaker.describe_endpoint_config(EndpointConfigName=deployed.config)
    (variant,) = config["ProductionVariants"]
    assert (variant["VariantName"], variant["InstanceType"]) == (VARIANT, "ml.c5.large")
    assert config["DataCaptureConfig"]["DestinationS3Uri"] == "s3://models/igniteflow-fraud/capture"
    model = clients.sagemaker.describe_model(ModelName=variant["ModelName"])
    assert model["PrimaryContainer"]["ModelDataUrl"] == deployed.model_data
    environment = model["PrimaryContainer"]["Environment"]
    assert environment["IGNITEFLOW_SERVING__CONTRACT"] == "sagemaker"
    assert environment["IGNITEFLOW_CONFIG_PATH"] == "/opt/ml/model/settings.json"
    key = deployed.model_data.removeprefix("s3://models/")
    assert clients.s3.get_object(Bucket="models", Key=key)["Body"].read() == b"archive"
    (target,) = clients.autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    alarms = clients.cloudwatch.describe_alarms()["MetricAlarms"]
    assert {alarm["MetricName"] for alarm in alarms} == {"Invocation5XXErrors", "ModelLatency"}


def test_deploying_the_same_again_changes_nothing(settings, clients):
    endpoint = SageMakerEndpoint("fraud", settings, clients)
    first = endpoint.deploy(b"archive")

    again = endpoint.deploy(b"archive")

    assert again == replace(first, changed=False)
    assert clients.sagemaker.updates == []
    assert len(clients.sagemaker.list_models()["Models"]) == 1


def test_another_model_goes_blue_green_with_rollback_by_alarm(settings, clients):
    endpoint = SageMakerEndpoint("fraud", settings, clients)
    endpoint.deploy(b"one")

    deployed = endpoint.deploy(b"two")

    (update,) = clients.sagemaker.updates
    assert update["EndpointConfigName"] == deployed.config
    policy = update["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"]["Type"] == "CANARY"
    alarms = update["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert {alarm["AlarmName"] for alarm in alarms} == {
        "igniteflow-fraud-errors",
        "igniteflow-fraud-latency",
    }


def test_an_update_that_was_taken_back_is_an_error(settings, clients):
    SageMakerEndpoint("fraud", settings, clients).deploy(b"one")
    real = clients.sagemaker._client
    rolling_back = replace(clients, sagemaker=Updating(real, rolls_back=True))

    with pytest.raises(DeploymentError, match="rolled back"):
        SageMakerEndpoint("fraud", settings, rolling_back).deploy(b"two")


def test_delete_leaves_nothing_behind_and_may_be_repeated(settings, clients):
    endpoint = SageMakerEndpoint("fraud", settings, clients)
    other = SageMakerEndpoint("recommender", settings, clients)
    endpoint.deploy(b"one")
    endpoint.deploy(b"two")
    kept = other.deploy(b"three")

    endpoint.delete()
    endpoint.delete()

    assert [e["EndpointName"] for e in clients.sagemaker.list_endpoints()["Endpoints"]] == [
        kept.endpoint
    ]
    assert len(clients.sagemaker.list_models()["Models"]) == 1
    stored = clients.s3.list_objects_v2(Bucket="models")["Contents"]
    assert [f"s3://models/{each['Key']}" for each in stored] == [kept.model_data]
    assert len(clients.cloudwatch.describe_alarms()["MetricAlarms"]) == 2
    other.delete()


def test_an_archive_is_what_the_container_reads_and_the_same_every_time(tmp_path, workspace):
    folder = Endpoint(tmp_path / "fraud")
    folder.add_version("7", lambda place: (place / "ensemble.onnx").write_bytes(b"graph"))
    folder.roll_out(Rollout(champion="7"))

    archive = model_archive(folder.folder, workspace)

    assert model_archive(folder.folder, workspace) == archive
    extract(archive, tmp_path / "container")
    served = Endpoint(tmp_path / "container" / "fraud")
    assert served.rollout().champion == "7"
    assert (served.version_folder("7") / "ensemble.onnx").read_bytes() == b"graph"


def test_the_container_answers_by_the_settings_of_the_platform(workspace, tmp_path, monkeypatch):
    experiment = {
        "name": "ranking",
        "primary": {"name": "click"},
        "start": "2025-01-01T00:00:00Z",
        "segments": ["new"],
    }
    deciding = {
        "FRAUD__LABEL_DELAY_DAYS": "14",
        "ONLINE__MAX_AGE_SECONDS": "60",
        "RECOMMENDATIONS__RULES": json.dumps({"excluded_categories": ["tobacco"]}),
        "EXPERIMENTS": json.dumps([experiment]),
        "SERVING__REASONS": "5",
        "SERVING__ABSENT_FEATURES": "refuse",
    }
    with monkeypatch.context() as platform:
        for name, value in deciding.items():
            platform.setenv(f"IGNITEFLOW_{name}", value)
        told = load_settings()
    extract(model_archive(tmp_path / "fraud", told), tmp_path / "container")
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(tmp_path / "container" / SETTINGS_FILE))
    monkeypatch.setenv("IGNITEFLOW_SOURCES__ROOT", "unused")

    contained = load_settings()

    assert contained.experiments == told.experiments
    assert contained.fraud.label_delay_days == 14
    assert contained.recommendations.rules == told.recommendations.rules
    assert contained.online.max_age_seconds == 60
    assert (contained.serving.reasons, contained.serving.absent_features) == (5, "refuse")


def extract(archive, folder):
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        opened.extractall(folder, filter="data")
