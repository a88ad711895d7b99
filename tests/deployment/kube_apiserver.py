"""A real kube-apiserver, with an etcd, of a test's own.

It has no controllers and no nodes: an object stays as it was stored, and no pod ever runs.
"""

import ipaddress
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import yaml
from cryptography import x509

from tests.certificates import self_signed
from tests.deployment.chart import Resource
from tests.local_server import Server, free_port, running
from tests.servers import installed_by

ADMIN = "a-token-of-tests"
HOST = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


@dataclass(frozen=True)
class KubeApiserver:
    port: int
    authority: Path
    kubeconfig: Path
    connection: httpx.Client
    paths: dict[tuple[str, str], str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = ADMIN, **query: str
    ) -> httpx.Response:
        """A body that is text is taken for YAML; only where there is none does the query count."""
        kind = "yaml" if isinstance(body, str) else "json"
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        return self.connection.request(
            method,
            path,
            content=text,
            params=query,
            headers={"Authorization": f"Bearer {token}", "Content-Type": f"application/{kind}"},
        )

    def stored(self, path: str) -> Any:
        return self.ask("GET", path).raise_for_status().json()

    def path(self, resource: Resource, namespace: str) -> str:
        """Where objects of the resource's kind are created."""
        version, kind = resource["apiVersion"], resource["kind"]
        if (version, kind) not in self.paths:
            root = f"/apis/{version}" if "/" in version else f"/api/{version}"
            for entry in self.stored(root)["resources"]:
                if "/" not in entry["name"]:
                    place = f"{root}/namespaces/{{}}" if entry["namespaced"] else root
                    self.paths[version, entry["kind"]] = f"{place}/{entry['name']}"
        return self.paths[version, kind].format(namespace)

    def create(self, resource: Resource | str, namespace: str, **query: str) -> httpx.Response:
        """From an object or its YAML; a field that is unknown or given twice is an error."""
        known = yaml.safe_load(resource) if isinstance(resource, str) else resource
        path = self.path(known, namespace)
        return self.ask("POST", path, resource, fieldValidation="Strict", **query)

    def tried(self, resource: Resource | str, namespace: str) -> httpx.Response:
        """As ``create``, through all of admission, but nothing is stored."""
        return self.create(resource, namespace, dryRun="All")

    def token(self, namespace: str, account: str) -> str:
        """What a pod of the service account finds on its disk."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        answer = self.ask("POST", path, {"spec": {"expirationSeconds": 3600}}).raise_for_status()
        return str(answer.json()["status"]["token"])


@contextmanager
def kube_apiserver(folder: Path) -> Iterator[KubeApiserver]:
    """With RBAC, Pod Security and the other admission plug-ins that are on by default."""
    signed, private = self_signed(HOST)
    certificate, key = folder / "tls.crt", folder / "tls.key"
    certificate.write_bytes(signed)
    key.write_bytes(private)
    tokens = folder / "tokens.csv"
    tokens.write_text(f"{ADMIN},admin,admin,system:masters\n")
    etcd_port, port = free_port(), free_port()
    etcd, address = f"http://127.0.0.1:{etcd_port}", f"https://127.0.0.1:{port}"
    etcd_command = [
        _program("etcd"), "--data-dir", folder / "etcd", "--unsafe-no-fsync",
        "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
        "--listen-peer-urls", "http://127.0.0.1:0",
    ]  # fmt: skip
    command = [
        _program("kube-apiserver"), f"--etcd-servers={etcd}",
        "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={port}",
        "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/16",
        f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}",
        f"--token-auth-file={tokens}", "--authorization-mode=RBAC",
        f"--service-account-issuer={address}",
        f"--service-account-key-file={certificate}", f"--service-account-signing-key-file={key}",
    ]  # fmt: skip
    trusted = ssl.create_default_context(cafile=certificate)
    with httpx.Client(base_url=address, verify=trusted, trust_env=False, timeout=30) as connection:
        is_up = partial(_answers, connection, f"{etcd}/health")
        records = Server(etcd_command, etcd_port, folder / "etcd.log", is_up=is_up)
        is_up = partial(_answers, connection, "/readyz")
        server = Server(command, port, folder / "kube-apiserver.log", is_up=is_up)
        with running(records), running(server):
            kubeconfig = folder / "kubeconfig.json"
            kubeconfig.write_text(json.dumps(_kubeconfig(address, certificate)))
            yield KubeApiserver(port, certificate, kubeconfig, connection)


def _program(name: str) -> str:
    return installed_by("scripts/install_kube_apiserver.sh", name)


def _answers(connection: httpx.Client, readiness: str) -> bool:
    try:
        return connection.get(readiness).is_success
    except httpx.TransportError:
        return False


def _kubeconfig(address: str, certificate: Path) -> Mapping[str, Any]:
    cluster = {"server": address, "certificate-authority": str(certificate)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tests",
        "clusters": [{"name": "tests", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": ADMIN}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "admin"}}],
    }
