import pytest

from tests.deployment.chart import ENVIRONMENTS, Resource, parsed, template


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
