import subprocess
import sys
import time

import httpx
import pytest

from tests.local_server import free_port


@pytest.mark.slow
def test_the_exporter_starts_and_knows_the_jobs(workspace):
    port = free_port()
    command = [sys.executable, "-m", "igniteflow_cli", "exporter", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = _first_answer(process, f"http://127.0.0.1:{port}/metrics")
        finally:
            process.terminate()
    assert 'igniteflow_job_total{job_name="main_job",status="failure"} 0.0' in told
    assert 'igniteflow_job_total{job_name="fraud_training_job",status="success"} 0.0' in told


def _first_answer(process: subprocess.Popen, address: str) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return httpx.get(address, timeout=5, trust_env=False).raise_for_status().text
        except httpx.ConnectError:
            time.sleep(0.2)
    pytest.fail(
        f"no answer: {process.communicate(timeout=10)[1] if process.poll() else 'still up'}"
    )
