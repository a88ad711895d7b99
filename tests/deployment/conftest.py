from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.deployment.chart import CUSTOM_RESOURCES, ENVIRONMENTS, Resource, parsed, template
from tests.deployment.chart_release import Release, define, new_release
from tests.deployment.kube_apiserver import KubeApiserver, kube_apiserver


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """The chart as it is rendered for each environment."""
    return {name: template(environment=name) for name in ENVIRONMENTS}


@pytest.fixture(scope="session")
def rendered(texts: dict[str, str]) -> dict[str, list[Resource]]:
    return {name: parsed(text) for name, text in texts.items()}


@pytest.fixture(params=ENVIRONMENTS)
def resources(
    request: pytest.FixtureRequest, rendered: dict[str, list[Resource]]
) -> list[Resource]:
    """The resources of each environment in turn."""
    return rendered[request.param]


@pytest.fixture(scope="session")
def prod(rendered: dict[str, list[Resource]]) -> list[Resource]:
    return rendered["prod"]


@pytest.fixture(scope="session")
def kubernetes_api(
    tmp_path_factory: pytest.TempPathFactory, rendered: dict[str, list[Resource]]
) -> Iterator[KubeApiserver]:
    """With the kinds of other projects that the chart makes objects of."""
    with kube_apiserver(tmp_path_factory.mktemp("kubernetes")) as api:
        made = (r for resources in rendered.values() for r in resources)
        define(api, {(r["apiVersion"], r["kind"]) for r in made if r["kind"] in CUSTOM_RESOURCES})
        yield api


@pytest.fixture(scope="session")
def releases(kubernetes_api: KubeApiserver) -> Callable[[str], Release]:
    """The chart, installed once with the values of each environment that is asked for."""

    @cache
    def installed(environment: str) -> Release:
        release = new_release(kubernetes_api, environment, f"igniteflow-{environment}")
        assert "PodSecurity" not in release.install()
        return release

    return installed


@pytest.fixture(params=ENVIRONMENTS)
def release(request: pytest.FixtureRequest, releases: Callable[[str], Release]) -> Release:
    """That of each environment in turn."""
    return releases(request.param)


@pytest.fixture
def prod_release(releases: Callable[[str], Release]) -> Release:
    return releases("prod")
