"""Whether an error may pass by itself, told from errors as they really come."""

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import boto3
import pytest
import requests
from mlflow import MlflowClient
from py4j.java_gateway import GatewayParameters, JavaGateway
from sqlalchemy import create_engine, text

from igniteflow_core.config.online import RedisSettings
from igniteflow_core.errors import PermanentError, RetryableError
from igniteflow_core.online.redis import RedisOnlineStore
from igniteflow_resources.causes import is_retryable
from tests.local_server import free_port


@pytest.fixture
def nobody() -> int:
    """A port on which nothing listens."""
    return free_port()


def error_of(call: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any: which it is, is asked of it
        call()
    return caught.value


def raise_from(error: Exception, cause: BaseException) -> None:
    raise error from cause


def test_a_server_that_is_away_may_come_back(nobody: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    redis = RedisOnlineStore(RedisSettings(port=nobody), "test", 60)
    postgres = create_engine(f"postgresql+psycopg2://me:secret@127.0.0.1:{nobody}/dagster")
    mlflow = MlflowClient(f"http://127.0.0.1:{nobody}")
    s3 = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{nobody}", region_name="us-east-1",
        aws_access_key_id="me", aws_secret_access_key="secret",
    )  # fmt: skip
    spark = JavaGateway(gateway_parameters=GatewayParameters(port=nobody))
    calls = {
        "a web server": lambda: requests.get(f"http://127.0.0.1:{nobody}", timeout=1),
        "Redis": redis.check,
        "PostgreSQL": postgres.connect,
        "MLflow": mlflow.search_experiments,
        "S3": s3.list_buckets,
        # The names too are asked of the driver.
        "Spark's driver": lambda: spark.jvm.java.lang.System.nanoTime(),  # noqa: PLW0108
        "a socket": lambda: socket.create_connection(("127.0.0.1", nobody)),
    }
    assert {name: is_retryable(error_of(call)) for name, call in calls.items()} == dict.fromkeys(
        calls, True
    )


S3_OF_SPARK = """An error occurred while calling o1844.save.
: org.apache.hadoop.fs.s3a.{name}: listObjects() on s3a://lake/customers/_delta_log: \
software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request"""


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("HttpChannelEOFException", True),
        ("AWSNoResponseException", True),
        ("AWSServiceThrottledException", True),
        ("AWSBadRequestException", False),
        ("UnknownStoreException", False),
    ],
)
def test_an_s3_that_loses_spark_may_come_back_one_that_refuses_it_does_not(name: str, passes: bool):
    told = RuntimeError(S3_OF_SPARK.format(name=name))
    assert is_retryable(error_of(lambda: raise_from(RuntimeError("step"), told))) == passes


def test_a_full_disk_does_not_pass(tmp_path: Path):
    def write_file() -> None:
        with Path("/dev/full").open("w") as full:
            full.write("x")

    def write_database() -> None:
        engine = create_engine(f"sqlite:///{tmp_path}/full.db")
        with engine.begin() as connection:
            connection.execute(text("PRAGMA max_page_count = 2"))
            connection.execute(text("CREATE TABLE rows (value TEXT)"))
            connection.execute(text("INSERT INTO rows VALUES (randomblob(100000))"))

    assert not is_retryable(error_of(write_file))
    full = error_of(write_database)
    assert isinstance(full.__cause__, sqlite3.OperationalError)
    assert not is_retryable(full)


def test_our_own_error_decides_whatever_it_came_from(nobody: int):
    with closing(socket.socket()) as client:
        lost = error_of(lambda: client.connect(("127.0.0.1", nobody)))
    away = RetryableError("away", where="there", fix="wait")
    wrong = PermanentError("wrong", where="there", fix="mend it")
    assert is_retryable(error_of(lambda: raise_from(RuntimeError("step"), away)))
    assert not is_retryable(error_of(lambda: raise_from(RuntimeError("step"), wrong)))
    assert not is_retryable(error_of(lambda: raise_from(wrong, lost)))


def test_a_mistake_in_the_code_does_not_pass():
    assert not is_retryable(error_of(lambda: int("seven")))
    assert not is_retryable(error_of(lambda: {}["missing"]))
