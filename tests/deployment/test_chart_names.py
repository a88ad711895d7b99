"""Names of objects fit Kubernetes' limits and stay apart, however long the release's name is."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deployment.chart import Resource, of_kind, parsed, template

EVERYTHING = (
    f"--set=istio.canary.enabled=true,istio.canary.digest=sha256:{'1' * 64}",
    "--set=istio.enabled=true,execution.executor=k8s",
)
LONGEST = "the-shop-of-the-whole-north-with-itssubsidiaries-and4companies"[:53]
RELEASES = [LONGEST[:34], LONGEST[:42], LONGEST, "the.shop", "t"]


def everything(release: str) -> str:
    return template(*EVERYTHING, environment="prod", name=release)


def expected_name(release: str, component: str) -> str:
    whole = f"{release}-{component}"
    if len(whole) <= 52 and "." not in whole:
        return whole
    part = release.replace(".", "-")[: 42 - len(component)].removesuffix("-")
    return f"{part}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}-{component}"


def label_maps(value: Any, key: str = "") -> Iterator[dict[str, str]]:
    """Every map of labels, also those of selectors and pods."""
    if isinstance(value, dict):
        if key in ("labels", "matchLabels"):
            yield value
        for name, item in value.items():
            yield from label_maps(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from label_maps(item)


def by_name(resources: list[Resource]) -> dict[tuple[str, str], Resource]:
    return {(r["kind"], r["metadata"]["name"]): r for r in resources}


@pytest.mark.parametrize("release", RELEASES, ids=len)
def test_names_are_unique_and_within_the_limits(release: str) -> None:
    resources = parsed(everything(release))
    assert len(by_name(resources)) == len(resources)
    secrets = {r["metadata"]["name"] for r in of_kind(resources, "ExternalSecret")}
    for kind, name in by_name(resources):
        assert len(name) <= (52 if kind == "CronJob" else 63), (kind, name)
        assert name in secrets or re.fullmatch("[a-z]([-a-z0-9]*[a-z0-9])?", name), (kind, name)
    for labels in label_maps(resources):
        for value in labels.values():
            assert re.fullmatch("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", value), value


@pytest.mark.parametrize("release", RELEASES, ids=len)
def test_every_reference_follows_the_names(release: str) -> None:
    """But for names, a release is the one with a short name."""

    def without_checksums(text: str) -> dict[tuple[str, str], Resource]:
        return by_name(parsed(re.sub("checksum/.*", "", text)))

    renamed = re.sub(
        r"a-release-([a-z-]*[a-z])",
        lambda found: expected_name(release, found[1]),
        everything("a-release"),
    )
    assert without_checksums(everything(release)) == without_checksums(
        re.sub(r"\ba-release\b", release, renamed)
    )


def test_releases_that_differ_at_the_end_alone_share_no_name() -> None:
    names = [set(by_name(parsed(everything(LONGEST[:52] + end)))) for end in "xy"]
    assert {kind for kind, _ in names[0] & names[1]} <= {"ExternalSecret"}
