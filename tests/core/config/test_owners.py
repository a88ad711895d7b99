import pytest
from pydantic import ValidationError

from igniteflow_core.config.owners import OwnerSettings


@pytest.mark.parametrize("owner", ["team:risk", "team:data-platform", "eve@example.org"])
def test_a_team_or_an_address_is_an_owner(owner):
    settings = OwnerSettings(default=owner, groups={"fraud": ("team:a", owner)})
    assert settings.of_group("fraud") == ("team:a", owner)
    assert settings.of_group("recommendations") == (owner,)


@pytest.mark.parametrize(
    "owner", ["risk", "team:", "team: risk", "eve@", "eve@example", "a b@c.d", ""]
)
def test_nothing_else_is_an_owner(owner):
    with pytest.raises(ValidationError, match="e-mail address, or team:"):
        OwnerSettings(default=owner)
    with pytest.raises(ValidationError, match="e-mail address, or team:"):
        OwnerSettings(groups={"fraud": (owner,)})
