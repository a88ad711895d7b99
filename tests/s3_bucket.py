"""A bucket of an S3 that moto plays on this machine."""

from pathlib import Path
from typing import Any

import boto3

REGION = "us-east-1"
KEYS = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests"}  # pragma: allowlist secret


def new_bucket(endpoint: str, name: str) -> Any:
    s3 = boto3.resource("s3", endpoint_url=endpoint, region_name=REGION, **KEYS)
    return s3.create_bucket(Bucket=name)


def download(bucket: Any, prefix: str, folder: Path) -> None:
    """Every object whose key begins so, as a file of its key below the folder."""
    for file in bucket.objects.filter(Prefix=prefix):
        target = folder / file.key
        target.parent.mkdir(parents=True, exist_ok=True)
        bucket.download_file(file.key, str(target))
