"""Amazon's services as moto plays them on this machine, over HTTP."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx
from moto.server import ThreadedMotoServer

REGION = "us-east-1"
KEYS = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests"}  # pragma: allowlist secret


@contextmanager
def aws_server() -> Iterator[str]:
    """Its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        # What is stored belongs to this process, not to the server, and the next one would have it.
        httpx.post(f"http://{host}:{port}/moto-api/reset", trust_env=False).raise_for_status()
        server.stop()


def new_bucket(endpoint: str, name: str) -> Any:
    s3 = boto3.resource("s3", endpoint_url=endpoint, region_name=REGION, **KEYS)
    return s3.create_bucket(Bucket=name)


def download(bucket: Any, prefix: str, folder: Path) -> None:
    """Every object whose key begins so, as a file of its key below the folder."""
    for file in bucket.objects.filter(Prefix=prefix):
        target = folder / file.key
        target.parent.mkdir(parents=True, exist_ok=True)
        bucket.download_file(file.key, str(target))
