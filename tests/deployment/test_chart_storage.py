"""Dagster keeps its records where the chart's dagster.yaml says, in a PostgreSQL with TLS."""

import ipaddress
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import kubernetes
import psycopg2
import pytest
from cryptography import x509
from dagster_postgres.utils import DagsterPostgresException

from tests.certificates import self_signed
from tests.deployment.chart import Resource, named, render
from tests.deployment.test_chart_dagster import small_job
from tests.postgres_server import PASSWORD, USER, Postgres, postgres_server

HOST = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgres, Path]]:
    """A server that takes nothing but TLS, and the file of who signed its certificate."""
    signed, private = self_signed(HOST)
    authority = tmp_path_factory.mktemp("ca") / "ca.crt"
    authority.write_bytes(signed)
    only_tls = b"hostssl all all 127.0.0.1/32 scram-sha-256\n"
    files = {"server.crt": signed, "server.key": private, "pg_hba.conf": only_tls}
    with postgres_server("-c", "ssl=on", files=files) as server:
        yield server, authority


@pytest.fixture(scope="module")
def chart(database: tuple[Postgres, Path]) -> list[Resource]:
    """Production's values, with this database and without a bucket for what runs print."""
    port = database[0].port
    return render(
        f"--set=dagster.database.host=127.0.0.1,dagster.database.port={port}",
        f"--set=dagster.database.user={USER},dagster.computeLogs.bucket=",
        environment="prod",
    )


def home(folder: Path, chart: list[Resource], authority: Path) -> Path:
    """A pod's DAGSTER_HOME: the chart's file, with the authority where it lies here."""
    text: str = named(chart, "ConfigMap", "dagster")["data"]["dagster.yaml"]
    assert "sslmode: verify-full" in text
    (folder / "dagster.yaml").write_text(text.replace("/etc/database-ca/ca.crt", str(authority)))
    return folder


def in_a_pod(folder: Path, *command: str, password: str = PASSWORD) -> None:
    environment = os.environ | {"DAGSTER_HOME": str(folder), "DAGSTER_PG_PASSWORD": password}
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr[-3_000:]


def launched_job(instance: dg.DagsterInstance) -> tuple[str, Any]:
    """A run, and the Job of Kubernetes that the chart's launcher asks for to execute it."""
    created: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kubernetes.config, "load_incluster_config", lambda: None)
        patch.setattr(
            kubernetes.client.BatchV1Api,
            "create_namespaced_job",
            lambda api, *, body, **options: created.append(body),
        )
        origin = dg.reconstructable(small_job).get_python_origin()
        run = instance.create_run_for_job(small_job, job_code_origin=origin)
        instance.launch_run(run.run_id, workspace=None)
    (job,) = created
    return run.run_id, job


def test_a_run_is_launched_and_recorded_by_the_charts_dagster_yaml(
    database: tuple[Postgres, Path],
    chart: list[Resource],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    postgres, authority = database
    postgres.create_database("dagster")
    folder = home(tmp_path, chart, authority)
    monkeypatch.setenv("DAGSTER_PG_PASSWORD", PASSWORD)
    programs = Path(sys.executable).parent
    (migrations,) = (r for r in chart if r["metadata"]["name"].endswith("-migrate"))
    (hook,) = (
        container
        for container in migrations["spec"]["template"]["spec"]["containers"]
        if container["name"] == "dagster"
    )
    in_a_pod(folder, str(programs / hook["args"][0]), *hook["args"][1:])

    with dg.DagsterInstance.from_config(str(folder)) as instance:
        run_id, job = launched_job(instance)
        asked = job.spec.template.spec.containers[0].args
        in_a_pod(folder, str(programs / asked[0]), *asked[1:])
        run = instance.get_run_by_id(run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.SUCCESS
    with psycopg2.connect(
        host="127.0.0.1", port=postgres.port, user=USER, password=PASSWORD, dbname="dagster"
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT status FROM runs WHERE run_id = %s", (run_id,))
        assert cursor.fetchone() == ("SUCCESS",)


def test_a_database_with_a_certificate_of_somebody_else_is_not_used(
    database: tuple[Postgres, Path],
    chart: list[Resource],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stranger = tmp_path / "stranger.crt"
    stranger.write_bytes(self_signed(HOST)[0])
    monkeypatch.setenv("DAGSTER_PG_PASSWORD", PASSWORD)
    # Dagster asks several times, seconds apart.
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with (
        pytest.raises(DagsterPostgresException) as refused,
        dg.DagsterInstance.from_config(str(home(tmp_path, chart, stranger))) as instance,
    ):
        instance.get_runs_count()
    assert "certificate verify failed" in str(refused.value.__cause__)
