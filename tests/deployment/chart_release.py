"""The chart, installed by helm into a namespace of a real Kubernetes API."""

import os
import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kubernetes
import pytest
from kubernetes.config import incluster_config

from tests.deployment.chart import CHART, RELEASE, Resource, helm, parsed
from tests.deployment.kube_apiserver import KubeApiserver

RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}


@dataclass(frozen=True)
class Release:
    """One named igniteflow, in a namespace that enforces Pod Security "restricted".

    Hooks are left out: no controller runs their Job, so helm would wait in vain.
    """

    api: KubeApiserver
    environment: str
    namespace: str

    def helm(self, *command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [helm(), *command, f"--namespace={self.namespace}"],
            env=os.environ | {"KUBECONFIG": str(self.api.kubeconfig)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done

    def install(self, *options: str) -> str:
        """What helm and the API server warn of."""
        return self._put("install", *options)

    def upgrade(self, *options: str) -> str:
        return self._put("upgrade", *options)

    def _put(self, command: str, *options: str) -> str:
        values = f"--values={CHART / f'values-{self.environment}.yaml'}"
        digests = [RELEASE] if self.environment == "prod" else []
        put = [command, "igniteflow", str(CHART), "--no-hooks", values, *digests, *options]
        return self.helm(*put).stderr

    def texts(self) -> list[str]:
        """The YAML of each object that helm sent, and of the hooks."""
        got = [self.helm("get", what, "igniteflow").stdout for what in ("manifest", "hooks")]
        return [text for text in "\n".join(got).split("\n---\n") if parsed(text)]

    def asked(self) -> list[Resource]:
        """The objects that helm sent."""
        return parsed(self.helm("get", "manifest", "igniteflow").stdout)

    def hooks(self) -> list[Resource]:
        return parsed(self.helm("get", "hooks", "igniteflow").stdout)

    def stored(self, resource: Resource) -> Any:
        path = self.api.path(resource, self.namespace)
        return self.api.stored(f"{path}/{resource['metadata']['name']}")

    def everything(self) -> set[tuple[str, str]]:
        """Kind and name of all that the namespace holds, helm's own records among them.

        But for what the server itself reports, and what only waits for a controller to let it go.
        """
        return set(self._everything())

    def _everything(self) -> Iterator[tuple[str, str]]:
        groups = self.api.stored("/apis")["groups"]
        for version in ["v1", *(group["preferredVersion"]["groupVersion"] for group in groups)]:
            root = f"/apis/{version}" if "/" in version else f"/api/{version}"
            for entry in self.api.stored(root)["resources"]:
                if entry["namespaced"] and "list" in entry["verbs"] and entry["kind"] != "Event":
                    path = f"{root}/namespaces/{self.namespace}/{entry['name']}"
                    found = [item["metadata"] for item in self.api.stored(path)["items"]]
                    for metadata in found:
                        if "deletionTimestamp" not in metadata:
                            yield entry["kind"], metadata["name"]


def new_release(api: KubeApiserver, environment: str, namespace: str) -> Release:
    """Nothing is installed yet."""
    metadata = {"name": namespace, "labels": RESTRICTED}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    api.create(space, namespace).raise_for_status()
    return Release(api, environment, namespace)


def define(api: KubeApiserver, kinds: Iterable[tuple[str, str]]) -> None:
    """Kinds of other projects, each (version, kind), with any content."""
    for version, kind in kinds:
        group, name = version.split("/")
        plural = re.sub("y$", "ie", kind.lower()) + "s"
        schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        served = {"name": name, "served": True, "storage": True}
        definition = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {
                "group": group,
                "scope": "Namespaced",
                "names": {"kind": kind, "plural": plural},
                "versions": [served | {"schema": {"openAPIV3Schema": schema}}],
            },
        }
        api.create(definition, "").raise_for_status()
        deadline = time.monotonic() + 60
        while f'"{kind}"' not in api.ask("GET", f"/apis/{version}").text:
            assert time.monotonic() < deadline, kind
            time.sleep(0.1)


def lost(asked: Any, stored: Any, place: str = "") -> list[str]:
    """Where the stored object is not what was asked for; what the server adds does not count."""
    if isinstance(asked, dict) and isinstance(stored, dict):
        return [
            found
            for name, value in asked.items()
            for found in lost(value, stored.get(name), f"{place}.{name}")
        ]
    if isinstance(asked, list) and isinstance(stored, list) and len(asked) == len(stored):
        return [
            found
            for index, values in enumerate(zip(asked, stored, strict=True))
            for found in lost(*values, f"{place}[{index}]")
        ]
    return [] if asked == stored else [f"{place}: {asked!r} became {stored!r}"]


def pod(template: Resource) -> Resource:
    """What a controller makes of the template."""
    labels = template["metadata"]["labels"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "one-", "labels": labels},
        "spec": template["spec"],
    }


@contextmanager
def in_a_pod(release: Release, component: str, folder: Path) -> Iterator[Path]:
    """This process finds Kubernetes, and a token, as in a pod of the component.

    Yields the file of the token.
    """
    token = folder / f"{component}.token"
    token.write_text(release.api.token(release.namespace, f"igniteflow-{component}"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        patch.setenv("KUBERNETES_SERVICE_PORT", str(release.api.port))
        patch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(token))
        patch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(release.api.authority))
        # Reading them makes them the default of the whole process.
        patch.setattr(kubernetes.client.Configuration, "_default", None)
        yield token
